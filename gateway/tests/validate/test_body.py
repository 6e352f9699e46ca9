"""Bodies: which check a content type selects, and what the checks say."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config import Validate
from gateway.contract.model import Body, MediaType
from gateway.tests.validate.build import WHERE, at, media, schema_set
from gateway.validate import schema
from gateway.validate.body import BodyCheck, ContentCheck, compile_body, compile_content
from gateway.validate.decoders import decode_json
from gateway.validate.media import decoded
from gateway.validate.schema import SchemaError
from gateway.validate.terms import Terms

SCHEMAS: dict[str, Any] = {
    "Run": {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer", "maximum": 2**64}}},
    "Text": {"type": "string"},
    "Binary": {"type": "string", "format": "binary", "description": "d"},
    "Short": {"type": "string", "maxLength": 5},
    "File": {"contentMediaType": "image/png"},
    "Pattern": {"type": "string", "pattern": "^a"},
    "Date": {"type": "string", "format": "date"},
    "Any": {},
    "True": True,
    "Alias": {"$ref": "#/components/schemas/Any"},
}


def body(*content: MediaType, passes: tuple[str, ...] = ()) -> BodyCheck:
    """The check of a required request body."""
    return compile_body(Body(True, content, WHERE), schema_set(**SCHEMAS), Terms(frozenset(passes)))


def content(*documented: MediaType, passes: tuple[str, ...] = ()) -> ContentCheck:
    """The check of a response's content."""
    return compile_content(documented, schema_set(**SCHEMAS), Terms(frozenset(passes)))


def verdict(check: ContentCheck, content_type: bytes | None) -> str:
    """Undocumented, streamed, counted while it passes, or judged as a whole."""
    found = check.media(content_type)
    if found is None:
        return "undocumented"
    return "streams" if found.streams else "counted" if found.open else "judged"


@pytest.mark.parametrize(
    ("documented", "content_type", "expected"),
    [
        (media("application/json", "Run"), b"application/json", "judged"),
        (media("application/json", "Run"), b"Application/JSON; charset=UTF-8", "judged"),
        (media("application/json", "Run"), b"application/json; charset=latin-1", "undocumented"),
        (media("application/json", "Run"), b"application/problem+json", "undocumented"),
        (media("application/json", "Run"), b"text/plain", "undocumented"),
        (media("application/json", "Run"), b"application/json, text/plain", "undocumented"),
        (media("application/json", "Run"), b"", "undocumented"),
        (media("application/json", "Run"), None, "undocumented"),
        (media("application/json; charset=utf-8", "Run"), b"application/json", "judged"),
        (media("application/json;profile=x", "Run"), b"application/json", "undocumented"),
        (media("application/*+json", "Run"), b"application/merge-patch+json", "judged"),
        (media("application/x-www-form-urlencoded", "Run"), b"application/x-www-form-urlencoded", "judged"),
        (
            media("application/x-www-form-urlencoded", "Run"),
            b"application/x-www-form-urlencoded;charset=x",
            "undocumented",
        ),
        (media("application/json"), b"application/json", "streams"),
        (media("application/json"), b"application/json; charset=latin-1", "streams"),
        (media("application/json", "Any"), b"application/json", "streams"),
        (media("application/json", "True"), b"application/json", "streams"),
        (media("application/json", "Alias"), b"application/json", "streams"),
        (media("application/json", "Text"), b"application/json", "judged"),
        (media("text/plain", "Text"), b"text/plain; charset=latin-1", "streams"),
        (media("application/octet-stream", "Binary"), b"application/octet-stream", "streams"),
        (media("application/octet-stream", "Binary"), None, "streams"),
        (media("text/csv"), b"text/csv;header=present", "streams"),
        (media("*/*"), b"image/png", "streams"),
        (media("*/*"), None, "streams"),
        (media("*/*", "Run"), b"application/json", "judged"),
        (media("*/*", "Binary"), b"image/png", "streams"),
        (media("*/*", "Binary"), b"application/json", "streams"),
        (media("image/*", "Binary"), b"image/png", "streams"),
        (media("image/*", "File"), b"image/png", "streams"),
        (media("*/*", "Text"), b"application/json", "judged"),
        (media("*/*", "Text"), b"text/plain; charset=x", "streams"),
        (media("application/pdf", "Short"), b"application/pdf", "counted"),
        (media("*/*", "Short"), b"application/pdf", "counted"),
        (media("*/*", "Short"), b"application/json", "judged"),
        (media("text/plain", "Short"), b"text/plain; charset=UTF-16", "judged"),
        (media("text/plain", "Short"), b"text/plain; charset=rot13", "undocumented"),
        (media("text/plain", "Date"), b"text/plain", "judged"),
        (media("text/*", "Date"), b"text/markdown", "judged"),
        (media("application/xml", "Run"), b"application/xml; charset=utf-16", "judged"),
        (media("application/xml", "Run"), b"application/xml; charset=x", "undocumented"),
        (media("application/xml", "Text"), b"application/xml", "streams"),
        (media("application/yaml", "Run"), b"application/yaml", "judged"),
        (media("application/yaml", "Text"), b"application/yaml", "streams"),
        (media("application/cbor", "Run"), b"application/cbor", "judged"),
        (media("application/cbor", "Text"), b"application/cbor", "judged"),
        (media("application/msgpack", "Run"), b"application/msgpack", "judged"),
        (media("*/*", "Run"), b"application/cbor", "judged"),
        (media("*/*", "Run"), b"text/xml", "judged"),
    ],
)
def test_the_content_type_selects_the_check(documented: MediaType, content_type: bytes | None, expected: str) -> None:
    """In a request."""
    assert verdict(body(documented), content_type) == expected


def test_ranges_with_a_schema_differ_by_direction() -> None:
    """A request must be of a type that can be judged; a response of another type goes through."""
    documented = media("*/*", "Run")
    assert verdict(body(documented), b"image/png") == "undocumented"
    assert verdict(content(documented), b"image/png") == "streams"
    assert verdict(content(documented), b"application/json") == "judged"


def test_a_response_without_type_is_undocumented() -> None:
    """A backend knows what it sends."""
    assert verdict(content(media("*/*")), None) == "undocumented"


def test_the_most_specific_range_wins() -> None:
    """In any order of the document."""
    documented = [media("*/*"), media("application/json", "Run"), media("application/*", "Binary")]
    for order in (documented, documented[::-1]):
        check = body(*order)
        assert verdict(check, b"application/json") == "judged"
        assert verdict(check, b"application/pdf") == "streams"
        assert verdict(check, b"text/plain") == "streams"


@pytest.mark.parametrize(
    "documented",
    [
        media("text/csv", "Run"),
        media("application/pdf", "Run"),
        media("application/pdf", "Pattern"),
        media("text/plain", "Run"),
        media("nonsense", "Run"),
    ],
)
def test_what_cannot_be_judged_compiles_only_when_passed(documented: MediaType) -> None:
    """Fail closed, with an explicit way out."""
    for compile_ in (body, content):
        with pytest.raises(SchemaError):
            compile_(documented)
    if documented.range != "nonsense":
        check = body(documented, passes=(f"media:{documented.range}",))
        assert verdict(check, documented.range.encode()) == "streams"


JSON = decoded(schema_set(**SCHEMAS).check(at("Run")), decode_json)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b'{"id": 1}', []),
        (b' {"id": 1.0, "x": null}\n', []),
        (b'{"id": 18446744073709551616}', []),
        (b'{"id": 18446744073709551617}', [("/id", "maximum")]),
        (b'{"id": "1"}', [("/id", "type")]),
        (b"{}", [("/id", "required")]),
        (b"[]", [("", "type")]),
        (b"", [("", "required")]),
        (b" ", [("", "syntax")]),
        (b"{", [("", "syntax")]),
        (b"\xef\xbb\xbf{}", [("", "syntax")]),
        (b'{"id": 1, "id": 2}', [("", "syntax")]),
        (b'{"id": "x", "id": 2, "t": "\\u003a"}', [("", "syntax")]),
        (b'{"id": NaN}', [("", "syntax")]),
    ],
)
def test_json(data: bytes, expected: list[tuple[str, str]]) -> None:
    """Syntax first, then the schema; integers are exact beyond 64 bits."""
    found = JSON.violations(data)
    assert [(violation.pointer, violation.keyword) for violation in found] == expected
    assert all(violation.place == "body" for violation in found)


@given(
    st.binary()
    | st.recursive(
        st.none() | st.integers(-9, 9) | st.text(st.characters(codec="utf-8"), max_size=3),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["id", "x"]), inner),
    ).map(orjson.dumps)
)
def test_no_bytes_break_the_judge(data: bytes) -> None:
    """Any body gets a verdict."""
    for violation in JSON.violations(data):
        assert violation.message.isprintable()


def test_streams_have_nothing_to_say() -> None:
    """Opaque content has no violations, whatever it is."""
    found = body(media("text/csv")).media(b"text/csv")
    assert found and found.violations(b"\xff") == []


def test_content_types_are_remembered_within_bounds() -> None:
    """Clients that send ever new types neither fill memory nor change the answer, and nothing is built for them."""
    check = body(media("application/json", "Run"))
    before = schema.built
    for n in range(1000):
        assert check.media(f"application/json; v={n}".encode()) is not None
        assert check.media(f"text/plain; v={n}".encode()) is None
    assert len(check._known) <= 64
    assert schema.built == before


def test_parameters_choose_between_entries() -> None:
    """`profile` and other parameters are compared as they are written; the entry with more of them wins."""
    check = body(media('application/json; profile="x"', "Run"), media("application/json", "Text"))
    profiled, plain = check.media(b"application/json;v=1; profile=x"), check.media(b'application/json; profile="X"')
    assert profiled and profiled.violations(b'{"id": 1}') == [] and profiled.violations(b'"a"')
    assert plain and plain.violations(b'"a"') == [] and plain.violations(b'{"id": 1}')


def test_415_tells_what_is_documented() -> None:
    """In the order of the document."""
    assert body(media("application/json", "Run"), media("text/*")).accept == b"application/json, text/*"


@pytest.mark.parametrize(
    "range_", ["application/json", "application/x-www-form-urlencoded", "application/pdf", "text/x"]
)
def test_only_sequences_have_items(range_: str) -> None:
    """A schema of items beside content that is none is not passed over."""
    for whole in (None, at("Run")):
        with pytest.raises(SchemaError, match="has no items"):
            body(MediaType(range_, whole, WHERE, at("Run")))


def test_numbers_are_exact_by_setting() -> None:
    """`numbers: exact` refuses what double precision would round; the default does not."""
    documented = Body(True, (media("application/json", "Run"),), WHERE)
    for numbers, expected in (("any", []), ("exact", ["syntax"])):
        terms = Terms(validate=Validate(numbers=numbers))
        check = compile_body(documented, schema_set(**SCHEMAS), terms).media(b"application/json")
        assert check and [found.keyword for found in check.violations(b'{"id": 9007199254740993}')] == expected


def test_required_is_kept() -> None:
    """The caller decides what a missing body means."""
    assert body(media("application/json", "Run")).required
    assert not compile_body(Body(False, (), WHERE), schema_set(), Terms()).required

"""Multipart bodies against their schema: by name, by position, nested, with files and without."""

import os
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.config import Limits
from gateway.contract.model import MediaType
from gateway.tests.validate.build import WHERE, at, header, media, schema_set
from gateway.tests.validate.multiparts import FILE, body, encoding, multipart, part
from gateway.tests.validate.pieces import judged, opener, told, verdict
from gateway.validate import schema
from gateway.validate.body import compile_content
from gateway.validate.formdata import compile_multipart
from gateway.validate.schema import SchemaError
from gateway.validate.terms import Terms
from gateway.wire.media import Media

META = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}
PROPERTIES: dict[str, Any] = {
    "meta": META,
    "n": {"type": "integer", "maximum": 9},
    "s": {"type": "string", "maxLength": 3},
    "tags": {"type": "array", "items": {"type": "string", "maxLength": 2}, "maxItems": 2},
    "metas": {"type": "array", "items": META},
    "either": {"anyOf": [{"type": "string", "maxLength": 2}, {"type": "array", "items": {"type": "string"}}]},
    "never": False,
}
CLOSED = {"type": "object", "required": ["meta"], "properties": PROPERTIES, "additionalProperties": False}
WITH_FILE = {**CLOSED, "properties": {**PROPERTIES, "file": {**FILE, "minLength": 2, "maxLength": 5}}}
GOOD_META = part(b'{"a":1}', "meta", "application/json")


@pytest.mark.parametrize("shape", [CLOSED, WITH_FILE], ids=["whole", "streamed"])
@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([GOOD_META], []),
        ([part(b'{"a":1}', "meta")], []),
        ([part(b'{"a":1}', "meta", "application/merge-patch+json; charset=utf-8")], []),
        ([part(b"9", "n"), GOOD_META, part(b"abc", "s", "text/plain; charset=UTF-8")], []),
        ([GOOD_META, part(b"\xe9", "s", "text/plain; charset=iso-8859-1")], []),
        ([GOOD_META, part(b"x", "tags"), part(b"y", "tags")], []),
        ([GOOD_META, part(b'{"a":1}', "metas"), part(b'{"a":2}', "metas")], []),
        ([GOOD_META, part(b"ab", "either")], []),
        ([GOOD_META, part(b"abc", "either")], []),
        ([GOOD_META, part(b"ab", "either"), part(b"c", "either")], []),
        ([], [("/meta", "required")]),
        ([part(b"", "meta")], [("/meta", "required")]),
        ([part(b"{", "meta")], [("/meta", "syntax")]),
        ([part(b'{"a":1,"a":2}', "meta")], [("/meta", "syntax")]),
        ([part(b'{"a":"x"}', "meta")], [("/meta/a", "type")]),
        ([part(b'{"a":1}', "meta", "text/plain")], [("/meta", "media-type")]),
        ([part(b'{"a":1}', "meta", "application/json; charset=utf-16")], [("/meta", "media-type")]),
        ([part(b'{"a":1}', "meta", "json")], [("/meta", "media-type")]),
        ([GOOD_META, GOOD_META], [("/meta", "syntax")]),
        ([GOOD_META, part(b"10", "n")], [("/n", "maximum")]),
        ([GOOD_META, part(b"01", "n")], [("/n", "type")]),
        ([GOOD_META, part(b"1", "n", "application/json")], [("/n", "media-type")]),
        ([GOOD_META, part(b"abcd", "s")], [("/s", "maxLength")]),
        ([GOOD_META, part(b"\xff", "s")], [("/s", "syntax")]),
        ([GOOD_META, part(b"a", "s", "text/plain; charset=klingon")], [("/s", "media-type")]),
        ([GOOD_META, part(b"a", "s", None, "Content-Transfer-Encoding: base64")], [("/s", "media-type")]),
        ([GOOD_META, part(b"a", "s", None, "Content-Encoding: gzip")], [("/s", "media-type")]),
        ([GOOD_META, part(b"a", "s", None, "Content-Transfer-Encoding: 8bit")], []),
        ([GOOD_META, part(b"x", "tags"), part(b"yyy", "tags")], [("/tags/1", "maxLength")]),
        ([GOOD_META, *[part(b"x", "tags")] * 3], [("/tags", "maxItems")]),
        ([GOOD_META, part(b'{"a":1}', "metas"), part(b"[]", "metas")], [("/metas/1", "type")]),
        ([GOOD_META, part(b"x", "other")], [("/other", "unknown")]),
        ([GOOD_META, part(b"x", "__proto__")], [("/__proto__", "unknown")]),
        ([GOOD_META, part(b"x", "")], [("/", "unknown")]),
        ([GOOD_META, part(b"utf-8", "_charset_")], [("", "syntax")]),
        ([GOOD_META, part(b"x")], [("", "syntax")]),
        ([GOOD_META, part(b"x", None, None, "Content-Disposition: form-data")], [("", "syntax")]),
        ([GOOD_META, part(b"x", None, None, 'Content-Disposition: attachment; name="s"')], [("", "syntax")]),
        ([GOOD_META, part(b"x", "s", None, 'Content-Disposition: form-data; name="n"')], [("", "syntax")]),
        ([GOOD_META, part(b"x", None, None, 'Content-Disposition: form-data; name="s"; name="n"')], [("", "syntax")]),
    ],
)
def test_named_parts_are_judged(shape: Any, parts: list[bytes], expected: list[tuple[str, str]]) -> None:
    """With the same words whether the body is judged as a whole or while it passes."""
    if shape is WITH_FILE and not parts:
        return
    check = multipart(shape)
    assert (check.open is None) is (shape is CLOSED)
    assert told(verdict(check, body(*parts))) == expected


def test_a_property_that_must_not_be_there_is_refused() -> None:
    """By its schema `false`, as what only responses hold."""
    assert told(verdict(multipart(CLOSED), body(GOOD_META, part(b"", "never")))) != []


def test_all_parts_of_a_whole_body_are_judged() -> None:
    """Every part that does not decode is named."""
    data = body(part(b"{", "meta"), part(b"x", "n"), part(b"x", "other"))
    assert told(multipart(CLOSED).violations(data)) == [("/meta", "syntax"), ("/n", "type"), ("/other", "unknown")]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([GOOD_META, part(b"\x00\r\n--c", "file", "image/png")], [("/file", "maxLength")]),
        ([GOOD_META, part(b"\x00\r\n-", "file", "image/png", "X: y")], []),
        ([part(b"12345", "file"), GOOD_META], []),
        ([part(b"123456", "file"), GOOD_META], [("/file", "maxLength")]),
        ([part(b"1", "file"), GOOD_META], [("/file", "minLength")]),
        ([part(b"12", "file"), part(b"12", "file")], [("/file", "syntax")]),
        ([part(b"12", "file")], [("/meta", "required")]),
    ],
)
def test_files_are_counted(parts: list[bytes], expected: list[tuple[str, str]]) -> None:
    """In octets, whatever they hold."""
    assert told(verdict(multipart(WITH_FILE), body(*parts), [3, 1, 20, 5])) == expected


@pytest.mark.parametrize(
    ("property_", "streams"),
    [
        (FILE, True),
        ({}, True),
        (True, True),
        ({"type": "array", "items": FILE}, True),
        ({"type": "array"}, True),
        ({"contentMediaType": "image/png"}, True),
        ({"type": "string", "contentMediaType": "application/octet-stream"}, True),
        ({"type": ["string", "null"], "format": "binary", "maxLength": 5}, True),
        ({"allOf": [FILE], "description": "d"}, True),
        ({"anyOf": [FILE, {"type": "array", "items": FILE}]}, True),
        ({"type": "string", "contentMediaType": "application/json"}, False),
        ({"type": "string", "contentEncoding": "base64", "contentMediaType": "image/png"}, False),
        ({"type": "string", "format": "byte"}, False),
        ({"type": "string"}, False),
        ({"properties": {"a": True}}, False),
    ],
)
def test_what_may_be_a_file_streams(property_: Any, streams: bool) -> None:
    """Bodies without are judged as a whole before anything is passed on."""
    check = multipart({"type": "object", "properties": {"p": property_}})
    assert (check.open is not None) is streams
    if streams:
        assert told(verdict(check, body(part(b"\xff" * 5, "p", "image/png")))) == []


def test_only_declared_files_make_a_body_stream() -> None:
    """Parts that nothing is said about pass, but not without end; where nothing is declared at all they stream."""
    open_ = multipart({"type": "object", "properties": {"s": {"type": "string"}}})
    assert open_.open is None
    assert told(verdict(open_, body(part(b"\xff", "x", "image/png"), part(b"\xff", "x")))) == []
    assert multipart({"type": "object", "minProperties": 1}).open is not None
    assert multipart({"type": "object", "additionalProperties": FILE}).open is not None
    assert multipart({"type": "object", "additionalProperties": {"type": "string"}}).open is None


@pytest.mark.parametrize(
    ("additional", "parts", "expected"),
    [
        ({"additionalProperties": {"type": "integer"}}, [part(b"1", "x"), part(b"2", "y")], []),
        ({"additionalProperties": {"type": "integer"}}, [part(b"1", "x"), part(b"z", "y")], [("/y", "type")]),
        ({"additionalProperties": {"type": "integer"}}, [part(b"1", "x"), part(b"1", "x")], [("/x", "syntax")]),
        ({"patternProperties": {"^x": {"type": "integer"}}}, [part(b"1", "x1")], []),
        ({"patternProperties": {"^x": {"type": "integer", "maximum": 3}}}, [part(b"4", "x1")], [("/x1", "maximum")]),
        ({"maxProperties": 1}, [part(b"1", "x"), part(b"1", "y")], [("", "maxProperties")]),
        ({"propertyNames": {"maxLength": 1}}, [part(b"1", "xx")], [("", "propertyNames")]),
        ({"unevaluatedProperties": False}, [part(b"1", "xx")], [("/xx", "unevaluatedProperties")]),
    ],
)
def test_other_parts_are_judged(additional: Any, parts: list[bytes], expected: list[tuple[str, str]]) -> None:
    """By what the schema says about properties that it does not name."""
    assert told(verdict(multipart({"type": "object", **additional}), body(*parts))) == expected


@pytest.mark.parametrize(
    ("property_", "said", "given", "expected"),
    [
        (FILE, encoding("image/png, image/jpeg"), "image/jpeg", []),
        (FILE, encoding("image/png, image/jpeg"), "image/gif", [("/p", "media-type")]),
        (FILE, encoding("image/png, image/jpeg"), None, [("/p", "media-type")]),
        (FILE, encoding("image/*"), "image/svg+xml; charset=utf-8", []),
        (FILE, encoding("*/*"), "a/b", []),
        ({"type": "string"}, encoding("application/pdf"), "application/pdf", []),
        ({"type": "string", "maxLength": 2}, encoding("application/pdf"), "application/pdf", [("/p", "maxLength")]),
        (META, encoding("application/json"), "application/json", []),
        (META, encoding("application/json"), None, []),
        (META, encoding("application/json, application/yaml"), None, [("/p", "media-type")]),
        (META, encoding("application/*"), None, [("/p", "media-type")]),
        (META, encoding("application/vnd.x+json"), "application/vnd.x+json", []),
        (META, encoding("application/vnd.x+json"), "application/json", [("/p", "media-type")]),
        (META, encoding("application/*"), "application/json", []),
        (META, encoding("application/*"), "application/pdf", [("/p", "media-type")]),
        ({"type": "array", "items": META}, encoding("application/json"), "application/json", []),
        ({"type": "string"}, encoding("text/html"), "text/html", []),
        ({"type": "string"}, encoding(style="form"), None, []),
        ({"type": "array", "items": {"type": "string"}}, encoding(explode=True), None, []),
    ],
)
def test_the_encoding_says_which_media_types_a_part_may_have(
    property_: Any, said: Any, given: str | None, expected: list[tuple[str, str]]
) -> None:
    """A list, a range, or nothing; a part without Content-Type is what is documented, if that is one type."""
    check = multipart({"type": "object", "properties": {"p": property_}}, encoding={"p": said})
    assert told(verdict(check, body(part(b'{"a":1}', "p", given)))) == expected


def test_header_fields_of_parts_are_judged() -> None:
    """Required ones, and values by their schema; Content-Type is not among them."""
    said = encoding("", header("Rank", "X-Rank", required=True), header("Rank", "Content-Type", required=True))
    shape = {"type": "object", "properties": {"s": {"type": "string"}}}
    check = multipart(shape, encoding={"s": said}, components={"Rank": {"type": "integer"}})
    results = [told(verdict(check, body(part(b"", "s", None, *lines)))) for lines in (["X-Rank: 5"], [], ["x-rank: a"])]
    assert results == [[], [("/s", "required")], [("/s", "type")]]


def test_base64_is_judged_as_the_text_that_it_is() -> None:
    """`contentEncoding` stands for Content-Transfer-Encoding (3.2.0); another one is refused."""
    check = multipart({"type": "object", "properties": {"p": {"type": "string", "contentEncoding": "base64"}}})
    lines = ["Content-Transfer-Encoding: BASE64", "Content-Transfer-Encoding: quoted-printable"]
    results = [told(verdict(check, body(part(b"aGk=", "p", "image/png", line)))) for line in lines]
    assert results == [[], [("/p", "media-type")]]


POSITIONAL = {
    "type": "array",
    "prefixItems": [META, {}],
    "items": {"type": "string", "maxLength": 2},
    "minItems": 1,
}


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ([part(b'{"a":1}'), part(b"\x00", None, "image/png"), part(b"ab")], []),
        ([part(b'{"a":1}')], []),
        ([part(b'{"a":"x"}')], [("/0/a", "type")]),
        ([part(b'{"a":1}'), part(b"x", None, "text/plain")], [("/1", "media-type")]),
        ([part(b'{"a":1}'), part(b"", None, "image/png"), part(b"ab"), part(b"abc")], [("/3", "maxLength")]),
    ],
)
def test_parts_without_names_are_an_array(parts: list[bytes], expected: list[tuple[str, str]]) -> None:
    """In their order, each with its own encoding."""
    check = multipart(POSITIONAL, type_="mixed", prefix_encoding=(encoding(), encoding("image/*")))
    assert told(verdict(check, body(*parts), [10, 20, 1])) == expected


def test_an_array_without_files_is_judged_as_a_whole() -> None:
    """Its length, too."""
    check = multipart({"type": "array", "items": META, "maxItems": 1}, type_="mixed")
    assert check.open is None
    results = [told(verdict(check, body(*[part(b'{"a":1}')] * n))) for n in (0, 1, 2)]
    assert results == [[], [], [("", "maxItems")]]


def test_items_are_judged_one_by_one() -> None:
    """By `itemSchema`: before the next part comes, and without an end to their number."""
    check = multipart(item=META, type_="mixed")
    judge = opener(check)()
    for _ in range(3000):
        assert judge.feed(part(b'{"a":1}')) == []
    assert told(judge.feed(part(b'{"a":"x"}'))) == [] and told(judge.feed(b"--b")) == [("/3000/a", "type")]


def test_a_string_beside_the_schema_of_items_says_nothing() -> None:
    """The items are judged alone."""
    check = multipart({"type": "string"}, META, type_="mixed")
    assert told(verdict(check, body(part(b'{"a":1}'), part(b"{}")))) == [("/1/a", "required")]


def test_a_stream_of_files_has_no_schema_but_their_type() -> None:
    """As a camera sends pictures (3.2.0, "Streaming Multipart")."""
    check = multipart(item={}, type_="x-mixed-replace", item_encoding=encoding("image/jpeg"))
    assert told(verdict(check, body(part(b"\xff", None, "image/jpeg"), part(b"\xff", None, "image/jpeg")))) == []
    assert told(verdict(check, body(part(b"\xff", None, "image/jpeg"), part(b"\xff")))) == [("/1", "media-type")]


def test_parts_may_be_multipart() -> None:
    """3.2.0, "Nested multipart/mixed": judged with their own encoding."""
    inner = {"type": "array", "prefixItems": [META, {"type": "string"}, {}]}
    nested = encoding("multipart/mixed", prefix_encoding=(encoding(), encoding(), encoding("image/png")))
    check = multipart({"type": "array", "prefixItems": [{"type": "array"}, inner]}, type_="mixed", prefix_encoding=(
        encoding(), nested
    ))  # fmt: skip

    def message(meta: bytes, boundary: str = "boundary=c") -> bytes:
        parts = part(meta) + part(b"text") + part(b"\xff", None, "image/png") + b"--b--\r\n"
        return body(part(b"[]"), part(parts.replace(b"--b", b"--c"), None, f"multipart/mixed; {boundary}"))

    assert told(verdict(check, message(b'{"a":1}'))) == []
    assert told(verdict(check, message(b'{"a":"x"}'))) == [("/1/0/a", "type")]
    assert told(verdict(check, message(b'{"a":1}', "boundary=d"))) == [("/1", "syntax")]
    assert told(verdict(check, message(b'{"a":1}', "x=y"))) == [("/1", "media-type")]


def test_other_types_may_name_their_parts() -> None:
    """An object in multipart/mixed: the parts have a Content-Disposition of any kind."""
    check = multipart(CLOSED, type_="mixed")
    lines = ['Content-Disposition: attachment; name="meta"', "Content-Disposition: attachment"]
    results = [told(verdict(check, body(part(b'{"a":1}', None, None, line)))) for line in lines]
    assert results == [[], [("", "syntax")]]


@pytest.mark.parametrize(
    ("shape", "changes"),
    [
        ({"properties": {"p": {"type": ["integer", "object"]}}}, {}),
        ({"properties": {"p": {"minimum": 3}}}, {}),
        ({"properties": {"p": {**FILE, "pattern": "x"}}}, {"encoding": {"p": encoding("image/png")}}),
        ({"properties": {"p": META}}, {"encoding": {"p": encoding("image/png")}}),
        ({"properties": {"p": META}}, {"encoding": {"p": encoding("no type")}}),
        ({"properties": {"p": META}}, {"encoding": {"p": encoding(style="simple")}}),
        ({"properties": {"p": {"type": "array", "items": META}}}, {"encoding": {"p": encoding(explode=False)}}),
        ({"properties": {"p": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "integer"}}]}}}, {}),
        ({"properties": {"p": {**FILE, "minLength": 10**9}}}, {}),
        ({"patternProperties": {"a": {"type": "string"}, "b": {"type": "object"}}}, {}),
        ({"properties": {"p": {"type": "array", "items": FILE, "uniqueItems": True}}}, {}),
        ({"type": "string", "minLength": 3}, {}),
        ({"type": "array", "items": FILE, "uniqueItems": True}, {}),
    ],
)  # fmt: skip
def test_what_parts_cannot_carry_is_refused_at_load(shape: Any, changes: Any) -> None:
    """Rather than judged wrongly."""
    with pytest.raises(SchemaError):
        multipart({"type": "object", **shape}, **changes)


@pytest.mark.parametrize(
    ("limits", "data", "expected"),
    [
        (Limits(item=5), body(part(b"123456", "s")), [("/s", "too-large")]),
        (Limits(item=5), body(part(b"12345", "s")), []),
        (Limits(body=9), body(part(b"12345", "s"), part(b"12345", "t")), [("/t", "too-large")]),
        (Limits(part=5), body(part(b"123456", "file")), [("/file", "too-large")]),
        (Limits(part=5), body(part(b"12345", "file")), []),
        (Limits(part=5), body(part(b"123456", "unknown")), [("/unknown", "too-large")]),
        (Limits(item=1), body(part(b"123456", "file")), []),
        (Limits(), body(*[part(b"", f"p{n}") for n in range(1001)]), [("", "syntax")]),
    ],
)
def test_sizes_are_limited(limits: Limits, data: bytes, expected: list[tuple[str, str]]) -> None:
    """One part that is a value, all of them together, files, and the number of parts."""
    text = {"type": "string"}
    check = multipart({"type": "object", "properties": {"s": text, "t": text, "file": FILE}}, limits=limits)
    assert told(verdict(check, data)) == expected


def test_a_file_of_any_size_is_not_held() -> None:
    """50 MB pass; what the judge holds of them is less than a boundary."""
    judge: Any = opener(multipart(WITH_FILE | {"properties": {"file": FILE}, "required": []}))()
    assert judge.feed(part(b"", "file")[:-2]) == []
    piece = os.urandom(1 << 16)
    for _ in range(800):
        assert judge.feed(piece) == []
        assert len(judge._content) == 0 and len(judge._splitter._data) - judge._splitter._at < 80
    assert judge.feed(b"\r\n--b--") == [] and judge.end() == []


def test_nothing_is_built_for_a_message() -> None:
    """Every check stands since load."""
    check = multipart(WITH_FILE)
    before = schema.built
    verdict(check, body(GOOD_META, part(b"abc", "file"), part(b"x", "tags")))
    assert schema.built == before


def test_a_message_without_a_boundary_is_not_understood() -> None:
    """415, and no guess."""
    bind = compile_multipart(media("multipart/form-data", "S"), schema_set(S=CLOSED), Terms())
    assert bind(Media("multipart", "form-data")) is None


def test_bodies_and_responses_choose_it() -> None:
    """By the media type; each message has its own boundary."""
    documented = MediaType("multipart/form-data", at("S"), WHERE)
    for content in (
        compile_content([documented], schema_set(S=CLOSED), Terms()),
        compile_content([media("multipart/*", "S")], schema_set(S=CLOSED), Terms()),
    ):
        for boundary in (b"b", b"c"):
            check = content.media(b"multipart/form-data; boundary=" + boundary)
            assert check is not None
            assert check.violations(body(GOOD_META).replace(b"--b", b"--" + boundary)) == []
        assert content.media(b"multipart/form-data") is None


_PIECES = [b"--b", b"\r\n", b"\r\n\r\n", b"--", b'Content-Disposition: form-data; name="', b'meta"', b'file"', b'n"',
           b"Content-Type: ", b"application/json", b'{"a":1}', b"9", b"\n", b"\xff", b";", b":", b" "]  # fmt: skip


@given(st.lists(st.sampled_from(_PIECES), max_size=30).map(b"".join), st.lists(st.integers(1, 9)))
def test_any_bytes_get_the_same_verdict_however_they_come(data: bytes, sizes: list[int]) -> None:
    """And raise nothing."""
    open_ = opener(multipart(WITH_FILE))
    first = judged(open_(), [data])
    pieces, rest = [], data
    for size in sizes:
        pieces.append(rest[:size])
        rest = rest[size:]
    assert bool(judged(open_(), [*pieces, rest])) is bool(first)

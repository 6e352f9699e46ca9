"""Streams of items against their schema."""

from typing import Any

import pytest

from gateway.config import Limits, Validate
from gateway.contract.model import MediaType
from gateway.errors import Violation
from gateway.tests.validate.build import URI, WHERE, at, schema_set
from gateway.tests.validate.pieces import judged, opener, told, verdict
from gateway.validate import schema
from gateway.validate.body import compile_content
from gateway.validate.items import STREAMS
from gateway.validate.media import MediaCheck
from gateway.validate.schema import SchemaError
from gateway.validate.terms import Terms
from gateway.wire.media import Media

ITEM = {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}
EVENT = {
    "type": "object",
    "required": ["event"],
    "properties": {"data": {"type": "string", "maxLength": 3}, "event": {"enum": ["e", "f"]}, "retry": {"maximum": 9}},
}
ANY_ITEM = {"type": ["object", "string"]}


def stream(type_: str, item: Any = None, whole: Any = None, terms: Terms | None = None, **more: Any) -> MediaCheck:
    """The check of a stream, found as a response's is. Raises SchemaError."""
    given = {name: value for name, value in (("Item", item), ("Whole", whole)) if value is not None}
    uris = {name: f"{URI}#/components/schemas/{name}" for name in given}
    documented = MediaType(type_, uris.get("Whole"), WHERE, uris.get("Item"))
    check = compile_content([documented], schema_set(**given, **more), terms or Terms()).media(type_.encode())
    assert check is not None
    return check


JSON_STREAMS = {
    "application/x-ndjson": b"%b\n",
    "application/jsonl": b"%b\r\n",
    "application/json-lines": b"\n%b\n",
    "application/json-seq": b"\x1e%b\n",
    "application/geo+json-seq": b"\x1e\x1e %b \n",
}


@pytest.mark.parametrize("type_", JSON_STREAMS)
@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([], []),
        ([b'{"a":1}', b'{"a":2}'], []),
        ([b'{"a":1}', b"{}"], [("/1/a", "required")]),
        ([b'{"a":1}', b'{"a":"x"}', b'{"a":"y"}'], [("/1/a", "type")]),
        ([b'{"a":1}', b'{"a":1,"a":2}'], [("/1", "syntax")]),
        ([b'{"a":1}', b'{"a":'], [("/1", "syntax")]),
        ([b'{"a":1} {"a":2}'], [("/0", "syntax")]),
        ([b'{"a":1}', b"NaN"], [("/1", "syntax")]),
        ([b'{"a":1}', b'{"b":"\xff"}'], [("/1", "syntax")]),
        ([b"[" * 5000], [("/0", "syntax")]),
    ],
)
def test_items_are_judged_one_by_one(type_: str, texts: list[bytes], expected: list[tuple[str, str]]) -> None:
    """The first bad one ends it; its number is in the pointer."""
    data = b"".join(JSON_STREAMS[type_] % text for text in texts)
    assert told(verdict(stream(type_, ITEM), data, [3, 1, 8])) == expected


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"event: e\ndata: abc\n\n: still here\n\nevent: f\ndata: \nretry: 3\n\n", []),
        (b"event: e\ndata: abc\n\ndata: x\n\n", [("/1/event", "required")]),
        (b"event: e\ndata: abcd\n\n", [("/0/data", "maxLength")]),
        (b"event: e\ndata: x\nretry: 10\n\n", [("/0/retry", "maximum")]),
        (b"event: x\ndata: x\n\n", [("/0/event", "enum")]),
        (b"event: e\ndata: \xff\n\n", [("", "syntax")]),
        (b"event: e\ndata: abcd", [("/0/data", "maxLength")]),
    ],
)
def test_events_are_judged_one_by_one(data: bytes, expected: list[tuple[str, str]]) -> None:
    """As the object that OpenAPI makes of them."""
    assert told(verdict(stream("text/event-stream", EVENT), data, [5, 20])) == expected


def test_a_bad_item_is_found_with_its_last_byte() -> None:
    """So that its end can be withheld; nothing before is wrong."""
    for type_, good, bad in (
        ("application/x-ndjson", b'{"a":1}\n', b"{}\n"),
        ("application/json-seq", b'\x1e{"a":1}\n', b"\x1e{}\n"),
        ("text/event-stream", b"event: e\ndata: x\n\n", b"data: x\n\n"),
    ):
        judge = opener(stream(type_, EVENT if type_.startswith("text") else ITEM))()
        assert judge.feed(good * 3 + bad[:-1]) == []
        assert judge.feed(bad[-1:]) != []


@pytest.mark.parametrize("type_", ["application/x-ndjson", "text/event-stream"])
def test_a_schema_describes_the_whole(type_: str) -> None:
    """As an array: it is judged when it is complete."""
    check = stream(type_, whole={"type": "array", "items": ANY_ITEM, "maxItems": 2})
    assert check.open is None
    for count, expected in ((0, []), (2, []), (3, [("", "maxItems")])):
        assert (
            told(check.violations(b"data: {}\n\n" * count if type_.startswith("text") else b"{}\n" * count)) == expected
        )


def test_items_and_whole_may_both_be_judged() -> None:
    """3.2.0: "Both schema and itemSchema MAY be used"."""
    check = stream("application/jsonl", ITEM, {"type": "array", "minItems": 2})
    results = [told(check.violations(data)) for data in (b'{"a":1}\n{"a":1}', b'{"a":1}', b"1\n1")]
    assert results == [[], [("", "minItems")], [("/0", "type")]]


def test_a_string_beside_the_schema_of_items_says_nothing() -> None:
    """Documents before 3.2 have to say something there; anything else that is no array contradicts."""
    for whole in ({"type": "string"}, {"type": "string", "format": "binary"}):
        assert told(verdict(stream("application/jsonl", ITEM, whole), b'{"a":1}\n{}\n')) == [("/1/a", "required")]
    for whole in ({"type": "object"}, {"type": "string", "maxLength": 5}):
        with pytest.raises(SchemaError):
            stream("application/jsonl", ITEM, whole)


def test_what_data_holds_is_judged() -> None:
    """`contentSchema`, by every event."""
    data = {"type": "string", "contentMediaType": "application/json", "contentSchema": {"$ref": at("Held")}}
    check = stream("text/event-stream", {"properties": {"data": data}}, Held=ITEM)
    good, bad = b'data: {"a":\ndata: 1}\n\n', b"data: {}\n\n"
    assert told(verdict(check, good * 2)) == []
    assert [pointer for pointer, _ in told(verdict(check, good + bad))] == ["/1/data"]


def test_a_schema_that_is_no_arrays_is_that_of_the_items() -> None:
    """It could never hold otherwise."""
    assert told(verdict(stream("application/jsonl", whole=ITEM), b'{"a":1}\n{"a":"x"}\n')) == [("/1/a", "type")]
    assert told(verdict(stream("text/event-stream", whole=EVENT), b"data: x\n\n")) == [("/0/event", "required")]


def test_a_schema_of_something_else_than_events_is_refused_at_load() -> None:
    """Such as that of the JSON in their data: it says where to write that."""
    with pytest.raises(SchemaError, match="itemSchema"):
        stream("text/event-stream", whole=ITEM)


@pytest.mark.parametrize("type_", ["application/x-ndjson", "text/event-stream"])
def test_a_string_is_the_text_as_it_is(type_: str) -> None:
    """Nothing to judge, as with any other content."""
    assert stream(type_, whole={"type": "string"}).streams


def test_another_charset_is_not_understood() -> None:
    """All these formats are UTF-8."""
    for family in STREAMS:
        documented = MediaType("x/y", None, WHERE, f"{URI}#/components/schemas/Item")
        bind = family.compile(documented, schema_set(Item=EVENT), Terms())
        assert bind(Media("x", "y", (("charset", "utf-16"),))) is None
        assert bind(Media("x", "y", (("charset", "utf-8"),))) is not None


def test_numbers_are_as_exact_as_in_other_json() -> None:
    """By the same setting."""
    exact = Terms(validate=Validate(numbers="exact"))
    data = b'{"a":1,"b":12345678901234567890123}\n'
    assert told(verdict(stream("application/jsonl", ITEM, terms=exact), data)) == [("/0", "syntax")]
    assert told(verdict(stream("application/jsonl", ITEM), data)) == []


def test_an_item_has_a_limit() -> None:
    """`limits.item`, whatever else is allowed; it has no end in sight when it is refused."""
    check = stream("application/jsonl", ITEM, terms=Terms(limits=Limits(item=10)))
    assert told(judged(opener(check)(), [b'{"a":1}\n', b" " * 11])) == [("", "too-large")]


def test_50_mb_are_judged_without_holding_them() -> None:
    """And without building anything."""
    judge: Any = opener(stream("application/x-ndjson", {"type": "object", "maxProperties": 2}))()
    before = schema.built
    piece = b'{"name": "%b"}\n' % (b"x" * 1000)
    for _ in range(50):
        assert judge.feed(piece * 1000 + piece[:500]) == []
        assert len(judge._cutter._open) <= 2000 and judge._values == []
        assert judge.feed(piece[500:]) == []
    assert judge.end() == [] and schema.built == before


def test_violations_name_no_values() -> None:
    """As everywhere."""
    found = stream("application/jsonl", ITEM).violations(b'{"a":"secret"}\n')
    assert found == [Violation("body", "", "/0/a", "type", "must be an integer")]

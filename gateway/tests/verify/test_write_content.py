"""Values as content, read again by the decoders that judge requests."""

from typing import Any

import pytest

from gateway.validate.decoders import decoder_of
from gateway.validate.schema import SchemaSet
from gateway.validate.terms import Terms
from gateway.verify.write_content import content, is_stream
from gateway.wire.media import Media, parse

POINT = {"type": "object", "properties": {"x": {"type": "integer"}, "s": {"type": "string"}}}
SCHEMAS = SchemaSet(
    {
        "urn:test": {
            "point": POINT,
            "points": {"type": "array", "items": POINT},
            "rows": {"type": "array", "items": {"type": "array", "items": {"type": "string"}}},
            "number": {"type": "number"},
            "text": {"type": "string"},
        }
    }
)
VALUE = {"x": -3, "s": 'é "quoted", true: 1\n- #'}


def media(name: str) -> Media:
    found = parse(name.encode())
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "schema", "value"),
    [
        ("application/json", "point", VALUE),
        ("application/problem+json", "point", VALUE),
        ("application/yaml", "point", VALUE),
        ("application/yaml", "text", "null"),
        ("application/vnd.msgpack", "point", VALUE),
        ("application/cbor", "point", VALUE),
        ("application/xml", "point", VALUE),
        ("text/csv", "points", [VALUE, {"x": 1, "s": ""}]),
        ("text/csv", "rows", [['a"b', "c,d"], ["", "e\nf"]]),
        ("text/csv; header=present", "rows", [["a", "b"]]),
        ("text/plain", "number", 2.5),
        ("text/plain; charset=iso-8859-1", "text", "é"),
    ],
)
def test_what_is_written_is_what_is_read(name: str, schema: str, value: Any) -> None:
    """The decoder of the media type gives the value back."""
    uri, type_ = f"urn:test#/{schema}", media(name)
    decoder = decoder_of(type_)
    assert decoder is not None
    decode = decoder.compile(uri, SCHEMAS, Terms())(type_)
    assert decode is not None
    assert decode(content(value, type_, uri, SCHEMAS)) == value


@pytest.mark.parametrize(
    ("name", "items", "data"),
    [
        ("application/x-ndjson", [{"a": 1}, "é"], b'{"a": 1}\n"\xc3\xa9"\n'),
        ("application/jsonl", [], b""),
        ("application/json-seq", [1, [2]], b"\x1e1\n\x1e[2]\n"),
        ("application/geo+json-seq", 7, b"\x1e7\n"),
        ("text/event-stream", [{"id": "e", "data": "a\nb", "retry": 3}], b"id: e\ndata: a\ndata: b\nretry: 3\n\n"),
        ("text/event-stream", ["x"], b"data: x\n\n"),
    ],
)  # fmt: skip
def test_items_of_a_stream(name: str, items: Any, data: bytes) -> None:
    """One after the other, each in the notation of its format."""
    assert is_stream(media(name))
    assert content(items, media(name), None, SCHEMAS) == data


def test_what_a_format_has_no_notation_for_is_written_as_json() -> None:
    """The judges refuse it; a request that breaks a clause is made of it."""
    assert content({"a": 1}, media("text/plain"), None, SCHEMAS) == b'{"a": 1}'
    assert content("a", media("text/csv"), None, SCHEMAS) == b"a"
    assert not is_stream(media("text/csv"))

"""CSV as objects and as arrays."""

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.tests.validate.build import at, ref, schema_set
from gateway.validate.content.csv_rows import compile_csv
from gateway.validate.media import decoded
from gateway.validate.schema import SchemaError
from gateway.validate.terms import Terms
from gateway.validate.text import BadText
from gateway.wire.media import parse

ROW = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "integer"},
        "name": {"type": "string"},
        "ratio": {"type": ["number", "null"]},
        "on": {"type": "boolean"},
    },
    "additionalProperties": {"type": "string"},
}
SCHEMAS = schema_set(
    Row=ROW,
    Rows={"type": "array", "items": ref("Row"), "maxItems": 3},
    Closed={"type": "array", "items": {**ROW, "additionalProperties": False}},
    Typed={"type": "array", "items": {"type": "object", "additionalProperties": {"type": "integer"}}},
    Union={"type": "array", "items": {"oneOf": [ref("A"), ref("B")]}},
    A={"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}, "v": {"type": "integer"}}},
    B={"type": "object", "required": ["b"], "properties": {"b": {"type": "string"}, "v": {"type": "string"}}},
    Table={
        "type": "array",
        "items": {"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": ["integer", "null"]}},
    },
    Strings={"type": "array", "items": {"type": "array", "items": {"type": "string"}}},
    Object={"type": "object"},
    Flat={"type": "array", "items": {"type": "string"}},
    Open={"type": "array"},
)


def values(schema: str, data: bytes, content_type: bytes = b"text/csv") -> Any:
    """What the rows are."""
    media = parse(content_type)
    assert media
    decode = compile_csv(at(schema), SCHEMAS, Terms())(media)
    assert decode
    return decode(data)


@pytest.mark.parametrize(
    ("schema", "data", "expected"),
    [
        ("Rows", b"id,name\r\n1,a\r\n2,b\r\n", [{"id": 1, "name": "a"}, {"id": 2, "name": "b"}]),
        ("Rows", b"id,name\n1,a", [{"id": 1, "name": "a"}]),
        ("Rows", b"\xef\xbb\xbfid\n1", [{"id": 1}]),
        ("Rows", b'id,name\n1,"a ""b"", c\r\nd"\n', [{"id": 1, "name": 'a "b", c\r\nd'}]),
        ("Rows", b'"id","name"\n"1",""\n', [{"id": 1, "name": ""}]),
        ("Rows", b"id,ratio,on,x\n1,,,\n", [{"id": 1, "ratio": None, "x": ""}]),
        ("Rows", b"id,ratio,on,x\n1,0.5,true,7\n", [{"id": 1, "ratio": 0.5, "on": True, "x": "7"}]),
        ("Rows", b"id,name\n", []),
        ("Typed", b"a,b\n1,2\n", [{"a": 1, "b": 2}]),
        ("Union", b"a,v\n1,2\n", [{"a": 1, "v": 2}]),
        ("Union", b"b,v\nx,y\n", [{"b": "x", "v": "y"}]),
        ("Table", b"a,1,2\nb,,3\n", [["a", 1, 2], ["b", None, 3]]),
        ("Strings", b"a,\n", [["a", ""]]),
        ("Strings", b"\n", [[""]]),
    ],
)
def test_rows_are_read_by_their_schema(schema: str, data: bytes, expected: object) -> None:
    """Objects by the header row, arrays by position; an empty field is a string, null or nothing, in this order."""
    assert values(schema, data) == expected


@pytest.mark.parametrize(
    ("schema", "data", "keyword", "pointer"),
    [
        ("Rows", b"", "required", ""),
        ("Rows", b"id,id\n1,2", "syntax", ""),
        ("Rows", b"id,name\n1", "syntax", ""),
        ("Rows", b"id,name\n1,2,3", "syntax", ""),
        ("Rows", b"id,name\n1,a\n\n", "syntax", ""),
        ("Rows", b'id,name\n1,a"b', "syntax", ""),
        ("Rows", b'id,name\n1,"a"b', "syntax", ""),
        ("Rows", b'id,name\n1,"a', "syntax", ""),
        ("Rows", b"id,name\r1,a", "syntax", ""),
        ("Rows", b"id\n\xff", "syntax", ""),
        ("Rows", b"id\n1\nx", "type", "/1/id"),
        ("Rows", b"id\n1_0", "type", "/0/id"),
        ("Table", b"a,1\nb,x", "type", "/1/1"),
    ],
)
def test_what_cannot_be_read_is_named(schema: str, data: bytes, keyword: str, pointer: str) -> None:
    """Ragged rows, stray quotes, repeated names, values of another type."""
    with pytest.raises(BadText) as caught:
        values(schema, data)
    assert (caught.value.keyword, caught.value.pointer) == (keyword, pointer)


def test_the_whole_is_judged_by_the_schema() -> None:
    """Pointers lead to rows and columns."""
    media = parse(b"text/csv")
    assert media
    for schema, data, expected in (
        ("Rows", b"id\n1\n2\n3\n4", [("", "maxItems")]),
        ("Rows", b"name\na", [("/0/id", "required")]),
        ("Closed", b"id,x\n1,2", [("/0/x", "additionalProperties")]),
    ):
        decode = compile_csv(at(schema), SCHEMAS, Terms())(media)
        assert decode
        found = decoded(SCHEMAS.check(at(schema)), decode).violations(data)
        assert [(violation.pointer, violation.keyword) for violation in found] == expected


def test_the_header_parameter_decides_where_the_schema_does_not() -> None:
    """RFC 4180 section 3. Objects need a header row, arrays have none unless it is named."""
    assert values("Strings", b"a\nb", b"text/csv; header=present") == [["b"]]
    assert values("Strings", b"a\nb", b"text/csv; header=absent") == [["a"], ["b"]]
    assert values("Rows", b"id\n1", b"text/csv; header=Present") == [{"id": 1}]
    assert values("Strings", b"\xfc", b"text/csv; charset=iso-8859-1") == [["ü"]]
    for content_type in (b"text/csv;header=absent", b"text/csv;header=maybe", b"text/csv;charset=x"):
        media = parse(content_type)
        assert media and compile_csv(at("Rows"), SCHEMAS, Terms())(media) is None


@pytest.mark.parametrize("schema", ["Object", "Flat", "Open"])
def test_other_shapes_cannot_be_judged(schema: str) -> None:
    """Fail closed."""
    with pytest.raises(SchemaError):
        compile_csv(at(schema), SCHEMAS, Terms())


@given(st.lists(st.lists(st.text(st.characters(codec="utf-8")), min_size=2, max_size=2), min_size=1))
def test_reads_what_an_encoder_writes(rows: list[list[str]]) -> None:
    """The standard library's, with quotes around everything."""
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows(rows)
    assert values("Strings", out.getvalue().encode()) == rows


@given(st.binary(max_size=60) | st.text(alphabet='a,"\r\n', max_size=40).map(str.encode))
def test_no_bytes_break_it(data: bytes) -> None:
    """A value or BadText."""
    for schema in ("Rows", "Strings"):
        try:
            values(schema, data)
        except BadText as error:
            assert error.message.isprintable()

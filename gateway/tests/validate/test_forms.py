"""Urlencoded forms as objects."""

from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.tests.validate.build import at, ref, schema_set
from gateway.validate.forms import MAX_FIELDS, compile_form
from gateway.validate.schema import SchemaError

TOKEN = {
    "type": "object",
    "required": ["grant_type"],
    "properties": {
        "grant_type": {"enum": ["client_credentials"]},
        "age": {"type": "integer"},
        "scope": {"type": "array", "items": {"type": "integer"}},
        "note": {"type": "string", "maxLength": 5},
        "a/b": {"type": "boolean"},
    },
    "additionalProperties": {"type": "string"},
}
TEXT = st.text(st.characters(codec="utf-8"))


def judge(data: bytes, schema: Any = TOKEN) -> list[tuple[str, str]]:
    """(pointer, keyword) of each violation."""
    found = compile_form(at("A"), schema_set(A=schema))(data)
    assert all(violation[:2] == ("body", "") for violation in found)
    return [(violation.pointer, violation.keyword) for violation in found]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"grant_type=client_credentials", []),
        (b"grant_type=client%5Fcredentials&age=7&scope=1&scope=2&note=a+b", []),
        (b"grant_type=client_credentials&other=x", []),
        (b"grant%5Ftype=client_credentials&a%2Fb=true", []),
        (b"", [("/grant_type", "required")]),
        (b"grant_type=password", [("/grant_type", "enum")]),
        (b"grant_type=client_credentials&age=x", [("/age", "type")]),
        (b"grant_type=client_credentials&age=", [("/age", "type")]),
        (b"grant_type=client_credentials&age=1&age=1", [("/age", "syntax")]),
        (b"grant_type=client_credentials&scope=1&scope=x", [("/scope/1", "type")]),
        (b"grant_type=client_credentials&note=%zz", [("/note", "syntax")]),
        (b"grant_type=client_credentials&note=123456", [("/note", "maxLength")]),
        (b"grant_type=client_credentials&a%2Fb=1", [("/a~1b", "type")]),
        (b"grant_type=client_credentials&other=x&other=y", [("/other", "type")]),
        (b"grant_type=client_credentials&%ff=1", [("", "syntax")]),
        (b"grant_type=client_credentials&\xff=1", [("", "syntax")]),
        (b"age=x&note=%zz", [("/age", "type"), ("/note", "syntax")]),
        (b'{"grant_type": "client_credentials"}', [("/grant_type", "required")]),
        (b"a&" * MAX_FIELDS, [("", "syntax")]),
    ],
)
def test_forms(data: bytes, expected: list[tuple[str, str]]) -> None:
    """The schema decides the type of each field; fields it does not name are strings."""
    assert judge(data) == expected


@given(st.dictionaries(TEXT.filter(bool), TEXT))
def test_every_form_of_strings_is_read_as_sent(fields: dict[str, str]) -> None:
    """Exactly these names and values satisfy a schema that demands them."""
    exact = {"properties": {name: {"const": value} for name, value in fields.items()}, "required": list(fields)}
    assert judge(urlencode(fields).encode(), exact | {"additionalProperties": False}) == []


def test_alternatives_of_properties() -> None:
    """Fields of `oneOf` branches are typed, too."""
    schema = {"oneOf": [{"required": ["n"], "properties": {"n": {"type": "integer"}}}, ref("Other")]}
    compiled = compile_form(at("A"), schema_set(A=schema, Other={"required": ["s"], "properties": {"s": {}}}))
    assert compiled(b"n=1") == []
    assert compiled(b"s=1") == []
    assert [violation.pointer for violation in compiled(b"n=x")] == ["/n"]
    assert [violation.keyword for violation in compiled(b"z=1")] == ["oneOf"]


def test_nested_objects_do_not_compile() -> None:
    """There is no single way to write an object as a form field."""
    with pytest.raises(SchemaError, match="cannot be decoded"):
        compile_form(at("A"), schema_set(A={"properties": {"o": {"type": "object"}}}))


@given(st.binary())
def test_no_bytes_break_the_judge(data: bytes) -> None:
    """Any body gets its violations."""
    for violation in compile_form(at("A"), schema_set(A=TOKEN))(data):
        assert violation.message.isprintable()

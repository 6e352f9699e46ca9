"""Pieces to values: the alternatives decide the types."""

from typing import Any

import pytest

from gateway.tests.validate.build import at, ref, schema_set
from gateway.validate.schema import SchemaError
from gateway.validate.styles import piece_style, style_of
from gateway.validate.text import BadText
from gateway.validate.values import MAX_MEMBERS, compile_members, compile_read, first_valid
from gateway.validate.views import object_views

INT, STR, BOOL = {"type": "integer"}, {"type": "string"}, {"type": "boolean"}
INTS = {"type": "array", "items": INT}
STRS = {"type": "array", "items": STR}
OBJECT = {"type": "object", "properties": {"n": INT}, "required": ["n"]}


def read(schema: Any, text: str) -> object:
    """What one text in style `form`, not exploded, is under a schema."""
    style = style_of("query", "form", False, "p")
    assert style is not None
    schemas = schema_set(A=schema, Thing=OBJECT, Loop={"anyOf": [INT, {"type": "array", "items": ref("Loop")}]})
    return compile_read(schemas, at("A"), style)([text.encode()])


@pytest.mark.parametrize(
    ("schema", "text", "expected"),
    [
        ({}, "1,2", "1,2"),
        (STR, "1,2", "1,2"),
        ({"anyOf": [INT, INTS]}, "1", 1),
        ({"anyOf": [INTS, INT]}, "1", 1),
        ({"anyOf": [INT, INTS]}, "1,2", [1, 2]),
        ({"oneOf": [{"enum": ["all"]}, INTS]}, "all", "all"),
        ({"oneOf": [{"enum": ["all"]}, INTS]}, "7", [7]),
        ({"type": ["integer", "array"], "items": INT}, "1,2", [1, 2]),
        ({"oneOf": [INTS, STRS]}, "1,a", ["1", "a"]),
        ({"oneOf": [{**INTS, "maxItems": 1}, STRS]}, "1,2", ["1", "2"]),
        ({"oneOf": [INTS, OBJECT]}, "n,1", {"n": 1}),
        ({"oneOf": [INTS, OBJECT]}, "1,1", [1, 1]),
        ({"oneOf": [STR, OBJECT]}, "n,1", "n,1"),
        ({"oneOf": [{"type": "string", "maxLength": 2}, OBJECT]}, "n,1", {"n": 1}),
        ({"allOf": [ref("Thing"), {"properties": {"b": BOOL}}]}, "n,1,b,true", {"n": 1, "b": True}),
        ({"type": ["object", "null"], "properties": {"n": INT}}, "n,1", {"n": 1}),
        ({"additionalProperties": {"anyOf": [INT, BOOL]}}, "a,1,b,true", {"a": 1, "b": True}),
        ({"patternProperties": {"^s": STR}, "additionalProperties": INT}, "s1,1,x,2", {"s1": "1", "x": 2}),
        ({"type": "array", "prefixItems": [INT, BOOL], "items": STR}, "1,true,2", [1, True, "2"]),
        ({"if": {"const": "all"}, "then": {"const": "all"}, "else": INTS}, "all", "all"),
        ({"if": {"const": "all"}, "then": {"const": "all"}, "else": INTS}, "1,2", [1, 2]),
        ({"minimum": 5}, "3", 3),
        ({"minimum": 5}, "3,4", "3,4"),
        ({"allOf": [{"multipleOf": 2}, {"title": "even"}]}, "1.5", 1.5),
        ({"pattern": "^a"}, "3", "3"),
        ({"items": {"maximum": 2}}, "1,x", [1, "x"]),
        ({"type": "array"}, "1,true", ["1", "true"]),
        ({"type": "object"}, "__proto__,1", {"__proto__": "1"}),
        ({"type": "object"}, "", {}),
        (STRS, "", [""]),
        ({"anyOf": [INT, STRS]}, "99999999999999999999999", 99999999999999999999999),
    ],
)
def test_the_schema_decides(schema: Any, text: str, expected: object) -> None:
    """Single values before arrays before objects, branches in their order; the first valid one counts."""
    value = read(schema, text)
    assert value == expected
    assert type(value) is type(expected)


@pytest.mark.parametrize(
    ("schema", "text", "pointer", "keyword"),
    [
        (INTS, "1,x", "/1", "type"),
        (OBJECT, "n,x", "/n", "type"),
        ({"type": "object", "properties": {"a/b": INT}}, "a%2Fb,x", "/a~1b", "type"),
        ({"anyOf": [INT, INTS]}, "1,x", "/1", "type"),
        (OBJECT, "n,1,n,2", "", "syntax"),
        ({"anyOf": [INTS, OBJECT]}, "1,x,2", "/1", "type"),
        ({"anyOf": [OBJECT, {"type": "object", "properties": {"b": INT}}]}, "b,x", "/b", "type"),
    ],
)
def test_what_does_not_decode(schema: Any, text: str, pointer: str, keyword: str) -> None:
    """The place inside of the value is named."""
    with pytest.raises(BadText) as caught:
        read(schema, text)
    assert (caught.value.pointer, caught.value.keyword) == (pointer, keyword)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "array", "items": INTS},
        {"type": "array", "items": OBJECT},
        {"type": "object", "properties": {"o": OBJECT}},
        {"additionalProperties": OBJECT},
        {"type": "array", "prefixItems": [INTS]},
    ],
)
def test_what_has_no_notation(schema: Any) -> None:
    """No style but deepObject writes values in values: no reader is made."""
    with pytest.raises(SchemaError, match="cannot be written in"):
        read(schema, "")


def test_a_schema_that_contains_itself() -> None:
    """The level that has a notation is read."""
    schemas = schema_set(A={"anyOf": [INT, {"type": "array", "items": {"anyOf": [INT, ref("A")]}}]})
    style = style_of("query", "form", False, "p")
    assert style is not None
    assert compile_read(schemas, at("A"), style)([b"1,2"]) == [1, 2]


@pytest.mark.parametrize("schema", [STRS, {"type": "object"}])
def test_the_number_of_members_is_bounded(schema: Any) -> None:
    """More than the bound are refused, whatever they are."""
    text = ",".join(map(str, range(2 * MAX_MEMBERS + 2)))
    with pytest.raises(BadText, match="more than 10000 members"):
        read(schema, text)


def test_patterns_take_bounded_steps() -> None:
    """A name that would keep an unbounded engine busy for ever matches nothing."""
    schema = {"type": "object", "patternProperties": {"^(a+)+(?=b)c$": INT}}
    assert read(schema, "a" * 40 + "%21,x") == {"a" * 40 + "!": "x"}


def test_members_by_name() -> None:
    """The reader of a property, or of all others."""
    schemas = schema_set(A={"properties": {"n": INT}, "additionalProperties": BOOL})
    reader = compile_members(schemas, object_views(schemas, at("A"))[0], piece_style(bytes.decode))
    assert (reader("n")(b"1"), reader("x")(b"true")) == (1, True)


def test_the_first_value_stands_for_all_that_are_not_valid() -> None:
    """So that its violations are the ones that are told."""
    check = schema_set(A={"minimum": 10}).check(at("A"))

    def fail(source: Any) -> object:
        raise BadText("no")

    assert first_valid([fail, lambda source: 1, lambda source: 2], check)(b"") == 1
    assert first_valid([lambda source: 1, lambda source: 12], check)(b"") == 12
    with pytest.raises(BadText, match="no"):
        first_valid([fail, fail], check)(b"")

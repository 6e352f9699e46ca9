"""What kinds of values a schema admits."""

from typing import Any

import pytest

from gateway.tests.validate.build import at, ref, schema_set
from gateway.validate.schema import SchemaError
from gateway.validate.shape import items, kinds, primitives, properties

OTHERS = {
    "Int": {"type": "integer"},
    "Text": {"type": "string"},
    "Any": {},
    "Self": {"allOf": [ref("Self")], "type": "string"},
}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({}, None),
        (True, None),
        ({"minimum": 1}, None),
        ({"type": "integer"}, {"integer"}),
        ({"type": ["integer", "null"]}, {"integer", "null"}),
        ({"enum": ["a", 1, None, True, 1.5]}, {"string", "integer", "null", "boolean", "number"}),
        ({"const": [1]}, {"array"}),
        ({"type": "string", "enum": [1]}, {"string"}),
        (ref("Int"), {"integer"}),
        ({"$ref": "#/components/schemas/Int", "description": "d"}, {"integer"}),
        ({"allOf": [{"minimum": 1}, ref("Int")]}, {"integer"}),
        ({"type": "number", "allOf": [ref("Int")]}, {"integer"}),
        ({"type": "string", "allOf": [ref("Int")]}, set()),
        ({"oneOf": [ref("Int"), ref("Text")]}, {"integer", "string"}),
        ({"anyOf": [ref("Int"), {"type": "null"}]}, {"integer", "null"}),
        ({"anyOf": [ref("Int"), ref("Any")]}, None),
        ({"type": "string", "anyOf": [{"pattern": "a"}, {"pattern": "b"}]}, {"string"}),
        (ref("Self"), {"string"}),
    ],
)
def test_kinds(schema: Any, expected: set[str] | None) -> None:
    """Types are read through references and compositions; None means that nothing is said."""
    assert kinds(schema_set(A=schema, **OTHERS), at("A")) == expected


def test_circles_of_alternatives_end() -> None:
    """A schema that only leads to itself says nothing."""
    schemas = schema_set(A={"anyOf": [ref("B"), {"type": "integer"}]}, B={"oneOf": [ref("A")]})
    assert kinds(schemas, at("A")) is None


def test_items_and_properties_are_found_where_they_stand() -> None:
    """Through `$ref` and `allOf`; properties also in alternatives, the nearest first."""
    schemas = schema_set(
        List={"allOf": [ref("Strings"), {"minItems": 1}]},
        Strings={"type": "array", "items": {"type": "string"}},
        Form={
            "properties": {"a": {}},
            "oneOf": [{"properties": {"a": {}, "b": {}}}, ref("More")],
            "allOf": [ref("Base")],
        },
        More={"properties": {"c/d": {}}},
        Base={"properties": {"e": {}}},
    )
    assert items(schemas, at("List")) == at("Strings") + "/items"
    assert items(schemas, at("Base")) is None
    assert properties(schemas, at("Form")) == {
        "a": at("Form") + "/properties/a",
        "b": at("Form") + "/oneOf/0/properties/b",
        "c/d": at("More") + "/properties/c~1d",
        "e": at("Base") + "/properties/e",
    }


def test_conditions_are_alternatives() -> None:
    """So are the branches of a discriminator; nothing is said by a condition with one end."""
    named = {"properties": {"a": {}}, "type": "object"}
    schemas = schema_set(
        A={"allOf": [{"if": {}, "then": named, "else": {"type": "null"}}]}, B={"allOf": [{"if": {}, "then": named}]}
    )
    assert kinds(schemas, at("A")) == frozenset(["object", "null"])
    assert kinds(schemas, at("B")) is None
    assert properties(schemas, at("A")) == {"a": at("A") + "/allOf/0/then/properties/a"}
    assert properties(schemas, at("B")) == {"a": at("B") + "/allOf/0/then/properties/a"}


@pytest.mark.parametrize(
    "schema", [{"type": "object"}, {"type": ["array", "string"]}, {"oneOf": [ref("Int"), {"type": "object"}]}]
)
def test_compound_values_have_no_single_text(schema: Any) -> None:
    """What cannot be decoded is refused when the contract is compiled."""
    with pytest.raises(SchemaError, match="cannot be decoded"):
        primitives(schema_set(A=schema, **OTHERS), at("A"))


def test_text_without_type_is_a_string() -> None:
    """No type in the document, no type on the wire."""
    assert primitives(schema_set(A={"minLength": 1}), at("A")) == {"string"}

"""What a schema lets a value be."""

import json

import pytest

from gateway.contract.rules.shapes import kinds, opaque, properties
from gateway.tests.contract.rules.reading import view

PRIMITIVE, ARRAY, NESTED, OBJECT = "primitive", "array", "nested", "object"


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({}, set()),
        (True, set()),
        ({"type": "number"}, {PRIMITIVE}),
        ({"type": "null"}, set()),
        ({"type": ["string", "null"]}, {PRIMITIVE}),
        ({"type": "nonsense"}, set()),
        ({"type": 3}, set()),
        ({"type": "array"}, {ARRAY}),
        ({"type": "array", "items": True}, {ARRAY}),
        ({"items": {"type": "string"}}, {ARRAY}),
        ({"type": "array", "prefixItems": [{"type": "string"}, {"type": "object"}]}, {NESTED}),
        ({"type": "array", "items": {"items": {}}}, {NESTED}),
        ({"type": "array", "items": {"type": ["string", "object"]}}, {ARRAY}),
        ({"required": ["a"]}, {OBJECT}),
        ({"type": "string", "properties": {}}, {PRIMITIVE}),
        ({"anyOf": [{"type": "string"}, {"type": "array"}]}, {PRIMITIVE, ARRAY}),
        ({"allOf": [{"oneOf": [{"type": "object"}]}]}, {OBJECT}),
        ({"$ref": "#/components/schemas/A"}, {PRIMITIVE, OBJECT}),
    ],
)
def test_kinds(schema: object, expected: set[str]) -> None:
    """Types are collected through references and combinations, however deep."""
    recursive = {"anyOf": [{"type": "string"}, {"type": "object"}, {"$ref": "#/components/schemas/A"}]}
    document = {
        "openapi": "3.1.0",
        "info": {},
        "paths": {},
        "components": {"schemas": {"A": recursive, "S": schema}},
    }
    assert kinds(dict(view(json.dumps(document)).named_schemas())["S"]) == expected


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({}, True),
        (True, True),
        (False, False),
        ({"description": "anything", "x-a": 1}, True),
        ({"type": "string"}, True),
        ({"type": "string", "format": "binary"}, True),
        ({"format": "binary"}, False),
        ({"type": "string", "format": "date"}, False),
        ({"type": "string", "maxLength": 3}, False),
        ({"type": "string", "enum": ["a"]}, False),
        ({"type": "object"}, False),
        ({"type": "integer"}, False),
    ],
)
def test_opaque(schema: object, expected: bool) -> None:
    """Only a schema that says nothing about bytes is opaque."""
    document = {"openapi": "3.1.0", "info": {}, "paths": {}, "components": {"schemas": {"S": schema}}}
    assert opaque(dict(view(json.dumps(document)).named_schemas())["S"]) is expected


def test_no_schema_says_nothing() -> None:
    """An absent schema is opaque and of no kind."""
    assert opaque(None) is True
    assert kinds(None) == frozenset()


def test_properties_of_all_alternatives() -> None:
    """Those behind references, parts and branches are named, and a schema may contain itself."""
    text = json.dumps(
        {
            "openapi": "3.1.0",
            "info": {},
            "paths": {},
            "components": {
                "schemas": {
                    "A": {"properties": {"a": {}}, "allOf": [{"$ref": "#/components/schemas/B"}]},
                    "B": {"oneOf": [{"properties": {"b": {}}}, {"$ref": "#/components/schemas/B"}]},
                }
            },
        }
    )
    schemas = dict(view(text).named_schemas())
    assert {name for name, _ in properties(schemas["A"])} == {"a", "b"}
    assert list(properties(None)) == []

"""Schemas of every dialect, judged: our own cases beside those of JSON-Schema-Test-Suite (see test_schema_suite)."""

from typing import Any

import pytest

from gateway.tests.contract.schemas import DRAFT, HERE, REF, accepts

CASES: list[tuple[int, Any, Any, bool]] = [  # draft, schema, value, verdict
    (4, {"minimum": 1, "exclusiveMinimum": True}, 1, False),
    (4, {"minimum": 1, "exclusiveMinimum": True}, 2, True),
    (4, {"const": 1}, 2, True),
    (4, {"if": {"type": "string"}, "then": False}, "a", True),
    (4, {"id": "urn:x:1", "properties": {"a": {REF: "#/properties/b"}, "b": {"type": "string"}}}, {"a": 1}, False),
    (4, {"definitions": {"b": {"id": "#b", "type": "string"}}, "items": {REF: "#b"}}, [1], False),
    (6, {"const": 1}, 2, False),
    (6, {"exclusiveMinimum": 1}, 1, False),
    (6, {"if": {"type": "string"}, "then": False}, "a", True),
    (6, {"contains": {"type": "string"}}, [1], False),
    (7, {"if": {"type": "string"}, "then": False}, "a", False),
    (7, {"items": [{"type": "string"}], "additionalItems": False}, ["a", 1], False),
    (7, {"items": [{"type": "string"}], "additionalItems": {"type": "integer"}}, ["a", 1], True),
    (7, {"items": {"type": "string"}, "additionalItems": False}, ["a", "b"], True),
    (7, {"dependencies": {"a": ["b"], "c": {"required": ["d"]}}}, {"a": 1}, False),
    (7, {"dependencies": {"a": ["b"], "c": {"required": ["d"]}}}, {"c": 1}, False),
    (7, {"dependencies": {"a": ["b"], "c": {"required": ["d"]}}}, {"a": 1, "b": 1, "c": 1, "d": 1}, True),
    (7, {"not": {REF: "#/definitions/a", "type": "string"}, "definitions": {"a": {"type": "integer"}}}, 1, False),
    (7, {"not": {REF: "#/definitions/a", "type": "string"}, "definitions": {"a": {"type": "integer"}}}, "a", True),
    (7, {"dependentRequired": {"a": ["b"]}}, {"a": 1}, True),
    (2019, {"dependentRequired": {"a": ["b"]}}, {"a": 1}, False),
    (2019, {REF: "#/$defs/a", "type": "string", "$defs": {"a": {"minLength": 2}}}, "a", False),
    (2019, {"items": [True], "unevaluatedItems": False}, [1, 2], False),
    (2019, {"contains": {"type": "string"}, "unevaluatedItems": False}, ["a"], False),
    (2019, {"prefixItems": [False]}, [1], True),
    (2020, {"contains": {"type": "string"}, "unevaluatedItems": False}, ["a"], True),
    (2020, {"prefixItems": [{"type": "string"}], "items": False}, ["a", 1], False),
    (2020, {"dependencies": {"a": ["b"]}}, {"a": 1}, False),
    (2020, {"allOf": [{"properties": {"a": True}}], "unevaluatedProperties": False}, {"a": 1}, True),
    (2020, {"allOf": [{"properties": {"a": True}}], "unevaluatedProperties": False}, {"b": 1}, False),
    (2020, {"$anchor": "x", "properties": {"a": {REF: "#x"}}, "type": "object"}, {"a": 1}, False),
]


@pytest.mark.parametrize(("draft", "schema", "value", "valid"), CASES)
def test_drafts(draft: int, schema: Any, value: Any, valid: bool) -> None:
    """Each keyword means what the schema's own dialect says, whatever stands around it."""
    own = {"$schema": DRAFT[draft], "$id" if draft > 4 else "id": "urn:case:1", **schema}
    assert accepts(own, value) is valid
    assert accepts({"type": ["array"], "items": own}, [value]) is valid


def test_one_schema_of_another_dialect_changes_no_other() -> None:
    """`$schema` counts for the schema that has it and for all inside of it."""
    schema = {"prefixItems": [{"$schema": DRAFT[7], "items": [{"type": "string"}]}], "items": {"prefixItems": [False]}}
    assert accepts(schema, [["a"]])
    assert not accepts(schema, [[1]])
    assert not accepts(schema, [["a"], ["b"]])


def test_recursive_references_of_2019_09_find_the_outermost_resource() -> None:
    """A tree whose extension is strict all the way down."""
    tree = {
        "$schema": DRAFT[2019],
        "$id": "https://a.example/tree",
        "$recursiveAnchor": True,
        "properties": {"children": {"items": {"$recursiveRef": "#"}}},
    }
    strict = {
        "$schema": DRAFT[2019],
        "$id": "https://a.example/strict",
        "$recursiveAnchor": True,
        REF: "tree",
        "unevaluatedProperties": False,
    }
    plain = {**strict, "$id": "https://a.example/plain", "$recursiveAnchor": False}
    wrong = {"children": [{"daat": 1}]}
    assert accepts(tree, wrong)
    assert not accepts(strict, wrong, Tree=tree)
    assert accepts(plain, wrong, Tree=tree)
    assert not accepts(plain, {"daat": 1}, Tree=tree)


OWN = "https://a.example/own"
NULL = {"type": "null"}


def test_recursive_references_in_a_draft_that_has_none() -> None:
    """Real documents of 3.1 have them all the same: the schema around them is meant that says it is the anchor."""
    leaf = {"required": ["leaf"]}
    tree = {"$recursiveAnchor": True, "required": ["all"], "properties": {"all": {"items": {"$recursiveRef": "#"}}}}
    tree["properties"]["all"]["items"] = {"oneOf": [leaf, {"$recursiveRef": "#"}]}  # type: ignore[index]
    assert accepts(tree, {"all": [{"leaf": 1}, {"all": []}]})
    assert not accepts(tree, {"all": [{"neither": 1}]})
    assert accepts({"$recursiveRef": "#"}, 1)


LIST = {
    "$id": "https://a.example/list",
    "type": "array",
    "items": {"$dynamicRef": "#item"},
    "$defs": {"any": {"$dynamicAnchor": "item"}},
}


@pytest.mark.parametrize(
    ("schema", "value", "valid"),
    [
        ({REF: HERE + "List"}, [1, "a"], True),
        ({REF: "https://a.example/list"}, [1, "a"], True),
        ({REF: HERE + "Strings"}, ["a"], True),
        ({REF: HERE + "Strings"}, [1], False),
        ({"properties": {"a": {REF: HERE + "Strings"}, "b": {REF: HERE + "List"}}}, {"a": ["a"], "b": [1]}, True),
        ({"properties": {"a": {REF: HERE + "Strings"}, "b": {REF: HERE + "List"}}}, {"a": [1]}, False),
        ({"$id": OWN, REF: "list", "$defs": {"i": {"$anchor": "item", **NULL}}}, [1], True),
        ({"$id": OWN, "$dynamicRef": "list#item", "$defs": {"i": {"$dynamicAnchor": "item", **NULL}}}, 1, False),
        ({"$id": OWN, "$dynamicRef": "#/$defs/i", "$defs": {"i": NULL}}, 1, False),
        ({"$id": OWN, "$dynamicRef": "#i", "$defs": {"i": {"$anchor": "i", **NULL}}}, None, True),
        ({"$id": OWN, "$dynamicRef": "#i", "$defs": {"i": {"$anchor": "i", **NULL}}}, 1, False),
    ],
)
def test_dynamic_references(schema: Any, value: Any, valid: bool) -> None:
    """They lead to the outermost resource on the way that has the anchor; to what is no dynamic anchor, straight."""
    strings = {
        "$id": "https://a.example/strings",
        REF: "list",
        "$defs": {"string": {"$dynamicAnchor": "item", "type": "string"}},
    }
    assert accepts(schema, value, List=LIST, Strings=strings) is valid


def test_dynamic_anchors_of_the_document_itself() -> None:
    """A schema without `$id` belongs to the resource of its document."""
    template = {"$id": "https://a.example/page", "properties": {"items": {"items": {"$dynamicRef": "#T"}}}}
    template["$defs"] = {"T": {"$dynamicAnchor": "T"}}
    pets = {REF: HERE + "Page", "$defs": {"T": {"$dynamicAnchor": "T", "type": "string"}}}
    assert accepts(pets, {"items": ["a"]}, Page=template)
    assert not accepts(pets, {"items": [1]}, Page=template)


CONTENT = {
    "contentMediaType": "application/json",
    "contentSchema": {"required": ["a"], "properties": {"a": {REF: HERE + "S"}}},
}


@pytest.mark.parametrize(
    ("schema", "value", "valid"),
    [
        (CONTENT, '{"a": 1}', True),
        (CONTENT, '{"a": "{}"}', False),
        (CONTENT, '{"a": "{\\"a\\": 1}"}', True),
        (CONTENT, "{}", False),
        (CONTENT, "{", False),
        (CONTENT, '{"a": 1, "a": 1}', False),
        (CONTENT, 7, True),
        ({"contentEncoding": "base64", **CONTENT}, "eyJhIjoxfQ==", True),
        ({"contentEncoding": "base64", **CONTENT}, "e30=", False),
        ({"contentEncoding": "base64", **CONTENT}, '{"a": 1}', False),
        ({"contentEncoding": "base64"}, "YQ", False),
        ({"contentEncoding": "base58", **CONTENT}, "{", True),
        ({"contentMediaType": "image/png"}, "x", True),
        ({"contentMediaType": "application/json", "contentSchema": False}, "1", False),
        ({"contentMediaType": "application/json", "contentSchema": True}, "1", True),
        ({"$schema": DRAFT[7], "contentMediaType": "application/json", "contentSchema": False}, "1", True),
        ({"$schema": DRAFT[6], "contentMediaType": "application/json"}, "{", True),
    ],
)
def test_content_of_strings(schema: Any, value: Any, valid: bool) -> None:
    """Encoding, syntax and schema of the content are asserted, as far as the dialect knows them."""
    assert accepts(schema, value) is valid


@pytest.mark.parametrize(
    ("version", "schema", "value", "valid"),
    [
        ("2.0", {"type": "string", "x-nullable": True}, None, True),
        ("2.0", {"type": "string", "x-nullable": False}, None, False),
        ("2.0", {"type": "string", "nullable": True}, None, False),
        ("3.0.3", {"type": "string", "nullable": True}, None, True),
        ("3.0.3", {"type": "string", "x-nullable": True}, None, False),
        ("3.0.3", {"$schema": DRAFT[7], "items": [{"type": "string"}], "type": "integer"}, 1, True),
        ("3.1.0", {"type": "string", "nullable": True}, None, False),
        ("3.0.3", {"type": "string", "format": "byte"}, "YQ==", True),
        ("3.0.3", {"type": "string", "format": "byte"}, "YQ", False),
        ("2.0", {"type": "number", "format": "float"}, 3.5e38, False),
        ("2.0", {"type": "number", "format": "double"}, 3.5e38, True),
        ("3.1.0", {"type": "number", "format": "double"}, 10**400, False),
        ("3.1.0", {"type": "string", "pattern": r"^(?<a>.)\k<a>$"}, "xx", True),
        ("3.1.0", {"patternProperties": {r"^(?<a>.)\k<a>$": False}}, {"xx": 1}, False),
    ],
)
def test_openapi(version: str, schema: Any, value: Any, valid: bool) -> None:
    """What the versions of OpenAPI add to their dialect or take from it."""
    assert accepts(schema, value, version) is valid

"""What is said about a value that is not valid: where, which keyword, and never the value."""

import json
from typing import Any

import pytest

from gateway.tests.validate.build import at, ref, schema_set
from gateway.validate.explain import Effort, effort

SECRET = "hunter2"


def explain(schema: Any, value: object, **others: Any) -> list[tuple[str, str, str]]:
    """(pointer, keyword, message) of the violations."""
    found = schema_set(A=schema, **others).check(at("A")).violations(value, "body", "n")
    assert all(violation[:2] == ("body", "n") for violation in found)
    return [violation[2:] for violation in found]


@pytest.mark.parametrize(
    ("schema", "value", "keyword", "message"),
    [
        ({"type": "integer"}, SECRET, "type", "must be an integer"),
        ({"type": ["null", "string"]}, 7, "type", "must be a string or null"),
        ({"type": "boolean"}, SECRET, "type", "must be true or false"),
        ({"enum": ["a", 1, None]}, SECRET, "enum", 'must be one of "a", 1, null'),
        ({"const": "x"}, SECRET, "const", 'must be "x"'),
        ({"minimum": 3}, 2, "minimum", "must be at least 3"),
        ({"maximum": 2**70}, 2**71, "maximum", f"must be at most {2**70}"),
        ({"exclusiveMinimum": 0}, 0, "exclusiveMinimum", "must be greater than 0"),
        ({"exclusiveMaximum": 1.5}, 2, "exclusiveMaximum", "must be less than 1.5"),
        ({"multipleOf": 3}, 7, "multipleOf", "must be a multiple of 3"),
        ({"minLength": 9}, SECRET, "minLength", "must have at least 9 characters"),
        ({"maxLength": 1}, SECRET, "maxLength", "must have at most 1 character"),
        ({"pattern": "^a+$"}, SECRET, "pattern", "must match the pattern ^a+$"),
        ({"format": "email"}, SECRET, "format", "must have the format email"),
        ({"minItems": 2}, [SECRET], "minItems", "must have at least 2 items"),
        ({"maxItems": 1}, [SECRET, 1], "maxItems", "must have at most 1 item"),
        ({"uniqueItems": True}, [SECRET, SECRET], "uniqueItems", "must not hold the same item twice"),
        ({"contains": {"const": 1}}, [SECRET], "contains", "does not hold the required number of matching items"),
        ({"minProperties": 2}, {SECRET: 1}, "minProperties", "must have at least 2 properties"),
        ({"maxProperties": 1}, {SECRET: 1, "b": 2}, "maxProperties", "must have at most 1 property"),
        ({"propertyNames": {"maxLength": 1}}, {SECRET: 1}, "propertyNames", "has a property name that is not allowed"),
        ({"not": {"type": "string"}}, SECRET, "not", "is not allowed"),
        (False, SECRET, "not", "is not allowed"),
        ({"additionalProperties": False}, {SECRET: 1}, "additionalProperties", "must have no properties"),
        ({"unevaluatedItems": False}, [SECRET], "unevaluatedItems", "has items that are not allowed"),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, SECRET, "anyOf", "must be an integer or null"),
        (
            {"oneOf": [{"type": "string"}, {"minLength": 1}]},
            SECRET,
            "oneOf",
            "matches more than one of the alternatives",
        ),
        ({"oneOf": [{"pattern": "a"}, {"pattern": "b"}]}, SECRET, "oneOf", "matches none of the 2 alternatives"),
    ],
)
def test_every_keyword_has_its_sentence(schema: Any, value: object, keyword: str, message: str) -> None:
    """The sentence names what was expected; the value does not appear."""
    assert explain(schema, value) == [("", keyword, message)]


OBJECT = {
    "type": "object",
    "required": ["id", "address"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "integer"},
        "address": {"type": "object", "required": ["street"], "properties": {"street": {}}},
        "a/b~c": {"items": {"type": "string"}},
        "gone": False,
    },
}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({}, [("/id", "required", "is required"), ("/address", "required", "is required")]),
        (
            {"id": "x", "address": {}},
            [("/id", "type", "must be an integer"), ("/address/street", "required", "is required")],
        ),
        (
            {"id": 1, "address": {"street": 1}, "z": 1, "y": 2},
            [
                ("/z", "additionalProperties", "property 'z' is not allowed"),
                ("/y", "additionalProperties", "property 'y' is not allowed"),
            ],
        ),
        ({"id": 1, "address": {"street": 1}, "a/b~c": ["", 1]}, [("/a~1b~0c/1", "type", "must be a string")]),
        ({"id": 1, "address": {"street": 1}, "gone": 1}, [("/gone", "not", "is not allowed")]),
    ],
)
def test_pointers_lead_to_the_clause_that_is_broken(value: object, expected: list[tuple[str, str, str]]) -> None:
    """A missing property is pointed at where it would be; everything wrong is said at once."""
    assert sorted(explain(OBJECT, value)) == sorted(expected)


CAT = {
    "type": "object",
    "required": ["kind", "lives"],
    "properties": {"kind": {"const": "cat"}, "lives": {"type": "integer"}},
}
DOG = {
    "type": "object",
    "required": ["kind", "tricks"],
    "properties": {"kind": {"const": "dog"}, "tricks": {"items": {"type": "string"}}},
}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"kind": "dog", "tricks": [1]}, [("/tricks/0", "type", "must be a string")]),
        ({"kind": "cat"}, [("/lives", "required", "is required")]),
        ({"kind": "cow"}, [("/kind", "enum", 'must be one of "cat", "dog"')]),
        ([1, "x"], [("/1", "type", "must be an integer")]),
        (7, [("", "oneOf", "must be an object or an array")]),
    ],
)
def test_alternatives_are_told_by_the_one_that_was_meant(value: object, expected: list[tuple[str, str, str]]) -> None:
    """The type of the value, or its constant members, pick the branch; without such a sign there is one sentence."""
    schema = {"oneOf": [ref("Cat"), ref("Dog"), {"type": "array", "items": {"type": "integer"}}]}
    assert explain(schema, value, Cat=CAT, Dog=DOG) == expected


def test_a_tag_may_be_an_enumeration() -> None:
    """Members whose enumeration fails speak against their branch as constants do."""
    branches = [
        {"required": ["n"], "properties": {"tag": {"enum": ["a", "b"]}, "n": {"type": "integer"}}},
        {"required": ["n"], "properties": {"tag": {"enum": ["c"]}, "n": {"type": "string"}}},
    ]
    assert explain({"anyOf": branches}, {"tag": "c", "n": 1}) == [("/n", "type", "must be a string")]


def test_alternatives_inside_alternatives() -> None:
    """The deepest relevant error comes out of a tree of branches."""
    tree = {"oneOf": [{"type": "integer"}, {"type": "object", "required": ["next"], "properties": {"next": ref("A")}}]}
    assert explain(tree, {"next": {"next": {"next": "x"}}}) == [
        ("/next/next/next", "oneOf", "must be an object or an integer")
    ]


def test_no_more_than_asked_for() -> None:
    """Twenty violations are enough for anybody."""
    check = schema_set(A={"items": {"type": "string"}}).check(at("A"))
    assert len(check.violations(list(range(100)), "body")) == 20
    assert len(check.violations(list(range(100)), "body", limit=3)) == 3
    many = schema_set(A={"properties": {"a": {}}, "additionalProperties": False}).check(at("A"))
    assert len(many.violations({str(n): n for n in range(100)}, "body")) == 20


def test_names_from_the_peer_are_bounded_and_printable() -> None:
    """In messages and in pointers, however many levels there are."""
    name = "\u202e\n" + "x" * 1000
    [(pointer, _, message)] = explain({"properties": {"a": {}}, "additionalProperties": False}, {name: 1})
    assert len(message) < 100 and message.isprintable()
    assert len(pointer) < 100 and pointer.isprintable()
    value: Any = 1
    for _ in range(30):
        value = {name: value}
    [(pointer, _, _)] = explain({"type": "object", "additionalProperties": ref("A")}, value)
    assert len(pointer) <= 512


def test_long_enumerations_are_cut() -> None:
    """What the document says may be shown, within reason."""
    [(_, _, message)] = explain({"enum": [f"value-{n}" for n in range(1000)]}, SECRET)
    assert message.startswith('must be one of "value-0", ') and len(message) <= 220


EXPRESSION = {
    "anyOf": [
        {"type": "object", "required": ["z"], "properties": {"c": ref("A")}},
        {"type": "object", "required": ["y"], "properties": {"c": ref("A")}},
    ]
}


@pytest.mark.parametrize(
    "schema, value",
    [
        (EXPRESSION, json.loads('{"c":' * 200 + "1" + "}" * 200)),
        ({"items": {"type": "string"}}, list(range(200_000))),
        (
            {"anyOf": [{"type": "object", "properties": {"c": ref("A")}}, {"type": "null"}]},
            json.loads('{"p":"%s","c":' % ("x" * 4000) * 240 + "1" + "}" * 240),
        ),
    ],
    ids=["branching", "wide", "deep"],
)
def test_hostile_values_get_few_reasons(schema: Any, value: object) -> None:
    """A value made to fail in a million ways is refused without listing them."""
    assert len(explain(schema, value)) == 1


def test_effort_follows_size_depth_and_branching() -> None:
    """Small values are explained in full, big ones by their first error, exploding ones not at all."""
    assert effort({"a": [1, 2, 3]}, 1) is Effort.ALL
    assert effort({"a": [1, 2, 3]}, 3) is Effort.ALL
    assert effort(["x" * 1_000_000], 1) is Effort.FIRST
    assert effort(["x" * 100_000_000], 1) is Effort.NONE
    assert effort(json.loads("[" * 50 + "]" * 50), 2) is Effort.NONE

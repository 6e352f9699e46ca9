"""Samples of schemas: valid ones at the edges, invalid ones that break one keyword."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.validate.schema import SchemaSet
from gateway.verify.sampler import Sampler

URI = "urn:test#/schema"
Schema = dict[str, Any]


def sampler(schema: Schema, **others: Schema) -> tuple[Sampler, SchemaSet]:
    """A sampler of `schema`, which may refer to the others as `#/NAME`."""
    schemas = SchemaSet({"urn:test": {"schema": schema, **others}})
    return Sampler(schemas), schemas


@pytest.mark.parametrize(
    ("schema", "edges"),
    [
        ({"type": "integer", "minimum": 3, "maximum": 9}, [3, 4, 8, 9]),
        ({"type": "integer", "exclusiveMinimum": 3, "exclusiveMaximum": 9}, [4, 8]),
        ({"type": "integer", "minimum": 1, "multipleOf": 5, "maximum": 20}, [5, 20]),
        ({"type": "number", "minimum": 1}, [1, 1.5]),
        ({"type": "string", "minLength": 2, "maxLength": 4}, ["aa", "aaaa"]),
        ({"type": "string", "pattern": "^[0-9]+$", "maxLength": 3}, ["000"]),
        ({"type": "string", "format": "date-time"}, ["2026-02-01T18:00:00Z"]),
        ({"type": ["string", "null"]}, [None]),
        ({"type": "boolean"}, [True, False]),
        ({"enum": ["a", 1, None]}, ["a", 1, None]),
        ({"const": 4}, [4]),
        ({"type": "array", "minItems": 2, "maxItems": 3, "items": {"const": 1}}, [[1, 1], [1, 1, 1]]),
        ({"type": "array", "items": {"enum": [1, 2]}, "minItems": 2, "uniqueItems": True}, [[1, 2]]),
        ({"anyOf": [{"type": "integer"}, {"const": "x"}]}, ["x"]),
        ({"properties": {"a": {"const": 3}}, "oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, [{"a": 3}]),
        ({"allOf": [{"type": "integer", "minimum": 3}, {"maximum": 3}]}, [3]),
        ({"$ref": "#/other"}, [5]),
    ],
)
def test_values_reach_the_edges(schema: Schema, edges: list[Any]) -> None:
    """The bounds themselves and their neighbours inside are sent."""
    found, _ = sampler(schema, other={"type": "integer", "minimum": 5})
    values = found.values(URI)
    assert [edge for edge in edges if edge not in values] == []


OBJECT: Schema = {
    "type": "object",
    "required": ["a"],
    "properties": {"a": {"type": "integer"}, "b": {"type": "string"}},
    "additionalProperties": False,
}


def test_an_object_comes_with_everything_and_with_the_least() -> None:
    """The first value has all properties, another only the required ones."""
    found, _ = sampler(OBJECT)
    first, *others = found.values(URI)
    assert set(first) == {"a", "b"}
    assert {"a": first["a"]} in others


def test_a_map_has_a_member_and_as_many_as_it_may() -> None:
    """Additional properties with a schema are sent, up to the bound."""
    schema = {"type": "object", "minProperties": 1, "maxProperties": 3, "additionalProperties": {"type": "integer"}}
    found, _ = sampler(schema)
    assert {len(value) for value in found.values(URI)} == {1, 3}


def test_a_recursive_schema_ends() -> None:
    """Trees have leaves."""
    node = {"type": "object", "properties": {"value": {"type": "integer"}, "next": {"$ref": "#/schema"}}}
    found, _ = sampler(node)
    assert found.values(URI)
    assert list(found.wrongs(URI, found.values(URI)[0]))


def broken(schema: Schema, value: Any) -> set[tuple[str, str]]:
    """(pointer, keyword) of everything that gets broken for a value."""
    found, _ = sampler(schema)
    return {(wrong.pointer, wrong.keyword) for wrong in found.wrongs(URI, value)}


@pytest.mark.parametrize(
    ("schema", "value", "clauses"),
    [
        ({"type": "integer", "minimum": 0, "maximum": 9}, 1, {("", "type"), ("", "minimum"), ("", "maximum")}),
        ({"type": "number", "exclusiveMinimum": 0}, 1, {("", "type"), ("", "exclusiveMinimum")}),
        ({"type": "integer", "multipleOf": 4}, 4, {("", "type"), ("", "multipleOf")}),
        ({"type": "string", "minLength": 2, "maxLength": 3}, "ab", {("", "minLength"), ("", "maxLength")}),
        ({"type": "string", "pattern": "^[a-z]+$"}, "ab", {("", "type"), ("", "pattern")}),
        ({"type": "string", "format": "date"}, "2026-01-01", {("", "type"), ("", "format")}),
        ({"enum": ["a", "b"]}, "a", {("", "enum")}),
        ({"type": "array", "minItems": 1, "maxItems": 2, "items": {"type": "integer"}}, [1],
         {("", "type"), ("", "minItems"), ("", "maxItems"), ("/0", "type")}),
        ({"type": "array", "uniqueItems": True, "items": {"type": "integer"}}, [1],
         {("", "type"), ("", "uniqueItems"), ("/0", "type")}),
        (OBJECT, {"a": 1, "b": ""},
         {("", "type"), ("/a", "required"), ("/unexpectedProperty", "additionalProperties"), ("/a", "type"),
          ("/b", "type")}),
        ({"type": "object", "minProperties": 1, "maxProperties": 1}, {"a": 1},
         {("", "type"), ("", "minProperties"), ("", "maxProperties")}),
    ],
)  # fmt: skip
def test_every_keyword_is_broken(schema: Schema, value: Any, clauses: set[tuple[str, str]]) -> None:
    """Each clause has a wrong value of its own, nested places included."""
    assert clauses <= broken(schema, value)


def test_null_is_refused_where_it_is_not_allowed() -> None:
    """Null is a wrong type of its own kind, and none where the schema admits it."""
    strict, nullable = sampler({"type": "string"})[0], sampler({"type": ["string", "null"]})[0]
    assert None in [wrong.value for wrong in strict.wrongs(URI, "a")]
    assert None not in [wrong.value for wrong in nullable.wrongs(URI, "a")]


SCALARS = st.one_of(
    st.builds(
        lambda low, size: {"type": "integer", "minimum": low, "maximum": low + size},
        st.integers(-1000, 1000),
        st.integers(0, 50),
    ),
    st.builds(
        lambda low, size: {"type": "string", "minLength": low, "maxLength": low + size},
        st.integers(0, 20),
        st.integers(0, 20),
    ),
    st.lists(st.integers(), min_size=1, max_size=4, unique=True).map(lambda values: {"enum": values}),
)
SCHEMAS = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.builds(lambda item, least: {"type": "array", "items": item, "minItems": least}, inner, st.integers(0, 2)),
        st.dictionaries(st.sampled_from("abcd"), inner, min_size=1).map(
            lambda each: {"type": "object", "properties": each, "required": sorted(each)[:1]}
        ),
        st.lists(inner, min_size=1, max_size=3).map(lambda each: {"anyOf": each}),
    ),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(SCHEMAS)
def test_values_are_valid_and_wrongs_are_not(schema: Schema) -> None:
    """Whatever the schema: there is a valid value, and every wrong one makes the whole invalid where it is put."""
    found, schemas = sampler(schema)
    check = schemas.check(URI)
    values = found.values(URI)
    assert values
    assert all(check.is_valid(value) for value in values)
    for wrong in found.wrongs(URI, values[0]):
        place = next(place for place in found.places(URI, values[0]) if place.steps == wrong.steps)
        assert not schemas.check(place.uri).is_valid(wrong.value)
    for steps, value in found.variations(URI, values[0]):
        place = next(place for place in found.places(URI, values[0]) if place.steps == steps)
        assert schemas.check(place.uri).is_valid(value)


HARD: dict[str, Schema] = {
    "positions": {"type": "array", "prefixItems": [{"const": 1}, {"const": "a"}], "items": False, "minItems": 2},
    "items behind positions": {"type": "array", "prefixItems": [{"const": 1}], "items": {"const": 2}, "minItems": 3},
    "contained": {"type": "array", "contains": {"const": 5}, "minContains": 2, "items": {"type": "integer"}},
    "dependent": {"type": "object", "required": ["a"], "properties": {"a": {}}, "dependentRequired": {"a": ["c"]}},
    "dependent schema": {"type": "object", "required": ["a"], "dependentSchemas": {"a": {"required": ["z"]}}},
    "named by pattern": {
        "type": "object",
        "patternProperties": {"^x-[a-z]+$": {"type": "integer"}},
        "additionalProperties": False,
        "minProperties": 1,
    },
    "names": {"type": "object", "propertyNames": {"enum": ["aa", "bb"]}, "minProperties": 2},
    "conditional": {"type": "object", "required": ["k"], "properties": {"k": {"const": "a"}},
                    "if": {"properties": {"k": {"const": "a"}}},
                    "then": {"required": ["x"], "properties": {"x": {"type": "integer"}}}},
    "said twice": {"type": "object", "required": ["k"], "properties": {"k": {"type": "string"}},
                   "allOf": [{"properties": {"k": {"enum": ["Cat", "Dog"]}}}]},
    "two choices": {"type": "object", "allOf": [{"anyOf": [{"required": ["p"]}, {"required": ["q"]}]},
                                                {"anyOf": [{"required": ["r"]}, {"required": ["s"]}]}]},
    "different integers": {"type": "array", "uniqueItems": True, "minItems": 30, "items": {"type": "integer"}},
    "different texts": {"type": "array", "uniqueItems": True, "minItems": 30, "items": {"type": "string"}},
    "different ids": {"type": "array", "uniqueItems": True, "minItems": 9, "items": {"format": "uuid"}},
    "different objects": {"type": "array", "uniqueItems": True, "minItems": 9,
                          "items": {"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}}},
    "two enumerations": {"allOf": [{"enum": ["a", "b"]}, {"enum": ["b", "c"]}]},
    "looked around": {"type": "string", "pattern": r"^(?=.*[A-Z])(?=.*\d)[A-Za-z\d]{8,}$"},
    "long branch": {"type": "string", "pattern": "^(a|bcdef)$", "minLength": 5},
    "between": {"type": "number", "exclusiveMinimum": 0.1, "exclusiveMaximum": 0.2},
    "long address": {"type": "string", "format": "email", "minLength": 100},
    "in base64": {"type": "string", "contentEncoding": "base64", "minLength": 8},
    "a tree of four": {"type": "object", "required": ["four"], "properties": {"four": {"$ref": "#/tree"}}},
}  # fmt: skip


@pytest.mark.parametrize("schema", [pytest.param(schema, id=name) for name, schema in HARD.items()])
def test_what_is_hard_to_satisfy_is_satisfied(schema: Schema) -> None:
    """Keywords that ask for more than a type and a bound."""
    tree: Schema = {
        "type": "object",
        "required": ["v"],
        "properties": {"v": {"type": "integer"}, "four": {"$ref": "#/tree"}},
    }
    assert sampler(schema, tree=tree)[0].values(URI)


def test_what_must_be_nested_deep_is() -> None:
    """Below a depth only what is optional is left out."""
    schema: Schema = {"type": "integer"}
    for _ in range(10):
        optional = {"type": "array", "items": schema}
        schema = {"type": "object", "required": ["in"], "properties": {"in": schema, "more": optional}}
    assert sampler(schema)[0].values(URI)


def test_how_deep_a_schema_was_seen_first_does_not_matter() -> None:
    """A schema that was cut off below another one still has its values."""
    inner: Schema = {"type": "object", "required": ["v"], "properties": {"v": {"type": "object", "required": ["w"]}}}
    outer: Schema = inner
    for _ in range(15):
        outer = {"type": "object", "properties": {"in": outer}}
    found, _ = sampler(outer)
    found.values(URI)
    assert found.values(URI + "/properties/in" * 15) == sampler(inner)[0].values(URI)


def test_what_follows_a_condition_is_tried_with_it() -> None:
    """As a discriminator has it: the branch that a value chooses."""
    condition: Schema = {
        "if": {"required": ["k"], "properties": {"k": {"enum": ["Cat"]}}},
        "then": {"required": ["lives"]},
    }
    schema: Schema = {
        "type": "object",
        "required": ["k"],
        "properties": {"k": {"enum": ["Dog", "Cat"]}},
        "allOf": [condition],
    }
    values = sampler(schema)[0].values(URI)
    assert {value["k"] for value in values} == {"Dog", "Cat"}

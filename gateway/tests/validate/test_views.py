"""The alternatives of a schema."""

from typing import Any

import pytest

from gateway.tests.validate.build import at, ref, schema_set
from gateway.validate.views import MAX_VIEWS, Items, Members, array_views, object_views, shapes

INT, STR = {"type": "integer"}, {"type": "string"}
OTHERS: dict[str, Any] = {
    "Int": INT,
    "Thing": {"type": "object", "properties": {"n": INT}},
    "Loop": {"oneOf": [ref("Loop"), {"type": "array", "items": ref("Loop")}]},
}


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({}, set()),
        (True, set()),
        (False, set()),
        (INT, {"single"}),
        ({"type": "null"}, {"single"}),
        ({"enum": ["a", 1]}, {"single"}),
        ({"const": [1]}, {"array"}),
        ({"type": ["object", "null"]}, {"object"}),
        ({"anyOf": [ref("Thing"), {"type": "null"}]}, {"object"}),
        ({"oneOf": [INT, {"type": "array"}]}, {"single", "array"}),
        ({"type": ["array", "string"]}, {"single", "array"}),
        ({"required": ["a"]}, {"object"}),
        ({"minItems": 1}, {"array"}),
        ({"allOf": [ref("Thing"), {"required": ["n"]}]}, {"object"}),
        ({"type": "object", "oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, {"object"}),
        ({"type": ["object", "string"], "allOf": [{"type": ["string", "array"]}]}, {"single"}),
        ({"anyOf": [{"properties": {}}, STR]}, {"object", "single"}),
        (ref("Loop"), {"array"}),
    ],
)
def test_shapes(schema: Any, expected: set[str]) -> None:
    """What all parts admit, of any alternative; without a type, other keywords tell."""
    assert shapes(schema_set(A=schema, **OTHERS), at("A")) == expected


def test_each_branch_is_a_view_of_an_object() -> None:
    """Its own properties first; what only another branch names is read as that says."""
    schema = {
        "properties": {"id": INT},
        "oneOf": [{"properties": {"v": INT}}, {"properties": {"v": STR, "w": STR}}, INT],
    }
    here = at("A")
    views = object_views(schema_set(A=schema), here)
    branch = f"{here}/oneOf"
    common = {"id": f"{here}/properties/id", "w": f"{branch}/1/properties/w"}
    assert [dict(view.named) for view in views] == [
        common | {"v": f"{branch}/0/properties/v"},
        common | {"v": f"{branch}/1/properties/v"},
    ]


@pytest.mark.parametrize(
    ("schema", "patterns", "rest", "open_"),
    [
        ({"type": "object"}, (), None, True),
        ({"properties": {"a": {}}}, (), None, False),
        ({"properties": {"a": {}}, "additionalProperties": True}, (), None, True),
        ({"properties": {"a": {}}, "additionalProperties": False}, (), None, False),
        ({"properties": {"a": {}}, "unevaluatedProperties": False}, (), None, False),
        ({"additionalProperties": INT}, (), "/additionalProperties", True),
        ({"unevaluatedProperties": INT}, (), "/unevaluatedProperties", True),
        (
            {"patternProperties": {"^a": INT}, "additionalProperties": False},
            (("^a", "/patternProperties/%5Ea"),),
            None,
            True,
        ),
    ],
)
def test_what_further_properties_are(schema: Any, patterns: Any, rest: str | None, open_: bool) -> None:
    """An object is open where its schema speaks of further properties, or of none at all."""
    [view] = object_views(schema_set(A=schema), at("A"))
    assert view.patterns == tuple((pattern, at("A") + place) for pattern, place in patterns)
    assert view.rest == (at("A") + rest if rest else None)
    assert view.open is open_


def test_properties_under_conditions() -> None:
    """`if`, `then`, `else` and `dependentSchemas` describe properties, too."""
    schema = {
        "type": "object",
        **{key: {"properties": {key: INT}} for key in ("if", "then", "else")},
        "dependentSchemas": {"x": {"properties": {"d": INT}}, "y": True},
    }
    [view] = object_views(schema_set(A=schema), at("A"))
    assert view.named.keys() == {"if", "then", "else", "d"}


def test_each_condition_is_a_view_and_all_together_are_one() -> None:
    """As a discriminator writes them: the first properties are those of the schema that is chosen."""
    chosen = [{"properties": {"v": INT}}, {"properties": {"v": STR}}]
    cases = [{"if": {"required": [name]}, "then": then} for name, then in zip("ab", chosen, strict=True)]
    schema = {"type": "object", "allOf": [*cases, {"if": {"required": ["a"]}, "else": {"properties": {"w": INT}}}]}
    here = f"{at('A')}/allOf"
    views = object_views(schema_set(A=schema), at("A"))
    assert [view.named["v"] for view in views] == [f"{here}/{n}/then/properties/v" for n in (0, 1)]


def test_views_of_arrays() -> None:
    """Items by position and all others, of each alternative."""
    schema = {"oneOf": [{"type": "array", "items": INT}, {"prefixItems": [STR]}, {"type": "array"}, STR]}
    place = at("A") + "/oneOf"
    assert array_views(schema_set(A=schema), at("A")) == [
        Items((), f"{place}/0/items"),
        Items((f"{place}/1/prefixItems/0",), None),
        Items((), None),
    ]


def test_too_many_alternatives_are_read_as_one() -> None:
    """The number of views is bounded."""
    many = {"allOf": [{"anyOf": [{"properties": {f"{n}{m}": INT}} for m in range(10)]} for n in range(4)]}
    views = object_views(schema_set(A={"type": "object", **many}), at("A"))
    assert 1 <= len(views) <= MAX_VIEWS
    assert all(isinstance(view, Members) and len(view.named) == 40 for view in views)


def test_what_admits_no_object_has_no_view_of_one() -> None:
    """Nor of an array."""
    assert object_views(schema_set(A=INT), at("A")) == array_views(schema_set(A=INT), at("A")) == []

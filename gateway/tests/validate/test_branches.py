"""Which branch of alternatives was meant, and what all of them ask for."""

from typing import Any

import jsonschema_rs
import pytest

from gateway.validate.branches import Branch, constants, meant, required_by_all, tag


def branches(value: object, *schemas: object) -> list[Branch]:
    """What the engine has against a value, branch by branch."""
    [error] = jsonschema_rs.Draft202012Validator({"oneOf": list(schemas)}).iter_errors(value)
    found: list[Branch] = error.kind.context
    return found


def tagged(value: str) -> dict[str, Any]:
    """An object with this kind, and a number."""
    required = ["kind", "size"]
    return {
        "type": "object",
        "required": required,
        "properties": {"kind": {"const": value}, "size": {"type": "integer"}},
    }


CLOSED: dict[str, Any] = {
    "type": "object",
    "required": ["w", "h"],
    "properties": {"w": {"type": "integer"}, "h": {"type": "integer"}},
    "additionalProperties": False,
}
ROUND = {**CLOSED, "required": ["r"], "properties": {"r": {"type": "integer"}}}
TEXT = {"type": "string", "minLength": 2}


@pytest.mark.parametrize(
    ("value", "schemas", "index"),
    [
        ("x", [TEXT, ROUND, CLOSED], 0),
        ({"kind": "b", "size": "x"}, [tagged("a"), tagged("b"), TEXT], 1),
        ({"w": 1}, [ROUND, CLOSED], 1),
        ({"r": "x"}, [ROUND, CLOSED], 0),
        ({"r": 1, "x": 1}, [ROUND, CLOSED], 0),
        ({"id": "x"}, [{"required": ["id"], "properties": {"id": {"type": "integer"}}}, {"required": ["name"]}], 0),
        (3, [TEXT, CLOSED], None),
        ({}, [ROUND, CLOSED], None),
        ({"kind": "c", "size": 1}, [tagged("a"), tagged("b")], None),
        (3, [{"minimum": 4}, {"multipleOf": 2}], None),
        (3, [{"type": "integer"}, {"type": "number"}], None),
    ],
)
def test_the_branch_that_was_meant(value: object, schemas: list[object], index: int | None) -> None:
    """By the type, then the tag, then the properties that are known, then those that are missing; or none."""
    found = branches(value, *schemas)
    assert meant(found, 0) == (None if index is None else found[index])


@pytest.mark.parametrize(
    ("value", "schemas", "expected"),
    [
        ({"kind": "c", "size": 1}, [tagged("a"), tagged("b"), TEXT], ("kind", ["a", "b"])),
        ({"kind": "c"}, [tagged("a"), {"properties": {"kind": {"enum": ["b", "d"]}}}], ("kind", ["a", "b", "d"])),
        ({"kind": "c", "sort": "c"}, [tagged("a"), {"properties": {"sort": {"const": "b"}}}], None),
        ({}, [tagged("a"), tagged("b")], None),
        (3, [TEXT, CLOSED], None),
    ],
)
def test_the_property_that_tells_them_apart(
    value: object, schemas: list[object], expected: tuple[str, list[str]] | None
) -> None:
    """With the values of all branches that a value of this type may be meant for."""
    assert tag(branches(value, *schemas), 0) == expected


@pytest.mark.parametrize(
    ("value", "schemas", "expected"),
    [
        ({}, [tagged("a"), tagged("b"), TEXT], ["kind", "size"]),
        ({}, [tagged("a"), ROUND], []),
        ("x", [TEXT, {"type": "string", "pattern": "y"}], []),
        (3, [TEXT, CLOSED], []),
    ],
)
def test_what_every_branch_misses(value: object, schemas: list[object], expected: list[str]) -> None:
    """Nothing, where one of them does without."""
    assert required_by_all(branches(value, *schemas), 0) == expected


@pytest.mark.parametrize(
    ("schemas", "expected"),
    [
        ([{"const": "a"}, {"enum": ["b", "c"]}], ["a", "b", "c"]),
        ([{"const": "a"}, {"enum": ["b"], "type": "integer"}], None),
        ([{"const": "a"}, {"minLength": 2}], None),
    ],
)
def test_alternatives_that_are_a_list_of_values(schemas: list[object], expected: list[str] | None) -> None:
    """As code generators write an enumeration with descriptions."""
    assert constants(branches("z", *schemas), 0) == expected

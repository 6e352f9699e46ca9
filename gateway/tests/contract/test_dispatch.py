"""Discriminators as conditions."""

from typing import Any

from gateway.contract import dispatch
from gateway.contract.discriminator import Choice, Family

A: dict[str, Any] = {"title": "a"}
B: dict[str, Any] = {"title": "b"}
NULL: dict[str, Any] = {"type": "null"}


def among(*values: str) -> dict[str, Any]:
    return {"required": ["kind"], "properties": {"kind": {"enum": list(values)}}}


def test_one_condition_for_each_branch() -> None:
    """The property is required, and an unknown value refused; other parts of the schema stay."""
    written = {"oneOf": [A, B], "allOf": [NULL]}
    dispatch.branches(written, Choice("kind", "oneOf", [["a", "x"], ["b"]], [], None), None)
    cases = [{"if": among("a", "x"), "then": A}, {"if": among("b"), "then": B}]
    assert written == {"allOf": [NULL, {"type": "object", **among("a", "x", "b"), "allOf": cases}]}


def test_a_branch_that_nothing_names_is_never_chosen() -> None:
    """The values of another one are mapped away from it."""
    written = {"anyOf": [A, B]}
    dispatch.branches(written, Choice("kind", "anyOf", [["a"], []], [], None), None)
    assert written == {"allOf": [{"type": "object", **among("a"), "allOf": [{"if": among("a"), "then": A}]}]}


def test_a_default_for_everything_else() -> None:
    """Then neither the property nor a known value is asked for."""
    written: dict[str, Any] = {"oneOf": [A]}
    dispatch.branches(written, Choice("kind", "oneOf", [["a"]], [], None), B)
    cases = [{"if": among("a"), "then": A}, {"if": among("a"), "else": B}]
    assert written == {"allOf": [{"type": "object", "allOf": cases}]}


def test_what_is_no_object_has_its_own_branches() -> None:
    """The property chooses among objects only."""
    written = {"oneOf": [A, NULL]}
    dispatch.branches(written, Choice("kind", "oneOf", [["a"], []], [1], None), None)
    chosen = {"type": "object", **among("a"), "allOf": [{"if": among("a"), "then": A}]}
    assert written == {"allOf": [{"if": {"type": "object"}, "then": chosen, "else": {"oneOf": [NULL]}}]}


def test_a_parent_stands_for_its_children() -> None:
    """And for itself, without further conditions."""
    written: dict[str, Any] = {"type": "object"}
    dispatch.family(written, Family("kind", "p", [("a", ("f", "/a", A))]), [("a", A)])
    case = {"if": among("a"), "then": A}
    assert written == {"type": "object", "allOf": [{"type": "object", **among("p", "a"), "allOf": [case]}]}

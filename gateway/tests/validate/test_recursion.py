"""The branching factor of schemas that lead back to themselves."""

from typing import Any

import pytest

from gateway.tests.validate.build import URI, at, ref
from gateway.validate.recursion import Branching

LEAF = {"type": "string"}
SCHEMAS: dict[str, Any] = {
    "leaf": LEAF,
    "list": {"anyOf": [{"properties": {"next": ref("list")}}, {"type": "null"}]},
    "tree": {"oneOf": [{"properties": {"l": ref("tree")}}, {"items": ref("tree")}, LEAF]},
    "ping": {"anyOf": [ref("pong"), {"not": ref("pong")}]},
    "pong": {"properties": {"back": ref("ping")}},
    "flat": {"oneOf": [ref("leaf"), ref("leaf"), ref("leaf")]},
    "both": {"allOf": [ref("flat"), {"items": ref("list")}]},
    "outer": {"properties": {"a": ref("flat"), "b": {"items": ref("ping")}}},
    "dangling": {"anyOf": [{"$ref": "#/nowhere"}, {"$ref": "urn:nowhere#/x"}]},
    "named": {"properties": {"anyOf": {"type": "array"}, "$ref": {"type": "string"}}},
}


@pytest.mark.parametrize(
    ("name", "factor"),
    [
        ("leaf", 1),
        ("list", 1),
        ("tree", 2),
        ("ping", 2),
        ("pong", 2),
        ("flat", 1),
        ("both", 1),
        ("outer", 2),
        ("dangling", 1),
        ("named", 1),
    ],
)
def test_counts_only_branches_that_lead_back(name: str, factor: int) -> None:
    """Alternatives multiply when they return to where they stand, also from what refers to them."""
    branching = Branching({URI: {"components": {"schemas": SCHEMAS}}})
    assert branching.of(at(name)) == factor


def test_the_order_of_questions_does_not_matter() -> None:
    """What was found for one schema is reused for others."""
    branching = Branching({URI: {"components": {"schemas": SCHEMAS}}})
    first = {name: branching.of(at(name)) for name in SCHEMAS}
    other = Branching({URI: {"components": {"schemas": SCHEMAS}}})
    assert {name: other.of(at(name)) for name in reversed(SCHEMAS)} == first


def test_long_chains_do_not_exhaust_the_stack() -> None:
    """Five thousand schemas, each referring to the next, the last to the first."""
    chain = {f"s{n}": {"anyOf": [ref(f"s{(n + 1) % 5_000}"), LEAF]} for n in range(5_000)}
    assert Branching({URI: {"components": {"schemas": chain}}}).of(at("s0")) == 1


def test_a_dynamic_reference_may_mean_every_anchor_of_its_name() -> None:
    """Whichever it is when values are judged, the factor covers it."""
    node = {"$dynamicRef": "urn:tree#node"}
    tree = {"anyOf": [{"items": node}, {"properties": {"a": node}}]}
    other = {"$defs": {"x": {"$dynamicAnchor": "node", "$ref": "urn:other#/x"}}, "x": {"$ref": "urn:tree#/tree"}}
    assert Branching({"urn:tree": {"tree": tree}, "urn:other": other}).of("urn:tree#/tree") == 2
    assert Branching({"urn:tree": {"tree": tree}}).of("urn:tree#/tree") == 1

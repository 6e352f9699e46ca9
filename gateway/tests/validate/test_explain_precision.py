"""How precise violations are: the deepest relevant error, never the whole tree, never more than twenty."""

from typing import Any

import pytest

from gateway.validate.schema import SchemaSet

BASE = "urn:contract:a:0"
LINE = {
    "type": "object",
    "required": ["n"],
    "additionalProperties": False,
    "properties": {"n": {"type": "integer"}, "sub": {"type": "array", "items": {"$ref": "#/Line"}}},
}
SCHEMAS: dict[str, Any] = {
    "Card": {
        "type": "object",
        "required": ["kind", "number"],
        "properties": {"kind": {"const": "card"}, "number": {"type": "string", "pattern": "^[0-9]{4}$"}},
    },
    "Iban": {
        "type": "object",
        "required": ["kind", "iban"],
        "properties": {"kind": {"enum": ["iban", "sepa"]}, "iban": {"type": "string", "minLength": 5}},
    },
    "Pay": {"oneOf": [{"$ref": "#/Card"}, {"$ref": "#/Iban"}]},
    "Line": LINE,
    "Order": {
        "type": "object",
        "properties": {
            "pay": {"$ref": "#/Pay"},
            "lines": {"type": "array", "items": {"$ref": "#/Line"}},
            "note": {"anyOf": [{"type": "string", "maxLength": 3}, {"type": "null"}]},
        },
    },
    "Inner": {
        "oneOf": [
            {"type": "object", "properties": {"a": {"oneOf": [{"type": "string", "minLength": 3}, {"type": "array"}]}}},
            {"type": "string"},
        ]
    },
    "All": {"allOf": [{"$ref": "#/Line"}, {"properties": {"n": {"maximum": 5}}}]},
    "If": {"if": {"properties": {"t": {"const": 1}}, "required": ["t"]}, "then": {"required": ["x"]}, "else": False},
    "Tree": {
        "type": "object",
        "properties": {"c": {"oneOf": [{"$ref": "#/Tree"}, {"type": "integer"}]}},
        "additionalProperties": False,
    },
    "Kinds": {
        "oneOf": [
            {"type": "object", "required": ["kind"], "properties": {"kind": {"const": f"k{n}"}}} for n in range(60)
        ]
    },
    "Numbers": {"type": "array", "items": {"type": "integer"}},
    "Rows": {"type": "array", "items": {"$ref": "#/Pay"}},
    "Colour": {"oneOf": [{"const": "red"}, {"const": "blue"}]},
    "Overlap": {"oneOf": [{"type": "integer"}, {"type": "number"}]},
}
SET = SchemaSet({BASE: SCHEMAS})


def nested(depth: int, leaf: object) -> object:
    """{"c": {"c": ...}}, and the leaf inside."""
    for _ in range(depth):
        leaf = {"c": leaf}
    return leaf


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        ("Order", {"pay": {"kind": "card", "number": "12"}}, ["/pay/number pattern"]),
        ("Order", {"pay": {"kind": "sepa", "iban": "1"}}, ["/pay/iban minLength"]),
        ("Order", {"pay": {"kind": "x"}}, ["/pay/kind enum"]),
        ("Order", {"pay": {}}, ["/pay/kind required"]),
        ("Order", {"pay": 3}, ["/pay oneOf"]),
        (
            "Order",
            {"lines": [{"n": 1, "sub": [{"n": "x"}]}, {"m": 1}]},
            ["/lines/0/sub/0/n type", "/lines/1/m additionalProperties", "/lines/1/n required"],
        ),
        ("Order", {"note": "long"}, ["/note maxLength"]),
        ("Order", {"note": 3}, ["/note anyOf"]),
        ("Inner", {"a": "x"}, ["/a minLength"]),
        ("Inner", {"a": 3}, ["/a oneOf"]),
        ("Inner", 3, [" oneOf"]),
        ("All", {"n": 9, "z": 1}, ["/n maximum", "/z additionalProperties"]),
        ("If", {"t": 1}, ["/x required"]),
        ("If", {}, [" not"]),
        ("Tree", nested(5, "x"), ["/c/c/c/c/c oneOf"]),
        ("Tree", nested(5, {"z": 1}), ["/c/c/c/c/c/z additionalProperties"]),
        ("Kinds", {"kind": "zz"}, ["/kind enum"]),
        ("Kinds", {}, ["/kind required"]),
        ("Colour", "green", [" oneOf"]),
        ("Overlap", 1, [" oneOf"]),
    ],
)
def test_what_is_said(schema: str, value: object, expected: list[str]) -> None:
    """Pointer and keyword of everything that has to be mended, and nothing else."""
    found = SET.check(f"{BASE}#/{schema}").violations(value, "body")
    assert sorted(f"{violation.pointer} {violation.keyword}" for violation in found) == expected


@pytest.mark.parametrize(
    ("schema", "value", "message"),
    [
        ("Order", {"pay": {"kind": "x"}}, 'must be one of "card", "iban", "sepa"'),
        ("Colour", "green", 'must be one of "red", "blue"'),
        ("Overlap", 1, "matches more than one of the alternatives"),
        ("Order", {"note": 3}, "must be a string or null"),
    ],
)
def test_how_it_is_said(schema: str, value: object, message: str) -> None:
    """What would be right, in one sentence."""
    [violation] = SET.check(f"{BASE}#/{schema}").violations(value, "body")
    assert violation.message == message


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ("Numbers", ["x"] * 5000),
        ("Rows", [{"kind": "card", "number": "secret"}] * 500),
        ("Rows", [{"kind": "secret"}] * 500),
        ("Kinds", {"kind": "secret"}),
        ("Line", {f"secret{n}": n for n in range(1000)}),
        ("Tree", nested(200, "secret")),
        ("Pay", {"kind": "card", "number": "secret" * 10000}),
    ],
)
def test_hostile_values_get_few_and_short_words(schema: str, value: object) -> None:
    """At most twenty violations, none long, and no value in a message."""
    found = SET.check(f"{BASE}#/{schema}").violations(value, "body")
    assert 1 <= len(found) <= 20
    assert all(len(violation.message) <= 300 and len(violation.pointer) <= 512 for violation in found)
    values = [violation.message for violation in found if violation.keyword != "additionalProperties"]
    assert not any("secret" in message for message in values)

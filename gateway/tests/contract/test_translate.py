"""Keywords of older drafts and of OpenAPI in draft 2020-12."""

from typing import Any

import pytest

from gateway.contract import translate


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"items": {"a": 1}}, {"items": {"a": 1}}),
        ({"items": [{}, True]}, {"prefixItems": [{}, True]}),
        ({"items": [{}], "additionalItems": False}, {"prefixItems": [{}], "items": False}),
        ({"items": {}, "additionalItems": False}, {"items": {}}),
        ({"additionalItems": False}, {}),
        ({"items": [], "additionalItems": False}, {"items": False}),
        ({"items": []}, {}),
    ],
)
def test_items(given: dict[str, Any], expected: dict[str, Any]) -> None:
    """A list of schemas, and what follows it."""
    translate.items(given)
    assert given == expected


@pytest.mark.parametrize(
    ("written", "given", "expected"),
    [
        ({"dependencies": {}}, {"a": ["b"]}, {"dependentRequired": {"a": ["b"]}}),
        ({"dependencies": {"a": ["b"], "c": {}}}, {"a": ["b"], "c": {}}, {
            "dependentRequired": {"a": ["b"]}, "dependentSchemas": {"c": {}},
        }),
        ({"dependencies": {"a": False}}, {"a": False}, {"dependentSchemas": {"a": False}}),
        ({"dependencies": {}}, {}, {}),
        (
            {"dependencies": {"a": {}}, "dependentSchemas": {"b": {}}},
            {"a": {}},
            {"dependentSchemas": {"b": {}}, "allOf": [{"dependentSchemas": {"a": {}}}]},
        ),
    ],
)  # fmt: skip
def test_dependencies(written: dict[str, Any], given: Any, expected: dict[str, Any]) -> None:
    """Lists and schemas part."""
    translate.dependencies(written, given)
    assert written == expected


def test_contains_hides_what_it_evaluates() -> None:
    """And keeps everything else where it is."""
    written = {"contains": {"type": "string"}, "minContains": 2, "unevaluatedItems": False, "allOf": [{}]}
    translate.unseen_contains(written)
    inner = {"contains": {"type": "string"}, "minContains": 2}
    assert written == {"unevaluatedItems": False, "allOf": [{}, {"not": {"not": inner}}]}


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"type": "integer", "format": "int8"}, {"type": "integer", "minimum": -128, "maximum": 127}),
        ({"type": "number", "format": "uint8"}, {"type": "integer", "minimum": 0, "maximum": 255}),
        (
            {"type": ["number", "null"], "format": "uint8"},
            {"type": ["integer", "null"], "minimum": 0, "maximum": 255},
        ),
        ({"type": "integer", "format": "int8", "minimum": 0, "maximum": 999}, {
            "type": "integer", "minimum": 0, "maximum": 127,
        }),
        ({"format": "int8"}, {"minimum": -128, "maximum": 127}),
        ({"format": "int64"}, {"format": "int64", "minimum": -(2**63), "maximum": 2**63 - 1}),
        ({"type": "string", "format": "int64"}, {"type": "string", "format": "int64"}),
        ({"type": "string", "format": "date"}, {"type": "string", "format": "date"}),
        ({"type": "integer", "format": "nobody-knows"}, {"type": "integer", "format": "nobody-knows"}),
        ({"type": "integer", "format": 5}, {"type": "integer", "format": 5}),
    ],
)  # fmt: skip
def test_formats_of_numbers(given: dict[str, Any], expected: dict[str, Any]) -> None:
    """Bounds, and whole numbers; what a format says about strings is left to the engine."""
    translate.number_format(given)
    assert given == expected

"""Candidates for valid values."""

from typing import Any

import pytest

from gateway.validate.schema import SchemaSet
from gateway.verify.facts import facts_of
from gateway.verify.suggest import LARGEST_ARRAY, candidates


def suggested(schema: dict[str, Any], inner: list[Any] | None = None) -> list[Any]:
    """What is suggested when schemas within have these values."""
    schemas = SchemaSet({"urn:test": {"schema": schema}})
    return list(candidates(facts_of(schemas, "urn:test#/schema"), lambda *_: [1, 2] if inner is None else inner))


@pytest.mark.parametrize(
    ("schema", "first"),
    [
        ({"const": "x", "type": "string"}, "x"),
        ({"enum": [3, 4]}, 3),
        ({"type": "integer", "minimum": 8}, 8),
        ({"type": "string", "format": "uuid"}, "5f0c5d2e-9b6a-4f7f-8a3c-1d2e3f405162"),
        ({"type": "string", "pattern": "^[0-9]{3}$"}, "000"),
        ({"type": "array", "items": {}, "minItems": 2}, [1, 2]),
        ({"type": "object", "required": ["a"], "properties": {"a": {}, "b": {}}}, {"a": 1, "b": 1}),
        ({"type": "null"}, None),
    ],
)
def test_the_most_telling_value_comes_first(schema: dict[str, Any], first: Any) -> None:
    """What the document says exactly, then bounds, then everything that may be there."""
    assert suggested(schema)[0] == first


def test_large_bounds_are_not_tried() -> None:
    """A document that allows millions of items is no reason to send them."""
    found = suggested({"type": "array", "items": {}, "maxItems": LARGEST_ARRAY + 1})
    assert max(map(len, found)) == 1


def test_schemas_nested_too_deep_are_left_out() -> None:
    """Optional properties without a value are absent, arrays then empty."""
    assert suggested({"type": "object", "properties": {"a": {}}}, []) == [{}, {}, {}]
    assert suggested({"type": "array", "items": {}}, []) == [[], []]

"""Candidates for invalid values."""

from typing import Any

import pytest

from gateway.validate.schema import SchemaSet
from gateway.verify.breaking import UNKNOWN, candidates
from gateway.verify.facts import facts_of


def tried(schema: dict[str, Any], value: Any) -> dict[str, list[Any]]:
    """The candidates by keyword."""
    schemas = SchemaSet({"urn:test": {"schema": schema}})
    found: dict[str, list[Any]] = {}
    for keyword, values in candidates(facts_of(schemas, "urn:test#/schema"), value):
        found.setdefault(keyword, []).extend(values)
    return found


@pytest.mark.parametrize(
    ("schema", "value", "keyword", "candidate"),
    [
        ({"type": "integer", "minimum": 3}, 4, "minimum", 2),
        ({"type": "integer", "maximum": 3}, 2, "maximum", 4),
        ({"type": "integer", "exclusiveMaximum": 3}, 2, "exclusiveMaximum", 3),
        ({"type": "string", "maxLength": 3}, "abc", "maxLength", "abcc"),
        ({"type": "string", "minLength": 3}, "abc", "minLength", "ab"),
        ({"type": "string", "maxLength": 3, "pattern": "^[0-9]+$"}, "000", "maxLength", "0000"),
        ({"type": "array", "maxItems": 1}, ["a"], "maxItems", ["a", "a"]),
        ({"type": "array", "uniqueItems": True}, ["a"], "uniqueItems", ["a", "a"]),
        ({"type": "object", "required": ["a"]}, {"a": 1, "b": 2}, "required", {"b": 2}),
        ({"type": "object", "additionalProperties": False}, {}, "additionalProperties", {UNKNOWN: "a"}),
        ({"enum": ["a"]}, "a", "enum", "not-a"),
    ],
)
def test_the_candidate_is_just_beyond_the_clause(
    schema: dict[str, Any], value: Any, keyword: str, candidate: Any
) -> None:
    """One below, one above, one too many, one missing."""
    assert candidate in tried(schema, value)[keyword]


def test_only_keywords_of_the_schema_are_tried() -> None:
    """What is not said cannot be broken."""
    assert set(tried({"type": "integer", "minimum": 0}, 1)) == {"type", "minimum"}
    assert tried({}, "anything") == {}


def test_types_are_tried_that_the_schema_does_not_admit() -> None:
    """Null apart from the others, as many a reader treats it as absent."""
    found = tried({"type": "string"}, "a")["type"]
    assert None in found
    assert not any(isinstance(value, str) for value in found)

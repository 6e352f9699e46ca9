"""Strings with content."""

from typing import Any

import pytest

from gateway.tests.validate.build import at, schema_set
from gateway.validate.embedded import judges, known_encoding, known_type
from gateway.validate.schema import constraints


def content(schema: dict[str, Any], **others: Any) -> Any:
    return schema_set(S=schema, **others).check(at("S"))


@pytest.mark.parametrize(
    ("schema", "value", "message"),
    [
        ({"contentEncoding": "base64"}, "YQ", "must be encoded in base64"),
        ({"contentMediaType": "application/json"}, "{", "must hold JSON"),
        ({"contentMediaType": "application/json"}, '"\ud800"', "does not match the schema"),
        (
            {"contentMediaType": "application/json", "contentSchema": {"$ref": at("T")}},
            '"a"',
            "holds JSON that does not match the schema of its content",
        ),
        ({"contentMediaType": "application/json", "contentSchema": False}, "1", "holds JSON that does not match"),
    ],
)
def test_messages(schema: dict[str, Any], value: str, message: str) -> None:
    """They say what is wrong and never what was sent."""
    (violation,) = content(schema, T={"type": "integer"}).violations(value, "body")
    assert violation.message.startswith(message)


def test_content_that_contains_itself() -> None:
    """Its check is built once, when all others are."""
    schema = {"contentMediaType": "application/json", "contentSchema": {"$ref": at("T")}}
    check = content(schema, T={"required": ["a"], "properties": {"a": {"$ref": at("S")}}})
    assert check.is_valid('{"a": "{\\"a\\": 1}"}')
    assert not check.is_valid('{"a": "{}"}')


@pytest.mark.parametrize(
    ("schema", "judged"),
    [
        ({"contentEncoding": "Base64"}, True),
        ({"contentMediaType": "application/x+json; charset=utf-8"}, True),
        ({"contentEncoding": "x"}, False),
        ({"contentMediaType": "image/png"}, False),
        ({"contentMediaType": "no type"}, False),
        ({"contentMediaType": 5, "contentEncoding": 5}, False),
        ({}, False),
    ],
)
def test_what_is_judged_is_a_constraint(schema: dict[str, Any], judged: bool) -> None:
    """Other content keywords say nothing about a value."""
    assert judges(schema) is judged
    assert bool(constraints(schema)) is judged
    assert (known_encoding(schema.get("contentEncoding")) or known_type(schema.get("contentMediaType"))) is judged

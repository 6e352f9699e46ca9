"""Texts of formats."""

import pytest

from gateway.validate.schema import SchemaSet
from gateway.verify.texts import of_format

FORMATS = (
    *("date-time", "date", "time", "date-time-local", "time-local", "duration", "http-date"),
    *("email", "idn-email", "uri", "uri-reference", "uri-template", "iri", "iri-reference", "uuid"),
    *("hostname", "idn-hostname", "ipv4", "ipv6", "ipv4-cidr", "ipv6-cidr"),
    *("json-pointer", "relative-json-pointer", "regex", "byte", "base64url", "char", "decimal", "decimal128"),
    *("language", "media-range", "sf-string", "sf-token", "sf-binary", "sf-boolean"),
)
ROOMY = (
    "date-time",
    "email",
    "uri",
    "uri-reference",
    "iri",
    "json-pointer",
    "byte",
    "base64url",
    "decimal",
    "sf-string",
)


@pytest.mark.parametrize("name", FORMATS)
def test_a_text_has_its_format(name: str) -> None:
    """The check that judges requests agrees, and would not take just anything."""
    check = SchemaSet({"urn:test": {"s": {"type": "string", "format": name}}}).check("urn:test#/s")
    assert all(check.is_valid(text) for text in of_format(name, 0))
    assert list(of_format(name, 0))


@pytest.mark.parametrize("name", ROOMY)
@pytest.mark.parametrize("length", [30, 64, 100, 200])
def test_a_format_with_room_has_longer_texts(name: str, length: int) -> None:
    """As long as asked for at least."""
    check = SchemaSet({"urn:test": {"s": {"type": "string", "format": name, "minLength": length}}}).check("urn:test#/s")
    assert any(check.is_valid(text) for text in of_format(name, length))


def test_a_format_that_nobody_knows_has_no_texts() -> None:
    """Whoever asks tries others."""
    assert list(of_format("colour", 3)) == []

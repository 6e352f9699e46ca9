"""Texts as values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.tests.validate.build import at, schema_set
from gateway.validate.content.plain import compile_text
from gateway.validate.media import decoded
from gateway.validate.schema import SchemaError
from gateway.validate.terms import Terms
from gateway.wire.media import Media, parse

SCHEMAS = schema_set(
    Text={"type": "string", "maxLength": 3},
    Integer={"type": "integer"},
    Either={"type": ["integer", "string"]},
    Untyped={"minLength": 2},
    Object={"type": "object"},
)


def keywords(schema: str, content_type: bytes, data: bytes) -> list[str]:
    """What is wrong with a text."""
    media = parse(content_type)
    assert media
    decode = compile_text(at(schema), SCHEMAS, Terms())(media)
    assert decode
    return [found.keyword for found in decoded(SCHEMAS.check(at(schema)), decode).violations(data)]


@pytest.mark.parametrize(
    ("schema", "content_type", "data", "expected"),
    [
        ("Text", b"text/plain", "äöü".encode(), []),
        ("Text", b"text/plain", b"abcd", ["maxLength"]),
        ("Text", b"text/plain", b"", []),
        ("Text", b"text/plain", b"\xff", ["syntax"]),
        ("Text", b"text/plain;charset=utf-16", b"\xff\xfea\x00b\x00c\x00", []),
        ("Text", b"text/plain;charset=latin1", b"\xff\xff\xff", []),
        ("Text", b"text/plain;charset=us-ascii", b"\xff", ["syntax"]),
        ("Integer", b"text/plain", b"42", []),
        ("Integer", b"text/plain", b"42\n", ["type"]),
        ("Integer", b"text/plain", b"4_2", ["type"]),
        ("Integer", b"text/plain", b"", ["type"]),
        ("Either", b"text/plain", b"x", []),
        ("Untyped", b"text/plain", b"x", ["minLength"]),
    ],
)
def test_text_is_judged_by_its_schema(schema: str, content_type: bytes, data: bytes, expected: list[str]) -> None:
    """Lengths count characters; numbers have the notation that parameters have."""
    assert keywords(schema, content_type, data) == expected


def test_unknown_charsets_have_no_decoder() -> None:
    """That is 415."""
    decode = compile_text(at("Text"), SCHEMAS, Terms())
    assert decode(Media("text", "plain", (("charset", "rot13"),))) is None


def test_objects_are_no_text() -> None:
    """Fail closed."""
    with pytest.raises(SchemaError):
        compile_text(at("Object"), SCHEMAS, Terms())


@given(st.binary(max_size=40), st.sampled_from(["Text", "Integer", "Either"]))
def test_no_bytes_break_the_judge(data: bytes, schema: str) -> None:
    """Any text gets a verdict."""
    keywords(schema, b"text/plain", data)

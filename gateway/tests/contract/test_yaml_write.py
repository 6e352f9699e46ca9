"""YAML that reads back as what was written."""

import json
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.contract.yaml_write import write

# What text in documents is made of, and what is known to trip readers.
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.text(
    "a \t\n:#-'\"|>&*%@`\x85\u2028\xa0", max_size=8
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=12
)


@settings(max_examples=400, deadline=None)
@given(VALUES)
def test_every_value_reads_back(value: Any) -> None:
    """A YAML reader gets what was written, for any JSON value."""
    assert yaml.safe_load(write(value)) == value


SCALARS_OF_YAML = [
    "yes",
    "No",
    "null",
    "~",
    "",
    " ",
    "1",
    "1_000",
    "0x1f",
    "1.5",
    ".inf",
    "2026-01-01",
    "12:30",
    "=",
    "<<",
]
STRUCTURE = ["- a", "a: b", "a #b", "#a", "&a", "*a", "!a", "{a}", "---", "...", "%a", "@a", "`a", "?", "? a", ": a"]
LINES = ["a\n", "a\n\n", "\na", " a\nb", "a\n  \nb", "a\tb\nc", "a\n---\nb", "a\r\nb", "a\u2028b", "\x85", "\n"]
CHARACTERS = ["\ufeffa", "é 🏃", "\x00", "\x7f\x9f", "\xa0", "\ufffe"]


@pytest.mark.parametrize("text", [*SCALARS_OF_YAML, *STRUCTURE, *LINES, *CHARACTERS])
def test_text_stays_text(text: str) -> None:
    """Also where YAML would read a number, a date, a boolean, a comment or structure; as key, item and value."""
    value = {text: [text, {text: text}]}
    assert yaml.safe_load(write(value)) == value


def test_ordinary_documents_are_pleasant_to_read() -> None:
    """Plain words unquoted, numbers quoted when they are text, lines as a block, lists below their key."""
    value = {
        "openapi": "3.0.3",
        "paths": {"/users/{id}": {"get": {"tags": ["users"], "responses": {"200": {"description": "All is well."}}}}},
        "text": "One\n\nTwo\n",
        "list": [[1, 2], {"a": 1, "b": []}, {}],
        "big": 1e20,
    }
    assert write(value) == (
        'openapi: "3.0.3"\n'
        "paths:\n"
        "  /users/{id}:\n"
        "    get:\n"
        "      tags:\n"
        "        - users\n"
        "      responses:\n"
        '        "200":\n'
        "          description: All is well.\n"
        "text: |\n"
        "  One\n"
        "\n"
        "  Two\n"
        "list:\n"
        "  - - 1\n"
        "    - 2\n"
        "  - a: 1\n"
        "    b: []\n"
        "  - {}\n"
        "big: 1.0e+20\n"
    )


def test_json_readers_can_be_fed_by_yaml_readers() -> None:
    """Whole documents survive the way through both formats."""
    value = json.loads('{"a": [1, 2.5, true, null, "x"], "b": {"c": "d"}}')
    assert yaml.safe_load(write(value)) == value

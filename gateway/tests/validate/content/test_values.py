"""Values of binary formats as JSON Schema knows them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.validate.content.values import json_value
from gateway.validate.text import BadText

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


@given(VALUES)
def test_json_values_stay_what_they_are(value: Any) -> None:
    """Nothing is added or lost."""
    assert json_value(value, {}) == value


def test_byte_strings_are_base64_text() -> None:
    """At any depth, with padding."""
    assert json_value([b"\xff", {"a": [b""]}], {}) == ["/w==", {"a": [""]}]
    assert json_value(b"\x00", {}) == "AA=="


def test_formats_add_types_of_their_own() -> None:
    """With their conversion."""
    assert json_value({"a": (1, 2)}, {tuple: list}) == {"a": [1, 2]}


@pytest.mark.parametrize(
    "value",
    [float("nan"), [float("inf")], {"a": {1: 2}}, {b"a": 1}, [1 << 20_000], [()], {None: 1}, [object()]],
)
def test_what_json_schema_cannot_judge_is_refused(value: Any) -> None:
    """Numbers that are not finite or never end, other keys than strings, other types."""
    with pytest.raises(BadText):
        json_value(value, {})


def test_depth_is_no_matter_of_the_stack() -> None:
    """Whoever decoded the value bounds it."""
    value: Any = b""
    for _ in range(50_000):
        value = [value]
    assert isinstance(json_value(value, {}), list)
    while isinstance(value, list):  # or the interpreter would recurse when it frees them
        value = value.pop()

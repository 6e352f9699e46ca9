"""Text that matches a pattern."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.verify.patterns import sample, samples

PATTERNS = (
    "^[A-Za-z0-9_-]+$",
    "^[!-?A-~]+@[!-?A-~]+$",
    r"^[^\u0000-\u001f\u007f]+$",
    r"^[^\u0000]*$",
    r"^\d{4}-\d{2}$",
    r"^(GET|POST) /\w+$",
    r'^"[!#-~]+"$',
    r"^[A-Z]{2,5}(?:-[a-z]{3})?$",
    r"^2[0-9]{3}-(0[1-9]|1[0-2])-([012][0-9])$",
    r"^\x41\.B\/$",
    "a|b",
    "",
    "^.{3}$",
    r"^(a|b)(c)-\2\1$",
    r"\bword\b",
)


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("length", [0, 1, 20])
def test_a_sample_matches(pattern: str, length: int) -> None:
    """What is given out matches, whatever its length was meant to be."""
    text = sample(pattern, length)
    assert text is not None
    assert re.search(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "length", "expected"),
    [
        ("^[a-z]+$", 12, 12),
        ("^[a-z]{1,8}$", 12, 8),
        ("^x[a-z]*y$", 12, 12),
        ("^(ab)+$", 12, 12),
        ("^abc$", 12, 3),
        ("^[a-z]+@[a-z]+$", 30, 30),
    ],
)
def test_a_sample_grows_as_far_as_the_pattern_has_room(pattern: str, length: int, expected: int) -> None:
    """A wanted length is reached where a quantifier allows it, and never passed."""
    assert len(sample(pattern, length) or "") == expected


@pytest.mark.parametrize("pattern", ["(?P<n>a)", r"\1", r"\p{Runic}", r"\k<n>", "[a", "(a", "a)", "a{x}", "[^\\s\\S]"])
def test_what_is_not_understood_gives_nothing(pattern: str) -> None:
    """Beyond the subset, or broken: None instead of a guess or an exception."""
    assert sample(pattern) is None


@given(st.text(max_size=20), st.integers(0, 30))
def test_any_text_may_be_a_pattern(pattern: str, length: int) -> None:
    """Nothing that a document may hold raises."""
    found = sample(pattern, length)
    assert found is None or isinstance(found, str)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"^(?=.*[A-Z])(?=.*[0-9])[A-Za-z0-9]{4,}$", "a0Aa"),
        ("^(a|bcd)$", "bcd"),
        (r"^(?<year>\d{4})-(?<month>\d\d)$", "0000-00"),
        (r"^\p{Lu}\p{L}+$", "AaA"),
    ],
)
def test_several_ways_are_tried(pattern: str, text: str) -> None:
    """Other branches, and other characters in turn: what look-around or a length asks for may be among them."""
    found = list(samples(pattern, 3))
    assert text in found or text in list(samples(pattern, 4))
    assert len(set(found)) == len(found)

"""JSON Pointers."""

import pytest

from gateway.contract import pointer

# RFC 6901 section 5, its own example document.
DOCUMENT = {"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "m~n": 8, " ": 7}
EXAMPLES = [
    ("", DOCUMENT), ("/foo", ["bar", "baz"]), ("/foo/0", "bar"),
    ("/", 0), ("/a~1b", 1), ("/c%d", 2), ("/m~0n", 8), ("/ ", 7),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), EXAMPLES)
def test_the_examples_of_the_rfc(text: str, value: object) -> None:
    """Every pointer of RFC 6901 section 5 leads to its value, and is written again as it was."""
    tokens = pointer.split(text)
    assert pointer.walk(DOCUMENT, tokens) == value
    assert pointer.join("", *tokens) == text


@pytest.mark.parametrize("text", ["/foo/2", "/foo/-", "/foo/01", "/foo/-1", "/foo/\u0661", "/foo/x", "/no", "/foo/0/x"])
def test_what_is_not_there(text: str) -> None:
    """A pointer to nothing is a LookupError: no negative, padded or non-ASCII index, no member of a scalar."""
    with pytest.raises(LookupError):
        pointer.walk(DOCUMENT, pointer.split(text))


def test_a_pointer_starts_with_a_slash() -> None:
    """Anything else is refused."""
    with pytest.raises(ValueError, match="no JSON Pointer"):
        pointer.split("foo")


def test_escapes_are_undone_in_the_right_order() -> None:
    """`~01` is `~1`, not `/` (RFC 6901 section 4)."""
    assert pointer.split("/~01") == ["~1"]
    assert pointer.escape("~1") == "~01"

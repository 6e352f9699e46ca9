"""What readers take in different ways; how it is judged is shown with parameters and forms."""

import pytest

from gateway.validate.ambiguity import bracketed, semicolons, twins, unclosed_quotes
from gateway.validate.text import pairs


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (b"a=1&b=2", []),
        (b"a=1;b=2", [b"a"]),
        (b"a=;&b=2&a=x;", [b"a"]),
        (b"a=%3b&%3Bb=%3B", []),
        (b"a;b=1", [b""]),
        (b";", [b""]),
        (b"a=;&b;c", [b"a", b""]),
    ],
)
def test_semicolons(text: bytes, names: list[bytes]) -> None:
    """Raw ones only; those in names have none."""
    assert semicolons(text, pairs(text)) == names


@pytest.mark.parametrize(
    ("key", "name"), [(b"a", b"a"), (b"a[]", b"a"), (b"a[b][c]", b"a"), (b"a[", b"a"), (b"[a]", b"")]
)
def test_bracketed(key: bytes, name: bytes) -> None:
    """What stands before the first bracket, as PHP and Rails read it."""
    assert bracketed(key) == name


@pytest.mark.parametrize(
    ("field", "names"),
    [
        (b'a="b"', []),
        (b'a=" b', [b"a"]),
        (b'a="', [b"a"]),
        (b' a = "b ; c=d"', [b"a"]),
        (b'a="\\"', [b"a"]),
        (b'a="\\\\"', []),
        (b'a="b" c', [b"a"]),
        (b'a=b"', []),
        (b'a="' + b'\\"' * 10_000, [b"a"]),
    ],
)
def test_unclosed_quotes(field: bytes, names: list[bytes]) -> None:
    """A quoted value ends with its piece, and a backslash escapes what follows it."""
    assert list(unclosed_quotes(field)) == names


def test_twins() -> None:
    """Names with "_" that are documented themselves are none."""
    known = {b"x-a", b"x_b", b"x-b"}
    assert list(twins([b"x-a", b"x_a", b"x_b", b"x_c", b"xa"], known)) == [b"x_a"]

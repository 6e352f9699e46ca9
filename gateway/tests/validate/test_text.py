"""Percent-decoding, pairs, and names fit to be shown."""

import string
from urllib.parse import quote, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.validate.text import BadText, pairs, percent_decode, printable

TEXT = st.text(st.characters(codec="utf-8"))


@given(TEXT)
def test_decoding_undoes_encoding(text: str) -> None:
    """Both usual encodings come back, with "+" for a space only where asked for."""
    assert percent_decode(quote(text, safe="").encode(), plus=False) == text
    assert percent_decode(quote_plus(text).encode(), plus=True) == text


@pytest.mark.parametrize(
    ("raw", "plus", "expected"),
    [
        (b"", True, ""),
        (b"a+b", True, "a b"),
        (b"a+b", False, "a+b"),
        (b"a%2Bb", True, "a+b"),
        (b"%25%34%31", True, "%41"),
        (b"%c3%A9", False, "é"),
        ("é".encode(), False, "é"),
    ],
)
def test_decodes_once(raw: bytes, plus: bool, expected: str) -> None:
    """Escapes are decoded exactly once, upper or lower case."""
    assert percent_decode(raw, plus) == expected


@pytest.mark.parametrize("raw", [b"%", b"a%", b"%4", b"%zz", b"%4g", b"%%41", b"% 41", b"%+1", b"%u0041"])
def test_incomplete_escapes_are_refused(raw: bytes) -> None:
    """A percent sign always needs two hexadecimal digits."""
    with pytest.raises(BadText, match="percent sign"):
        percent_decode(raw, plus=True)


@pytest.mark.parametrize("raw", [b"%ff", b"\xff", b"%c3", b"%c0%80", b"%ed%a0%80", b"%f5%80%80%80"])
def test_other_encodings_are_refused(raw: bytes) -> None:
    """Overlong forms, surrogates and truncated sequences are not UTF-8."""
    with pytest.raises(BadText, match="UTF-8"):
        percent_decode(raw, plus=False)


@given(st.lists(st.tuples(TEXT.filter(bool), TEXT)))
def test_pairs_keep_every_value_in_order(given_pairs: list[tuple[str, str]]) -> None:
    """Names come decoded, values raw, repeated names keep all their values."""
    found = pairs(urlencode(given_pairs).encode())
    expected: dict[bytes, list[bytes]] = {}
    for name, value in given_pairs:
        expected.setdefault(name.encode(), []).append(quote_plus(value).encode())
    assert found == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"&&", {}),
        (b"a", {b"a": [b""]}),
        (b"a=b=c", {b"a": [b"b=c"]}),
        (b"=x", {b"": [b"x"]}),
        (b"%61=1&a=2", {b"a": [b"1", b"2"]}),
        (b"%zz=1&%ff=2", {b"\xff%zz": [b"1"], b"\xff%ff": [b"2"]}),
        (b"a;b=1", {b"a;b": [b"1"]}),
    ],
)
def test_odd_pairs(text: bytes, expected: dict[bytes, list[bytes]]) -> None:
    """Names are compared after decoding; one that does not decode equals no other; ";" separates nothing."""
    assert pairs(text) == expected


@given(st.text())
def test_shown_names_are_short_and_printable(text: str) -> None:
    """No control character, no line break and no more than 64 characters reach an answer."""
    shown = printable(text)
    assert len(shown) <= 64
    assert shown.isprintable()


def test_plain_names_are_shown_as_they_are() -> None:
    """Only what is cut is marked."""
    assert printable(string.ascii_letters) == string.ascii_letters
    assert printable("x" * 65) == "x" * 63 + "…"
    assert printable("a\nb\u202e\x00c") == "abc"

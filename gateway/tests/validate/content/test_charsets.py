"""Charsets by name, and what they cannot be."""

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.validate.content.charsets import _CODECS, codec, text_of
from gateway.validate.text import BadText


@pytest.mark.parametrize("name", sorted(_CODECS))
def test_every_codec_reads_what_it_writes(name: str) -> None:
    """Each name in the table is one that the platform knows, and belongs to one codec."""
    text = "plain ASCII 123"
    assert text_of(codecs.encode(text, name), name) == text
    assert {codec(alias) for alias in _CODECS[name]} == {name}


@pytest.mark.parametrize("name", ["rot13", "hex", "base64", "unicode_escape", "idna", "utf-7", "utf_8", "", "mbcs"])
def test_what_is_no_charset_is_not_known(name: str) -> None:
    """Though a codec registry might know it."""
    assert codec(name) is None


@pytest.mark.parametrize(
    ("data", "charset", "expected"),
    [
        ("ü€".encode(), "utf-8", "ü€"),
        (b"\xef\xbb\xbfa", "utf-8", "a"),
        (b"\xfc", "iso-8859-1", "ü"),
        (b"\x80", "windows-1252", "€"),
        (b"\xff\xfea\x00", "utf-16", "a"),
        (b"\xfe\xff\x00a", "utf-16", "a"),
        (b"\x00a", "utf-16be", "a"),
        (b"", "utf-16", ""),
    ],
)
def test_text_is_decoded(data: bytes, charset: str, expected: str) -> None:
    """A byte order mark is not part of the text."""
    name = codec(charset)
    assert name and text_of(data, name) == expected


@pytest.mark.parametrize(
    ("data", "charset"),
    [
        (b"\xff", "utf-8"),
        (b"\xed\xa0\x80", "utf-8"),
        (b"\xc0\x80", "utf-8"),
        (b"\x80", "us-ascii"),
        (b"a\x00", "utf-16"),
        (b"\xff\xfea", "utf-16"),
        (b"\xff\xfe\x00\xd8", "utf-16"),
        (b"\x81", "windows-1252"),
        (b"\x00\xd8", "utf-16le"),
    ],
)
def test_what_is_not_in_the_charset_is_refused(data: bytes, charset: str) -> None:
    """Overlong forms, lone surrogates, half characters, UTF-16 without a mark; the message quotes nothing."""
    name = codec(charset)
    assert name
    with pytest.raises(BadText):
        text_of(data, name)


@given(st.binary(max_size=64), st.sampled_from(sorted(_CODECS)))
def test_any_bytes_are_text_or_refused(data: bytes, name: str) -> None:
    """Nothing else is raised, and the text can be written as UTF-8."""
    try:
        text_of(data, name).encode()
    except BadText as error:
        assert error.message.isprintable()

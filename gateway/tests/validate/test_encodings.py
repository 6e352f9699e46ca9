"""Content of strings to bytes, strictly."""

import base64 as standard

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.validate.encodings import ENCODINGS


@pytest.mark.parametrize(
    ("encoding", "text", "data"),
    [
        ("base64", "", b""),
        ("base64", "/+8=", b"\xff\xef"),
        ("base64", "/+8", None),
        ("base64", "/+9=", None),
        ("base64", "/+8=\r\n", None),
        ("base64", "é", None),
        ("base64url", "_-8", b"\xff\xef"),
        ("base64url", "_-8=", b"\xff\xef"),
        ("base64url", "_-8==", None),
        ("base64url", "/+8", None),
        ("base64url", "_-9", None),
        ("base64url", "a", None),
        ("base32", "MFRGG===", b"abc"),
        ("base32", "MFRGG", None),
        ("base32", "mfrgg===", None),
        ("base32", "MFRGH===", None),
        ("base16", "0aFF", b"\n\xff"),
        ("base16", "0aF", None),
        ("base16", "0a F", None),
        ("quoted-printable", "a=3Db", b"a=b"),
        ("quoted-printable", "a=\r\nb", b"ab"),
        ("quoted-printable", "a\r\nb", b"a\r\nb"),
        ("quoted-printable", "a=3db", None),
        ("quoted-printable", "a=", None),
        ("quoted-printable", "a \r\nb", None),
        ("quoted-printable", "a\nb", None),
        ("quoted-printable", "é", None),
        ("quoted-printable", "a" * 77, None),
        ("8bit", "é", "é".encode()),
        ("8bit", "\ud800", None),
    ],
)
def test_decoding(encoding: str, text: str, data: bytes | None) -> None:
    """Padding as the encoding has it, its alphabet alone, no bits left over."""
    assert ENCODINGS[encoding](text) == data


@given(st.binary(max_size=100))
def test_what_is_encoded_is_decoded(data: bytes) -> None:
    """By the standard library's encoders."""
    encoded = {
        "base64": standard.b64encode(data),
        "base64url": standard.urlsafe_b64encode(data),
        "base32": standard.b32encode(data),
        "base16": standard.b16encode(data),
    }
    for encoding, text in encoded.items():
        assert ENCODINGS[encoding](text.decode()) == data
    assert ENCODINGS["base64url"](encoded["base64url"].rstrip(b"=").decode()) == data


@given(st.text(max_size=50))
def test_nothing_else_is_raised(text: str) -> None:
    """Any text is content or is not."""
    for decode in ENCODINGS.values():
        assert isinstance(decode(text), bytes | None)

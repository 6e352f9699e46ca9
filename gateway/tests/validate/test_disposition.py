"""`Content-Disposition` of parts: the names that all readers read alike."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.validate.disposition import Disposition, parse_disposition
from gateway.validate.text import BadText


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"form-data", ("form-data", None)),
        (b'form-data; name="a"', ("form-data", "a")),
        (b"Form-Data ;NAME=a", ("form-data", "a")),
        (b'form-data; name=""; filename=""', ("form-data", "")),
        (b'form-data; name="a"; filename="x.png"; size=5', ("form-data", "a")),
        (b'form-data; name="\xc3\xa9 ;=\'"', ("form-data", "\u00e9 ;='")),
        (b'form-data; name="a%22%0D%0Ab%41"', ("form-data", 'a"\r\nb%41')),
        (b'attachment; filename="x"', ("attachment", None)),
        (b"form-data; name=a; filename=x; filename*=utf-8''x", ("form-data", "a")),
        (b"form-data; name=a; filename=\"=?utf-8?B?w6k=?=\"; filename*=utf-8''%C3%A9", ("form-data", "a")),
        (b'form-data; name="a"; filename="C:\\d\\x"', ("form-data", "a")),
        (b'form-data; name="a"; filename="\xe9.png"', ("form-data", "a")),
    ],
)
def test_names_are_read(value: bytes, expected: tuple[str, str | None]) -> None:
    """As UTF-8, with the three escapes that browsers write; what a file is called does not matter."""
    assert parse_disposition(value) == Disposition(*expected)


@pytest.mark.parametrize(
    "value",
    [
        b"",
        b"; name=a",
        b"form-data name=a",
        b'form-data; name="a',
        b'form-data; name="a"b',
        b"form-data; name=",
        b"form-data; name",
        b"form-data; name=a b",
        b'form-data; name="a";',
        b'form-data; name="a"; name="b"',
        b'form-data; name="a"; NAME="a"',
        b'form-data; name="a"; filename="x"; filename="y"',
        b"form-data; name=a; filename*=x",
        b"form-data; name=a; filename*=UTF-8''x; filename*=UTF-8''y",
        b"form-data; name=a; filename*=\"UTF-8''x\"",
        b"form-data; name=a; filename*0=x",
        b"form-data; name='a'",
        b'form-data; name="=?utf-8?Q?a?="',
        b"form-data; name*=UTF-8''x",
        b'form-data; name="a\\"b"',
        b'form-data; name="a\\b"',
        b'form-data; name="a"; filename="x\\"; size="5"',
        b'form-data; name="\xff"',
        b'form-data; name="\xed\xa0\x80"',
    ],
)
def test_what_readers_disagree_about_is_refused(value: bytes) -> None:
    """Twice, escaped, extended, cut off, in another charset."""
    with pytest.raises(BadText):
        parse_disposition(value)


@given(st.binary(max_size=60), st.booleans())
def test_any_bytes_are_read_or_refused(value: bytes, prefixed: bool) -> None:
    """Nothing else is raised."""
    with contextlib.suppress(BadText):
        parse_disposition(b'form-data; name="' + value if prefixed else value)

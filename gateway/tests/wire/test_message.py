"""Views of message heads."""

import pytest

from gateway.wire.message import Field, lookup_of, printable


@pytest.mark.parametrize(
    ("fields", "lookup"),
    [
        ([], {}),
        ([(b"A", b"1"), (b"b", b"2")], {b"a": b"1", b"b": b"2"}),
        ([(b"A", b"1"), (b"b", b"2"), (b"a", b"3")], {b"a": b"1, 3", b"b": b"2"}),
        ([(b"Cookie", b"a=1"), (b"cookie", b"b=2")], {b"cookie": b"a=1; b=2"}),
    ],
)
def test_repeated_fields_are_joined(fields: list[Field], lookup: dict[bytes, bytes]) -> None:
    """By commas, and cookies by semicolons."""
    assert lookup_of(fields) == lookup


@pytest.mark.parametrize(
    ("reason", "passed"),
    [
        (b"", b""),
        (b"Not Found", b"Not Found"),
        (b"a\tb", b"a\tb"),
        (b"caf\xe9", b"caf\xe9"),
        (b"red\x1b[31m", b""),
        (b"a\0b", b""),
        (b"a\x7f", b""),
        (b"a\n", b""),
    ],
)
def test_reason_phrases_hold_no_control_bytes(reason: bytes, passed: bytes) -> None:
    """They would end up in terminals and logs; a phrase says nothing that the status does not."""
    assert printable(reason) == passed

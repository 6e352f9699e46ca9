"""Response heads as bytes."""

import pytest

from gateway.server.http1 import head_bytes, interim_bytes
from gateway.wire.message import Field

FIELDS: list[Field] = [(b"X-A", b"1"), (b"x-a", b"2")]


@pytest.mark.parametrize(
    ("status", "length", "chunked", "close", "framing"),
    [
        (200, 3, False, b"", b"Content-Length: 3\r\n"),
        (200, 0, False, b"", b"Content-Length: 0\r\n"),
        (200, None, True, b"", b"Transfer-Encoding: chunked\r\n"),
        (200, None, False, b"close", b"Connection: close\r\n"),
        (200, 3, False, b"close", b"Content-Length: 3\r\nConnection: close\r\n"),
        (204, 0, False, b"", b""),
        (304, None, False, b"", b""),
    ],
)
def test_the_framing_follows_the_fields(
    status: int, length: int | None, chunked: bool, close: bytes, framing: bytes
) -> None:
    """RFC 9112 section 6; a 204 has no length (RFC 9110 section 8.6)."""
    assert head_bytes(status, b"Fine", FIELDS, length, chunked, close) == (
        b"HTTP/1.1 %d Fine\r\nX-A: 1\r\nx-a: 2\r\n%b\r\n" % (status, framing)
    )


def test_an_unknown_status_and_an_empty_reason_are_written_too() -> None:
    """llhttp lets backends use three digits as they like; the space before an empty reason stays."""
    assert head_bytes(799, b"", [], 0, False, b"") == b"HTTP/1.1 799 \r\nContent-Length: 0\r\n\r\n"


def test_an_interim_response_has_no_framing() -> None:
    """Only its own fields."""
    assert interim_bytes(103, b"Early Hints", FIELDS) == b"HTTP/1.1 103 Early Hints\r\nX-A: 1\r\nx-a: 2\r\n\r\n"

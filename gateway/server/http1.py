"""Response heads as bytes (RFC 9112 section 4), and reading a body by itself."""

from types import SimpleNamespace
from typing import Protocol

import httptools

from gateway.wire.message import Field

_STATUS_LINES = {status: b"HTTP/1.1 %d " % status for status in range(100, 600)}


def head_bytes(
    status: int, reason: bytes, fields: list[Field], length: int | None, chunked: bool, connection: bytes
) -> bytes:
    """A final response head. `length` is written unless it is None, `connection` unless it is empty; `fields` holds no
    framing but its own.
    """
    lines = [b"%b: %b\r\n" % field for field in fields]
    if length is not None and status != 204:
        lines.append(b"Content-Length: %d\r\n" % length)
    elif chunked:
        lines.append(b"Transfer-Encoding: chunked\r\n")
    if connection:
        lines.append(b"Connection: %b\r\n" % connection)
    return b"%b%b\r\n%b\r\n" % (_status_line(status), reason, b"".join(lines))


def interim_bytes(status: int, reason: bytes, fields: list[Field]) -> bytes:
    """A 1xx response."""
    return b"%b%b\r\n%b\r\n" % (_status_line(status), reason, b"".join(b"%b: %b\r\n" % field for field in fields))


class BodyReader(Protocol):
    """The callbacks of httptools that matter behind a head."""

    def on_body(self, data: bytes) -> None: ...

    def on_message_complete(self) -> None: ...


def body_parser(reader: BodyReader, length: int | None) -> httptools.HttpRequestParser:
    """A parser that expects a body of `length` bytes, or a chunked one; trailers are passed over."""
    parser = httptools.HttpRequestParser(
        SimpleNamespace(on_body=reader.on_body, on_message_complete=reader.on_message_complete)
    )
    framing = b"Transfer-Encoding: chunked" if length is None else b"Content-Length: %d" % length
    parser.feed_data(b"POST / HTTP/1.1\r\n%b\r\n\r\n" % framing)
    return parser


def _status_line(status: int) -> bytes:
    return _STATUS_LINES.get(status) or b"HTTP/1.1 %d " % status

"""Response heads as bytes (RFC 9112 section 4)."""

from gateway.wire.message import Field

_STATUS_LINES = {status: b"HTTP/1.1 %d " % status for status in range(100, 600)}


def head_bytes(
    status: int, reason: bytes, fields: list[Field], length: int | None, chunked: bool, close: bool
) -> bytes:
    """A final response head. `length` is written unless it is None; `fields` holds no framing but its own."""
    lines = [b"%b: %b\r\n" % field for field in fields]
    if length is not None and status != 204:
        lines.append(b"Content-Length: %d\r\n" % length)
    elif chunked:
        lines.append(b"Transfer-Encoding: chunked\r\n")
    if close:
        lines.append(b"Connection: close\r\n")
    return b"%b%b\r\n%b\r\n" % (_status_line(status), reason, b"".join(lines))


def interim_bytes(status: int, reason: bytes, fields: list[Field]) -> bytes:
    """A 1xx response."""
    return b"%b%b\r\n%b\r\n" % (_status_line(status), reason, b"".join(b"%b: %b\r\n" % field for field in fields))


def _status_line(status: int) -> bytes:
    return _STATUS_LINES.get(status) or b"HTTP/1.1 %d " % status

"""A judge of HTTP/1.1 that forgives nothing (RFC 9112), for the bytes that come out of a proxy.

It is written from the grammar alone and shares no code with the gateway. Where the grammar leaves a choice, it takes
the narrow one: what a proxy writes anew has no reason to use the other.
"""

import re
from typing import NamedTuple

TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_REQUEST_LINE = re.compile(rb"(%b) (/[^ ]*) HTTP/1\.1\Z" % TOKEN)
_STATUS_LINE = re.compile(rb"HTTP/1\.1 ([1-5][0-9][0-9]) ([\t\x20-\x7e\x80-\xff]*)\Z")
_FIELD = re.compile(rb"(%b):[\t ]*((?:[\x21-\x7e\x80-\xff]+(?:[\t ]+[\x21-\x7e\x80-\xff]+)*)?)[\t ]*\Z" % TOKEN)
_PATH = re.compile(rb"/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*\Z")
# Wider than RFC 3986, as browsers are: every visible byte but "#", with whole escapes.
_QUERY = re.compile(rb"(?:[\x21\x22\x24\x26-\x7e]|%[0-9A-Fa-f]{2})*\Z")
_HOST = re.compile(rb"(?:[A-Za-z0-9\-._~]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?\Z")
_LENGTH = re.compile(rb"[0-9]{1,18}\Z")
_CHUNK_SIZE = re.compile(rb"[0-9A-Fa-f]{1,15}\Z")
_FRAMING = (b"host", b"content-length", b"transfer-encoding")


class Dirty(Exception):
    """Bytes that no two readers need to take alike."""


class Message(NamedTuple):
    """One request or response. `start` is (method, target) or (status, reason)."""

    start: tuple[bytes, bytes]
    fields: dict[bytes, bytes]
    body: bytes


def request(data: bytes) -> tuple[Message | None, bytes]:
    """The first request of `data` and what follows; None while it is incomplete. Raises Dirty."""
    head, rest = _head(data)
    if head is None:
        return None, data
    line = _REQUEST_LINE.match(head[0])
    if line is None:
        raise Dirty(f"request line {head[0]!r}")
    path, _, query = line[2].partition(b"?")
    if not _PATH.match(path) or not _QUERY.match(query):
        raise Dirty(f"target {line[2]!r}")
    fields = _fields(head[1:])
    if not _HOST.match(fields.get(b"host", b"")):
        raise Dirty(f"host {fields.get(b'host')!r}")
    body, rest = _body(fields, rest, 0)
    return (None, data) if body is None else (Message((line[1], line[2]), fields, body), rest)


def response(data: bytes, to_head: bool = False, ended: bool = False) -> tuple[Message | None, bytes]:
    """The same for a response; `to_head` says that HEAD was asked, `ended` that nothing more will come."""
    head, rest = _head(data)
    if head is None:
        return None, data
    line = _STATUS_LINE.match(head[0])
    if line is None:
        raise Dirty(f"status line {head[0]!r}")
    fields = _fields(head[1:])
    start = (line[1], line[2])
    if line[1].startswith(b"1") or line[1] == b"204":
        if b"content-length" in fields or b"transfer-encoding" in fields:
            raise Dirty(f"a length with {line[1]!r}")
        return Message(start, fields, b""), rest
    if to_head or line[1] == b"304":
        return Message(start, fields, b""), rest
    body, rest = _body(fields, rest, None)
    if body is None and ended and not {b"content-length", b"transfer-encoding"} & fields.keys():
        return Message(start, fields, rest), b""
    return (None, data) if body is None else (Message(start, fields, body), rest)


def _head(data: bytes) -> tuple[list[bytes] | None, bytes]:
    """The lines of a head. A line may hold neither CR nor LF nor NUL, whether or not the head has ended."""
    head, end, rest = data.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    whole = lines if end else [*lines[:-1], lines[-1].removesuffix(b"\r")]
    for line in whole:
        if b"\r" in line or b"\n" in line or b"\0" in line:
            raise Dirty(f"line {line!r}")
    return (lines if end else None), rest


def _fields(lines: list[bytes]) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for line in lines:
        field = _FIELD.match(line)
        if field is None:
            raise Dirty(f"field {line!r}")
        name = field[1].lower()
        if name in found and name in _FRAMING:
            raise Dirty(f"{name!r} twice")
        if name.replace(b"_", b"-") in _FRAMING and name not in _FRAMING:
            raise Dirty(f"{name!r}, which some read as framing")
        found[name] = field[2]
    return found


def _body(fields: dict[bytes, bytes], rest: bytes, default: int | None) -> tuple[bytes | None, bytes]:
    """The body by its framing; `default` is its length when nothing says it."""
    coding, length = fields.get(b"transfer-encoding"), fields.get(b"content-length")
    if coding is not None:
        if length is not None:
            raise Dirty("Transfer-Encoding beside Content-Length")
        if coding != b"chunked":
            raise Dirty(f"transfer coding {coding!r}")
        return _chunks(rest)
    if length is not None:
        if not _LENGTH.match(length):
            raise Dirty(f"length {length!r}")
        default = int(length)
    if default is None or len(rest) < default:
        return None, rest
    return rest[:default], rest[default:]


def _chunks(rest: bytes) -> tuple[bytes | None, bytes]:
    body = b""
    while True:
        line, end, after = rest.partition(b"\r\n")
        if not end:
            if len(line) > 17:
                raise Dirty(f"chunk size {line[:20]!r}")
            return None, rest
        if not _CHUNK_SIZE.match(line):
            raise Dirty(f"chunk size {line[:20]!r}")
        size = int(line, 16)
        if len(after) < size + 2:
            return None, rest
        if after[size : size + 2] != b"\r\n":
            raise Dirty("a chunk does not end where it should")
        body += after[:size]
        rest = after[size + 2 :]
        if size == 0:
            return body, rest

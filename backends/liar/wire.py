"""As much HTTP/1.1 as the liar needs: reading requests, writing answers."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Fields = list[tuple[str, str]]
PIECE = 1 << 16


@dataclass
class Request:
    """A request head. `head` is as it came, without the empty line."""

    method: str
    path: str
    query: dict[str, str]
    fields: dict[str, str]
    head: str

    @property
    def length(self) -> int | None:
        """Bytes of the body; None when it is chunked."""
        if "transfer-encoding" in self.fields:
            return None
        return int(self.fields.get("content-length", "0"))


@dataclass
class Answer:
    """A response. `body` is its bytes, or a number of zero bytes."""

    body: bytes | int
    status: int = 200
    fields: Fields = field(default_factory=list)

    @property
    def length(self) -> int:
        """Bytes of the body."""
        return self.body if isinstance(self.body, int) else len(self.body)

    def head(self, *framing: tuple[str, str]) -> bytes:
        """The head with these framing fields."""
        return head(self.status, [*self.fields, *framing])

    def framed(self) -> bytes:
        """The head with the true length."""
        return self.head(("Content-Length", str(self.length)))

    def pieces(self) -> Iterator[bytes]:
        """The body, a little at a time."""
        if isinstance(self.body, bytes):
            yield from (self.body[at : at + PIECE] for at in range(0, len(self.body), PIECE))
        else:
            zeros = bytes(PIECE)
            for at in range(0, self.body, PIECE):
                yield zeros[: self.body - at]


def as_json(content: Any, status: int = 200, fields: Fields | None = None) -> Answer:
    """An answer in JSON."""
    return Answer(json.dumps(content).encode(), status, [("Content-Type", "application/json"), *(fields or [])])


def head(status: int, fields: Fields) -> bytes:
    """Status line and fields."""
    phrase = HTTPStatus(status).phrase
    lines = [f"HTTP/1.1 {status} {phrase}", *(f"{name}: {value}" for name, value in fields), "", ""]
    return "\r\n".join(lines).encode("latin-1")


def chunk(data: bytes) -> bytes:
    """One chunk; the last one if `data` is empty, without the empty line after the trailer section."""
    return b"%x\r\n%b\r\n" % (len(data), data) if data else b"0\r\n"


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """The next request head; None when the client has gone."""
    try:
        text = (await reader.readuntil(b"\r\n\r\n"))[:-4].decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    line, *rest = text.split("\r\n")
    method, target, _version = line.split(" ")
    fields = {name.strip().lower(): value.strip() for name, _, value in (item.partition(":") for item in rest)}
    parts = urlsplit(target)
    return Request(method, parts.path, dict(parse_qsl(parts.query)), fields, text)


async def read_body(request: Request, reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    """The body, piece by piece."""
    if request.length is not None:
        async for piece in read_exactly(reader, request.length):
            yield piece
        return
    while size := int((await reader.readline()).partition(b";")[0], 16):
        async for piece in read_exactly(reader, size):
            yield piece
        await reader.readexactly(2)
    while (await reader.readline()).strip():
        pass


async def read_exactly(reader: asyncio.StreamReader, count: int) -> AsyncIterator[bytes]:
    """`count` bytes in pieces."""
    while count:
        piece = await reader.read(min(count, PIECE))
        if not piece:
            raise asyncio.IncompleteReadError(b"", count)
        count -= len(piece)
        yield piece

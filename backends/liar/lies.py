"""The lies, by name. Some change the answer, some change how it is sent."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from itertools import repeat

from backends.liar.wire import PIECE, Answer, chunk, head

JSON = ("Content-Type", "application/json")
THING = b'{"id": 7, "name": "lamp", "size": 30}'


@dataclass(frozen=True)
class Terms:
    """How to lie: seconds between two acts, bytes when size matters (None: as the lie likes)."""

    delay: float
    size: int | None


class Hangup(Exception):
    """The connection is to be closed now."""


Bend = Callable[[Answer, Terms], Answer]
Send = Callable[[asyncio.StreamWriter, Answer, Terms], Awaitable[None]]


def body(content: bytes) -> Bend:
    """Say this instead."""
    return lambda answer, _terms: replace(answer, body=content)


def without(answer: Answer, name: str) -> Answer:
    """The answer without a field."""
    return replace(answer, fields=[item for item in answer.fields if item[0] != name])


def with_fields(answer: Answer, *fields: tuple[str, str]) -> Answer:
    """The answer with these fields instead of those of the same names."""
    for name, _ in fields:
        answer = without(answer, name)
    return replace(answer, fields=[*answer.fields, *fields])


def fill(answer: Answer, terms: Terms) -> Answer:
    """A thing whose name is as long as asked for."""
    size = (16 << 20) if terms.size is None else terms.size
    return replace(answer, body=b'{"id": 7, "name": "%b", "size": 30}' % (b"x" * size))


BENDS: Mapping[str, Bend] = {
    "status": lambda answer, _: replace(answer, status=418),
    "type": body(b'{"id": 7, "name": "lamp", "size": "thirty"}'),
    "property": body(b'{"id": 7, "name": "lamp", "size": 30, "secret": "token"}'),
    "required": body(b'{"name": "lamp", "size": 30}'),
    "header": lambda answer, _: without(answer, "X-Revision"),
    "header-value": lambda answer, _: with_fields(answer, ("X-Revision", "newest")),
    "syntax": body(b'{"id": 7, "name": "lamp", "size": 30'),
    "duplicate-key": body(b'{"id": 7, "name": "lamp", "size": 30, "id": 8}'),
    "media-type": lambda answer, _: replace(
        with_fields(answer, ("Content-Type", "text/html")), body=b"<html>Sorry</html>"
    ),
    "no-media-type": lambda answer, _: without(answer, "Content-Type"),
    "empty": body(b""),
    "redirect": lambda answer, _: replace(answer, status=302, fields=[("Location", "http://example.com/")], body=b""),
    "too-large": fill,
    "huge-header": lambda answer, _: with_fields(answer, ("X-Huge", "x" * (128 << 10))),
    "many-headers": lambda answer, _: with_fields(answer, *((f"X-Many-{number}", "1") for number in range(10_000))),
}


async def honest(writer: asyncio.StreamWriter, answer: Answer, _terms: Terms) -> None:
    """What a backend should do."""
    writer.write(answer.framed())
    for piece in answer.pieces():
        writer.write(piece)
        await writer.drain()


async def informational(writer: asyncio.StreamWriter, answer: Answer, terms: Terms) -> None:
    """Two answers that are not the final one, first."""
    writer.write(head(103, [("Link", "</style.css>; rel=preload")]))
    writer.write(head(102, []))
    await honest(writer, answer, terms)


async def slow_head(writer: asyncio.StreamWriter, answer: Answer, terms: Terms) -> None:
    """Think first."""
    await asyncio.sleep(terms.delay)
    await honest(writer, answer, terms)


async def slow_body(writer: asyncio.StreamWriter, answer: Answer, terms: Terms) -> None:
    """Byte by byte."""
    writer.write(answer.framed())
    for piece in answer.pieces():
        for byte in piece:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(terms.delay)


async def half(writer: asyncio.StreamWriter, answer: Answer) -> None:
    """The head and the first half of a body of known length."""
    first = next(answer.pieces(), b"")
    writer.write(answer.framed() + first[: len(first) // 2])
    await writer.drain()


async def stall(writer: asyncio.StreamWriter, answer: Answer, _terms: Terms) -> None:
    """Half of the answer, and a minute of silence."""
    await half(writer, answer)
    await asyncio.sleep(60)
    raise Hangup


async def cut_head(writer: asyncio.StreamWriter, answer: Answer, _terms: Terms) -> None:
    """Half a head."""
    text = answer.framed()
    writer.write(text[: len(text) // 2])
    raise Hangup


async def cut_body(writer: asyncio.StreamWriter, answer: Answer, _terms: Terms) -> None:
    """Less than the length promised."""
    await half(writer, answer)
    raise Hangup


async def cut_chunk(writer: asyncio.StreamWriter, answer: Answer, _terms: Terms) -> None:
    """A chunk that ends too soon."""
    writer.write(answer.head(("Transfer-Encoding", "chunked")) + b"40\r\n" + next(answer.pieces(), b"")[:16])
    raise Hangup


async def no_answer(_writer: asyncio.StreamWriter, _answer: Answer, _terms: Terms) -> None:
    """Nothing at all."""
    raise Hangup


async def reset(writer: asyncio.StreamWriter, _answer: Answer, _terms: Terms) -> None:
    """Nothing at all, rudely: unsent bytes are dropped and the peer gets RST."""
    raw = writer.get_extra_info("socket")
    raw.setsockopt(1, 13, b"\x01\0\0\0\0\0\0\0")  # SO_LINGER, on, 0 seconds
    writer.transport.abort()
    raise Hangup


async def close_idle(writer: asyncio.StreamWriter, answer: Answer, terms: Terms) -> None:
    """Promise to stay, and go."""
    await honest(writer, with_fields(answer, ("Connection", "keep-alive")), terms)
    raise Hangup


async def until_close(writer: asyncio.StreamWriter, answer: Answer, _terms: Terms) -> None:
    """No length: the end of the connection is the end of the body."""
    writer.write(answer.head(("Connection", "close")))
    for piece in answer.pieces():
        writer.write(piece)
        await writer.drain()
    raise Hangup


async def endless(writer: asyncio.StreamWriter, answer: Answer, _terms: Terms) -> None:
    """Chunks, and no last one."""
    writer.write(answer.head(("Transfer-Encoding", "chunked")))
    for piece in repeat(chunk(bytes(PIECE))):
        writer.write(piece)
        await writer.drain()


async def trailers(writer: asyncio.StreamWriter, answer: Answer, _terms: Terms) -> None:
    """Chunked, with fields after the body."""
    writer.write(answer.head(("Transfer-Encoding", "chunked"), ("Trailer", "X-Checksum")))
    for piece in answer.pieces():
        writer.write(chunk(piece))
        await writer.drain()
    writer.write(chunk(b"") + b"X-Checksum: 1234\r\n\r\n")


def raw(make: Callable[[Answer], bytes]) -> Send:
    """Send these bytes, and close: the connection makes no sense any more."""

    async def send(writer: asyncio.StreamWriter, answer: Answer, _terms: Terms) -> None:
        writer.write(make(answer))
        raise Hangup

    return send


def small(answer: Answer) -> bytes:
    """The body of an answer that is not large."""
    return next(answer.pieces(), b"")


SENDS: Mapping[str, Send] = {
    "informational": informational,
    "slow-head": slow_head,
    "slow-body": slow_body,
    "stall": stall,
    "cut-head": cut_head,
    "cut-body": cut_body,
    "cut-chunk": cut_chunk,
    "no-answer": no_answer,
    "reset": reset,
    "close-idle": close_idle,
    "close-reused": honest,  # the server hangs up on the next request of the connection
    "until-close": until_close,
    "endless": endless,
    "trailers": trailers,
    "double-length": raw(
        lambda answer: answer.head(("Content-Length", str(answer.length)), ("Content-Length", "1")) + small(answer)
    ),
    "length-and-chunks": raw(
        lambda answer: (
            answer.head(("Content-Length", "1"), ("Transfer-Encoding", "chunked"))
            + chunk(small(answer))
            + chunk(b"")
            + b"\r\n"
        )
    ),
    "bad-chunk": raw(lambda answer: answer.head(("Transfer-Encoding", "chunked")) + b"many\r\n" + small(answer)),
    "short-length": raw(lambda answer: answer.head(("Content-Length", "1")) + small(answer)),
    "smuggle": raw(
        lambda answer: answer.framed() + small(answer) + head(200, [JSON, ("Content-Length", str(len(THING)))]) + THING
    ),
    "not-http": raw(lambda _answer: b"220 mail.example.com ESMTP ready\r\n"),
}
NAMES = frozenset(BENDS) | frozenset(SENDS)

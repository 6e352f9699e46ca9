"""Other protocols on a connection: only where the document declares 101, and then byte for byte."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
import uvloop

from gateway.tests.harness import (
    DOCUMENT,
    GET,
    OK,
    Gateway,
    Origin,
    body_of,
    field_of,
    read_message,
    running,
    status_of,
)

SOCKETS = DOCUMENT.replace("'304': {description: not changed}", "'101': {description: other words}", 1)
ASK = GET.replace(
    b"\r\n\r\n", b"\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\nSec-WebSocket-Key: k\r\n\r\n"
)
YES = (
    b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: a\r\n\r\n"
)
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Peer:
    """A backend that answers the first request with `reply` and leaves the connection to the test."""

    def __init__(self, reply: bytes = YES) -> None:
        self.reply = reply
        self.head = b""
        self.streams: asyncio.Queue[Streams] = asyncio.Queue()
        self.done = asyncio.Event()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.head = await reader.readuntil(b"\r\n\r\n")
        writer.write(self.reply)
        self.streams.put_nowait((reader, writer))
        await self.done.wait()


@asynccontextmanager
async def switched(tmp_path: Path, **settings: Any) -> AsyncIterator[tuple[Gateway, Streams, Streams]]:
    """A tunnel: the gateway, the client's end and the backend's."""
    peer = Peer()
    async with asyncio.timeout(10), running(tmp_path, Origin(peer), SOCKETS, **settings) as gateway:
        reader, writer = await gateway.connect()
        writer.write(ASK)
        assert status_of(await reader.readuntil(b"\r\n\r\n")) == 101
        try:
            yield gateway, (reader, writer), await peer.streams.get()
        finally:
            peer.done.set()
            writer.close()


def test_a_documented_upgrade_is_forwarded(tmp_path: Path) -> None:
    """With fresh fields of this connection; both sides see each other's."""

    async def story() -> None:
        peer = Peer()
        async with asyncio.timeout(5), running(tmp_path, Origin(peer), SOCKETS) as gateway:
            reader, writer = await gateway.connect()
            writer.write(ASK)
            answer = await reader.readuntil(b"\r\n\r\n")
            assert field_of(peer.head, b"connection") == b"Upgrade"
            assert field_of(peer.head, b"upgrade") == b"WebSocket"
            assert field_of(peer.head, b"sec-websocket-key") == b"k"
            assert answer.startswith(b"HTTP/1.1 101 Switching Protocols\r\n")
            assert (field_of(answer, b"connection"), field_of(answer, b"upgrade")) == (b"Upgrade", b"websocket")
            assert field_of(answer, b"sec-websocket-accept") == b"a"
            assert field_of(answer, b"content-length") is field_of(answer, b"transfer-encoding") is None
            peer.done.set()

    asyncio.run(story())


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_bytes_pass_both_ways(tmp_path: Path, loop: Any) -> None:
    """Also those that came together with a head; the end is counted and logged."""

    async def story() -> None:
        async with switched(tmp_path) as (gateway, (reader, writer), (inner, outer)):
            for number in range(3):
                writer.write(b"ping %d" % number)
                assert await inner.readexactly(6) == b"ping %d" % number
                outer.write(b"\x00pong")
                assert await reader.readexactly(5) == b"\x00pong"
            writer.close()
            assert await inner.read() == b""
            outer.close()
            await asyncio.sleep(0.05)
            line = json.loads(gateway.lines()[0])
            assert (line["status"], line["bytes_in"], line["bytes_out"]) == (101, 18, 15)
            counted = {text: n for (name, text), n in gateway.totals().items() if name == "gateway_requests_total"}
            assert sum(n for text, n in counted.items() if 'status="1xx"' in text) == 1

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(story())


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])
def test_what_comes_with_a_head_belongs_to_the_other_protocol(tmp_path: Path, loop: Any) -> None:
    """On both sides."""

    async def story() -> None:
        peer = Peer(YES + b"early")
        async with asyncio.timeout(5), running(tmp_path, Origin(peer), SOCKETS) as gateway:
            reader, writer = await gateway.connect()
            writer.write(ASK + b"hasty")
            await reader.readuntil(b"\r\n\r\n")
            assert await reader.readexactly(5) == b"early"
            inner, _ = await peer.streams.get()
            assert await inner.readexactly(5) == b"hasty"
            peer.done.set()

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(story())


@pytest.mark.parametrize("loop", [asyncio.new_event_loop, uvloop.new_event_loop])
@pytest.mark.parametrize("first", ["client", "backend"])
def test_one_side_may_fall_silent_first(tmp_path: Path, loop: Any, first: str) -> None:
    """The other still says what it has to say, and all of it arrives."""

    async def story() -> None:
        async with switched(tmp_path) as (_, client, backend):
            (reader, writer), (inner, outer) = (client, backend) if first == "client" else (backend, client)
            writer.write(b"last words")
            writer.write_eof()
            assert await inner.read() == b"last words"
            outer.write(b"x" * 300_000)
            outer.write_eof()
            assert len(await reader.read()) == 300_000

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(story())


def test_last_words_wait_for_a_slow_reader(tmp_path: Path) -> None:
    """The connection to the backend is not ended before it has them all."""

    async def story() -> None:
        async with switched(tmp_path) as (_, (reader, writer), (inner, outer)):
            outer.transport.pause_reading()  # type: ignore[attr-defined]
            outer.write_eof()
            assert await reader.read() == b""
            writer.write(bytes(16 * 2**20))
            writer.write_eof()
            await asyncio.sleep(0.3)
            outer.transport.resume_reading()  # type: ignore[attr-defined]
            assert len(await inner.read()) == 16 * 2**20

    asyncio.run(story())


def test_a_backend_that_is_gone_for_good_ends_the_tunnel(tmp_path: Path) -> None:
    """Also after it had ended its own direction in order."""

    async def story() -> None:
        async with switched(tmp_path) as (gateway, (reader, writer), (_, outer)):
            outer.transport.pause_reading()  # type: ignore[attr-defined]
            writer.write(b"never read")
            outer.write_eof()
            assert await reader.read() == b""
            assert gateway.lines() == []
            outer.transport.abort()
            for _ in range(2):  # nothing is read of it any more: it shows when something is written
                writer.write(b"more")
                await asyncio.sleep(0.05)
            assert len(gateway.lines()) == 1

    asyncio.run(story())


@pytest.mark.parametrize("lagging", ["client", "backend"])
def test_a_slow_reader_stops_the_other_side(tmp_path: Path, lagging: str) -> None:
    """What it does not read waits in the kernel, not here."""

    async def story() -> None:
        async with switched(tmp_path) as (_, client, backend):
            slow, fast = (client, backend) if lagging == "client" else (backend, client)
            slow[1].transport.pause_reading()  # type: ignore[attr-defined]
            sent = 0
            while sent < 64 * 2**20:
                fast[1].write(bytes(65536))
                try:
                    await asyncio.wait_for(fast[1].drain(), 0.3)
                except TimeoutError:
                    break
                sent += 65536
            assert sent < 48 * 2**20
            slow[1].transport.resume_reading()  # type: ignore[attr-defined]
            assert await slow[0].readexactly(sent) == bytes(sent)

    asyncio.run(story())


def test_a_silent_tunnel_is_closed(tmp_path: Path) -> None:
    """After `timeouts.tunnel`; bytes in either direction put that off."""

    async def story() -> None:
        async with switched(tmp_path, timeouts={"tunnel": 0.2}) as (gateway, (reader, writer), (inner, outer)):
            for _ in range(4):
                await asyncio.sleep(0.1)
                writer.write(b"a")
                await inner.readexactly(1)
            for _ in range(4):
                await asyncio.sleep(0.1)
                outer.write(b"a")
                await reader.readexactly(1)
            assert await reader.read() == b""
            await asyncio.sleep(0.02)
            assert json.loads(gateway.lines()[0])["error"] == "tunnel-idle"
            assert not [name for name, _ in gateway.totals() if name == "gateway_backend_errors_total"]

    asyncio.run(story())


@pytest.mark.parametrize("gone", ["client", "backend"])
def test_a_side_that_is_gone_ends_the_other(tmp_path: Path, gone: str) -> None:
    """Nothing is kept for a connection that was reset."""

    async def story() -> None:
        async with switched(tmp_path) as (gateway, client, backend):
            lost, left = (client, backend) if gone == "client" else (backend, client)
            left[1].write(b"unread")
            await asyncio.sleep(0.05)
            lost[1].transport.abort()
            with suppress(ConnectionError):
                await left[0].read()
            left[1].close()
            await asyncio.sleep(0.1)
            assert not gateway.listener.busy
            assert len(gateway.lines()) == 1

    asyncio.run(story())


def test_a_tunnel_outlives_the_order_to_stop_until_the_time_is_over(tmp_path: Path) -> None:
    """It has no messages between which it could end; then it is cut."""

    async def story() -> None:
        async with switched(tmp_path) as (gateway, (reader, writer), (inner, _)):
            gateway.listener.drain()
            writer.write(b"still")
            assert await inner.readexactly(5) == b"still"
            assert gateway.listener.busy
            gateway.listener.abort()
            with pytest.raises(ConnectionResetError):
                assert await reader.read() == b""
            assert await inner.read() == b""

    asyncio.run(story())


@pytest.mark.parametrize(
    ("document", "request_bytes"),
    [
        (DOCUMENT, ASK),
        (SOCKETS, ASK.replace(b": WebSocket", b": h2c")),
        (SOCKETS, ASK.replace(b": WebSocket", b": h2c-14")),
        (SOCKETS, ASK.replace(b": WebSocket", b": TLS/1.3, HTTP/2.0")),
        (SOCKETS, ASK.replace(b"keep-alive, Upgrade", b"close")),
        (SOCKETS, ASK.replace(b"HTTP/1.1", b"HTTP/1.0")),
    ],
)
def test_no_other_upgrade_is_offered(tmp_path: Path, document: str, request_bytes: bytes) -> None:
    """It is ignored, as RFC 9110 section 7.8 allows; nothing else is done on that connection."""

    async def story() -> None:
        origin = Origin().replies(OK)
        async with running(tmp_path, origin, document) as gateway:
            answer = await gateway.send(request_bytes + GET)
            assert status_of(answer) == 200 and answer.count(b"HTTP/1.1") == 1
            assert field_of(origin.requests[0], b"upgrade") is field_of(origin.requests[0], b"connection") is None

    asyncio.run(story())


def test_what_must_not_be_offered_is_left_out(tmp_path: Path) -> None:
    """The rest is."""

    async def story() -> None:
        origin = Origin().replies(OK)
        async with running(tmp_path, origin, SOCKETS) as gateway:
            await gateway.send(ASK.replace(b": WebSocket", b": h2c, websocket"))
            assert field_of(origin.requests[0], b"upgrade") == b"websocket"

    asyncio.run(story())


@pytest.mark.parametrize("framing", [b"Content-Length: 1\r\n\r\nx", b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"])
def test_an_upgrade_with_a_body_is_refused(tmp_path: Path, framing: bytes) -> None:
    """Where the one ends and the other begins would be a matter of opinion."""
    document = SOCKETS.replace(
        "      responses:\n        '200'",
        "      requestBody: {content: {text/plain: {}}}\n      responses:\n        '200'",
        1,
    )

    async def story() -> None:
        origin = Origin()
        async with running(tmp_path, origin, document.replace("    get:", "    post:", 1)) as gateway:
            request = ASK.replace(b"GET", b"POST").replace(b"\r\n\r\n", b"\r\nContent-Type: text/plain\r\n" + framing)
            assert status_of(await gateway.send(request)) == 400
            assert origin.requests == []

    asyncio.run(story())


@pytest.mark.parametrize(
    "reply",
    [
        YES.replace(b"Upgrade: websocket", b"Upgrade: mqtt"),
        YES.replace(b"Upgrade: websocket\r\n", b""),
        YES.replace(b"Connection: upgrade\r\n", b""),
    ],
)
def test_a_switch_to_something_else_is_the_backends_fault(tmp_path: Path, reply: bytes) -> None:
    """502, and its connection is not used again."""

    async def story() -> None:
        peer = Peer(reply)
        async with asyncio.timeout(5), running(tmp_path, Origin(peer), SOCKETS) as gateway:
            reader, writer = await gateway.connect()
            writer.write(ASK)
            assert status_of(await read_message(reader)) == 502
            inner, _ = await peer.streams.get()
            assert await inner.read() == b""
            peer.done.set()
            writer.close()

    asyncio.run(story())


def test_a_backend_may_decline(tmp_path: Path) -> None:
    """Its answer is judged and passed on like any other; bytes that came early are not looked at."""

    async def story() -> None:
        async with running(tmp_path, Origin().replies(OK), SOCKETS, validate={"response": "block"}) as gateway:
            answer = await gateway.send(ASK + b"hasty")
            assert (status_of(answer), body_of(answer)) == (200, b'{"id":1}')
            assert field_of(answer, b"connection") == b"close"

    asyncio.run(story())


def test_the_fields_of_a_101_are_judged(tmp_path: Path) -> None:
    """In mode block a bad one is a 502 before anything was switched."""
    document = SOCKETS.replace(
        "description: other words}",
        "description: other words, headers: {X-Rank: {required: true, schema: {type: integer}}}}",
    )

    async def story() -> None:
        peer = Peer()
        validate = {"response": "block"}
        async with asyncio.timeout(5), running(tmp_path, Origin(peer), document, validate=validate) as gateway:
            reader, writer = await gateway.connect()
            writer.write(ASK)
            assert status_of(await read_message(reader)) == 502
            peer.done.set()
            writer.close()

    asyncio.run(story())

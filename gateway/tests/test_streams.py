"""Streams through a running gateway: uploads of any size, and what becomes of a bad item on its way."""

import asyncio
import contextlib
import os
import resource
from pathlib import Path

import pytest

from gateway.tests.harness import Gateway, Origin, running, status_of

DOCUMENT = """
openapi: 3.2.0
info: {title: Streams, version: "1"}
servers: [{url: http://backend.example/v1}]
paths:
  /uploads:
    post:
      operationId: upload
      requestBody:
        required: true
        content:
          multipart/form-data:
            schema:
              type: object
              required: [meta, file]
              additionalProperties: false
              properties:
                meta: {type: object, required: [name], properties: {name: {type: string}}}
                file: {type: string, format: binary}
            encoding: {file: {contentType: "image/*"}}
          application/x-ndjson:
            itemSchema: {type: object, required: [id]}
      responses: {'204': {description: done}}
  /events:
    get:
      operationId: events
      responses:
        '200':
          description: events
          content:
            text/event-stream:
              itemSchema: {type: object, required: [event], properties: {event: {enum: [tick]}}}
"""

META = b'--b\r\nContent-Disposition: form-data; name="meta"\r\n\r\n{"name":"x"}\r\n'
FILE = b'--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\nContent-Type: image/png\r\n\r\n'
END = b"\r\n--b--\r\n"
FORM = b"multipart/form-data; boundary=b"
TICK = b"event: tick\ndata: 1\n\n"
BAD = b"event: tock\ndata: 2\n\n"


class Sink:
    """A backend that takes a request body in chunks and counts it; `complete` when its end came."""

    def __init__(self) -> None:
        self.received = 0
        self.complete = False

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request."""
        await reader.readuntil(b"\r\n\r\n")
        while size := int(await reader.readuntil(b"\r\n"), 16):
            await reader.readexactly(size + 2)
            self.received += size
        self.complete = True
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")


def head(content_type: bytes) -> bytes:
    """Of an upload in chunks."""
    return (
        b"POST /v1/uploads HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Type: " + content_type
    ) + b"\r\n\r\n"


def chunk(data: bytes) -> bytes:
    """Of a body in chunks; the last one is empty."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def test_an_upload_of_200_mb_is_judged_and_not_held(tmp_path: Path) -> None:
    """It arrives whole, and the process is hardly larger afterwards."""

    async def story() -> None:
        sink = Sink()
        async with running(tmp_path, Origin(sink), DOCUMENT) as gateway:
            reader, writer = await gateway.connect()
            writer.write(head(FORM) + chunk(META + FILE))
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            piece = chunk(os.urandom(1 << 16))
            for _ in range(3200):
                writer.write(piece)
                await writer.drain()
            writer.write(chunk(END) + chunk(b""))
            async with asyncio.timeout(20):
                answer = await reader.readuntil(b"\r\n\r\n")
            assert status_of(answer) == 204
            assert sink.complete and sink.received == len(META + FILE + END) + 3200 * 65536
            assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000  # kB
            writer.close()

    asyncio.run(story())


UPLOADS = [
    (FORM, [META, FILE, b"\x00" * 70_000, b"\r\n--b--trailing"], b"goes on behind"),
    (FORM, [META, FILE.replace(b"image", b"text"), b"\x00" * 70_000], b"media type"),
    (FORM, [META.replace(b'"x"', b"5"), FILE, b"\x00" * 70_000], b"/meta/name"),
    (FORM, [META, META], b"more than once"),
    (FORM, [META, b"\r\n--b\n\n"], b"boundary"),
    (FORM, [FILE, b"\x00" * 70_000, END], b"/meta"),
    (b"application/x-ndjson", [b'{"id":1}\n' * 9000, b'{"no":1}\n', b'{"id":1}\n'], b"/9000/id"),
]


@pytest.mark.parametrize(("content_type", "pieces", "reason"), UPLOADS)
def test_a_bad_upload_is_refused_and_never_completed(
    content_type: bytes, pieces: list[bytes], reason: bytes, tmp_path: Path
) -> None:
    """400 to the client; the backend sees an upload that breaks off."""

    async def story() -> None:
        sink = Sink()
        async with running(tmp_path, Origin(sink), DOCUMENT, validate={"request": "block"}) as gateway:
            reader, writer = await gateway.connect()
            writer.write(head(content_type))
            for piece in pieces:
                writer.write(chunk(piece))
                await asyncio.sleep(0.01)
            writer.write(chunk(b""))
            async with asyncio.timeout(5):
                answer = await reader.readuntil(b"}]}")
            assert status_of(answer) == 400 and reason in answer
            assert not sink.complete
            writer.close()

    asyncio.run(story())


def events(*pieces: bytes) -> Origin:
    """A backend that sends events one by one, and then ends the stream."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        for piece in pieces:
            writer.write(chunk(piece))
            await writer.drain()
            await asyncio.sleep(0.02)
        writer.write(chunk(b""))

    return Origin(serve)


async def received(gateway: Gateway, request: bytes) -> bytes:
    """What a client has when the connection is closed or reset."""
    reader, writer = await gateway.connect()
    writer.write(request)
    answer = b""
    with contextlib.suppress(ConnectionError):
        async with asyncio.timeout(5):
            while piece := await reader.read(1 << 16):
                answer += piece
    writer.close()
    return answer


@pytest.mark.parametrize(
    ("mode", "ticks", "bad", "complete"),
    [("block", 2, False, False), ("observe", 3, True, True), ("off", 3, True, True)],
)
def test_a_bad_event_cuts_the_stream(mode: str, ticks: int, bad: bool, complete: bool, tmp_path: Path) -> None:
    """In mode block, before it is passed on; in other modes it passes, and observe counts it."""

    async def story() -> None:
        request = b"GET /v1/events HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        async with running(tmp_path, events(TICK, TICK, BAD, TICK), DOCUMENT, validate={"response": mode}) as gateway:
            answer = await received(gateway, request)
            assert status_of(answer) == 200
            assert (answer.count(b"event: tick"), b"data: 2\n\n" in answer) == (ticks, bad)
            assert answer.endswith(b"0\r\n\r\n") is complete
            counted = [name for name in gateway.totals() if "violation" in name[0]]
            assert bool(counted) is (mode != "off")

    asyncio.run(story())


def test_a_bad_first_event_is_a_502(tmp_path: Path) -> None:
    """Nothing has been sent yet."""

    async def story() -> None:
        async with running(tmp_path, events(BAD, TICK), DOCUMENT, validate={"response": "block"}) as gateway:
            [answer] = await gateway.ask(b"GET /v1/events HTTP/1.1\r\nHost: a\r\n\r\n")
            assert status_of(answer) == 502

    asyncio.run(story())

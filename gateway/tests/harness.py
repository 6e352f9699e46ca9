"""A gateway and a backend in one event loop, talking over real sockets on free loopback ports."""

import asyncio
import contextlib
import socket
import ssl
import textwrap
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from gateway.config import Api, Limits, Settings, Timeouts, Validate
from gateway.observe.accesslog import AccessLog
from gateway.observe.lines import Batches
from gateway.request.exchange import Runtime
from gateway.server.door import serve_at
from gateway.server.generation import Generations
from gateway.server.listener import Listener
from gateway.server.runtime import make_runtime, sweep_for
from gateway.server.worker import public_listener
from gateway.tests.leaks import heard, leaks, of_settings

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

DOCUMENT = """
openapi: 3.0.3
info: {title: Harness, version: "1"}
servers: [{url: http://backend.example/v1}]
paths:
  /things/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: integer, minimum: 1}}
    get:
      operationId: getThing
      parameters:
        - {name: units, in: query, schema: {type: string, enum: [metric, imperial]}}
      responses:
        '200':
          description: a thing
          headers: {X-Rank: {required: false, schema: {type: integer}}}
          content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}
        '304': {description: not changed}
        '404': {description: none}
    put:
      operationId: putThing
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}
      responses: {'204': {description: done}}
    delete:
      operationId: deleteThing
      responses: {'204': {description: done}}
  /things:
    post:
      operationId: addThing
      requestBody:
        required: true
        content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}
      responses:
        '201':
          description: made
          content: {application/json: {schema: {$ref: '#/components/schemas/Thing'}}}
  /blobs:
    get:
      operationId: getBlob
      responses: {'200': {description: bytes, content: {application/octet-stream: {}}}}
    post:
      operationId: addBlob
      requestBody: {required: true, content: {application/octet-stream: {}}}
      responses: {'200': {description: bytes, content: {application/octet-stream: {}}}}
components:
  schemas:
    Thing:
      type: object
      required: [id]
      additionalProperties: false
      properties:
        id: {type: integer}
        name: {type: string, maxLength: 10}
"""

OK = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n{"id":1}'
GET = b"GET /v1/things/1 HTTP/1.1\r\nHost: api.example\r\n\r\n"


class Origin:
    """A backend of raw bytes. `requests` holds every request it got, head and body, as it came."""

    def __init__(self, handler: Handler | None = None) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self.port = 0
        self._handler = handler
        self._replies: list[bytes] = []
        self._default = OK

    def replies(self, *replies: bytes) -> "Origin":
        """Answer these, one per request; then the last one again."""
        self._replies = list(replies[:-1])
        self._default = replies[-1]
        return self

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            if self._handler is not None:
                await self._handler(reader, writer)
            else:
                await self._serve(reader, writer)
        writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            self.requests.append(await read_message(reader))
            writer.write(self._replies.pop(0) if self._replies else self._default)
            await writer.drain()


async def read_message(reader: asyncio.StreamReader, bodiless: bool = False) -> bytes:
    """One HTTP message, head and body, as it came; until the end of the stream when nothing says its length."""
    head = await reader.readuntil(b"\r\n\r\n")
    fields = head.lower()
    if bodiless or fields.startswith((b"http/1.1 1", b"http/1.1 204", b"http/1.1 304")):
        return head
    if b"\r\ntransfer-encoding: chunked" in fields:
        body = b""
        while not body.endswith(b"0\r\n\r\n"):
            body += await reader.readuntil(b"\r\n")
        return head + body
    if b"\r\ncontent-length:" in fields:
        length = int(fields.split(b"\r\ncontent-length:")[1].split(b"\r\n")[0])
        return head + await reader.readexactly(length)
    if fields.startswith(b"http/"):
        return head + await reader.read()
    return head


class Gateway:
    """What a test can ask of a running gateway."""

    def __init__(self, port: int, listener: Listener, generation: Any, log: list[bytes], runtime: Runtime) -> None:
        self.port = port
        self.listener = listener
        self.generation = generation
        self._log = log
        self.runtime = runtime

    async def connect(self, **tls: Any) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A raw client connection; `tls` are options of `loop.create_connection`."""
        return await asyncio.open_connection("127.0.0.1", self.port, limit=2**22, **tls)

    async def ask(self, *requests: bytes, bodiless: bool = False) -> list[bytes]:
        """Send all at once; one whole response for each request."""
        reader, writer = await self.connect()
        writer.write(b"".join(requests))
        async with asyncio.timeout(5):
            answers = [await read_message(reader, bodiless) for _ in requests]
        writer.close()
        return answers

    async def send(self, data: bytes) -> bytes:
        """Send bytes; everything that comes back until the gateway closes the connection."""
        reader, writer = await self.connect()
        writer.write(data)
        async with asyncio.timeout(5):
            answer = await reader.read()
        writer.close()
        return answer

    def totals(self) -> dict[tuple[str, str], int]:
        """All metrics that are not zero."""
        return dict(self.generation.segment.totals())

    def lines(self) -> list[bytes]:
        """The access log so far."""
        return self._log


@contextlib.asynccontextmanager
async def running(
    folder: Path,
    origin: Origin,
    document: str = DOCUMENT,
    *,
    limits: dict[str, Any] | None = None,
    timeouts: dict[str, Any] | None = None,
    validate: dict[str, Any] | None = None,
    api: Mapping[str, Any] | None = None,
    origin_tls: ssl.SSLContext | None = None,
    **settings: Any,
) -> AsyncIterator[Gateway]:
    """A gateway in front of `origin`, whose name is localhost behind TLS; `api` are fields of `Api`, extra keywords
    those of `Settings`."""
    loop = asyncio.get_running_loop()
    path = folder / "api.yaml"
    path.write_text(textwrap.dedent(document))
    backend = await asyncio.start_server(origin, "127.0.0.1", 0, limit=2**22, ssl=origin_tls)
    origin.port = backend.sockets[0].getsockname()[1]
    upstream = f"https://localhost:{origin.port}" if origin_tls else f"http://127.0.0.1:{origin.port}"
    served = Api(contract=str(path), upstream=upstream, name="api")
    generations = Generations(frozenset())
    chosen = Settings(
        apis=(replace(served, **(api or {})),),
        docs=False,
        limits=replace(Limits(), **(limits or {})),
        timeouts=replace(Timeouts(), **(timeouts or {})),
        validate=replace(Validate(), **(validate or {})),
    )
    compiled = generations.renew(replace(chosen, **settings))
    generation = generations.current
    assert generation is not None, [finding.text() for finding in compiled.findings]
    lines: list[bytes] = []

    def write(batch: bytes) -> int:
        lines.extend(batch.splitlines())
        return 0

    metrics = generation.segment.worker(0)
    sweep = sweep_for(loop, generation.settings)
    log = AccessLog(Batches(write, lambda delay, callback: loop.call_later(0, callback)).add)
    runtime = make_runtime(generation, metrics, log, loop, sweep)
    listener = public_listener(runtime, generation, loop, sweep, metrics)
    sock = socket.create_server(("127.0.0.1", 0), backlog=1024)
    server = await serve_at(loop, sock, listener, generation)
    try:
        with heard() as said:
            yield Gateway(sock.getsockname()[1], listener, generation, lines, runtime)
        assert leaks(b"".join(lines + said), of_settings(generation.settings)) == []
    finally:
        server.close()
        sock.close()
        listener.abort()
        for pool in runtime.pools:
            pool.close()
        runtime.close()
        sweep.stop()
        backend.close()
        await asyncio.sleep(0)


def status_of(answer: bytes) -> int:
    """The status code of a response."""
    return int(answer[9:12])


def field_of(message: bytes, name: bytes) -> bytes | None:
    """The value of a header field, None when it is not there."""
    for line in message.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]:
        key, _, value = line.partition(b":")
        if key.lower() == name.lower():
            return value.strip()
    return None


def body_of(message: bytes) -> bytes:
    """What follows the head."""
    return message.partition(b"\r\n\r\n")[2]

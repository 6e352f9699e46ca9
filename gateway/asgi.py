"""The gateway as an ASGI 3 application, for `uvicorn gateway.asgi:app` and for tests in one process.

The request line is the one of the gateway's own server; what differs is who reads the bytes. An ASGI server has already
parsed the head (and lost the case of field names), so the framing rules are asked once more about what it made of it.
Expect, pipelining, header limits and slow clients are the ASGI server's to deal with.
"""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any

from gateway.config import Settings
from gateway.config.file import read
from gateway.contract.findings import LoadError, errors
from gateway.errors import Kind, Refusal
from gateway.request.exchange import ClientGone, Exchange, Runtime
from gateway.request.handle import serve
from gateway.server.generation import Generation, Generations
from gateway.server.logs import Logs
from gateway.server.runtime import exchange_maker, make_runtime, sweep_for
from gateway.server.worker import start_keys
from gateway.stream import Inbound
from gateway.wire.framing import request_head
from gateway.wire.message import Field, RequestHead, lookup_of

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

_NOWHERE = RequestHead(b"GET", b"", None, [], {}, "")


class Gateway:
    """The ASGI application. Documents are compiled when it is made: raises LoadError with all findings."""

    def __init__(self, settings: Settings) -> None:
        generations = Generations(frozenset())
        compiled = generations.renew(settings)
        if generations.current is None:
            raise LoadError(errors(compiled.findings))
        self._generation: Generation = generations.current
        self._runtime: Runtime | None = None
        self._logs: Logs | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One lifespan, or one request."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close"})  # no document describes one; the server answers 403
        else:
            raise ValueError(f"ASGI scope {scope['type']} is not served")

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        self._started()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        for pool in self._started().pools:
            pool.close()
        self._started().close()
        if self._logs is not None:
            self._logs.close()
        await send({"type": "lifespan.shutdown.complete"})

    def _started(self) -> Runtime:
        """The runtime of this process; made in the event loop that serves, also where there is no lifespan."""
        if self._runtime is None:
            loop = asyncio.get_running_loop()
            settings = self._generation.settings
            metrics = self._generation.segment.worker(0)
            self._logs = Logs(settings.log, loop, metrics.log_dropped)
            logs, sweep = self._logs, sweep_for(loop, settings)
            self._runtime = make_runtime(self._generation, metrics, logs.access, loop, sweep, logs.audit)
            start_keys(self._runtime)
        return self._runtime

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        runtime = self._started()
        client = _Client(send)
        body = Inbound(asyncio.get_running_loop(), client)
        peer = (scope.get("client") or ("", 0))[0]
        unreadable = None
        try:
            head = _head(scope, peer)
        except Refusal as refusal:
            head, unreadable = _NOWHERE._replace(peer=peer), refusal
        length: int | None = int(head.lookup.get(b"content-length", b"0"))
        first = None
        if b"transfer-encoding" in head.lookup:
            length = None
        elif scope["http_version"].startswith("2") and b"content-length" not in head.lookup:
            first = await receive()  # only the end of the stream says that there is no body (RFC 9113 section 8.1)
            length = None if first.get("body") or first.get("more_body") else 0
        exchange = exchange_maker(runtime)(head, body, length, client)
        exchange.unreadable = unreadable
        serving = asyncio.ensure_future(serve(runtime, exchange))
        reading = asyncio.ensure_future(client.read(receive, first, exchange, serving))
        try:
            await serving
            await client.flush()
        except asyncio.CancelledError:
            if not client.gone:
                raise
        finally:
            reading.cancel()


def _head(scope: Scope, peer: str) -> RequestHead:
    """Judge what the server made of the head. Raises Refusal."""
    fields = [(bytes(name), bytes(value)) for name, value in scope["headers"]]
    raw = scope.get("raw_path")
    if raw is None:
        raise Refusal(Kind.INTERNAL_ERROR, "The ASGI server does not hand on the raw path.")
    target = bytes(raw).partition(b"?")[0]
    if scope["query_string"]:
        target += b"?" + bytes(scope["query_string"])
    version = "1.1" if scope["http_version"].startswith("2") else scope["http_version"]
    lookup = lookup_of(fields)
    if scope["http_version"].startswith("2"):
        lookup.pop(b"transfer-encoding", None)
    return request_head(scope["method"].encode("ascii"), target, version, fields, lookup, peer)


class _Client:
    """The `Client` and `Source` of one exchange: turns calls into ASGI events."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._events: list[dict[str, Any]] = []
        self.gone = False
        self._room = asyncio.Event()
        self._room.set()

    async def read(
        self, receive: Receive, first: dict[str, Any] | None, exchange: Exchange, serving: "asyncio.Future[None]"
    ) -> None:
        """Feed the request body, from `first` on if that came already; end the exchange when the client leaves."""
        body = exchange.body
        while True:
            message, first = first or await receive(), None
            if message["type"] == "http.disconnect":
                self.gone = True
                if not serving.done():
                    exchange.error = "client-gone"
                body.fail(ClientGone())
                serving.cancel()
                return
            if message.get("body"):
                body.feed(message["body"])
            if not message.get("more_body"):
                body.finish()
            await self._room.wait()

    async def flush(self) -> None:
        """Hand on what the exchange has said so far."""
        events, self._events = self._events, []
        for event in events:
            await self._send(event)

    # -- gateway.request.exchange.Client

    def send(self, status: int, reason: bytes, fields: list[Field], body: bytes | None) -> None:
        """See `Client.send`."""
        self.begin(status, reason, fields, None if body is None or status == 204 else len(body))
        self._events.append({"type": "http.response.body", "body": body or b""})

    def begin(self, status: int, reason: bytes, fields: list[Field], length: int | None) -> None:
        """See `Client.begin`."""
        headers = [(name.lower(), value) for name, value in fields]
        if length is not None:
            headers.append((b"content-length", b"%d" % length))
        self._events.append({"type": "http.response.start", "status": status, "headers": headers})

    async def write(self, data: bytes) -> None:
        """See `Client.write`."""
        self._events.append({"type": "http.response.body", "body": data, "more_body": True})
        await self.flush()

    def end(self) -> None:
        """See `Client.end`."""
        self._events.append({"type": "http.response.body", "body": b""})

    def inform(self, status: int, reason: bytes, fields: list[Field]) -> None:
        """ASGI has no interim responses."""

    def cut(self) -> None:
        """See `Client.cut`. An ASGI server aborts a response that the application leaves incomplete."""
        self._events.clear()

    # -- gateway.stream.Source

    def pause_reading(self) -> None:
        """See `Source.pause_reading`."""
        self._room.clear()

    def resume_reading(self) -> None:
        """See `Source.resume_reading`."""
        self._room.set()

    def wanted(self) -> None:
        """The ASGI server answers Expect when its body is received."""


def create_app(config: str | None = None) -> Gateway:
    """The application for the settings in `config`, or in the file that GATEWAY_CONFIG names (gateway.yaml)."""
    return Gateway(read(config or os.environ.get("GATEWAY_CONFIG", "gateway.yaml")))


def __getattr__(name: str) -> Gateway:
    """`gateway.asgi:app` is made when a server asks for it, not when this module is imported."""
    if name == "app":
        return create_app()
    raise AttributeError(f"module {__name__} has no attribute {name}")

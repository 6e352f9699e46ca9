"""The client's side of the gateway: one connection (HTTP/1.1, RFC 9112).

It reads heads and bodies, hands one request after the other to the listener's `serve`, and writes the answers in
order. Requests that come before their turn wait, and reading stops meanwhile. Everything a client can do to hold
resources (sending slowly, not reading, sending endless heads) runs into a limit or a deadline here.
"""

import asyncio
from collections import deque
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, cast

import httptools

from gateway.errors import Kind, Refusal
from gateway.request.exchange import ClientGone, Exchange
from gateway.server.drive import Drive
from gateway.server.http1 import body_parser, head_bytes, interim_bytes
from gateway.stream import Inbound
from gateway.upstream.transport import lookup_of
from gateway.wire.framing import malformed, request_head
from gateway.wire.message import Field, RequestHead

if TYPE_CHECKING:
    from gateway.server.listener import Listener

MAX_WAITING = 16  # pipelined requests that wait for their turn before reading stops
LINGER = 2.0  # seconds to let a client read its last answer before the connection is closed
FRAMING_SLACK = 65536  # bytes of chunk framing and trailers beyond twice the body

_NOWHERE = RequestHead(b"", b"", None, [], {}, "")
_LATE_HEAD = Refusal(Kind.REQUEST_TIMEOUT, "The request did not arrive in time.")
_LATE_BODY = Refusal(Kind.REQUEST_TIMEOUT, "The request body did not arrive in time.")
_CROWDED = Refusal(Kind.OVERLOADED, "Too many connections.", headers=((b"Retry-After", b"1"),))


@dataclass(slots=True, eq=False)
class Turn:
    """An exchange and what its answer's framing depends on."""

    exchange: Exchange
    keep_alive: bool
    version_11: bool
    expects: bool  # 100 (Continue), before the body is sent


class ClientConnection(asyncio.Protocol):
    """One client connection. It is the `Client` of its current exchange and the `Source` of its bodies."""

    def __init__(self, listener: "Listener") -> None:
        self._listener = listener
        self._loop = listener.loop
        self._limits = listener.limits
        self._timeouts = listener.timeouts
        self._parser = httptools.HttpRequestParser(self)
        self._transport: asyncio.Transport | None = None
        self._peer = ""
        self.deadline = inf
        self._writable: asyncio.Future[None] | None = None
        self._paused = False
        self._waiting: deque[Turn] = deque()
        self._current: Turn | None = None
        self._drive: Drive | None = None
        self._incoming: Turn | None = None  # whose body is being read
        self._chunked_out = False
        self._closing = False  # nothing more is read as a request
        self._lingering = False
        self._begin_message()

    def _begin_message(self) -> None:
        self._target = b""
        self._fields: list[Field] = []
        self._field_bytes = 0
        self._wire_bytes = 0
        self._head_done = False
        self._in_message = False
        self._upgrading = False  # a body is to come behind a head that asks for an upgrade

    # -- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        peer = transport.get_extra_info("peername")
        self._peer = peer[0] if isinstance(peer, tuple) else ""
        if self._listener.opened(self):
            self.deadline = self._loop.time() + self._timeouts.first_byte
        else:
            self._fail(_CROWDED)
            self._next()

    def data_received(self, data: bytes) -> None:
        if self._closing:
            return
        if not self._in_message:
            self._in_message = True
            self._wire_bytes = 0
            if self._current is None and self._writable is None:
                self.deadline = self._loop.time() + self._timeouts.head
        elif self._incoming is not None:
            self._await_body()
        self._wire_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._ignore_upgrade(data[upgrade.args[0] :])
        except httptools.HttpParserError as error:
            self._fail(_refusal_for(error))
        else:
            self._check_sizes()
        if self._current is None:
            self._next()

    def _ignore_upgrade(self, rest: bytes) -> None:
        """Answer as if Upgrade were not there (RFC 9110 section 7.8), then close: the parser reads no further request.

        It leaves out the body too, so another one takes over behind the head.
        """
        if self._waiting:
            self._waiting[-1].keep_alive = False
        if not self._upgrading:
            self._closing = True
            return
        self._upgrading = False
        self._parser = body_parser(self, self._waiting[-1].exchange.length)
        try:
            self._parser.feed_data(rest)
        except httptools.HttpParserError as error:
            self._fail(_refusal_for(error))

    def eof_received(self) -> bool:
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._closing = True
        self.deadline = inf
        self._listener.closed(self)
        self._waiting.clear()
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)
        if self._incoming is not None:
            self._incoming.exchange.body.fail(ClientGone())
        drive, self._drive = self._drive, None
        if drive is not None:
            drive.throw(ClientGone())

    def pause_writing(self) -> None:
        self._writable = self._loop.create_future()
        self.deadline = self._loop.time() + self._timeouts.write

    def resume_writing(self) -> None:
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)
        self._writable = None
        self.deadline = inf
        if self._lingering:
            self.deadline = self._loop.time() + LINGER
        elif self._current is None:
            self._go_on()
        else:
            self._await_body()

    def expire(self, now: float) -> None:
        """Called by the worker's sweep once `deadline` has passed."""
        self.deadline = inf
        if self._lingering or self._writable is not None:
            self.cut()
        elif self._incoming is not None:
            self._fail(_LATE_BODY)
        elif self._current is None and self._in_message:
            self._fail(_LATE_HEAD)
            self._next()
        else:
            self.cut()

    def drain(self) -> None:
        """No further request on this connection."""
        if self._current is None and not self._in_message and not self._waiting:
            self._close()

    # -- gateway.stream.Source

    def pause_reading(self) -> None:
        self._paused = True
        if self._writable is None:
            self.deadline = inf
        if self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        self._paused = False
        self._await_body()
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def wanted(self) -> None:
        """Answer `Expect: 100-continue`: the body is wanted now (RFC 9110 section 10.1.1)."""
        turn = self._current
        if turn is not None and turn.expects:
            turn.expects = False
            self._write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self._await_body()

    # -- httptools callbacks

    def on_message_begin(self) -> None:
        # When another message ended in this read, its bytes are not this one's: counting starts with the next read.
        wire_bytes = self._wire_bytes if self._in_message else 0
        self._begin_message()
        self._in_message = True
        self._wire_bytes = wire_bytes

    def on_url(self, target: bytes) -> None:
        self._target += target
        if len(self._target) > self._limits.request_line:
            raise Refusal(Kind.URI_TOO_LONG, "The request target is too long.")

    def on_header(self, name: bytes, value: bytes) -> None:
        self._field_bytes += len(name) + len(value) + 4
        if self._field_bytes > self._limits.header_bytes:
            raise Refusal(Kind.FIELDS_TOO_LARGE, "The header fields are too large.")
        if self._head_done:
            return  # a trailer: counted, but never a header (RFC 9110 section 6.5.1)
        self._fields.append((name, value))
        if len(self._fields) > self._limits.header_count:
            raise Refusal(Kind.FIELDS_TOO_LARGE, "There are too many header fields.")

    def on_headers_complete(self) -> None:
        self._head_done = True
        self._field_bytes = 0
        lookup = lookup_of(self._fields)
        parser = self._parser
        version = parser.get_http_version()
        head = request_head(parser.get_method(), self._target, version, self._fields, lookup, self._peer)
        expect = lookup.get(b"expect")
        if expect is not None and expect.lower() != b"100-continue":
            raise Refusal(Kind.EXPECTATION_FAILED, "The only expectation understood is 100-continue.")
        length: int | None = int(lookup.get(b"content-length", b"0"))
        if b"transfer-encoding" in lookup:
            length = None
        body = Inbound(self._loop, self)
        exchange = self._listener.new_exchange(head, body, length, self)
        expects = expect is not None and length != 0 and version == "1.1"
        turn = Turn(exchange, parser.should_keep_alive(), version == "1.1", expects)
        self._incoming = turn
        self._waiting.append(turn)
        self._upgrading = b"upgrade" in lookup and length != 0 and parser.should_upgrade()

    def on_body(self, data: bytes) -> None:
        if self._incoming is not None:
            self._incoming.expects = False
            self._incoming.exchange.body.feed(data)

    def on_message_complete(self) -> None:
        if self._upgrading:
            return
        self._in_message = False
        if self._incoming is not None:
            self._incoming.exchange.body.finish()
            self._incoming = None
            if self._writable is None:
                self.deadline = inf
        if len(self._waiting) > MAX_WAITING:
            self.pause_reading()

    # -- reading

    def _check_sizes(self) -> None:
        if not self._in_message:
            return
        if not self._head_done:
            if self._wire_bytes > self._limits.request_line + self._limits.header_bytes:
                self._fail(Refusal(Kind.FIELDS_TOO_LARGE, "The request head is too large."))
        elif self._incoming is not None:
            body = self._incoming.exchange.body.received
            if self._wire_bytes > 2 * body + FRAMING_SLACK + self._limits.header_bytes:
                self._fail(malformed("The body consists of framing more than of content."))

    def _await_body(self) -> None:
        """The next bytes of a body are due, unless we do not read or the client does not."""
        if self._incoming is not None and not self._paused and self._writable is None:
            self.deadline = self._loop.time() + self._timeouts.body

    def _fail(self, refusal: Refusal) -> None:
        """Nothing that comes on this connection can be understood any more."""
        self._closing = True
        if self._incoming is not None:
            self._incoming.exchange.body.fail(refusal)
            return
        # A request that could not be read is answered like any other, by the same code.
        body = Inbound(self._loop, self)
        body.finish()
        exchange = self._listener.new_exchange(_NOWHERE._replace(peer=self._peer), body, 0, self)
        exchange.unreadable = refusal
        self._waiting.append(Turn(exchange, False, True, False))

    # -- answering, one exchange after the other

    def _next(self) -> None:
        while self._current is None and self._waiting and self._writable is None and self._transport is not None:
            if self._paused:
                self.resume_reading()
            self._current = turn = self._waiting.popleft()
            if self._incoming is None:
                self.deadline = inf
            self._drive = Drive(self._loop, self._listener.serve(turn.exchange), self._finished)
            self._drive.step()

    def _finished(self) -> None:
        turn, self._current, self._drive = self._current, None, None
        if turn is None or self._transport is None or self._transport.is_closing():
            return
        if not turn.keep_alive or not turn.exchange.body.complete:
            self._close()
        elif self._writable is None:  # otherwise the next answer waits until this one is read
            self._go_on()

    def _go_on(self) -> None:
        """The last answer is out: another turn, or the client's time for the next request begins."""
        if self._waiting:
            self._loop.call_soon(self._next)
        elif self._closing or self._listener.draining:
            self._close()
        else:
            self.deadline = self._loop.time() + (self._timeouts.head if self._in_message else self._timeouts.idle)

    def _close(self) -> None:
        """Close so that the client can read what was sent: a reset would throw it away (RFC 9112 section 9.6)."""
        unread = self._closing or self._in_message or self._incoming is not None or self._paused
        self._closing = True
        self._waiting.clear()
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        if unread:
            self._lingering = True
            if self._writable is None:
                self.deadline = self._loop.time() + LINGER
            if self._paused:
                self._paused = False
                transport.resume_reading()
            if transport.can_write_eof():
                transport.write_eof()
        else:
            self.deadline = self._loop.time() + self._timeouts.write
            transport.close()

    # -- gateway.request.exchange.Client

    def send(self, status: int, reason: bytes, fields: list[Field], body: bytes | None) -> None:
        """See `Client.send`."""
        length = None if body is None else len(body)
        head = head_bytes(status, reason, fields, length, False, self._closes())
        self._write(head + body if body else head)

    def begin(self, status: int, reason: bytes, fields: list[Field], length: int | None) -> None:
        """See `Client.begin`."""
        self._chunked_out = length is None and self._version_11()
        if length is None and not self._chunked_out and self._current is not None:
            self._current.keep_alive = False
        self._write(head_bytes(status, reason, fields, length, self._chunked_out, self._closes()))

    async def write(self, data: bytes) -> None:
        """See `Client.write`."""
        self._write(b"%x\r\n%b\r\n" % (len(data), data) if self._chunked_out else data)
        if self._writable is not None:
            await self._writable

    def end(self) -> None:
        """See `Client.end`."""
        if self._chunked_out:
            self._chunked_out = False
            self._write(b"0\r\n\r\n")

    def inform(self, status: int, reason: bytes, fields: list[Field]) -> None:
        """See `Client.inform`. HTTP/1.0 clients do not know interim responses."""
        if self._version_11():
            self._write(interim_bytes(status, reason, fields))

    def cut(self) -> None:
        """See `Client.cut`."""
        self._closing = True
        if self._transport is not None:
            self._transport.abort()

    def _write(self, data: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        self._transport.write(data)

    def _closes(self) -> bool:
        """Whether the response being written is the last one; once said, it is kept."""
        turn = self._current
        if turn is None:
            return True
        last = self._listener.draining or (self._closing and not self._waiting)
        turn.keep_alive = turn.keep_alive and not last and turn.exchange.body.complete
        return not turn.keep_alive

    def _version_11(self) -> bool:
        return self._current is not None and self._current.version_11


def _refusal_for(error: httptools.HttpParserError) -> Refusal:
    """What a callback raised, or that the bytes made no sense."""
    cause = error.__context__
    return cause if isinstance(cause, Refusal) else malformed("The bytes received are not a well-formed HTTP request.")

"""The client's side of the gateway: one connection (HTTP/1.1, RFC 9112).

It hands one request after the other to the listener's `serve`, and writes the answers in order. Requests that come
before their turn wait, and reading stops meanwhile. A client that sends slowly or does not read runs into a deadline
here; one that sends too much, into the limits of `gateway.server.reader`.
"""

import asyncio
import socket
import struct
from collections import deque
from math import inf
from typing import TYPE_CHECKING, cast

from gateway.errors import Refusal
from gateway.request.exchange import ClientGone
from gateway.server import faults
from gateway.server.drive import Drive
from gateway.server.http1 import head_bytes, interim_bytes
from gateway.server.reader import RequestReader
from gateway.server.tunnel import ClientTunnel
from gateway.server.turn import Turn
from gateway.stream import Inbound
from gateway.wire.message import Field, RequestHead

if TYPE_CHECKING:
    from gateway.server.listener import Listener

MAX_WAITING = 16  # pipelined requests that wait for their turn before reading stops
MIN_RATE = 500  # bytes a second that a body must have on average, beyond the time that one pause may take
LINGER = 2.0  # seconds to let a client read its last answer before the connection is closed

_RESET = struct.pack("ii", 1, 0)  # l_onoff, l_linger

_NOWHERE = RequestHead(b"", b"", None, [], {}, "")


class ClientConnection(asyncio.Protocol):
    """One client connection. It is the `Client` of its current exchange and the `Source` of its bodies."""

    def __init__(self, listener: "Listener") -> None:
        self._listener = listener
        self._loop = listener.loop
        self._timeouts = listener.timeouts
        self.reader = RequestReader(self, listener.limits)
        self._transport: asyncio.Transport | None = None
        self.deadline = inf
        self._writable: asyncio.Future[None] | None = None
        self._paused_at = 0.0
        self._waiting: deque[Turn] = deque()
        self._current: Turn | None = None
        self._drive: Drive | None = None
        self._incoming: Turn | None = None  # whose body is being read
        self._chunked_out = False
        self._closing = False  # nothing more is read as a request
        self._lingering = False

    # -- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        if not self.identify(self._transport):
            self._transport.abort()
            return
        if self._listener.opened(self):
            self.deadline = self._loop.time() + self._timeouts.first_byte
        else:
            self._fail(faults.crowded())
            self._next()

    def identify(self, transport: asyncio.Transport) -> bool:
        """Take note of who is there; False when they have to go without an answer."""
        peer = transport.get_extra_info("peername")
        self.reader.peer = peer[0] if isinstance(peer, tuple) else ""
        return self._listener.admit(self.reader.peer)

    def data_received(self, data: bytes) -> None:
        if self._closing:
            return
        if not self.reader.in_message and self._current is None and self._writable is None:
            self.deadline = self._loop.time() + self._timeouts.head
        try:
            self.reader.feed(data)
        except Refusal as refusal:
            self._fail(refusal)
        if not data and not self.reader.paused and self._transport is not None:
            self._transport.resume_reading()
        if self._incoming is not None:
            self._await_body()
        if self.reader.finished:
            self._closing = True
            self._offer_tunnel()
        if self._current is None:
            self._next()

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
            if self._drive is not None:
                self._drive.throw(faults.unread())
            self.cut()
        elif self._incoming is not None:
            self._fail(faults.late_body())
        elif self._current is None and self.reader.in_message:
            self._fail(faults.late_head())
            self._next()
        else:
            self.cut()

    def drain(self) -> None:
        """No further request on this connection."""
        if self._current is None and not self.reader.in_message and not self._waiting and not self.reader.unread:
            self._close()

    # -- gateway.stream.Source

    def pause_reading(self) -> None:
        if not self.reader.paused:
            self._paused_at = self._loop.time()
        self.reader.paused = True
        if self._writable is None:
            self.deadline = inf
        if self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        if self.reader.paused and self._incoming is not None:
            # That we did not read is not the client's delay.
            self._incoming.due += self._loop.time() - self._paused_at
        self.reader.paused = False
        self._await_body()
        if self.reader.unread:
            self._loop.call_soon(self.data_received, b"")  # before anything else
        elif self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def wanted(self) -> None:
        """Answer `Expect: 100-continue`: the body is wanted now (RFC 9110 section 10.1.1)."""
        turn = self._current
        if turn is not None and turn.expects:
            turn.expects = False
            self._write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self._await_body()

    # -- gateway.server.reader.Sink

    def head_received(
        self, head: RequestHead, length: int | None, keep_alive: bool, version_11: bool, expects: bool
    ) -> None:
        """See `Sink.head_received`."""
        body = Inbound(self._loop, self)
        exchange = self._listener.new_exchange(head, body, length, self)
        self._incoming = turn = Turn(exchange, keep_alive, version_11, expects)
        self._waiting.append(turn)

    def body_received(self, data: bytes) -> None:
        """See `Sink.body_received`."""
        if self._incoming is not None:
            self._incoming.expects = False
            self._incoming.exchange.body.feed(data)

    def message_received(self) -> None:
        """See `Sink.message_received`."""
        if self._incoming is not None:
            self._incoming.exchange.body.finish()
            self._incoming = None
            if self._writable is None:
                self.deadline = inf
        if len(self._waiting) > MAX_WAITING:
            self.pause_reading()

    # -- reading

    def _await_body(self) -> None:
        """The next bytes of a body are due, unless we do not read or the client does not."""
        turn = self._incoming
        if turn is not None and not self.reader.paused and self._writable is None:
            pause = self._loop.time() + self._timeouts.body
            if turn.due == inf:
                turn.due = pause
            self.deadline = min(pause, turn.due + turn.exchange.body.received / MIN_RATE)

    def _offer_tunnel(self) -> None:
        """Behind a request that asks for another protocol nothing comes but that protocol."""
        turn = self._waiting[-1] if self._waiting else None
        if turn is not None and turn.version_11 and b"upgrade" in turn.exchange.head.lookup and self._transport:
            turn.exchange.tunnel = tunnel = ClientTunnel(self._loop, self._transport, self)
            tunnel.take_over(self.reader.rest)

    def _fail(self, refusal: Refusal) -> None:
        """Nothing that comes on this connection can be understood any more."""
        self._closing = True
        if self._incoming is not None:
            self._incoming.exchange.body.fail(refusal)
            return
        # A request that could not be read is answered like any other, by the same code.
        body = Inbound(self._loop, self)
        body.finish()
        exchange = self._listener.new_exchange(_NOWHERE._replace(peer=self.reader.peer), body, 0, self)
        exchange.unreadable = refusal
        self._waiting.append(Turn(exchange, False, True, False))

    # -- answering, one exchange after the other

    def _next(self) -> None:
        while self._current is None and self._waiting and self._writable is None and self._transport is not None:
            self._current = turn = self._waiting.popleft()
            if self.reader.paused and len(self._waiting) <= MAX_WAITING:
                self.resume_reading()
            if self._incoming is None:
                self.deadline = inf
            self._drive = Drive(self._loop, self._listener.serve(turn.exchange), self._finished)
            self._drive.step()

    def _finished(self) -> None:
        turn, self._current, self._drive = self._current, None, None
        if turn is None or self._transport is None or self._transport.is_closing():
            return
        if not turn.keep_alive or not turn.exchange.body.complete:
            tunnel = turn.exchange.tunnel
            self._close(silent=tunnel is not None and tunnel.inbound.complete)
        elif self._writable is None:  # otherwise the next answer waits until this one is read
            self._go_on()

    def _go_on(self) -> None:
        """The last answer is out: another turn, or the client's time for the next request begins."""
        if self._waiting:
            self._loop.call_soon(self._next)
        elif self._closing or self._listener.draining:
            self._close()
        else:
            if self.reader.paused:
                self.resume_reading()  # nobody took the body that was too much at once
            self.deadline = self._loop.time() + (self._timeouts.head if self.reader.in_message else self._timeouts.idle)

    def _close(self, silent: bool = False) -> None:
        """Close so that the client can read what was sent; a reset would throw it away (RFC 9112 section 9.6).
        `silent`: it has ended its side."""
        held = self.reader.paused or self.reader.unread
        unread = held or self._closing or self.reader.in_message or self._incoming is not None
        self._closing = True
        self._waiting.clear()
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        if unread and not silent:
            self._lingering = True
            transport.set_protocol(self)  # a tunnel that was not granted would keep what comes
            if self._writable is None:
                self.deadline = self._loop.time() + LINGER
            if held:
                transport.resume_reading()
            if transport.can_write_eof():
                transport.write_eof()
            else:
                transport.close()  # TLS says so, and reads on until the client has said it too
        else:
            self.deadline = self._loop.time() + self._timeouts.write
            transport.close()

    # -- gateway.request.exchange.Client

    def send(self, status: int, reason: bytes, fields: list[Field], body: bytes | None) -> None:
        """See `Client.send`."""
        length = None if body is None else len(body)
        head = head_bytes(status, reason, fields, length, False, self._connection())
        self._write(head + body if body else head)

    def begin(self, status: int, reason: bytes, fields: list[Field], length: int | None) -> None:
        """See `Client.begin`."""
        self._chunked_out = length is None and self._version_11()
        if length is None and not self._chunked_out and self._current is not None:
            self._current.keep_alive = False
        self._write(head_bytes(status, reason, fields, length, self._chunked_out, self._connection()))

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
            # A reset: for a body that ends with the connection, an orderly end would look complete.
            sock = self._transport.get_extra_info("socket")
            if sock is not None and self._current is not None and self._current.exchange.begun:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            self._transport.abort()

    def _write(self, data: bytes) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        self._transport.write(data)

    def _connection(self) -> bytes:
        """What the response being written says of the connection (RFC 9112 section 9.3); once said, it is kept."""
        turn = self._current
        if turn is None:
            return b"close"
        last = self._listener.draining or (self._closing and not self._waiting)
        turn.keep_alive = turn.keep_alive and not last and turn.exchange.body.complete
        if not turn.keep_alive:
            return b"close"
        return b"" if turn.version_11 else b"keep-alive"

    def _version_11(self) -> bool:
        return self._current is not None and self._current.version_11

"""One connection to a backend: request bytes out, a parsed reply in (HTTP/1.1, RFC 9112).

httptools (llhttp) splits the bytes; here is decided what they mean for the connection. A reply is never trusted to be
framed well: two lengths, a length with a transfer coding, bytes after the end or before the request all end the
connection, so that no other client ever sees them.
"""

import asyncio
import ssl
from collections.abc import Callable
from math import inf
from typing import cast

import httptools

from gateway.stream import Inbound
from gateway.upstream.lost import BackendLost
from gateway.upstream.switched import Switched
from gateway.upstream.tls import failure
from gateway.wire.fields import DROPPED_FROM_RESPONSES, kept, persists, switches
from gateway.wire.framing import reply_flaw
from gateway.wire.message import Field, ReplyHead, lookup_of, printable

MAX_INTERIM = 8
Interim = Callable[[int, bytes, list[Field]], None]
Closed = Callable[["BackendConnection"], None]


class BackendConnection(asyncio.Protocol):
    """A keep-alive connection; carries one exchange at a time."""

    def __init__(self, loop: asyncio.AbstractEventLoop, head_limit: int, count_limit: int, on_closed: Closed) -> None:
        self._loop = loop
        self._head_limit = head_limit
        self._count_limit = count_limit
        self._on_closed = on_closed
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._writable: asyncio.Future[None] | None = None
        self._reading_paused = False
        self._spent = False
        self._orderly = False  # the backend said that it ends: a FIN, or over TLS its close_notify
        self._fields: list[Field] = []
        self._field_bytes = 0
        self._reason = b""
        self.exchanges = 0
        self.deadline = inf
        self._reset(None, False, inf, inf, None)

    def _reset(self, body: Inbound | None, bodiless: bool, read: float, total: float, inform: Interim | None) -> None:
        self._body = body
        self._bodiless = bodiless
        self._read = read
        self._total = total
        self._expires = self._loop.time() + total
        self._uploading = False
        self._reply: ReplyHead | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._error: Exception | None = None
        self._head_done = False
        self._wire_bytes = 0
        self._silent = True
        self._interim_count = 0
        self._on_interim = inform
        self._ended = False
        self._offered = b""
        self._switched: Switched | None = None

    # -- the exchange, as the request line uses it

    def start(
        self, data: bytes, bodiless: bool, read: float, total: float, on_interim: Interim, offered: bytes = b""
    ) -> Inbound:
        """Send a request head (and body, if whole); returns the body of the reply to come.

        `bodiless` is True for HEAD; `read` and `total` are seconds; `on_interim` is called with each 1xx response.
        `offered` is the request's Upgrade: behind a 101 the body is what comes in the new protocol.
        """
        body = Inbound(self._loop, self)
        self._reset(body, bodiless, read, total, on_interim)
        self._offered = offered
        self.exchanges += 1
        self._touch()
        assert self._transport is not None
        if self._transport.is_closing():
            self._fail(BackendLost("reset", "closed the connection", silent=True))
        self._transport.write(data)
        return body

    async def head(self) -> ReplyHead:
        """The final response head. Raises BackendLost."""
        while self._reply is None and self._error is None:
            self._waiter = self._loop.create_future()
            await self._waiter
        if self._error is not None:
            raise self._error
        assert self._reply is not None
        return self._reply

    async def write(self, data: bytes) -> None:
        """A piece of a streamed request body; waits while the backend does not read."""
        if self._error is not None:
            raise self._error
        assert self._transport is not None
        self._transport.write(data)
        if self._writable is not None:
            await self._writable

    def uploading(self, active: bool) -> None:
        """While a request body is under way the backend owes us nothing but to read it."""
        self._uploading = active
        self._expires = inf if active else self._loop.time() + self._total
        self._touch()

    def streaming(self) -> None:
        """The reply is passed on in pieces from now: no total deadline, only the pause between two pieces."""
        self._total = self._expires = inf
        self._touch()

    def tunnel(self, idle: float) -> Switched:
        """What became of it after a 101. It ends when for `idle` seconds no byte passed in either direction."""
        assert self._switched is not None
        self._read = idle
        self.streaming()
        return self._switched

    def alive(self) -> None:
        """A byte passed in either direction after a 101."""
        self._touch()

    def give_up(self, error: Exception) -> None:
        """The exchange cannot be completed: whoever awaits the reply gets `error`."""
        self._fail(error)
        self.abort()

    def abort(self) -> None:
        """End the connection at once."""
        self._spent = True
        if self._transport is not None:
            self._transport.abort()

    def keep(self, until: float) -> None:
        """Nothing is asked until the next `start`; `until` is when the connection has been idle for too long."""
        if self._reading_paused:
            self.resume_reading()  # nobody took the body that was too much at once
        self.deadline = until

    @property
    def open(self) -> bool:
        """Whether the backend has not closed it, as far as is known."""
        return self._transport is not None and not self._transport.is_closing()

    @property
    def reusable(self) -> bool:
        """Whether another exchange may follow."""
        return self._ended and not self._spent and self._error is None

    def expire(self, now: float) -> None:
        """Called by the worker's sweep once `deadline` has passed."""
        if self._body is None or self._ended:
            self.abort()
        else:
            self.give_up(BackendLost("timeout", "no answer in time", self._silent))

    # -- asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self._body is None or self._ended:
            self.abort()  # nothing was asked: whatever this is, no client may see it
            return
        self._silent = False
        self._touch()
        if not self._head_done:
            self._wire_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            if self._switched is None:
                self.give_up(BackendLost("protocol", "switched protocols without being asked"))
            else:
                self._switched.take_over(data[upgrade.args[0] :])
            return
        except httptools.HttpParserError as error:
            self.give_up(BackendLost("protocol", f"is not HTTP: {error}"))
            return
        if self._error is None and not self._head_done and self._wire_bytes > self._head_limit:
            self.give_up(BackendLost("protocol", "header fields are too large"))

    def eof_received(self) -> None:
        self._orderly = True

    def connection_lost(self, exc: Exception | None) -> None:
        self._spent = True
        if self._orderly or self._switched is not None:
            self._finish_until_close()
        if isinstance(exc, ssl.SSLError):  # in TLS 1.3 a backend that wants another certificate says so only now
            self._fail(BackendLost("tls", failure(exc), self._silent))
        self._fail(BackendLost("reset", "closed the connection", self._silent))
        self._go_on_writing()
        self._on_closed(self)

    def pause_writing(self) -> None:
        self._writable = self._loop.create_future()
        self._touch()

    def resume_writing(self) -> None:
        self._go_on_writing()
        self._writable = None
        self._touch()

    # -- gateway.stream.Source

    def pause_reading(self) -> None:
        self._reading_paused = True
        self.deadline = inf
        if self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        self._reading_paused = False
        self._touch()
        if self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()

    def wanted(self) -> None:
        """A backend sends its reply unasked."""

    # -- httptools callbacks

    def on_message_begin(self) -> None:
        if self._ended:
            self.abort()
        self._fields = []
        self._field_bytes = 0
        self._reason = b""
        self._head_done = False

    def on_status(self, status: bytes) -> None:
        self._reason += status
        self._field_bytes += len(status)

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._head_done:
            self._fields.append((name, value))
            self._field_bytes += len(name) + len(value) + 4

    def on_headers_complete(self) -> None:
        self._head_done = True
        self._wire_bytes = 0
        status = self._parser.get_status_code()
        if self._ended or self._error is not None:
            return  # the connection is given up already; what else came with the last bytes is nobody's
        if len(self._fields) > self._count_limit or self._field_bytes > self._head_limit:
            self.give_up(BackendLost("protocol", "header fields are too many or too large"))
            return
        lookup = lookup_of(self._fields)
        if flaw := reply_flaw(status, self._parser.get_http_version(), lookup):
            self.give_up(BackendLost("protocol", flaw))
        elif status == 101 and self._offered:
            self._switch(lookup)
        elif status < 200:
            self._take_interim(status, lookup)
        else:
            self._take_head(status, lookup)

    def on_body(self, data: bytes) -> None:
        if self._bodiless or self._body is None or self._ended:
            # After the head of a reply without a body there is nothing; these bytes belong to nobody.
            self.abort()
        elif self._error is None:
            self._body.feed(data)

    def on_message_complete(self) -> None:
        if self._reply is None or self._error is not None or self._switched is not None:
            return
        if not self._bodiless:
            self._spent = self._spent or not self._parser.should_keep_alive()
            self._end()

    # -- what the callbacks mean

    def _take_interim(self, status: int, lookup: dict[bytes, bytes]) -> None:
        self._interim_count += 1
        if status == 101:
            self.give_up(BackendLost("protocol", "switched protocols without being asked"))
        elif self._interim_count > MAX_INTERIM:
            self.give_up(BackendLost("protocol", "sent too many interim responses"))
        elif status != 100 and self._on_interim is not None:
            # 100 would answer an Expect, which the gateway has answered itself.
            self._on_interim(status, printable(self._reason), kept(self._fields, lookup, DROPPED_FROM_RESPONSES))

    def _switch(self, lookup: dict[bytes, bytes]) -> None:
        if not switches(lookup, self._offered):
            self.give_up(BackendLost("protocol", "switched to a protocol that it was not asked for"))
            return
        assert self._transport is not None and self._body is not None
        self._spent = True  # never again for HTTP
        self._switched = Switched(self._transport, self._body, self)
        self._reply = ReplyHead(101, printable(self._reason), self._fields, lookup)
        self._wake()

    def _take_head(self, status: int, lookup: dict[bytes, bytes]) -> None:
        self._reply = ReplyHead(status, printable(self._reason), self._fields, lookup)
        if self._bodiless or status in (204, 304):
            # llhttp would wait for the body that the fields announce; the reply ends here, so does the parser.
            self._spent = self._spent or not persists(lookup, self._parser.get_http_version())
            self._bodiless = True
            self._parser = httptools.HttpResponseParser(self)
            self._end()
        self._wake()

    def _end(self) -> None:
        self._ended = True
        self.deadline = inf
        if self._body is not None:
            self._body.finish()

    def _finish_until_close(self) -> None:
        """RFC 9112 section 6.3 rule 8: without a length the body ends with the connection."""
        if self._reply is None or self._ended or self._error is not None:
            return
        if not {b"content-length", b"transfer-encoding"} & self._reply.lookup.keys():
            self._end()

    def _fail(self, error: Exception) -> None:
        if self._error is not None or self._ended:
            return
        self._error = error
        self.deadline = inf
        if self._body is not None:
            self._body.fail(error)
        self._wake()

    def _go_on_writing(self) -> None:
        if self._writable is not None and not self._writable.done():
            self._writable.set_result(None)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _touch(self) -> None:
        """The time for the next sign of life begins; while we do not read, none is due."""
        if not self._ended and not self._reading_paused:
            idle = self._uploading and self._writable is None
            self.deadline = self._expires if idle else min(self._loop.time() + self._read, self._expires)

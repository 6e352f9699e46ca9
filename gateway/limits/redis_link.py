"""One connection to Redis or Valkey (RESP2), for all requests of a worker.

What is asked in one turn of the event loop goes out in one write, and answers are given to those who asked in order
(pipelining). redis-py, whose connections serve one call at a time, took 47 us of CPU for a script call, and 38 us when
32 were under way; this takes 10 us and 2 us. The bytes are read by hiredis, the parser that redis-py uses too.

Nobody waits longer than the timeout, also while the connection is being made. That itself may take longer: whoever asks
later finds it open. A server that a cluster has sent us to is asked until it cannot be reached; then the one of the
settings knows who took its place.
"""

import asyncio
import re
import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

import hiredis

from gateway.config.redis_url import Target

CONNECT = 5.0  # seconds for a connection, encrypted or not
GRACE = 0.001  # seconds; answers that are there already are read before anybody is told that none came

_MOVED = re.compile(r"MOVED \d+ (.*):(\d{1,5})", re.ASCII)  # MOVED SLOT HOST:PORT

Asked = tuple["asyncio.Future[Any]", float]  # with the deadline


class StoreFailed(Exception):
    """The server gave no answer, or one that is an error. The text is for the log; it holds no secret."""


class RedisLink:
    """A connection that is made when it is needed, and made again after it was lost."""

    def __init__(self, loop: asyncio.AbstractEventLoop, target: Target, timeout: float) -> None:
        self._loop = loop
        self._home = self._target = target
        self._timeout = timeout
        self._context = ssl.create_default_context() if target.tls else None
        self._wire: _Wire | None = None
        self._opening: asyncio.Task[None] | None = None
        self._unsent: deque[tuple[bytes, Asked]] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def deadline(self) -> float:
        """Until when somebody who asks now may wait."""
        return self._loop.time() + self._timeout

    def ask(self, *words: bytes, until: float | None = None) -> "asyncio.Future[Any]":
        """Send a command. The future's result is the reply, or a StoreFailed; it never raises.

        `until` is the deadline of whoever asks a second time.
        """
        future: asyncio.Future[Any] = self._loop.create_future()
        deadline = self.deadline() if until is None else until
        if not self._unsent:
            self._loop.call_soon(self._flush)
        self._unsent.append((packed(words), (future, deadline)))
        if self._timer is None:
            self._timer = self._loop.call_at(deadline, self._due)
        return future

    def close(self) -> None:
        """The end."""
        if self._opening is not None:
            self._opening.cancel()
        self.drop("closed")

    def drop(self, reason: str) -> None:
        """Give the connection up: whoever waits gets a StoreFailed, all of them the same. The next question makes
        another one, unless one is being made."""
        wire, self._wire = self._wire, None
        waiting = [asked for _, asked in self._unsent]
        self._unsent.clear()
        if wire is not None:
            waiting += wire.let_go()
        failure = StoreFailed(reason)
        for future, _ in waiting:
            _answer(future, failure)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def follow(self, reason: str) -> None:
        """Go where an error of a cluster says that all our keys are. Others change nothing."""
        if moved := _MOVED.fullmatch(reason):
            self.move(moved[1], int(moved[2]))

    def move(self, host: str, port: int) -> None:
        """Another server of a cluster has what was asked for."""
        self._target = replace(self._target, host=host or self._target.host, port=port)
        self.drop("another server of the cluster is asked")

    def lost(self, wire: "_Wire", reason: str) -> None:
        """A connection has ended by itself."""
        if wire is self._wire:
            self.drop(reason)

    def _flush(self) -> None:
        if self._wire is None:
            if self._opening is None and self._unsent:
                self._opening = self._loop.create_task(self._open())
            return
        data = []
        while self._unsent:
            words, asked = self._unsent.popleft()
            if not asked[0].done():  # nobody waits for it any more: it must not count
                data.append(words)
                self._wire.sent.append(asked)
        self._wire.write(b"".join(data))

    async def _open(self) -> None:
        target = self._target
        try:
            async with asyncio.timeout(CONNECT):
                _, self._wire = await self._loop.create_connection(
                    lambda: _Wire(self, target), target.host, target.port, ssl=self._context
                )
        except Exception as error:  # also a port or a name that cannot be one, from a cluster: else nobody tried again
            self._opening, self._target = None, self._home
            self.drop(f"no connection: {error or 'it took too long'}")
        else:
            self._opening = None
            self._flush()

    def _due(self) -> None:
        """Somebody may have waited long enough."""
        self._timer = self._loop.call_later(GRACE, self._expire)

    def _expire(self) -> None:
        now, waiting = self._loop.time(), [asked for _, asked in self._unsent]
        if self._wire is not None:
            waiting += self._wire.sent
        waiting = [asked for asked in waiting if not asked[0].done()]
        for future, deadline in waiting:
            if deadline <= now:
                _answer(future, StoreFailed(f"no answer within {self._timeout:g} s"))
        later = [deadline for _, deadline in waiting if deadline > now]
        self._timer = self._loop.call_at(min(later), self._due) if later else None


class _Wire(asyncio.Protocol):
    """One connection, from its making to its end."""

    def __init__(self, link: RedisLink, target: Target) -> None:
        self._link = link
        self._target = target
        self._reader = hiredis.Reader()
        self._transport: asyncio.Transport | None = None
        self._greetings = 0  # answers to come before those to questions
        self.sent: deque[Asked] = deque()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        greeting = self._target.greeting()
        self._greetings = len(greeting)
        self._transport.write(b"".join(packed(words) for words in greeting))

    def write(self, data: bytes) -> None:
        """Commands; the futures of their answers are in `sent`."""
        if self._transport is not None and data:
            self._transport.write(data)

    def data_received(self, data: bytes) -> None:
        try:
            self._reader.feed(data)
            while (reply := self._reader.gets()) is not False:
                failed = isinstance(reply, hiredis.ReplyError)
                if self._greetings:
                    self._greetings -= 1
                    if failed:
                        return self._link.lost(self, str(reply))
                else:
                    _answer(self.sent.popleft()[0], StoreFailed(str(reply)) if failed else reply)
        except (hiredis.ProtocolError, IndexError):
            self._link.lost(self, "the answer is not in the protocol of Redis")

    def connection_lost(self, exc: Exception | None) -> None:
        self._link.lost(self, "the connection was lost")

    def let_go(self) -> deque[Asked]:
        """End the connection; what is still unanswered."""
        if self._transport is not None:
            self._transport.abort()
        sent, self.sent = self.sent, deque()
        return sent


def packed(words: tuple[bytes, ...]) -> bytes:
    """A command as it is sent."""
    pack: Callable[[tuple[bytes, ...]], bytes] = hiredis.pack_command  # type: ignore[assignment]  # knows tuples of one
    return pack(words)


def _answer(future: "asyncio.Future[Any]", reply: Any) -> None:
    if not future.done():
        future.set_result(reply)

"""Bytes on their way in, with back-pressure.

`Inbound` is the body of a request (filled by the listener) or of a response (filled by a backend connection). Whoever
fills it calls `feed`, `finish` or `fail`; whoever reads awaits `piece` or `whole`. When a reader lags, the source is
asked to stop reading from its socket, so memory is bounded by `HIGH_WATER` plus one read, or by the reader's own limit.
"""

from asyncio import AbstractEventLoop, Future
from typing import Protocol

HIGH_WATER = 65536


class Source(Protocol):
    """What can be told to stop and to go on reading from its socket."""

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def wanted(self) -> None:
        """A reader waits for bytes."""


class Inbound:
    """One body. Not safe for more than one reader."""

    __slots__ = (
        "_chunks",
        "_error",
        "_loop",
        "_mark",
        "_paused",
        "_size",
        "_source",
        "_waiter",
        "complete",
        "received",
    )

    def __init__(self, loop: AbstractEventLoop, source: Source) -> None:
        self._loop = loop
        self._source = source
        self._chunks: list[bytes] = []
        self._size = 0
        self._mark = HIGH_WATER
        self._paused = False
        self._waiter: Future[None] | None = None
        self._error: BaseException | None = None
        self.complete = False
        self.received = 0

    def feed(self, data: bytes) -> None:
        """More bytes came."""
        self._chunks.append(data)
        self._size += len(data)
        self.received += len(data)
        if self._size > self._mark:
            self._paused = True
            self._source.pause_reading()
        if self._waiter is not None:
            self._wake()

    def finish(self) -> None:
        """The body ended as its framing says."""
        self.complete = True
        if self._waiter is not None:
            self._wake()

    def fail(self, error: BaseException) -> None:
        """The rest will not come; readers get what is there, then `error`. The first failure counts."""
        if not self.complete and self._error is None:
            self._error = error
            if self._waiter is not None:
                self._wake()

    async def piece(self) -> bytes:
        """All bytes that are there, waiting for some; b"" at the end of the body. Raises what `fail` was given."""
        while not self._chunks:
            if self.complete:
                return b""
            if self._error is not None:
                raise self._error
            await self._wait()
        return self.take()

    async def whole(self, limit: int) -> bytes | None:
        """The whole body, or None when it is longer than `limit` bytes; then nothing was consumed."""
        self._mark = max(limit, HIGH_WATER)
        while not self.complete:
            if self.received > limit:
                return None
            if self._error is not None:
                raise self._error
            await self._wait()
        if self.received > limit:
            return None
        return self.take()

    def take(self) -> bytes:
        """What is buffered now; the reader goes on from behind it."""
        chunks = self._chunks
        data = chunks[0] if len(chunks) == 1 else b"".join(chunks)
        self._chunks = []
        self._size = 0
        self._resume()
        return data

    async def _wait(self) -> None:
        self._resume()
        self._source.wanted()
        self._waiter = self._loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _resume(self) -> None:
        if self._paused:
            self._paused = False
            self._source.resume_reading()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

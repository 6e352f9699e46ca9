"""Judging a body while it passes. Whoever passes it on tells one of these of every piece."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Protocol

from gateway.errors import Violation
from gateway.request.apart import in_thread
from gateway.validate.media import PieceJudge


class Watch(Protocol):
    """Looks at one body. Both methods may raise Refusal, where a violation stops the exchange."""

    async def piece(self, data: bytes) -> None:
        """The next piece."""

    async def end(self) -> None:
        """The body is complete. Calling it again does nothing."""


class Items:
    """Feeds a `PieceJudge` until something is wrong; then `found` is told, and nothing more is judged.

    `optional`: no content at all is fine. `apart`: a piece may be much work, such as one that is compressed; it is done
    in a thread.
    """

    __slots__ = ("_apart", "_found", "_judge", "_optional")

    def __init__(
        self, judge: PieceJudge, optional: bool, found: Callable[[list[Violation]], None], apart: bool = False
    ) -> None:
        self._judge: PieceJudge | None = judge
        self._optional = optional
        self._found = found
        self._apart = apart

    async def piece(self, data: bytes) -> None:
        """See `Watch.piece`."""
        if self._judge is not None:
            self._optional = False
            feed = self._judge.feed
            self._tell(await in_thread(partial(feed, data)) if self._apart else feed(data))

    async def end(self) -> None:
        """See `Watch.end`."""
        if self._judge is not None and not self._optional:
            self._tell(self._judge.end())
        self._judge = None

    def _tell(self, violations: list[Violation]) -> None:
        if violations:
            self._judge = None
            self._found(violations)


class Tap:
    """Collects a body for a judge of whole ones, which is told None when it was longer than `limit` bytes."""

    __slots__ = ("_judge", "_limit", "_pieces", "_size")

    def __init__(self, judge: Callable[[bytes | None], Awaitable[None]], limit: int) -> None:
        self._judge = judge
        self._limit = limit
        self._pieces: list[bytes] = []
        self._size = 0

    async def piece(self, data: bytes) -> None:
        """See `Watch.piece`."""
        self._size += len(data)
        if self._size > self._limit:
            self._pieces.clear()
        else:
            self._pieces.append(data)

    async def end(self) -> None:
        """See `Watch.end`; called once."""
        await self._judge(None if self._size > self._limit else b"".join(self._pieces))

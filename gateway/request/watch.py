"""Judging a body while it passes. Whoever passes it on tells one of these of every piece."""

from collections.abc import Callable
from typing import Protocol

from gateway.errors import Violation
from gateway.validate.media import PieceJudge


class Watch(Protocol):
    """Looks at one body. Both methods may raise Refusal, where a violation stops the exchange."""

    def piece(self, data: bytes) -> None:
        """The next piece."""

    def end(self) -> None:
        """The body is complete. Calling it again does nothing."""


class Items:
    """Feeds a `PieceJudge` until something is wrong; then `found` is told, and nothing more is judged.

    `optional`: no content at all is fine.
    """

    __slots__ = ("_found", "_judge", "_optional")

    def __init__(self, judge: PieceJudge, optional: bool, found: Callable[[list[Violation]], None]) -> None:
        self._judge: PieceJudge | None = judge
        self._optional = optional
        self._found = found

    def piece(self, data: bytes) -> None:
        """See `Watch.piece`."""
        if self._judge is not None:
            self._optional = False
            self._tell(self._judge.feed(data))

    def end(self) -> None:
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

    def __init__(self, judge: Callable[[bytes | None], None], limit: int) -> None:
        self._judge = judge
        self._limit = limit
        self._pieces: list[bytes] = []
        self._size = 0

    def piece(self, data: bytes) -> None:
        """See `Watch.piece`."""
        self._size += len(data)
        if self._size > self._limit:
            self._pieces.clear()
        else:
            self._pieces.append(data)

    def end(self) -> None:
        """See `Watch.end`; called once."""
        self._judge(None if self._size > self._limit else b"".join(self._pieces))

"""Deadlines of many connections, looked at together.

A timer per request would cost more than parsing the request. A connection only keeps its next deadline as a number;
one sweep per worker looks at all of them a few times a second.
"""

import asyncio
import logging
from typing import Protocol

log = logging.getLogger("gateway")


class Expiring(Protocol):
    """Something with a deadline in event-loop time."""

    deadline: float

    def expire(self, now: float) -> None:
        """The deadline has passed."""


class Sweep:
    """Calls `expire` on what is late, at most `interval` seconds too late."""

    def __init__(self, loop: asyncio.AbstractEventLoop, interval: float) -> None:
        self._loop = loop
        self._interval = interval
        self._watched: set[Expiring] = set()
        self._timer: asyncio.TimerHandle | None = None

    def add(self, item: Expiring) -> None:
        """Watch `item` until it is removed."""
        self._watched.add(item)
        if self._timer is None:
            self._timer = self._loop.call_later(self._interval, self._tick)

    def remove(self, item: Expiring) -> None:
        """Watch it no longer."""
        self._watched.discard(item)

    def stop(self) -> None:
        """End the sweeping."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _tick(self) -> None:
        now = self._loop.time()
        for item in [item for item in self._watched if item.deadline <= now]:
            try:
                item.expire(now)
            except Exception:  # the deadlines of all others have to be kept all the same
                log.exception("a deadline could not be kept")
        self._timer = self._loop.call_later(self._interval, self._tick) if self._watched else None


def interval_for(shortest: float) -> float:
    """How often to look when `shortest` is the shortest timeout, in seconds."""
    return min(0.5, max(0.02, shortest / 4))

"""Running a request's coroutine without a task.

A task costs a turn of the event loop before its first line runs. Most requests get as far as the backend without
waiting for anything, so the coroutine is started at once and resumed from its futures' callbacks.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


class Drive:
    """Runs `coroutine` until it first waits; calls `done` when it has ended. It must not raise."""

    __slots__ = ("_coroutine", "_done", "_loop", "_waiting")

    def __init__(
        self, loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, None, None], done: Callable[[], None]
    ) -> None:
        self._loop = loop
        self._coroutine = coroutine
        self._done = done
        self._waiting: asyncio.Future[Any] | None = None

    def step(self, future: "asyncio.Future[Any] | None" = None) -> None:
        """Go on. The coroutine takes the future's result or exception by itself."""
        if future is not self._waiting:
            return  # `throw` came first, when this call could no longer be taken back
        try:
            waiting = self._coroutine.send(None)
        except StopIteration:
            self._waiting = None
            self._done()
        else:
            self._wait(waiting)

    def throw(self, error: BaseException) -> None:
        """Raise `error` where the coroutine waits."""
        if self._waiting is not None:
            self._waiting.remove_done_callback(self.step)
        try:
            waiting = self._coroutine.throw(error)
        except StopIteration:
            self._waiting = None
            self._done()
        else:
            self._wait(waiting)

    def _wait(self, future: Any) -> None:
        if future is None:  # a bare yield, such as asyncio.sleep(0)
            future = self._loop.create_future()
            future.set_result(None)
        else:
            future._asyncio_future_blocking = False
        self._waiting = future
        future.add_done_callback(self.step)

"""Lines on their way to a file or to standard output.

Lines are collected and handed on in batches to a `Writer`, which has a thread of its own: a reader of standard output
that stands still, or a slow disk, costs lines and never a request. Memory is bounded; what had to be dropped is
counted.
"""

import contextlib
import os
import stat
import sys
import threading
from collections import deque
from collections.abc import Callable
from typing import Protocol

BATCH = 65536  # bytes after which a batch is handed on at once
DELAY = 0.2  # seconds after the first line of a batch when it is handed on anyway
WAITING = 4 * 2**20  # bytes that may wait for the sink
PIPE_PIECE = 4096  # bytes: longer writes of several processes to one pipe may be mixed (POSIX PIPE_BUF)


class Handle(Protocol):
    """What a scheduler gives back, as `asyncio.TimerHandle`."""

    def cancel(self) -> None:
        """Do not call."""


class Batches:
    """Collects lines and hands them on in batches.

    `write` takes a batch of whole lines and returns how many lines were lost since its last call; `schedule` is
    `loop.call_later`; `dropped` is told of lost lines.
    """

    def __init__(
        self,
        write: Callable[[bytes], int],
        schedule: Callable[[float, Callable[[], None]], Handle],
        dropped: Callable[[int], None] = lambda lines: None,
    ) -> None:
        self._write = write
        self._schedule = schedule
        self._dropped = dropped
        self._batch = bytearray()
        self._timer: Handle | None = None

    def add(self, line: bytes) -> None:
        """A line, with its end."""
        self._batch += line
        if len(self._batch) >= BATCH:
            self.flush()
        elif self._timer is None:
            self._timer = self._schedule(DELAY, self.flush)

    def flush(self) -> None:
        """Hand on what there is."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self._batch:
            return
        batch = bytes(self._batch)
        self._batch.clear()
        if lost := self._write(batch):
            self._dropped(lost)


class Writer:
    """Writes batches to a file descriptor in a thread; never blocks its caller.

    `open_sink` gives the descriptor, and gives it anew on `reopen` (a rotated file). Raises OSError when made.
    """

    def __init__(self, open_sink: Callable[[], int], waiting: int = WAITING) -> None:
        self._open_sink = open_sink
        self._sink = open_sink()
        self._most = waiting
        self._queue: deque[bytes] = deque()
        self._size = 0
        self._lost = 0
        self._reopen = self._closing = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="log", daemon=True)
        self._thread.start()

    def write(self, batch: bytes) -> int:
        """Take a batch of lines, or refuse it when too much waits. Returns the lines lost since the last call."""
        with self._changed:
            if self._size + len(batch) > self._most or self._closing:
                self._lost += batch.count(b"\n")
            else:
                self._queue.append(batch)
                self._size += len(batch)
                self._changed.notify()
            lost, self._lost = self._lost, 0
            return lost

    def reopen(self) -> None:
        """Open the sink again before the next batch: the file was moved away."""
        with self._changed:
            self._reopen = True
            self._changed.notify()

    def close(self, patience: float = 2.0) -> None:
        """Write what waits, but no longer than `patience` seconds."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join(patience)

    def _work(self) -> None:
        while True:
            with self._changed:
                while not (self._queue or self._reopen or self._closing):
                    self._changed.wait()
                reopen, self._reopen = self._reopen, False
                batch = self._queue.popleft() if self._queue else b""
            if reopen:
                self._replace_sink()
            if batch:
                lost = _write_all(self._sink, batch)
                with self._changed:
                    self._size -= len(batch)
                    self._lost += lost
            elif not reopen:
                os.close(self._sink)
                return

    def _replace_sink(self) -> None:
        """The old sink is kept when there is no new one: a line in the wrong file beats none."""
        with contextlib.suppress(OSError):
            sink = self._open_sink()
            os.close(self._sink)
            self._sink = sink


def _write_all(sink: int, batch: bytes) -> int:
    """Write whole lines. Returns how many were lost because the sink failed."""
    pieces = _pieces(batch) if stat.S_ISFIFO(os.fstat(sink).st_mode) else [batch]
    for index, piece in enumerate(pieces):
        rest = memoryview(piece)
        try:
            while rest:
                rest = rest[os.write(sink, rest) :]
        except OSError:
            return bytes(rest).count(b"\n") + sum(late.count(b"\n") for late in pieces[index + 1 :])
    return 0


def _pieces(batch: bytes) -> list[bytes]:
    """Runs of whole lines, none longer than a pipe takes in one go (unless a line is)."""
    pieces = []
    start = 0
    while start < len(batch):
        end = batch.rfind(b"\n", start, start + PIPE_PIECE) + 1 or batch.find(b"\n", start) + 1 or len(batch)
        pieces.append(batch[start:end])
        start = end
    return pieces


def sink_of(place: str) -> Callable[[], int]:
    """How to open the sink that `log.access` or `log.audit` names: stdout, or a file that is appended to."""
    if place == "stdout":
        # Without a standard output, descriptor 1 is free for anything else: a socket, the log of another.
        return lambda: os.dup(sys.__stdout__.fileno()) if sys.__stdout__ else os.open(os.devnull, os.O_WRONLY)
    return lambda: os.open(place, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)

"""What is made of files, and made anew when they change.

The former value stays in force when the files cannot be used: an operator who replaces two files one after the other
passes through a state in which they do not fit together.
"""

import logging
import os
from collections.abc import Callable, Sequence
from math import inf
from typing import Generic, TypeVar

log = logging.getLogger("gateway")

INTERVAL = 1.0  # seconds between two looks at the files

Value = TypeVar("Value")


class Reread(Generic[Value]):
    """`make` reads the files. It raises OSError or ValueError when nothing can be made of them; that it may do for the
    first time right here."""

    def __init__(self, make: Callable[[], Value], files: Sequence[str]) -> None:
        self._make = make
        self._files = files
        self._seen = _stamps(files)
        self._due = -inf
        self._value = make()

    def value(self, now: float) -> Value:
        """What the files hold at `now`, in seconds of any clock that does not go back, or did a second before."""
        if now >= self._due:
            self._due = now + INTERVAL
            self._refresh()
        return self._value

    def _refresh(self) -> None:
        seen = _stamps(self._files)
        if seen == self._seen:
            return
        self._seen = seen
        try:
            self._value = self._make()
        except (OSError, ValueError) as error:
            log.error("not read again, the former content stays in force: %s", error)
        else:
            log.info("read again: %s", ", ".join(self._files))


def _stamps(files: Sequence[str]) -> list[tuple[int, int, int] | None]:
    """What tells that a file was written or replaced; None for one that is not there."""
    stamps: list[tuple[int, int, int] | None] = []
    for path in files:
        try:
            found = os.stat(path)
        except OSError:
            stamps.append(None)
        else:
            stamps.append((found.st_mtime_ns, found.st_size, found.st_ino))
    return stamps

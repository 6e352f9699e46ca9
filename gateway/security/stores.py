"""Where lists of keys, users and revoked tokens come from, and how they stay fresh while requests go on.

Laws:
- The event loop never waits for a file or a database: both are read in a thread.
- What cannot be read or understood changes nothing: the former content stays in force, and the log says why.
- Nothing of a store is ever shown but places and names; no line, no hash, no URL of a database.

A `Watched` belongs to the process and event loop that first start it; one that is inherited by fork starts anew.
"""

import asyncio
import logging
import os
import weakref
from collections.abc import Callable, Mapping
from typing import Any, Generic, Protocol, TypeVar

from gateway.security.records import Flaw

LARGEST = 64 << 20  # bytes of a file

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

log = logging.getLogger(__name__)


class StoreError(Exception):
    """A store cannot be read or understood. `place` is its file, variable or table, `rest` what could be understood."""

    def __init__(self, place: str, *flaws: Flaw, rest: Any = None) -> None:
        self.place = place
        self.flaws = flaws
        self.rest = rest
        super().__init__("; ".join(f"{place}:{flaw.line}: {flaw.message}" for flaw in flaws[:3]))


class Source(Protocol[T_co]):
    """Something that can be read again. `mark` tells one content from another."""

    def read(self, mark: object) -> tuple[object, T_co] | None:
        """The present mark and content; None when the mark is still the same. Blocks. Raises StoreError."""


Parse = Callable[[str], tuple[T, list[Flaw]]]  # a text to what it says, and what is wrong with it


class FileSource(Generic[T]):
    """A file of lines, which is read when its date, size or inode change."""

    def __init__(self, path: str, parse: Parse[T]) -> None:
        self.path = path
        self._parse = parse

    def read(self, mark: object) -> tuple[object, T] | None:
        """See `Source`."""
        try:
            with open(self.path, "rb") as file:
                found = os.fstat(file.fileno())
                present = (found.st_mtime_ns, found.st_size, found.st_ino)
                if present == mark:
                    return None
                data = file.read(LARGEST + 1)
        except OSError as error:
            raise StoreError(self.path, Flaw(0, error.strerror or type(error).__name__)) from None
        if len(data) > LARGEST:
            raise StoreError(self.path, Flaw(0, f"it is larger than {LARGEST} bytes"))
        return present, parsed(self.path, data, self._parse)


class VariableSource(Generic[T]):
    """The same lines in an environment variable, which never changes."""

    def __init__(self, name: str, parse: Parse[T], environ: Mapping[str, str] = os.environ) -> None:
        self.name = name
        self._parse = parse
        self._environ = environ

    def read(self, mark: object) -> tuple[object, T] | None:
        """See `Source`."""
        if mark is not None:
            return None
        text = self._environ.get(self.name)
        if text is None:
            raise StoreError(f"${self.name}", Flaw(0, "the environment variable is not set"))
        return True, parsed(f"${self.name}", text.encode(errors="surrogateescape"), self._parse)


def parsed(place: str, data: bytes, parse: Parse[T]) -> T:
    """What the bytes of a store say. Raises StoreError."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise StoreError(place, Flaw(data.count(b"\n", 0, error.start) + 1, "it is not UTF-8")) from None
    content, flaws = parse(text)
    if flaws:
        raise StoreError(place, *flaws, rest=content)
    return content


class Watched(Generic[T]):
    """The content of a source, read again every `interval` seconds. Making one reads it once: raises StoreError.

    `salvage` makes the content of what was there before and what can be understood of a change that cannot be
    understood as a whole; without it such a change is left out altogether. It also bridges a change that can be
    understood, until the next look finds it as it was: a file that is written in place is empty for a moment.
    """

    def __init__(
        self, title: str, source: Source[T], interval: float, salvage: Callable[[T, T], T] | None = None
    ) -> None:
        self.title = title
        self.source = source
        self.interval = interval
        self._salvage = salvage
        first = source.read(None)
        assert first is not None
        self._mark, self.value = first
        self._settling: T | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._reported = ""

    def start(self) -> None:
        """Begin to look for changes on the running event loop. Calling it again does nothing."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop = loop
            self._take_off()

    def refresh(self) -> None:
        """Look for a change now. Blocks; `start` has it called in a thread."""
        try:
            found = self.source.read(self._mark)
        except StoreError as error:
            if self._salvage is not None and error.rest is not None:
                self.value = self._salvage(self.value, error.rest)
            self._settling = None
            self._report(str(error))
            return
        if self._reported:
            log.info("%s can be read again", self.title)
            self._reported = ""
        if found is not None:
            self._mark, content = found
            self._settling = None if self._salvage is None else content
            self.value = content if self._salvage is None else self._salvage(self.value, content)
        elif self._settling is not None:
            self.value, self._settling = self._settling, None

    def _report(self, text: str) -> None:
        """Once for each flaw, not once for each look."""
        if text != self._reported:
            self._reported = text
            log.error("%s: %s; what was read before stays in force until this is mended", self.title, text)

    def _take_off(self) -> None:
        """Look in a thread, then set the alarm for the next time. The alarm holds no reference: a store that nobody
        uses any more just ends."""
        loop, reference = self._loop, weakref.ref(self)
        if loop is None or loop.is_closed():
            return

        def landed(done: "asyncio.Future[Any]") -> None:
            if not done.cancelled() and (error := done.exception()) is not None:
                log.error("%s cannot be read: %s", self.title, type(error).__name__)
            loop.call_later(self.interval, _alarm, reference)

        try:
            loop.run_in_executor(None, self.refresh).add_done_callback(landed)
        except RuntimeError:
            log.debug("%s is not read again: the process ends", self.title)


def _alarm(reference: "weakref.ref[Watched[Any]]") -> None:
    watched = reference()
    if watched is not None:
        watched._take_off()

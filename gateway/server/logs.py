"""The logs of one process: opened as the settings say, again when files were moved away, written out at the end."""

import asyncio
from collections.abc import Callable

from gateway.config import Log
from gateway.observe.accesslog import AccessLog
from gateway.observe.audit import AuditLog
from gateway.observe.lines import Batches, Writer, sink_of


class Logs:
    """`access` and `audit` are None where the settings want none. `dropped` is told of lines that were lost.

    Raises OSError when a file cannot be opened.
    """

    def __init__(self, settings: Log, loop: asyncio.AbstractEventLoop, dropped: Callable[[int], None]) -> None:
        self._writers: dict[str, Writer] = {}
        self._batches: dict[str, Batches] = {}
        self._loop = loop
        self._dropped = dropped
        access, audit = self._to(settings.access), self._to(settings.audit)
        self.access = None if access is None else AccessLog(access.add)
        self.audit = None if audit is None else AuditLog(audit.add, settings.audit_rate)

    def _to(self, place: str) -> Batches | None:
        """Both logs may go to one place, and then in whole lines."""
        if place == "off":
            return None
        if place not in self._writers:
            self._writers[place] = Writer(sink_of(place))
            self._batches[place] = Batches(self._writers[place].write, self._loop.call_later, self._dropped)
        return self._batches[place]

    def reopen(self) -> None:
        """The files were moved away."""
        for writer in self._writers.values():
            writer.reopen()

    def close(self) -> None:
        """Write what waits."""
        if self.audit is not None:
            self.audit.settle()
        for place, batches in self._batches.items():
            batches.flush()
            self._writers[place].close()

"""The audit log: one JSON line for each request that was refused for a reason of security.

Who (address, subject, key), what (operation), why, and the request id that leads to the line in the access log. A line
never holds credentials, a raw target, a header or a value that broke a rule.

Under a flood each cause has a number of lines a second; what is left out is counted, and told in a line of its own when
the second is over. So a flood of one kind cannot hide what is rare.
"""

from collections import Counter
from collections.abc import Callable
from time import gmtime, strftime
from typing import NamedTuple

import orjson

LONGEST = 200  # characters of a text that a client had a part in


class Refused(NamedTuple):
    """One refusal; names are "" when there is none. `time` is in seconds since the epoch."""

    time: float
    id: str
    cause: str  # one of gateway.errors.CAUSES
    reason: str
    status: int
    client: str  # its address
    subject: str
    key: str  # id of its API key
    api: str
    operation: str
    method: str
    path: str  # the template, never the raw target


class AuditLog:
    """Makes lines, at most `rate` a second of each cause. `add` is `gateway.observe.lines.Batches.add`."""

    def __init__(self, add: Callable[[bytes], None], rate: int) -> None:
        self._add = add
        self._rate = rate
        self._second = 0
        self._written: Counter[str] = Counter()

    def record(self, refused: Refused) -> None:
        """Add a line, unless there were too many like it in this second."""
        second = int(refused.time)
        if second != self._second:
            self.settle()
            self._second = second
        self._written[refused.cause] += 1
        if self._written[refused.cause] <= self._rate:
            self._add(_line(refused))

    def settle(self) -> None:
        """Tell what was left out in the second that is over."""
        for cause, count in self._written.items():
            if count > self._rate:
                self._dump({"time": _stamp(self._second), "audit": "left-out", "cause": cause}, count - self._rate)
        self._written.clear()

    def _dump(self, line: dict[str, object], count: int) -> None:
        self._add(orjson.dumps({**line, "count": count}, option=orjson.OPT_APPEND_NEWLINE))


def _stamp(time: float) -> str:
    """RFC 3339, in UTC with milliseconds."""
    second = int(time)
    return f"{strftime('%Y-%m-%dT%H:%M:%S.', gmtime(second))}{int((time - second) * 1000):03d}Z"


def _line(refused: Refused) -> bytes:
    shown = {name: _short(value) for name, value in refused._asdict().items() if value not in ("", 0)}
    return orjson.dumps({**shown, "time": _stamp(refused.time), "audit": "refused"}, option=orjson.OPT_APPEND_NEWLINE)


def _short(value: object) -> object:
    # A JSON Web Token can hold a lone surrogate, which is no text that could be written.
    return value[:LONGEST].encode("utf-8", "replace").decode() if isinstance(value, str) else value

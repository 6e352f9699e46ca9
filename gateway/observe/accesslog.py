"""The access log: one JSON line for each exchange.

A line holds what an operator may always see: names from the document, numbers, addresses. It never holds the
raw target, a header, a body or the value that broke the contract.
"""

import json
from collections.abc import Callable, Sequence
from time import gmtime, strftime
from typing import NamedTuple

import orjson

from gateway.errors import Violation

LONGEST = 200  # characters of a text that a client had a part in
SHOWN = 5  # violations described in a line


class Entry(NamedTuple):
    """One exchange. Times are in seconds, `time` since the epoch; names are "" when there is none."""

    time: float
    id: str
    method: str
    path: str  # the template, never the raw target
    operation: str
    api: str
    status: int  # 0 when no answer could be sent
    bytes_in: int
    bytes_out: int
    duration: float
    backend_duration: float
    upstream: str
    subject: str
    client: str
    violations: Sequence[Violation] = ()
    error: str = ""  # the kind of refusal, gateway.errors.Kind


class AccessLog:
    """Makes a line of every exchange."""

    def __init__(self, add: Callable[[bytes], None]) -> None:
        """`add` is `gateway.observe.lines.Batches.add`."""
        self._add = add
        self._second = -1
        self._stamp = ""

    def record(self, entry: Entry) -> None:
        """Add a line."""
        self._add(self._line(entry))

    def _line(self, entry: Entry) -> bytes:
        # Unpacked at once, and cut by integers instead of `round`: half the cost, for every request.
        (time, id, method, path, operation, api, status, bytes_in, bytes_out, duration, backend_duration, upstream,
         subject, client, violations, error) = entry  # fmt: skip
        second = int(time)
        if second != self._second:
            self._second = second
            self._stamp = strftime("%Y-%m-%dT%H:%M:%S.", gmtime(second))
        line: dict[str, object] = {
            "time": f"{self._stamp}{int((time - second) * 1000):03d}Z",
            "id": id[:LONGEST],
            "method": method[:LONGEST],
            "path": path,
            "operation": operation,
            "api": api,
            "status": status,
            "bytes_in": bytes_in,
            "bytes_out": bytes_out,
            "duration": int(duration * 1e6) / 1e6,
            "backend_duration": int(backend_duration * 1e6) / 1e6,
            "upstream": upstream,
            "subject": subject[:LONGEST],
            "client": client,
        }
        if violations:
            line["violations"] = len(violations)
            line["broken"] = [f"{v.place}/{_documented(v)}/{v.keyword}" for v in violations[:SHOWN]]
        if error:
            line["error"] = error
        try:
            return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)
        except TypeError:  # a lone surrogate, as a JSON Web Token can hold one
            return json.dumps(line, separators=(",", ":")).encode() + b"\n"


def _documented(violation: Violation) -> str:
    """The name of a parameter, when it is the document's: that of an unknown one is the client's text."""
    return "" if violation.keyword == "unknown" else violation.name[:LONGEST]

"""Counters in shared memory, and their rendering as Prometheus text.

One `Segment` belongs to one route table. It is anonymous shared memory, made in the master and inherited by
fork: a block of 64-bit words for the master, then one block per worker. Every word has a single writer, so there
are no locks; a reader may be one increment late, which a scrape does not notice. Series are fixed by the
documents: no label ever comes from a client, and what is not in a closed list counts as `other`.

Within a worker's block each operation has a row of words:

    statuses | histogram buckets | sum in nanoseconds | backend errors | unjudged | refused by cause | violations

Behind the rows there is a word for everything that is deprecated, and one for every rate limit of an operation.

Only series that are not zero are rendered. After a reload there are several segments; `render` adds them up by
labels, so no total ever falls.
"""

import mmap
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from gateway.errors import CAUSES, Violation

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)  # seconds
STATUSES = ("none", "1xx", "2xx", "3xx", "4xx", "5xx")  # none: the client left before there was an answer
DIRECTIONS = ("request", "response")
PLACES = ("path", "query", "header", "cookie", "body", "status", "other")
QUEUED = ("served", "full", "late")  # what became of requests that found no free slot
DOOR = ("address", "crowded", "proxy", "tls")  # why connections were closed before they were HTTP
BACKEND_ERRORS = ("connect", "tls", "timeout", "reset", "protocol", "retried", "other")
_OURS = "required unknown syntax media-type undocumented too-large"
_JSON_SCHEMA = """
allOf anyOf oneOf not if then else dependentSchemas prefixItems items contains properties patternProperties
additionalProperties propertyNames unevaluatedItems unevaluatedProperties type const enum multipleOf maximum
exclusiveMaximum minimum exclusiveMinimum maxLength minLength pattern maxItems minItems uniqueItems maxContains
minContains maxProperties minProperties dependentRequired contentEncoding contentMediaType contentSchema format
false
"""  # `required` is in both; `false` is the schema that nothing fits
KEYWORDS = (*_OURS.split(), *_JSON_SCHEMA.split(), "other")

# Offsets in the block of the master and in the head of the block of a worker
RELOADED, RELOAD_FAILED, MASTER_WORDS = 0, 1, 2
RUNNING, CONNECTIONS, LOG_DROPPED, STORE_DOWN, STORE_FAILED, FILTERED, FILTER_TIME, TURNED_AWAY = range(8)
HEAD_WORDS = TURNED_AWAY + len(DOOR)

# Offsets in a row
BUCKET = len(STATUSES)
SUM = BUCKET + len(BUCKETS) + 1
BACKEND_ERROR = SUM + 1
UNJUDGED = BACKEND_ERROR + len(BACKEND_ERRORS)
REFUSED = UNJUDGED + len(DIRECTIONS)
WAITED = REFUSED + len(CAUSES)
VIOLATION = WAITED + len(QUEUED)
ROW_WORDS = VIOLATION + len(DIRECTIONS) * len(PLACES) * len(KEYWORDS)

_KEYWORD = {keyword: index for index, keyword in enumerate(KEYWORDS)}
_OTHER_KEYWORD = _KEYWORD["other"]
_PLACE = {place: index * len(KEYWORDS) for index, place in enumerate(PLACES)}
_OTHER_PLACE = _PLACE["other"]
_DIRECTION = {name: VIOLATION + index * len(PLACES) * len(KEYWORDS) for index, name in enumerate(DIRECTIONS)}
_BACKEND_ERROR = {kind: BACKEND_ERROR + index for index, kind in enumerate(BACKEND_ERRORS)}
_OTHER_BACKEND_ERROR = _BACKEND_ERROR["other"]
_REFUSED = {cause: REFUSED + index for index, cause in enumerate(CAUSES)}
_UNJUDGED = {name: UNJUDGED + index for index, name in enumerate(DIRECTIONS)}
_QUEUED = {outcome: WAITED + index for index, outcome in enumerate(QUEUED)}

Totals = Counter[tuple[str, str]]  # (name of the sample, labels as they are printed) to its value


class OperationLabels(NamedTuple):
    """The labels of one row: all from the document, `operation_id` "" when it has none.

    `deprecated` names what is counted when it is used: "" is the operation, "query.filter" a parameter; `policies` the
    rate limits that may refuse a request.
    """

    api: str
    operation_id: str
    method: str
    template: str
    deprecated: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()


NO_OPERATION = OperationLabels("", "", "", "")


class Metrics:
    """The writer's view of one worker's block. Row 0 is for exchanges that reached no operation."""

    __slots__ = ("_deprecated", "_policies", "_words")

    def __init__(self, words: memoryview, deprecated: Sequence[int] = (), policies: Sequence[int] = ()) -> None:
        """`deprecated` and `policies`: for each row, where the words for what is deprecated and limited in it begin."""
        self._words = words
        self._deprecated = deprecated
        self._policies = policies

    def request(self, row: int, status: int, seconds: float) -> None:
        """One exchange is over. `status` is 0 when no answer could be sent."""
        words = self._words
        base = HEAD_WORDS + row * ROW_WORDS
        words[base + (status // 100 if status < 600 else 5)] += 1
        words[base + BUCKET + bisect_left(BUCKETS, seconds)] += 1
        words[base + SUM] += int(seconds * 1e9)

    def violations(self, row: int, direction: str, violations: Iterable[Violation]) -> None:
        """Clauses of the contract that a `request` or a `response` broke."""
        base = HEAD_WORDS + row * ROW_WORDS + _DIRECTION[direction]
        for violation in violations:
            place = _PLACE.get(violation.place, _OTHER_PLACE)
            self._words[base + place + _KEYWORD.get(violation.keyword, _OTHER_KEYWORD)] += 1

    def backend_error(self, row: int, kind: str) -> None:
        """A backend failed: connect, tls, timeout, reset, protocol; or was asked a second time: retried."""
        offset = _BACKEND_ERROR.get(kind, _OTHER_BACKEND_ERROR)
        self._words[HEAD_WORDS + row * ROW_WORDS + offset] += 1

    def unjudged(self, row: int, direction: str) -> None:
        """A message passed without being judged, because the settings or the document say so."""
        self._words[HEAD_WORDS + row * ROW_WORDS + _UNJUDGED[direction]] += 1

    def deprecated(self, row: int, index: int) -> None:
        """A request used what is number `index` among the deprecated of its operation."""
        self._words[self._deprecated[row] + index] += 1

    def refused(self, row: int, cause: str) -> None:
        """A request was refused for a reason of security, one of `gateway.errors.CAUSES`."""
        self._words[HEAD_WORDS + row * ROW_WORDS + _REFUSED[cause]] += 1

    def limited(self, row: int, index: int) -> None:
        """A request was refused by the rate limit that is number `index` among those of its operation."""
        self._words[self._policies[row] + index] += 1

    def queued(self, row: int, outcome: str) -> None:
        """A request found no free slot: one of `QUEUED`."""
        self._words[HEAD_WORDS + row * ROW_WORDS + _QUEUED[outcome]] += 1

    def connections(self, change: int) -> None:
        """A client connection was opened (+1) or is gone (-1)."""
        self._words[CONNECTIONS] += change

    def turned_away(self, cause: str) -> None:
        """A connection was closed before it was HTTP: one of `DOOR`."""
        self._words[TURNED_AWAY + DOOR.index(cause)] += 1

    def log_dropped(self, lines: int) -> None:
        """Lines of the access log that could not be written."""
        self._words[LOG_DROPPED] += lines

    def filtered(self, seconds: float) -> None:
        """The filter judged a request, or failed to."""
        self._words[FILTERED] += 1
        self._words[FILTER_TIME] += int(seconds * 1e9)

    def store_failed(self) -> None:
        """The shared store did not answer a question."""
        self._words[STORE_FAILED] += 1

    def store_down(self, down: bool) -> None:
        """Whether the shared store is asked at the moment."""
        self._words[STORE_DOWN] = down


class Segment:
    """The shared memory of one route table: made before fork, then written by many processes."""

    def __init__(
        self, labels: Sequence[OperationLabels], workers: int, contracts: Mapping[str, str] | None = None
    ) -> None:
        self.rows = (NO_OPERATION, *labels)
        self.workers = workers
        self.contracts = dict(contracts or {})
        named = (len(row.deprecated) + len(row.policies) for row in self.rows)
        *self._deprecated, self._block = accumulate(named, initial=HEAD_WORDS + ROW_WORDS * len(self.rows))
        begins = zip(self._deprecated, self.rows, strict=True)
        self._policies = [begin + len(row.deprecated) for begin, row in begins]
        memory = mmap.mmap(-1, 8 * (MASTER_WORDS + workers * self._block))
        self._words = memoryview(memory).cast("Q")

    @classmethod
    def create(
        cls, labels: Sequence[OperationLabels], workers: int, contracts: Mapping[str, str] | None = None
    ) -> "Segment":
        """A segment whose row n + 1 is `labels[n]`; `contracts` maps each API to the hash of its document."""
        return cls(labels, workers, contracts)

    def worker(self, slot: int) -> Metrics:
        """The view of the worker in `slot`. A slot that is used again goes on from its totals."""
        block = self._worker_block(slot)
        block[CONNECTIONS] = 0
        block[RUNNING] = 1
        return Metrics(block, self._deprecated, self._policies)

    def release(self, slot: int) -> None:
        """The worker in `slot` is gone, however it went: it runs no more and holds no connections."""
        block = self._worker_block(slot)
        block[RUNNING] = block[CONNECTIONS] = block[STORE_DOWN] = 0

    def reloaded(self, succeeded: bool) -> None:
        """The master compiled anew, or tried to."""
        self._words[RELOADED if succeeded else RELOAD_FAILED] += 1

    def _worker_block(self, slot: int) -> memoryview:
        if not 0 <= slot < self.workers:
            raise IndexError(slot)
        start = MASTER_WORDS + slot * self._block
        return self._words[start : start + self._block]

    def totals(self) -> Totals:
        """All samples that are not zero, summed over the workers."""
        found: Totals = Counter()
        found["gateway_reloads_total", 'result="success"'] = self._words[RELOADED]
        found["gateway_reloads_total", 'result="failure"'] = self._words[RELOAD_FAILED]
        for slot in range(self.workers):
            block = self._worker_block(slot)
            found["gateway_workers", ""] += block[RUNNING]
            found["gateway_open_connections", ""] += block[CONNECTIONS]
            found["gateway_log_dropped_total", ""] += block[LOG_DROPPED]
            for index, cause in enumerate(DOOR):
                if number := block[TURNED_AWAY + index]:
                    found["gateway_connections_refused_total", f'cause="{cause}"'] += number
            if block[FILTERED]:
                found["gateway_filter_seconds_count", ""] += block[FILTERED]
                found["gateway_filter_seconds_sum", ""] += block[FILTER_TIME]
            found["gateway_store_down", ""] += block[STORE_DOWN]
            found["gateway_store_failures_total", ""] += block[STORE_FAILED]
            for row, labels in enumerate(self.rows):
                start = HEAD_WORDS + row * ROW_WORDS
                words = block[start : start + ROW_WORDS]
                if any(words):
                    found.update(_samples(words.tolist(), _printed(labels)))
                for sample, label, names, start in (
                    ("gateway_deprecated_total", "parameter", labels.deprecated, self._deprecated[row]),
                    ("gateway_rate_limited_total", "policy", labels.policies, self._policies[row]),
                ):
                    for name, count in zip(names, block[start:], strict=False):
                        if count:
                            found[sample, f'{_printed(labels)},{label}="{_escaped(name)}"'] += count
        return found


def _samples(words: list[int], labels: str) -> Mapping[tuple[str, str], int]:
    """The samples of one row of one worker."""
    found: dict[tuple[str, str], int] = {}
    for index, status in enumerate(STATUSES):
        if words[index]:
            found["gateway_requests_total", f'{labels},status="{status}"'] = words[index]
    if count := sum(words[BUCKET:SUM]):
        name = "gateway_request_duration_seconds"
        running = 0
        for bound, number in zip((*BUCKETS, "+Inf"), words[BUCKET:SUM], strict=True):
            running += number
            found[f"{name}_bucket", f'{labels},le="{bound}"'] = running
        found[f"{name}_sum", labels] = words[SUM]
        found[f"{name}_count", labels] = count
    for index, kind in enumerate(BACKEND_ERRORS):
        if number := words[BACKEND_ERROR + index]:
            found["gateway_backend_errors_total", f'{labels},kind="{kind}"'] = number
    for index, direction in enumerate(DIRECTIONS):
        if number := words[UNJUDGED + index]:
            found["gateway_unjudged_total", f'{labels},direction="{direction}"'] = number
    for index, cause in enumerate(CAUSES):
        if number := words[REFUSED + index]:
            found["gateway_refused_total", f'{labels},cause="{cause}"'] = number
    for index, outcome in enumerate(QUEUED):
        if number := words[WAITED + index]:
            found["gateway_queued_total", f'{labels},outcome="{outcome}"'] = number
    for clause, number in _broken(words):
        found["gateway_violations_total", f"{labels},{clause}"] = number
    return found


def _broken(words: list[int]) -> Iterator[tuple[str, int]]:
    index = VIOLATION
    for direction in DIRECTIONS:
        for place in PLACES:
            for keyword in KEYWORDS:
                if words[index]:
                    yield f'direction="{direction}",place="{place}",keyword="{keyword}"', words[index]
                index += 1


def _escaped(text: str) -> str:
    """A label value as the text exposition format wants it."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def _printed(labels: OperationLabels) -> str:
    names = ("api", "operation", "method", "path")
    return ",".join(f'{name}="{_escaped(value)}"' for name, value in zip(names, labels[:4], strict=True))


# name, type, help; the samples of a histogram carry suffixes
FAMILIES = (
    ("gateway_requests_total", "counter", "Exchanges by operation and status class."),
    ("gateway_request_duration_seconds", "histogram", "From the request head to the end of the answer."),
    ("gateway_violations_total", "counter", "Clauses of the contract that were broken."),
    ("gateway_unjudged_total", "counter", "Messages that passed without being judged."),
    ("gateway_deprecated_total", "counter", "Requests that used what is deprecated."),
    ("gateway_refused_total", "counter", "Requests refused for a reason of security."),
    ("gateway_filter_seconds", "summary", "Time that the filter took, and how often it was asked."),
    ("gateway_rate_limited_total", "counter", "Refusals by operation and rate limit."),
    ("gateway_queued_total", "counter", "Requests that found no free slot of a concurrency limit."),
    ("gateway_backend_errors_total", "counter", "Failures of backends, and requests sent a second time."),
    ("gateway_log_dropped_total", "counter", "Access log lines that could not be written."),
    ("gateway_store_failures_total", "counter", "Questions that the shared store of limits did not answer."),
    ("gateway_store_down", "gauge", "Workers that do without the shared store at the moment."),
    ("gateway_reloads_total", "counter", "Attempts to compile the documents anew."),
    ("gateway_connections_refused_total", "counter", "Connections closed before they were HTTP."),
    ("gateway_open_connections", "gauge", "Open client connections."),
    ("gateway_workers", "gauge", "Running worker processes."),
    ("gateway_contract_info", "gauge", "The document in force for each API."),
)
_GAUGES = frozenset(name for name, kind, _ in FAMILIES if kind == "gauge")


def render(segments: Sequence[Segment], retired: Totals | None = None) -> bytes:
    """Prometheus text over all segments, oldest first; `retired` holds the totals of segments let go.

    Gauges of retired segments are left out: they say how it was then.
    """
    totals: Totals = Counter({key: value for key, value in (retired or {}).items() if key[0] not in _GAUGES})
    for segment in segments:
        totals.update(segment.totals())
    for api, digest in segments[-1].contracts.items() if segments else ():
        totals["gateway_contract_info", f'api="{_escaped(api)}",hash="{_escaped(digest)}"'] = 1
    families: dict[str, list[str]] = {name: [] for name, _, _ in FAMILIES}
    for (name, labels), value in totals.items():
        shown = f"{value / 1e9:.9f}" if name.endswith("_seconds_sum") else str(value)
        families[_family(name)].append(f"{name}{{{labels}}} {shown}" if labels else f"{name} {shown}")
    lines: list[str] = []
    for name, kind, help in FAMILIES:
        lines += (f"# HELP {name} {help}", f"# TYPE {name} {kind}", *families[name])
    return ("\n".join(lines) + "\n").encode()


def _family(name: str) -> str:
    for suffix in ("_bucket", "_sum", "_count"):
        if name.endswith(suffix):
            return name.removesuffix(suffix)
    return name

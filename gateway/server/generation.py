"""One compiled table with what belongs to it in shared memory, from its making in the master to its retirement."""

import gc
import secrets
import ssl
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gateway.config import Settings, UpstreamTls
from gateway.config.redis_url import Target
from gateway.contract import collector
from gateway.contract.compile import Compiled, compile_settings
from gateway.contract.compiled import RouteTable
from gateway.contract.findings import Finding, LoadError, Severity, errors
from gateway.contract.model import Location
from gateway.limits.shared import SharedCounters
from gateway.observe.metrics import OperationLabels, Segment, Totals
from gateway.reread import Reread
from gateway.security.known import Known
from gateway.server import pages, store
from gateway.server import tls as server_tls
from gateway.server.status import Status
from gateway.upstream import tls as client_tls
from gateway.upstream.backend import Backend

SPARE = 4  # slots beyond the workers: a worker that drains still counts while its successor runs


@dataclass(frozen=True, slots=True)
class Generation:
    """What a worker inherits: it serves this table until it ends."""

    settings: Settings
    table: RouteTable
    pages: pages.Pages | None
    segment: Segment
    segments: tuple[Segment, ...]  # of this and of the former generation
    retired: Totals  # of all earlier ones
    status: Status
    tls: Reread[ssl.SSLContext] | None  # of the public listener
    upstream_tls: Mapping[UpstreamTls, Reread[ssl.SSLContext]]
    counters: SharedCounters  # of rate limits; the same for all generations
    store: Target | None  # the server that counts instead


@dataclass(slots=True)
class Generations:
    """The master's side: makes generations and hands out slots. `current` is None before the first."""

    sources: frozenset[str]  # every file that was read so far; to begin with, the configuration
    status: Status = field(default_factory=Status)
    current: Generation | None = None
    _known: Known = field(default_factory=Known)
    _slots: list[int] = field(default_factory=list)
    _counters: SharedCounters | None = None

    def renew(self, settings: Settings) -> Compiled:
        """Compile; on success `current` is the new generation, on failure it stays what it was.

        Raises LoadError for files of certificates and keys that cannot be used.
        """
        first = self.current is None
        with collector.paused():
            compiled = self._renew(settings)
        if not (first and all(item.recalled for item in compiled.mounted)):
            gc.collect()  # what reading and checking left behind, and a former table: workers do not inherit them
        return compiled

    def _renew(self, settings: Settings) -> Compiled:
        compiled = compile_settings(settings, self._known)
        read = (source for item in compiled.mounted for source in item.contract.sources)
        self.sources = self.sources | {*read, *(api.contract for api in settings.apis)}
        if compiled.table is None:
            self.failed([finding.text() for finding in errors(compiled.findings)])
            return compiled
        tls, upstream_tls = contexts(settings, compiled.table.backends)
        contracts = {item.contract.api: item.contract.digest for item in compiled.mounted}
        segment = Segment.create(_labels(compiled.table), settings.workers + SPARE, contracts)
        former = self.current
        self.current = Generation(
            settings=settings,
            table=compiled.table,
            pages=pages.build(
                [(item.contract, item.api.path) for item in compiled.mounted],
                settings.docs_original,
                settings.references.cache,
            )
            if settings.docs
            else None,
            segment=segment,
            segments=(segment,) if former is None else (former.segment, segment),
            retired=_retired(former),
            status=self.status,
            tls=tls,
            upstream_tls=upstream_tls,
            counters=self._counted(settings),
            store=store.target(settings.store),
        )
        self._slots = list(range(settings.workers + SPARE))
        if former is not None:
            segment.reloaded(True)
            self.status.reloaded([])
        return compiled

    def _counted(self, settings: Settings) -> SharedCounters:
        """Made once: what was counted is still so after a reload. Its pages cost nothing before they are used."""
        if self._counters is None:
            now = time.time_ns
            self._counters = SharedCounters(settings.store.keys, lambda: now() // 1000, secrets.token_bytes(16))
        return self._counters

    def failed(self, findings: list[str]) -> None:
        """A reload came to nothing: say why where operators look."""
        if self.current is not None:
            self.current.segment.reloaded(False)
            self.status.reloaded(findings)

    @property
    def full(self) -> bool:
        """Whether there is no place for another worker in the current segment."""
        return not self._slots

    def take_slot(self) -> int:
        """A free place in the current segment for a worker about to be forked."""
        return self._slots.pop(0)

    def free_slot(self, generation: Generation, slot: int) -> None:
        """The worker that had it is gone."""
        generation.segment.release(slot)
        if generation is self.current:
            self._slots.append(slot)


def contexts(
    settings: Settings, backends: Iterable[Backend]
) -> tuple[Reread[ssl.SSLContext] | None, Mapping[UpstreamTls, Reread[ssl.SSLContext]]]:
    """TLS of the public listener, if there is any, and towards backends, once for all that want the same.

    Raises LoadError; its finding is placed at the file that cannot be used.
    """
    try:
        public = server_tls.reread_context(settings.tls) if settings.tls.certificates else None
        wanted = dict.fromkeys(backend.tls for backend in backends if backend.tls is not None)
        return public, {tls: client_tls.reread_context(tls) for tls in wanted}
    except client_tls.UnusableFile as error:
        where = Location(error.path, 1, 1, "")
        raise LoadError([Finding(where, Severity.ERROR, "settings", error.reason, error.hint)]) from None


def _labels(table: RouteTable) -> list[OperationLabels]:
    """What the metrics call each operation, in the order of the rows."""
    return [
        OperationLabels(
            operation.api,
            operation.operation_id,
            operation.method,
            operation.template,
            tuple(use.label for use in operation.deprecated),
            operation.policies,
        )
        for operation in table.operations
    ]


def _retired(former: Generation | None) -> Totals:
    """What was counted by generations whose workers are all gone."""
    retired = Totals() if former is None else Totals(former.retired)
    for old in () if former is None else former.segments[:-1]:
        retired.update(old.totals())
    return retired

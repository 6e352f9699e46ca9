"""One compiled table with what belongs to it in shared memory, from its making in the master to its retirement."""

import gc
from dataclasses import dataclass, field

from gateway.config import Settings
from gateway.contract import collector
from gateway.contract.compile import Compiled, compile_settings
from gateway.contract.compiled import RouteTable
from gateway.contract.findings import errors
from gateway.observe.metrics import OperationLabels, Segment, Totals
from gateway.security.known import Known
from gateway.server import pages
from gateway.server.status import Status

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


@dataclass(slots=True)
class Generations:
    """The master's side: makes generations and hands out slots. `current` is None before the first."""

    sources: frozenset[str]  # every file that was read so far; to begin with, the configuration
    status: Status = field(default_factory=Status)
    current: Generation | None = None
    _known: Known = field(default_factory=Known)
    _slots: list[int] = field(default_factory=list)

    def renew(self, settings: Settings) -> Compiled:
        """Compile; on success `current` is the new generation, on failure it stays what it was."""
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
        labels = [
            OperationLabels(
                operation.api,
                operation.operation_id,
                operation.method,
                operation.template,
                tuple(use.label for use in operation.deprecated),
            )
            for operation in compiled.table.operations
        ]
        contracts = {item.contract.api: item.contract.digest for item in compiled.mounted}
        segment = Segment.create(labels, settings.workers + SPARE, contracts)
        former = self.current
        retired: Totals = Totals()
        if former is not None:
            retired = Totals(former.retired)
            for old in former.segments[:-1]:
                retired.update(old.totals())
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
            retired=retired,
            status=self.status,
        )
        self._slots = list(range(settings.workers + SPARE))
        if former is not None:
            segment.reloaded(True)
            self.status.reloaded([])
        return compiled

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

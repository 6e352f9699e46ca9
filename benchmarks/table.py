"""The main table: CPU microseconds per request of every peer, all in one run, round after round."""

import contextlib
import os
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from benchmarks import proc, wrk
from benchmarks.parity import differences
from benchmarks.peers import Peer
from benchmarks.processes import DidNotStart, tail
from benchmarks.session import Served, Session
from benchmarks.tools import Absent
from benchmarks.workloads import WORKLOADS, Workload

WARM_UP = 1.0  # seconds


@dataclass(frozen=True, slots=True)
class Sample:
    """One timed run: `cpu` and latencies in microseconds; `others` is the share of the CPUs other programs took."""

    cpu: float
    per_second: float
    p50: float
    p99: float
    others: float


@dataclass(frozen=True, slots=True)
class Row:
    """The median of all rounds for one peer and workload; `resident` is bytes over all its processes."""

    peer: str
    does: str
    workload: str
    cpu: float
    per_second: float
    p50: float
    p99: float
    resident: int
    lowest: float  # CPU microseconds of the best and the worst round
    highest: float
    others: float  # the worst round's


@dataclass(frozen=True, slots=True)
class Table:
    """All rows, and why a peer is missing from them."""

    rows: tuple[Row, ...]
    missing: dict[str, str]

    def cpu(self, peer: str, workload: str) -> float | None:
        """CPU microseconds per request of one cell; None when it was not measured."""
        return next((row.cpu for row in self.rows if (row.peer, row.workload) == (peer, workload)), None)


def measure(session: Session, peers: Sequence[Peer], rounds: int, seconds: float, say: Callable[[str], None]) -> Table:
    """Start all peers, prove that they answer alike, then time them in turn for `rounds` rounds."""
    missing: dict[str, str] = {}
    with contextlib.ExitStack() as stack:
        backend = stack.enter_context(session.backend())
        up = list(_start(stack, session, peers, backend.port, missing, say))
        samples: dict[tuple[str, str], list[Sample]] = {}
        for number in range(rounds + 1):
            say(f"round {number} of {rounds}" if number else "warming up")
            for peer, served in [one for one in up if one[0].name not in missing]:
                try:
                    taken = [sample(session, served, one, seconds if number else WARM_UP) for one in WORKLOADS]
                except wrk.LoadFailed as reason:
                    missing[peer.name] = f"failed under load: {reason}\n{tail(served.log)}".rstrip()
                    say(f"{peer.name}: left out: {missing[peer.name]}")
                    continue
                for workload, one in zip(WORKLOADS, taken, strict=True):
                    samples.setdefault((peer.name, workload.name), []).append(one)
        rows = tuple(
            summarise(peer, workload.name, samples[peer.name, workload.name][1:], resident(served.pid))
            for workload in WORKLOADS
            for peer, served in up
            if peer.name not in missing
        )
    return Table(rows, missing)


def _start(
    stack: contextlib.ExitStack,
    session: Session,
    peers: Sequence[Peer],
    backend_port: int,
    missing: dict[str, str],
    say: Callable[[str], None],
) -> Iterator[tuple[Peer, Served]]:
    for peer in peers:
        try:
            served = stack.enter_context(session.serve(peer.name, peer.launch, backend_port))
        except (Absent, DidNotStart) as reason:
            missing[peer.name] = str(reason)
            say(f"{peer.name}: left out: {reason}")
            continue
        if wrong := differences(peer, served.port, served.headers):
            missing[peer.name] = "answers differently: " + "; ".join(wrong)
            say(f"{peer.name}: left out: {missing[peer.name]}")
            continue
        say(f"{peer.name}: answers as expected")
        yield peer, served


def warm_up(session: Session, served: Sequence[Served], workloads: Sequence[Workload] = WORKLOADS) -> None:
    """A little of each workload, so that no pool, cache or buffer grows while the clock runs."""
    for one in served:
        for workload in workloads:
            wrk.run(session.tools.wrk(), workload, one.port, WARM_UP, session.cpus.load, session.folder, one.headers)


def sample(session: Session, served: Served, workload: Workload, seconds: float) -> Sample:
    """One run of the load generator, with the CPU time that the peer's processes used meanwhile."""
    before, started = _clocks(served), time.monotonic()
    cpu = session.cpus.load
    load = wrk.run(session.tools.wrk(), workload, served.port, seconds, cpu, session.folder, served.headers)
    peer, ours, busy = (after - first for after, first in zip(_clocks(served), before, strict=True))
    available = (time.monotonic() - started) * (os.cpu_count() or 1)
    others = max(0.0, (busy - ours) / available)
    return Sample(peer / load.requests * 1e6, load.per_second, load.p50, load.p99, others)


def _clocks(served: Served) -> tuple[float, float, float]:
    """Seconds used so far by the peer, by this benchmark with all that it started, and by everybody."""
    return proc.cpu_seconds(served.pid), proc.cpu_seconds(os.getpid()), proc.busy_seconds()


def summarise(peer: Peer, workload: str, samples: Sequence[Sample], resident: int) -> Row:
    """The median of each figure by itself."""
    cpus = [sample.cpu for sample in samples]
    return Row(
        peer.name,
        peer.does,
        workload,
        statistics.median(cpus),
        statistics.median(sample.per_second for sample in samples),
        statistics.median(sample.p50 for sample in samples),
        statistics.median(sample.p99 for sample in samples),
        resident,
        min(cpus),
        max(cpus),
        max(sample.others for sample in samples),
    )


def resident(root: int) -> int:
    """Bytes resident in `root` and everything below it; pages they share are counted in each."""
    return sum(proc.resident(pid) for pid in proc.family(root))

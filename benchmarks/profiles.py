"""Where the worker's time goes: py-spy samples it while the load runs. For reading, not for timing."""

import subprocess
from collections import Counter
from collections.abc import Iterable

from benchmarks import table, wrk
from benchmarks.peers import OURS
from benchmarks.session import Session
from benchmarks.workloads import WORKLOADS, Workload

RATE = 400  # samples per second
TOP = 25
EXTRA_TIME = 30.0
WAITING = "(threading.py"  # py-spy takes a thread that waits for a lock, such as the log's writer, for a busy one


Profile = list[tuple[str, float]]  # functions with their share of the samples, largest first


class NoProfile(Exception):
    """py-spy could not look at the worker; the message says why."""


def measure(session: Session, seconds: float) -> dict[str, Profile]:
    """Per workload, the functions that the worker was in. Raises NoProfile, Absent, DidNotStart, LoadFailed."""
    with session.backend() as backend, session.serve("profile", OURS.launch, backend.port) as served:
        table.warm_up(session, [served])
        return {one.name: _profile(session, served.worker, served.port, one, seconds) for one in WORKLOADS}


def _profile(session: Session, worker: int, port: int, workload: Workload, seconds: float) -> Profile:
    stacks = session.folder / f"profile-{workload.name}.txt"
    how = ["--rate", str(RATE), "--format", "raw", "--duration", str(round(seconds)), "--output", str(stacks)]
    command = [session.tools.py_spy(), "record", "--pid", str(worker), *how]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as spy:
        wrk.run(session.tools.wrk(), workload, port, seconds + 1, session.cpus.load, session.folder)
        _, errors = spy.communicate(timeout=EXTRA_TIME)
    if spy.returncode:
        raise NoProfile(errors.strip().splitlines()[-1] if errors.strip() else "py-spy failed")
    return hottest(stacks.read_text().splitlines())


def hottest(stacks: Iterable[str], top: int = TOP) -> Profile:
    """Innermost functions of collapsed stacks (`outer;inner COUNT` a line) with their share of all samples."""
    counts: Counter[str] = Counter()
    for line in stacks:
        stack, _, count = line.rpartition(" ")
        innermost = stack.rpartition(";")[2]
        if WAITING not in innermost:
            counts[function(innermost)] += int(count)
    total = counts.total()
    return [(name, count / total) for name, count in counts.most_common(top)]


def function(frame: str) -> str:
    """A frame without its line number: `handle (handle.py:51)` becomes `handle (handle.py)`."""
    name, colon, line = frame.rpartition(":")
    return f"{name})" if colon and line.rstrip(")").isdigit() else frame

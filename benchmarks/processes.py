"""Starting, pinning and stopping the processes of a run. Nothing outlives its `with` block."""

import contextlib
import os
import resource
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

GRACE = 5.0  # seconds between SIGTERM and SIGKILL
POLL = 0.01


class DidNotStart(Exception):
    """A process ended, or stayed silent, before it answered; the message holds the end of its log."""


@dataclass(frozen=True, slots=True)
class Cpus:
    """Which CPU runs what: the peer under test alone on one, load generator and backend on the other."""

    peer: int
    load: int

    @classmethod
    def choose(cls) -> "Cpus":
        """Take the first two CPUs this process may use; raise `DidNotStart` where there is only one."""
        usable = sorted(os.sched_getaffinity(0))
        if len(usable) < 2:
            raise DidNotStart("the benchmark needs two CPUs: one for the peer, one for the load")
        return cls(usable[0], usable[1])


def free_port() -> int:
    """A loopback port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def raise_file_limit() -> int:
    """Allow as many open files as the hard limit does; children inherit it. Returns the limit."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


@contextlib.contextmanager
def running(
    command: Sequence[str], cpu: int, log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `command` on one CPU in a process group of its own; the group is gone when the block ends."""
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
            preexec_fn=lambda: os.sched_setaffinity(0, {cpu}),
        )
    try:
        yield process
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End the process group: SIGTERM first, SIGKILL after `GRACE` seconds."""
    _signal_group(process, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(GRACE)
    _signal_group(process, signal.SIGKILL)
    process.wait()


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, timeout: float = 60.0) -> None:
    """Poll `ready` until it holds; raise `DidNotStart` when the process ends or `timeout` seconds pass."""
    deadline = time.monotonic() + timeout
    while not ready():
        if process.poll() is not None:
            raise DidNotStart(f"it ended with status {process.returncode}:\n{tail(log)}")
        if time.monotonic() > deadline:
            raise DidNotStart(f"it did not answer within {timeout:.0f} s:\n{tail(log)}")
        time.sleep(POLL)


def tail(log: Path, lines: int = 12) -> str:
    """The last lines of a log file, indented."""
    text = log.read_text(errors="replace").splitlines() if log.exists() else []
    return "\n".join(f"    {line}" for line in text[-lines:])

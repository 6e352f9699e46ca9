"""Starting and stopping processes."""

import os
import signal
import sys
from pathlib import Path

import pytest

from benchmarks import proc, processes
from benchmarks.processes import Cpus, DidNotStart

FORKS = "import os,time\nif os.fork() == 0: pass\ntime.sleep(60)"
STUBBORN = "import signal,time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('up', flush=True)\ntime.sleep(60)"


def alive(pid: int) -> bool:
    """Whether the process can still do anything; one that ended and waits to be reaped cannot."""
    try:
        return ") Z " not in (proc.PROC / str(pid) / "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_everything_started_is_gone_afterwards(tmp_path: Path) -> None:
    """Children of the process too, and each was on the CPU it was given."""
    cpu = min(os.sched_getaffinity(0))
    with processes.running([sys.executable, "-c", FORKS], cpu, tmp_path / "log") as process:
        processes.wait_until(lambda: len(proc.family(process.pid)) == 2, process, tmp_path / "log")
        family = proc.family(process.pid)
        assert all(os.sched_getaffinity(pid) == {cpu} for pid in family)
    assert process.returncode == -signal.SIGTERM
    assert not any(alive(pid) for pid in family)


def test_a_process_that_ignores_the_signal_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The benchmark ends by itself, whatever a peer does."""
    monkeypatch.setattr(processes, "GRACE", 0.2)
    log = tmp_path / "log"
    with processes.running([sys.executable, "-c", STUBBORN], min(os.sched_getaffinity(0)), log) as process:
        processes.wait_until(lambda: b"up" in log.read_bytes(), process, log)
    assert process.returncode == -signal.SIGKILL


def test_a_process_that_ends_early_is_reported_with_its_log(tmp_path: Path) -> None:
    """The reason is in its last lines."""
    log = tmp_path / "log"
    command = [sys.executable, "-c", "import sys; sys.exit('port 80 is taken')"]
    with (
        pytest.raises(DidNotStart, match=r"status 1(.|\n)*port 80 is taken"),
        processes.running(command, min(os.sched_getaffinity(0)), log) as process,
    ):
        processes.wait_until(lambda: False, process, log)


def test_a_process_that_stays_silent_is_given_up(tmp_path: Path) -> None:
    """After a bounded time."""
    log = tmp_path / "log"
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    with (
        pytest.raises(DidNotStart, match="did not answer"),
        processes.running(command, min(os.sched_getaffinity(0)), log) as process,
    ):
        processes.wait_until(lambda: False, process, log, timeout=0.1)


def test_one_cpu_is_not_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures from a shared CPU would mean nothing."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {3})
    with pytest.raises(DidNotStart, match="two CPUs"):
        Cpus.choose()


def test_the_end_of_a_log_is_shown(tmp_path: Path) -> None:
    """A log that was never written has no end."""
    (tmp_path / "log").write_text("one\ntwo\nthree\n")
    assert processes.tail(tmp_path / "log", 2) == "    two\n    three"
    assert processes.tail(tmp_path / "none") == ""

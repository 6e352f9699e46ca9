"""CPU time and memory from /proc."""

import os
import time

import pytest

from benchmarks import proc
from benchmarks.proc import Stat

LINE = "{pid} ({name}) S {parent} 7 7 0 -1 4194304 1 2 3 4 100 20 3 1 20 0 1 0 55 1000 200"


@pytest.mark.parametrize("name", ["nginx", "nginx: worker", "a) (b", "((", "x ) S 1 2 3"])
def test_a_stat_line_is_read_whatever_the_command_is_called(name: str) -> None:
    """Spaces and parentheses in the command name do not shift the fields; children's time is included."""
    assert proc.parse_stat(LINE.format(pid=42, name=name, parent=7)) == Stat(42, 7, 124)


def test_a_status_value_is_given_in_bytes() -> None:
    """/proc gives kilobytes."""
    text = "Name:\tpython\nVmHWM:\t   2048 kB\nVmRSS:\t   1024 kB\n"
    assert proc.parse_status(text, "VmRSS") == 1 << 20
    with pytest.raises(KeyError):
        proc.parse_status(text, "VmSwap")


def test_a_family_is_the_root_and_all_below_it() -> None:
    """Grandchildren belong to it, strangers do not, and the youngest generation comes last."""
    stats = [Stat(5, 4, 0), Stat(1, 0, 0), Stat(3, 1, 0), Stat(4, 3, 0), Stat(9, 1, 0), Stat(8, 0, 0)]
    assert [stat.pid for stat in proc.descendants(3, stats)] == [3, 4, 5]
    assert proc.descendants(77, stats) == []


def test_busy_time_is_all_but_idle_and_waiting() -> None:
    """Guest time is part of user time already and is not counted twice."""
    assert proc.parse_busy("cpu  10 1 20 9000 500 3 4 5 7 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n") == 43


def test_time_spent_is_counted() -> None:
    """A process that computes for a while has used CPU time."""
    before = proc.cpu_seconds(os.getpid())
    end = time.process_time() + 0.1
    while time.process_time() < end:
        pass
    assert proc.cpu_seconds(os.getpid()) - before >= 0.08


def test_the_peak_is_never_below_what_is_resident() -> None:
    """Both figures describe this process, and the peak can be reset."""
    pid = os.getpid()
    assert proc.peak_resident(pid) >= proc.resident(pid) > 1_000_000
    ballast = b"x" * 60_000_000
    del ballast
    high = proc.peak_resident(pid)
    proc.reset_peak(pid)
    assert proc.peak_resident(pid) < high - 30_000_000

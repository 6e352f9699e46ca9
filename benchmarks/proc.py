"""CPU time and memory of processes, from /proc (Linux; see proc(5))."""

import os
from pathlib import Path
from typing import NamedTuple

PROC = Path("/proc")
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
RESET_PEAK = "5"  # written to clear_refs: VmHWM starts again from VmRSS


class Stat(NamedTuple):
    """The part of /proc/PID/stat that is used; `ticks` includes children that were waited for."""

    pid: int
    parent: int
    ticks: int


def parse_stat(text: str) -> Stat:
    """Read one /proc/PID/stat line; the command name may itself hold spaces and parentheses."""
    pid, _, rest = text.partition(" ")
    fields = rest[rest.rindex(")") + 2 :].split()
    return Stat(int(pid), int(fields[1]), sum(map(int, fields[11:15])))


def parse_status(text: str, key: str) -> int:
    """Bytes behind `key` (VmRSS, VmHWM) in /proc/PID/status."""
    for line in text.splitlines():
        name, _, value = line.partition(":")
        if name == key:
            return int(value.split()[0]) * 1024
    raise KeyError(key)


def descendants(root: int, stats: list[Stat]) -> list[Stat]:
    """`root` and every process below it."""
    family = [stat for stat in stats if stat.pid == root]
    for member in family:  # grows while it is walked: breadth first
        family += [stat for stat in stats if stat.parent == member.pid]
    return family


def all_stats() -> list[Stat]:
    """One `Stat` per process that is alive."""
    found = []
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            try:
                found.append(parse_stat((entry / "stat").read_text()))
            except (FileNotFoundError, ProcessLookupError):
                continue  # ended while we were looking
    return found


def family(root: int) -> list[int]:
    """Process ids of `root` and everything it started."""
    return [stat.pid for stat in descendants(root, all_stats())]


def cpu_seconds(root: int) -> float:
    """User and system time that `root` and everything below it have used, in seconds."""
    return sum(stat.ticks for stat in descendants(root, all_stats())) / TICKS_PER_SECOND


def parse_busy(text: str) -> int:
    """Ticks that all CPUs together were not idle, from the first line of /proc/stat; stolen time is busy time."""
    user, nice, system, _idle, _iowait, *rest = map(int, text.splitlines()[0].split()[1:9])
    return user + nice + system + sum(rest)


def busy_seconds() -> float:
    """Seconds that all CPUs together were not idle since boot."""
    return parse_busy((PROC / "stat").read_text()) / TICKS_PER_SECOND


def resident(pid: int) -> int:
    """Resident set size of one process, in bytes."""
    return parse_status((PROC / str(pid) / "status").read_text(), "VmRSS")


def peak_resident(pid: int) -> int:
    """Largest resident set size since start or `reset_peak`, in bytes."""
    return parse_status((PROC / str(pid) / "status").read_text(), "VmHWM")


def reset_peak(pid: int) -> None:
    """Make `peak_resident` start again from what is resident now."""
    (PROC / str(pid) / "clear_refs").write_text(RESET_PEAK)

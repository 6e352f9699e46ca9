"""What the processes of a gateway have used, from /proc (Linux; proc(5))."""

import os
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
PEAK_FROM_NOW = "5"  # written to clear_refs: VmHWM starts again from VmRSS


def family(root: int) -> list[int]:
    """`root` and every process below it."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int(_stat(int(entry.name))[1])
            except OSError:
                continue  # it has ended
    found = [root]
    for member in found:  # grows while it is walked
        found += [pid for pid, parent in parents.items() if parent == member]
    return found


def cpu(pids: list[int]) -> float:
    """Seconds of the processor, user and system."""
    return sum(int(ticks) for pid in pids for ticks in _stat(pid)[11:13]) / _TICKS


def resident(pids: list[int]) -> int:
    """Bytes in memory now; the peak begins here."""
    for pid in pids:
        Path(f"/proc/{pid}/clear_refs").write_text(PEAK_FROM_NOW)
    return sum(_status(pid, "VmRSS") for pid in pids)


def peak(pids: list[int]) -> int:
    """The most bytes since `resident`."""
    return sum(_status(pid, "VmHWM") for pid in pids)


def _stat(pid: int) -> list[str]:
    """The fields behind the command name, which may itself hold blanks and parentheses."""
    text = Path(f"/proc/{pid}/stat").read_text()
    return text[text.rindex(")") + 2 :].split()


def _status(pid: int, key: str) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(key + ":"):
            return int(line.split()[1]) * 1024
    raise KeyError(key)

"""What processes hold: memory, files, connections (Linux, proc(5))."""

import contextlib
import os
import statistics
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.proc import PROC, parse_status

ESTABLISHED, CLOSE_WAIT = "01", "08"  # states in /proc/net/tcp
MEGABYTE = 1e6


def anonymous(pid: int) -> int:
    """Bytes of memory of its own that a process has resident: neither files nor what is shared."""
    return parse_status((PROC / str(pid) / "status").read_text(), "RssAnon")


def files(pid: int) -> dict[int, str]:
    """Open files of a process by number: what each link says, such as `socket:[123]`."""
    found = {}
    for entry in (PROC / str(pid) / "fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile; the listing itself is one of them
            found[int(entry.name)] = os.readlink(entry)
    return found


def connections(lines: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Of the lines of /proc/net/tcp: local port, remote port and the name that `files` gives the socket."""
    for line in lines[1:]:
        _, local, remote, state, *_, inode = line.split()[:10]
        if state in (ESTABLISHED, CLOSE_WAIT):
            yield int(local.rpartition(":")[2], 16), int(remote.rpartition(":")[2], 16), f"socket:[{inode}]"


def peers_of(pid: int, port: int) -> set[int]:
    """The ports of the clients that a process is connected with on its own `port`."""
    held = set(files(pid).values())
    table = Path("/proc/net/tcp").read_text().splitlines()
    return {remote for local, remote, name in connections(table) if local == port and name in held}


def others(pid: int, backend_port: int) -> int:
    """How many files a process has open besides its connections to the backend."""
    held = files(pid)
    table = Path("/proc/net/tcp").read_text().splitlines()
    pooled = {name for _, remote, name in connections(table) if remote == backend_port}
    return sum(name not in pooled for name in held.values())


def growth(samples: Sequence[tuple[float, int]], warm: float) -> tuple[float, float]:
    """Of (seconds, bytes) from `warm` on: megabytes from the median of the first third to that of the last, and the
    slope of all in megabytes a minute (least squares)."""
    kept = [(at, size / MEGABYTE) for at, size in samples if at >= warm]
    third = len(kept) // 3
    if not third:
        return 0.0, 0.0
    first, last = (statistics.median(size for _, size in part) for part in (kept[:third], kept[-third:]))
    slope, _ = statistics.linear_regression([at for at, _ in kept], [size for _, size in kept])
    return last - first, slope * 60

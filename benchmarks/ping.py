"""How long a tiny request takes while something else goes on, seen from a process of its own.

`python -m benchmarks.ping PORT TARGET` sends one GET after the other until its standard input ends, and then prints
the longest round trip in seconds.
"""

import contextlib
import http.client
import os
import select
import subprocess
import sys
import time
from collections.abc import Callable

PAUSE = 0.002  # seconds between an answer and the next request
EXTRA_TIME = 30.0


def longest(port: int, target: str, cpu: int, meanwhile: Callable[[], object]) -> float:
    """Ping from a process on `cpu` while `meanwhile` runs; returns the longest round trip in seconds."""
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.ping", str(port), target],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        preexec_fn=lambda: os.sched_setaffinity(0, {cpu}),
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()  # the first answer has come
        try:
            meanwhile()
        finally:
            output, _ = process.communicate(timeout=EXTRA_TIME)
    return float(output)


def ping(port: int, target: str) -> None:
    """Ping until standard input ends."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=EXTRA_TIME)
    with contextlib.closing(connection):
        _round_trip(connection, target)
        print(flush=True)
        worst = 0.0
        while not select.select([sys.stdin], [], [], PAUSE)[0]:
            worst = max(worst, _round_trip(connection, target))
        print(worst)


def _round_trip(connection: http.client.HTTPConnection, target: str) -> float:
    started = time.monotonic()
    connection.request("GET", target)
    connection.getresponse().read()
    return time.monotonic() - started


if __name__ == "__main__":
    ping(int(sys.argv[1]), sys.argv[2])

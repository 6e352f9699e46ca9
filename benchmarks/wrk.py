"""Running wrk, the load generator, and reading what it measured.

wrk's own text is made for people, so a script prints the summary as one JSON line when the run is over. It adds
nothing per request: wrk keeps sending the same prepared bytes.
"""

import json
import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.http import NO_HEADERS
from benchmarks.workloads import JSON_TYPE, Workload

MARK = "RESULT "
CONNECTIONS = 32
EXTRA_TIME = 30.0  # seconds wrk may take beyond its duration

SCRIPT = """
wrk.method = "{method}"
{body}{headers}
done = function(summary, latency, requests)
    local e = summary.errors
    io.write(string.format('{mark}{{"requests":%d,"microseconds":%d,"p50":%d,"p99":%d,"socket_errors":%d,' ..
        '"bad_statuses":%d}}\\n', summary.requests, summary.duration, latency:percentile(50),
        latency:percentile(99), e.connect + e.read + e.write + e.timeout, e.status))
end
"""


class LoadFailed(Exception):
    """wrk did not run, or its answers were not the expected ones; such a figure is worth nothing."""


@dataclass(frozen=True, slots=True)
class Load:
    """What one run of wrk saw; times in microseconds."""

    requests: int
    microseconds: int
    p50: int
    p99: int
    socket_errors: int
    bad_statuses: int

    @property
    def per_second(self) -> float:
        """Requests per second."""
        return self.requests / self.microseconds * 1e6


def script(workload: Workload, headers: Mapping[str, str] = NO_HEADERS) -> str:
    """The Lua script that sends `workload`. JSON of the workloads is ASCII without `]]`, and so are `headers`."""
    body = f"wrk.body = [[{workload.body.decode()}]]\n" if workload.body else ""
    described = {"Content-Type": JSON_TYPE} if workload.body else {}
    lines = "\n".join(f'wrk.headers["{name}"] = [[{value}]]' for name, value in {**described, **headers}.items())
    return SCRIPT.format(method=workload.method, body=body, headers=lines, mark=MARK)


def parse(output: str) -> Load:
    """Read wrk's output; raises `LoadFailed` when there is no result, an error or a status outside 2xx and 3xx."""
    results = [line.removeprefix(MARK) for line in output.splitlines() if line.startswith(MARK)]
    if not results:
        raise LoadFailed(f"wrk printed no result:\n{output}")
    load = Load(**json.loads(results[0]))
    if load.socket_errors or load.bad_statuses:
        raise LoadFailed(f"{load.socket_errors} socket errors and {load.bad_statuses} bad statuses")
    if not load.requests:
        raise LoadFailed("not one request was answered")
    return load


def run(
    program: str,
    workload: Workload,
    port: int,
    seconds: float,
    cpu: int,
    folder: Path,
    headers: Mapping[str, str] = NO_HEADERS,
) -> Load:
    """Send `workload` to `port` for `seconds` (whole, at least 1) over `CONNECTIONS` keep-alive connections."""
    path = folder / f"{workload.name}.lua"
    path.write_text(script(workload, headers))
    shape = ["-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", "-s", str(path)]
    command = [program, *shape, f"http://127.0.0.1:{port}{workload.target}"]
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=seconds + EXTRA_TIME,
            preexec_fn=lambda: os.sched_setaffinity(0, {cpu}),
        )
    except subprocess.TimeoutExpired:
        raise LoadFailed(f"wrk did not end: 127.0.0.1:{port} takes no connections") from None
    if done.returncode:
        raise LoadFailed(f"wrk ended with status {done.returncode}: {done.stderr.strip()}")
    return parse(done.stdout)

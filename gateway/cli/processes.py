"""Starting several programs, waiting until all of them answer, and leaving none behind."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import requests

START_SECONDS = 60.0  # until a program has to answer
STOP_SECONDS = 15.0  # until a program that was told to stop is killed
LAST_LINES = 15


class ProgramFailed(Exception):
    """A program did not start, or ended by itself. The message says which, and its last words."""


@dataclass(frozen=True, slots=True)
class Program:
    """What to start. `ready` is a URL that answers 2xx to 4xx, or only 200 when `strict`."""

    name: str
    arguments: Sequence[str]  # for this Python
    ready: str
    strict: bool = False


class Programs:
    """Running programs, each the leader of its own process group. Leaving the `with` block stops them all."""

    def __init__(self, logs: Path, folder: Path) -> None:
        self._logs = logs
        self._folder = folder
        self._running: list[tuple[Program, subprocess.Popen[bytes]]] = []

    def __enter__(self) -> "Programs":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def log(self, name: str) -> Path:
        """Where a program's output goes."""
        return self._logs / f"{name}.log"

    def start(self, program: Program) -> None:
        """Start one; its output goes to its log."""
        with self.log(program.name).open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, *program.arguments],
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        self._running.append((program, process))

    def wait_until_ready(self, wanted: Callable[[], bool]) -> bool:
        """True when all programs answer, False when they are no longer `wanted`. Raises ProgramFailed."""
        deadline = time.monotonic() + START_SECONDS
        waiting = [program for program, _ in self._running]
        while wanted():
            self.check()
            waiting = [program for program in waiting if not _answers(program)]
            if not waiting:
                return True
            if time.monotonic() > deadline:
                raise ProgramFailed(self._last_words(waiting[0].name, f"does not answer at {waiting[0].ready}"))
            time.sleep(0.1)
        return False

    def check(self) -> None:
        """Raise ProgramFailed when one has ended."""
        for program, process in self._running:
            if process.poll() is not None:
                raise ProgramFailed(self._last_words(program.name, f"ended with code {process.returncode}"))

    def stop(self) -> None:
        """Ask all, the last started first; kill what has not ended in time, and what it left in its group."""
        deadline = time.monotonic() + STOP_SECONDS
        for _, process in reversed(self._running):
            process.terminate()
        for _, process in reversed(self._running):
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            _kill_group(process.pid)
        self._running.clear()

    def _last_words(self, name: str, what: str) -> str:
        lines = self.log(name).read_text("utf-8", "replace").splitlines()[-LAST_LINES:]
        return "\n".join([f"{name} {what}. Its last lines:", *(f"    {line}" for line in lines or ["(none)"])])


def taken(address: tuple[str, int]) -> bool:
    """Whether somebody listens there, or nobody may."""
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError:
            return True
    return False


def free_ports(count: int) -> list[int]:
    """Ports of the loopback interface that were free a moment ago, all different."""
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports: list[int] = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def _answers(program: Program) -> bool:
    try:
        status = requests.get(program.ready, timeout=2, allow_redirects=False).status_code
    except requests.RequestException:
        return False
    return status == 200 if program.strict else status < 500


def _kill_group(group: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):  # all of them ended
        os.killpg(group, signal.SIGKILL)

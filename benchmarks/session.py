"""One peer, or the backend, up and answering: what every measurement starts from."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import proc
from benchmarks.http import answers
from benchmarks.peers import Launch, Place, backend
from benchmarks.processes import Cpus, free_port, running, wait_until
from benchmarks.tools import Tools


@dataclass(frozen=True, slots=True)
class Served:
    """A process that answers on `port`; `pid` is its root process, `log` what it printed.

    `headers` are what a good request brings along, such as credentials.
    """

    pid: int
    port: int
    log: Path
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def worker(self) -> int:
        """The process that does the work: the youngest one below the root, or the root itself."""
        return proc.family(self.pid)[-1]


@dataclass(frozen=True, slots=True)
class Session:
    """What all measurements share: a folder for everything written, the CPUs and the tools."""

    folder: Path
    cpus: Cpus
    tools: Tools

    @contextlib.contextmanager
    def serve(
        self, name: str, launch: Callable[[Place], Launch], backend_port: int = 0, on_load_cpu: bool = False
    ) -> Iterator[Served]:
        """Start what `launch` describes and wait until it answers; raises `DidNotStart` or `Absent`."""
        folder = self.folder / f"{name}-{free_port()}"
        folder.mkdir()
        place = Place(folder, free_port(), free_port(), backend_port, self.tools)
        recipe = launch(place)
        log = folder / "output.log"
        cpu = self.cpus.load if on_load_cpu else self.cpus.peer
        with contextlib.ExitStack() as stack:
            for number, command in enumerate(recipe.beside):
                stack.enter_context(running(command, self.cpus.load, folder / f"beside-{number}.log"))
            process = stack.enter_context(running(recipe.command, cpu, log, recipe.environment))
            wait_until(lambda: answers(place.port, recipe.ready, recipe.headers), process, log)
            yield Served(process.pid, place.port, log, recipe.headers)

    @contextlib.contextmanager
    def backend(self) -> Iterator[Served]:
        """The backend of the table, beside the load generator."""
        with self.serve("backend", backend, on_load_cpu=True) as served:
            yield served

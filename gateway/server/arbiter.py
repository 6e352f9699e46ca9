"""The master process: gunicorn's arbiter, which compiles before it forks.

A reload (SIGHUP, or a changed file with `watch`) compiles a new generation here. Only when that succeeds are workers
replaced: new ones inherit the new table, old ones finish what they have on the old one. gunicorn would stop the server
on an exception in one of its hooks, so a failed compilation never gets that far.
"""

import contextlib
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from gateway.config import Settings
from gateway.config.address import parse_address
from gateway.contract.findings import LoadError
from gateway.server.generation import Generations
from gateway.server.pages import AssetsMissing
from gateway.server.worker import GatewayWorker

log = logging.getLogger("gateway")


def serve(settings: Settings, reload: Callable[[], Settings], config: str | None = None) -> int:
    """Run until stopped; returns the exit code. `reload` reads the settings again (from the file `config`, which is
    watched too) and may raise LoadError.

    Exit codes: 0 stopped, 1 findings, 2 a port that cannot be had, or files that settings name and nobody can use.
    """
    logging.basicConfig(
        stream=sys.stderr, level=settings.log.level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    for text in (settings.listen, settings.admin):
        if text != "off" and (problem := _unavailable(text)):
            print(f"gateway: {problem}", file=sys.stderr)
            return 2
    generations = Generations(frozenset([config] if config else []))
    try:
        compiled = generations.renew(settings)
    except (AssetsMissing, LoadError) as error:
        print(f"gateway: {error}", file=sys.stderr)
        return 2
    for finding in compiled.findings:
        print(finding.text(), file=sys.stderr)
    if compiled.table is None:
        print("gateway: not started: the documents cannot be enforced as they are", file=sys.stderr)
        return 1
    try:
        GatewayArbiter(Application(settings, generations), reload).run()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 0


def _unavailable(text: str) -> str:
    """Why nothing can listen at HOST:PORT; "" when it can."""
    host, port = parse_address(text)
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        return (
            f"cannot listen on {text}: {error.strerror}; stop what uses it or choose another with --listen or --admin"
        )
    return ""


class Application(BaseApplication):  # type: ignore[misc]
    """gunicorn's configuration, derived from ours."""

    def __init__(self, settings: Settings, generations: Generations) -> None:
        self.settings = settings
        self.generations = generations
        super().__init__()

    def load_config(self) -> None:
        """No file or command line of gunicorn's own is read."""
        settings = self.settings
        options: dict[str, Any] = {
            "bind": [text for text in (settings.listen, settings.admin) if text != "off"],
            "workers": settings.workers,
            "worker_class": GatewayWorker,
            "proc_name": "gateway",
            "graceful_timeout": int(settings.timeouts.drain) + 5,
            "loglevel": settings.log.level,
            "control_socket_disable": True,
            "pre_fork": self._before_fork,
            "child_exit": self._after_exit,
            "when_ready": _announce,
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> object:
        """gunicorn asks for an application object; ours is the generation."""
        return self.generations.current

    def _before_fork(self, arbiter: Arbiter, worker: GatewayWorker) -> None:
        generation = self.generations.current
        assert generation is not None
        worker.generation = generation
        worker.slot = self.generations.take_slot()

    def _after_exit(self, arbiter: Arbiter, worker: GatewayWorker) -> None:
        self.generations.free_slot(worker.generation, worker.slot)


def _announce(arbiter: Arbiter) -> None:
    places = [f"http://{_shown(listener.sock.getsockname())}" for listener in arbiter.LISTENERS]
    if arbiter.app.settings.tls.certificates:
        places[0] = places[0].replace("http:", "https:")
    text = f"gateway listening on {places[0]}"
    print(f"{text}, admin on {places[1]}" if len(places) > 1 else text, flush=True, file=sys.stderr)


def _shown(address: tuple[Any, ...]) -> str:
    host, port = address[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class GatewayArbiter(Arbiter):  # type: ignore[misc]
    """Compiles before it reloads, and watches files."""

    def __init__(self, app: Application, read_settings: Callable[[], Settings]) -> None:
        super().__init__(app)
        self._read_settings = read_settings
        self._seen = self._stamps()

    def handle_hup(self) -> None:
        """SIGHUP: compile anew; replace the workers only if that succeeded."""
        self._seen = self._stamps()
        if self._renew():
            super().handle_hup()
            log.info("reloaded: table %s", self.app.generations.current.table.digest[:12])

    def handle_ttin(self) -> None:
        """SIGTTIN: one worker more, as long as there is a place for its counters."""
        if self.app.generations.full:
            log.warning("no further worker: set workers in the settings instead")
        else:
            super().handle_ttin()

    def _renew(self) -> bool:
        generations = self.app.generations
        try:
            settings = self._read_settings()
            compiled = generations.renew(settings)
        except LoadError as error:
            generations.failed([finding.text() for finding in error.findings])
            log.error("not reloaded, the former settings stay in force:\n%s", error)
            return False
        except Exception:
            generations.failed(["internal error, see the log"])
            log.exception("not reloaded, the former documents stay in force")
            return False
        for finding in compiled.findings:
            log.warning("%s", finding.text())
        if compiled.table is None:
            log.error("not reloaded, the former documents stay in force")
            return False
        if (settings.listen, settings.admin) != (self.app.settings.listen, self.app.settings.admin):
            log.warning("listen and admin are changed by a restart only")
        self.app.settings = settings
        return True

    def manage_workers(self) -> None:
        """Called at least once a second by the master's loop."""
        if self.app.settings.watch and self._stamps() != self._seen:
            self._seen = self._stamps()
            self.SIG_QUEUE.put_nowait(signal.SIGHUP)
        super().manage_workers()

    def _stamps(self) -> dict[str, tuple[int, int]]:
        """Modification time and size of every file that the table came from."""
        stamps = {}
        for path in self.app.generations.sources:
            with contextlib.suppress(OSError):
                found = os.stat(path)
                stamps[path] = (found.st_mtime_ns, found.st_size)
        return stamps

"""The gunicorn worker: one process, one event loop, one generation."""

import asyncio
import gc
import logging
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import uvloop
from gunicorn.workers.base import Worker

from gateway.config import Limits
from gateway.observe.audit import AuditLog
from gateway.observe.metrics import Metrics
from gateway.request.exchange import Runtime
from gateway.request.handle import serve
from gateway.server.admin import Admin
from gateway.server.crowd import Crowd
from gateway.server.door import BACKLOG, Door, serve_at
from gateway.server.generation import Generation
from gateway.server.listener import Listener
from gateway.server.logs import Logs
from gateway.server.revocations import known
from gateway.server.runtime import doorkeeper, exchange_maker, make_runtime, sweep_for
from gateway.server.sweep import Sweep
from gateway.server.tls import overlook_names

log = logging.getLogger("gateway")

FAREWELL = 1.0  # seconds in which a connection may still send the request that is on its way while we drain
BEAT = 1.0  # seconds between signs of life for the master
ADMIN_LIMITS = Limits(connections=64)


class GatewayWorker(Worker):  # type: ignore[misc]
    """Serves the generation that `app.generation` was when it was forked."""

    generation: Generation
    slot: int

    def init_signals(self) -> None:
        """asyncio takes the signals that matter; the others have their default again."""
        for number in self.SIGNALS:
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGABRT, self.handle_abort)
        signal.signal(signal.SIGWINCH, signal.SIG_IGN)

    def run(self) -> None:
        """Serve until told to stop."""
        settle_collector()
        overlook_names()
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(self._run())

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        service = Service(self.generation, self.slot, loop)
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
            loop.add_signal_handler(number, stop.set)
        loop.add_signal_handler(signal.SIGUSR1, service.logs.reopen)
        await service.listen([listener.sock for listener in self.sockets])
        while not stop.is_set() and os.getppid() == self.ppid:
            self.notify()
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), BEAT)
        await service.drain(self.notify)


def settle_collector() -> None:
    """Keep the table out of the garbage collector's sight: it lives as long as the process, and a full collection that
    walks through all of it stalls every connection (measured: 40 ms against 5 ms). The master has collected what was
    rubbish; to look for it here would copy every page that the processes share.
    """
    gc.freeze()
    gc.set_threshold(10000, 20, 50)


class Service:
    """The listeners of one process and what stands behind them."""

    def __init__(self, generation: Generation, slot: int, loop: asyncio.AbstractEventLoop) -> None:
        settings = generation.settings
        self._loop = loop
        self._settings = settings
        self._generation = generation
        self._metrics = generation.segment.worker(slot)
        self.logs = Logs(settings.log, loop, self._metrics.log_dropped)
        self._sweep = sweep_for(loop, settings)
        self._runtime = make_runtime(generation, self._metrics, self.logs.access, loop, self._sweep, self.logs.audit)
        self._public = public_listener(self._runtime, generation, loop, self._sweep, self._metrics, self.logs.audit)
        self._admin = self._admin_listener()
        self._servers: list[asyncio.Server | Door] = []

    def _admin_listener(self) -> Listener:
        admin = Admin(self._runtime, self._generation, lambda: self._public.draining)
        return Listener(
            self._loop,
            admin.serve,
            exchange_maker(self._runtime),
            ADMIN_LIMITS,
            self._settings.timeouts,
            self._sweep,
            lambda change: None,
        )

    async def listen(self, sockets: list[Any]) -> None:
        """Accept on the public socket and, if there is one, on the admin socket."""
        start_keys(self._runtime)
        await known(self._runtime.table.denylist)
        public, *others = sockets
        self._servers.append(await serve_at(self._loop, public, self._public, self._generation))
        for sock in others:
            sock.setblocking(False)
            self._servers.append(await self._loop.create_server(self._admin, sock=sock, backlog=BACKLOG))

    async def drain(self, beat: Callable[[], None]) -> None:
        """Accept no more, let what is under way finish, within the time that the settings give."""
        for server in self._servers:
            server.close()
        self._public.draining = self._admin.draining = True
        deadline = self._loop.time() + self._settings.timeouts.drain
        farewell = min(self._loop.time() + FAREWELL, deadline)
        while self._public.busy and self._loop.time() < deadline:
            beat()
            await asyncio.sleep(0.05)
            if self._loop.time() >= farewell:
                self._public.drain()
        self._public.abort()
        self._admin.abort()
        for pool in self._runtime.pools:
            pool.close()
        self._runtime.close()
        self._sweep.stop()
        self.logs.close()


def public_listener(
    runtime: Runtime,
    generation: Generation,
    loop: asyncio.AbstractEventLoop,
    sweep: Sweep,
    metrics: Metrics,
    audit: AuditLog | None = None,
) -> Listener:
    """The listener that API consumers talk to."""
    settings = generation.settings
    return Listener(
        loop,
        lambda exchange: serve(runtime, exchange),
        exchange_maker(runtime),
        settings.limits,
        settings.timeouts,
        sweep,
        metrics.connections,
        Crowd(settings.limits.connections_per_address, runtime.trusted_proxies),
        doorkeeper(metrics, audit),
    )


def start_keys(runtime: Runtime) -> None:
    """Begin to fetch the keys of all issuers, so that the first request need not wait for them, and to look for changes
    of stores."""
    if runtime.table.denylist is not None:
        runtime.table.denylist.start()
    for operation in runtime.table.operations:
        for alternative in operation.security:
            for scheme, _ in alternative:
                scheme.start()

"""The connections of one worker to one backend.

The connection used last is used next (LIFO), so a quiet backend keeps few of them open. At the limit a request waits
for a connection to come free, no longer than it would have waited for one to open.
"""

import asyncio
import logging
import ssl
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from gateway.reread import Reread
from gateway.upstream.backend import Backend
from gateway.upstream.lost import BackendLost
from gateway.upstream.tls import failure
from gateway.upstream.transport import BackendConnection

log = logging.getLogger("gateway")


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """`idle` is in seconds; `head_bytes` and `head_count` bound what a backend may send as header fields."""

    connections: int
    idle: float
    head_bytes: int
    head_count: int


class Pool:
    """Hands out connections, opening new ones up to the limit."""

    def __init__(
        self,
        backend: Backend,
        limits: PoolLimits,
        loop: asyncio.AbstractEventLoop,
        watch: Callable[[BackendConnection], None],
        unwatch: Callable[[BackendConnection], None],
        context: Reread[ssl.SSLContext] | None = None,
    ) -> None:
        """`context` is there exactly when the backend has `tls`."""
        self.backend = backend
        self._limits = limits
        self._loop = loop
        self._watch = watch
        self._unwatch = unwatch
        self._idle: list[BackendConnection] = []
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._open: set[BackendConnection] = set()
        self._closing = False
        self._complaint = ""
        self._context = context
        # The name that the certificate must have, also asked for by SNI
        self._verified = None if backend.tls is None else backend.tls.name or backend.host

    def idle(self) -> BackendConnection | None:
        """A connection that can be used right away."""
        while self._idle:
            connection = self._idle.pop()
            if connection.open:
                return connection
        return None

    async def connect(self, timeout: float) -> BackendConnection:
        """A fresh connection, or an idle one at the limit. Raises BackendLost of kind connect, tls or timeout."""
        # A task of its own, since asyncio's timeouts need one and the request may run without.
        connecting = self._loop.create_task(self._connect(timeout))
        try:
            return await connecting
        except BaseException:
            # The request was given up: nobody else would ever take, or end, the connection that comes of it.
            if not connecting.cancel() and not connecting.cancelled() and connecting.exception() is None:
                self.release(connecting.result())
            raise

    async def _connect(self, timeout: float) -> BackendConnection:
        try:
            async with asyncio.timeout(timeout):
                while len(self._open) >= self._limits.connections:
                    await self._turn()
                    if idle := self.idle():
                        return idle
                return await self._open_one()
        except TimeoutError:
            raise BackendLost("timeout", "no connection in time", silent=True) from None

    async def _turn(self) -> None:
        waiter = self._loop.create_future()
        self._waiting.append(waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                self._next()
            raise
        finally:
            if waiter in self._waiting:
                self._waiting.remove(waiter)

    async def _open_one(self) -> BackendConnection:
        backend = self.backend
        connection = BackendConnection(self._loop, self._limits.head_bytes, self._limits.head_count, self._on_closed)
        self._open.add(connection)
        try:
            await self._loop.create_connection(
                lambda: connection,
                backend.host,
                backend.port,
                ssl=None if self._context is None else self._context.value(self._loop.time()),
                server_hostname=self._verified,
            )
        except BaseException as error:
            self._on_closed(connection)
            if isinstance(error, ssl.SSLError):
                raise self._insecure(failure(error)) from None
            if isinstance(error, OSError):
                raise BackendLost("connect", f"no connection: {error.strerror or error}", silent=True) from None
            raise
        self._complaint = ""
        self._watch(connection)
        return connection

    def _insecure(self, reason: str) -> BackendLost:
        """TLS failed: operators have to do something about it, so each reason is said once until it is over."""
        if reason != self._complaint:
            self._complaint = reason
            log.warning("no connection to backend %s: %s", self.backend.name, reason)
        return BackendLost("tls", reason, silent=True)

    def release(self, connection: BackendConnection) -> None:
        """The exchange is over. The connection is kept if nothing is left on it, else ended."""
        if connection.reusable and not self._closing:
            connection.keep(self._loop.time() + self._limits.idle)
            self._idle.append(connection)
            if self._waiting:
                self._next()
        else:
            connection.abort()

    def close(self) -> None:
        """Keep no connection from now on; those in use end with their exchange."""
        self._closing = True
        for connection in self._idle:
            connection.abort()

    def _on_closed(self, connection: BackendConnection) -> None:
        self._open.discard(connection)
        self._unwatch(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        self._next()

    def _next(self) -> None:
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return

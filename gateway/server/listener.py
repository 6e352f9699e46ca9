"""What the connections of one listening socket share: their number, their deadlines, their end."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from gateway.config import Limits, Timeouts
from gateway.request.exchange import Client, Exchange
from gateway.server.connection import ClientConnection
from gateway.server.sweep import Sweep
from gateway.stream import Inbound
from gateway.wire.message import RequestHead

Serve = Callable[[Exchange], Coroutine[Any, None, None]]
NewExchange = Callable[[RequestHead, Inbound, int | None, Client], Exchange]


class Listener:
    """The protocol factory of `loop.create_server`."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        serve: Serve,
        new_exchange: NewExchange,
        limits: Limits,
        timeouts: Timeouts,
        sweep: Sweep,
        count: Callable[[int], None],
    ) -> None:
        self.loop = loop
        self.serve = serve
        self.new_exchange = new_exchange
        self.limits = limits
        self.timeouts = timeouts
        self.draining = False
        self._sweep = sweep
        self._count = count
        self._connections: set[ClientConnection] = set()

    def __call__(self) -> ClientConnection:
        return ClientConnection(self)

    @property
    def busy(self) -> bool:
        """Whether any connection is open."""
        return bool(self._connections)

    def opened(self, connection: ClientConnection) -> bool:
        """Register a connection; False when there are too many already."""
        welcome = len(self._connections) < self.limits.connections
        self._connections.add(connection)
        self._sweep.add(connection)
        self._count(1)
        return welcome

    def closed(self, connection: ClientConnection) -> None:
        """Forget a connection."""
        self._connections.discard(connection)
        self._sweep.remove(connection)
        self._count(-1)

    def drain(self) -> None:
        """Close idle connections; the others close after their answer."""
        self.draining = True
        for connection in list(self._connections):
            connection.drain()

    def abort(self) -> None:
        """End what is still open."""
        for connection in list(self._connections):
            connection.cut()

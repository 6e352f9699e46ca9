"""What the connections of one listening socket share: their number, their deadlines, their end."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from gateway.config import Limits, Timeouts
from gateway.request.exchange import Client, Exchange
from gateway.server.connection import ClientConnection
from gateway.server.crowd import Crowd
from gateway.server.sweep import Sweep
from gateway.stream import Inbound
from gateway.wire.address import AddressSet
from gateway.wire.message import RequestHead

Serve = Callable[[Exchange], Coroutine[Any, None, None]]
TurnedAway = Callable[[str, str, str], None]  # cause, one of gateway.observe.metrics.DOOR; address; reason
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
        crowd: Crowd | None = None,
        refused: TurnedAway = lambda cause, peer, reason: None,
    ) -> None:
        self.loop = loop
        self.serve = serve
        self.new_exchange = new_exchange
        self.limits = limits
        self.timeouts = timeouts
        self.draining = False
        self._sweep = sweep
        self._count = count
        self.refused = refused
        self._crowd = Crowd(0, AddressSet(())) if crowd is None else crowd
        self._expected = 0
        self._connections: set[ClientConnection] = set()

    def __call__(self) -> ClientConnection:
        return ClientConnection(self)

    @property
    def busy(self) -> bool:
        """Whether any connection is open, or about to be."""
        return bool(self._connections) or self._expected > 0

    def expect(self) -> bool:
        """Reserve a place for a connection that is not HTTP yet; False when there are too many already."""
        if len(self._connections) + self._expected >= self.limits.connections:
            return False
        self._expected += 1
        return True

    def unexpect(self) -> None:
        """It is a connection now, or nothing came of it."""
        self._expected -= 1

    def admit(self, peer: str) -> bool:
        """Whether an address may have another connection; if so it counts until `leave`, or `closed`."""
        if self._crowd.enter(peer):
            return True
        self.refused("address", peer, "has too many connections")
        return False

    def leave(self, peer: str) -> None:
        """Nothing came of a connection that was admitted."""
        self._crowd.leave(peer)

    def opened(self, connection: ClientConnection) -> bool:
        """Register a connection; False when there are too many already."""
        welcome = len(self._connections) < self.limits.connections
        self._connections.add(connection)
        self._sweep.add(connection)
        self._count(1)
        return welcome

    def closed(self, connection: ClientConnection) -> None:
        """Forget a connection, if it was ever opened."""
        if connection not in self._connections:
            return
        self._connections.remove(connection)
        self._sweep.remove(connection)
        self._crowd.leave(connection.reader.peer)
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

"""The backend's end of a tunnel: what becomes of a connection after 101 (Switching Protocols)."""

import asyncio
from collections.abc import Callable
from typing import Protocol

from gateway.stream import Inbound


class Owner(Protocol):
    """The connection as it was before; its deadline, its place in the pool and its reading stay its own business."""

    def alive(self) -> None: ...

    def pause_writing(self) -> None: ...

    def resume_writing(self) -> None: ...

    async def write(self, data: bytes) -> None: ...

    def connection_lost(self, exc: Exception | None) -> None: ...


class Switched(asyncio.Protocol):
    """Takes the transport over and hands on what comes, byte for byte. `on_lost` is called when the backend is gone."""

    def __init__(self, transport: asyncio.Transport, body: Inbound, owner: Owner) -> None:
        self._transport = transport
        self._body = body
        self._owner = owner
        self.on_lost: Callable[[], object] = lambda: None

    def take_over(self, rest: bytes) -> None:
        """`rest` came together with the head."""
        # So `write` returns when the operating system has everything: nothing is left behind at the end.
        self._transport.set_write_buffer_limits(0)
        self._transport.set_protocol(self)
        if rest:
            self._body.feed(rest)

    async def write(self, data: bytes) -> None:
        """Bytes of the client. Raises BackendLost."""
        self._owner.alive()
        await self._owner.write(data)

    def write_eof(self) -> None:
        """The client has said all it had to say."""
        if self._transport.can_write_eof() and not self._transport.is_closing():
            self._transport.write_eof()

    # -- asyncio.Protocol

    def data_received(self, data: bytes) -> None:
        self._owner.alive()
        self._body.feed(data)

    def eof_received(self) -> bool:
        self._body.finish()
        return self._transport.can_write_eof()  # then the other direction stays open

    def pause_writing(self) -> None:
        self._owner.pause_writing()

    def resume_writing(self) -> None:
        self._owner.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._owner.connection_lost(exc)
        self.on_lost()

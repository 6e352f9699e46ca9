"""The client's end of a tunnel: what becomes of a connection whose request asks for another protocol."""

import asyncio
from typing import Protocol

from gateway.server.http1 import interim_bytes
from gateway.stream import Inbound, Source
from gateway.wire.message import Field


class Owner(Source, Protocol):
    """The connection as it was before; it still writes answers, and its deadline stays its own business."""

    def pause_writing(self) -> None: ...

    def resume_writing(self) -> None: ...

    def connection_lost(self, exc: Exception | None) -> None: ...


class ClientTunnel(asyncio.Protocol):
    """Takes the transport over as soon as nothing more can come on it but another protocol, whether or not the backend
    agrees to that. See `gateway.request.exchange.Tunnel`."""

    def __init__(self, loop: asyncio.AbstractEventLoop, transport: asyncio.Transport, owner: Owner) -> None:
        self.inbound = Inbound(loop, owner)
        self._transport = transport
        self._owner = owner
        self._switched = False

    def take_over(self, rest: bytes) -> None:
        """`rest` came together with the head."""
        self._transport.set_protocol(self)
        if rest:
            self.inbound.feed(rest)

    def switch(self, reason: bytes, fields: list[Field]) -> None:
        """Say 101 (RFC 9110 section 15.2.2)."""
        self._switched = True
        self._transport.write(interim_bytes(101, reason, fields))

    def write_eof(self) -> None:
        """The backend has said all it had to say. TLS can only end in both directions at once."""
        if self._transport.is_closing():
            return
        if self._transport.can_write_eof():
            self._transport.write_eof()
        else:
            self._transport.close()

    # -- asyncio.Protocol

    def data_received(self, data: bytes) -> None:
        self.inbound.feed(data)

    def eof_received(self) -> bool:
        if self._switched:
            self.inbound.finish()
        return self._switched and self._transport.can_write_eof()  # then the other direction stays open

    def pause_writing(self) -> None:
        self._owner.pause_writing()

    def resume_writing(self) -> None:
        self._owner.resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        self._owner.connection_lost(exc)

"""Connections that must show something before they are HTTP: a PROXY protocol header, a TLS handshake, or both.

Plain HTTP goes without a door, from the event loop's own server straight to the listener. Here a connection is accepted
by hand, counted from its first moment, and becomes a `ClientConnection` once it has shown what it must; one that does
not, in `timeouts.handshake` seconds each, is closed without an answer. Why is in the audit log, and elsewhere with
`debug` only: whoever can connect could fill the log.
"""

import asyncio
import errno
import logging
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_network

from gateway.reread import Reread
from gateway.server.connection import ClientConnection
from gateway.server.generation import Generation
from gateway.server.listener import Listener
from gateway.server.proxy_protocol import LONGEST, ProxyProtocolError, parse
from gateway.server.tls import RAW, client_certificate
from gateway.wire.address import AddressSet, plain

log = logging.getLogger("gateway")

BACKLOG = 1024
BURST = 8  # connections accepted in a row: the rest are for other workers, and for what else there is to do
TLS_BUFFER = 65536  # bytes of answers that wait in front of TLS before writing pauses; the event loop allows 512 KiB
PAUSE = 1.0  # seconds without accepting after the system had no room for another connection

_TRANSIENT = (errno.ECONNABORTED, errno.EPROTO, errno.EPERM, errno.EINTR)


class Door:
    """Accepts at one socket. With `proxies`, every connection has to come from one of them and begin with a PROXY
    protocol header; with `context`, a TLS handshake follows."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        sock: socket.socket,
        listener: Listener,
        proxies: AddressSet | None,
        context: Reread[ssl.SSLContext] | None,
    ) -> None:
        self._loop = loop
        self._sock = sock
        self._listener = listener
        self._proxies = proxies
        self._context = context
        self._entering: set[asyncio.Task[None]] = set()
        self._open = False

    def open(self) -> None:
        """Accept from now on."""
        self._open = True
        self._loop.add_reader(self._sock, self._accept)

    def close(self) -> None:
        """Accept no more; who has come so far may still enter."""
        self._open = False
        self._loop.remove_reader(self._sock)

    def _accept(self) -> None:
        for _ in range(BURST):
            try:
                sock, address = self._sock.accept()
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno not in _TRANSIENT:
                    self._rest(error)
                return
            sock.setblocking(False)
            self._receive(sock, plain(address[0]))

    def _rest(self, error: OSError) -> None:
        """No file descriptor or no memory is left: the socket would be ready again at once, and in vain."""
        log.warning("no connection can be accepted for %g seconds: %s", PAUSE, error.strerror)
        self._loop.remove_reader(self._sock)
        self._loop.call_later(PAUSE, self._resume)

    def _resume(self) -> None:
        if self._open:
            self.open()

    def _receive(self, sock: socket.socket, peer: str) -> None:
        if self._proxies is not None and peer not in self._proxies:
            self._refuse(sock, "proxy", peer, "is not among trusted-proxies")
        elif not self._listener.expect():
            self._refuse(sock, "crowded", peer, "found too many connections")
        else:
            task = self._loop.create_task(self._enter(sock, peer))
            self._entering.add(task)
            task.add_done_callback(self._entering.discard)

    async def _enter(self, sock: socket.socket, peer: str) -> None:
        """The way in of one connection. `expect` has reserved a place for it, which is given back here."""
        try:
            if self._proxies is not None:
                async with asyncio.timeout(self._listener.timeouts.handshake):
                    peer = await read_header(self._loop, sock) or peer
            if self._listener.admit(peer):
                await self._connect(sock, peer)
            else:
                sock.close()
        except (OSError, ProxyProtocolError) as error:  # asyncio's TimeoutError is an OSError
            self._refuse(sock, "proxy", peer, str(error) or "sent no PROXY protocol header in time")
        except asyncio.CancelledError:
            sock.close()
            raise
        finally:
            self._listener.unexpect()

    async def _connect(self, sock: socket.socket, peer: str) -> None:
        """Hand the socket over to a `ClientConnection`, behind TLS if there is any."""
        connection = _Entered(self._listener, peer)
        timeouts, reason = self._listener.timeouts, "the client left"
        try:
            if self._context is None:
                await self._loop.connect_accepted_socket(lambda: connection, sock)
            else:
                RAW.set(sock)
                await self._loop.connect_accepted_socket(
                    lambda: connection,
                    sock,
                    ssl=self._context.value(self._loop.time()),
                    ssl_handshake_timeout=timeouts.handshake,
                    ssl_shutdown_timeout=timeouts.write,
                )
        except (OSError, ValueError) as error:
            reason = str(error)
        finally:
            if not connection.inside:
                self._listener.leave(peer)
                self._refuse(sock, "tls", peer, reason)

    def _refuse(self, sock: socket.socket, cause: str, peer: str, reason: str) -> None:
        log.debug("connection refused (%s): %s %s", cause, peer, reason)
        self._listener.refused(cause, peer, reason)
        sock.close()


async def serve_at(
    loop: asyncio.AbstractEventLoop, sock: socket.socket, listener: Listener, generation: Generation
) -> asyncio.Server | Door:
    """Accept the public's connections at `sock`, through a door where the settings want one."""
    settings = generation.settings
    sock.setblocking(False)
    if generation.tls is None and not settings.proxy_protocol:
        return await loop.create_server(listener, sock=sock, backlog=BACKLOG)
    proxies = AddressSet(map(ip_network, settings.trusted_proxies)) if settings.proxy_protocol else None
    door = Door(loop, sock, listener, proxies, generation.tls)
    door.open()
    return door


class _Entered(ClientConnection):
    """A client connection that was admitted at the door. `inside` is True once the listener knows of it."""

    def __init__(self, listener: Listener, peer: str) -> None:
        super().__init__(listener)
        self.inside = False
        self.reader.peer = peer

    def identify(self, transport: asyncio.Transport) -> bool:
        """See `ClientConnection.identify`. The certificate is the same for all requests: it is read once."""
        tls = transport.get_extra_info("ssl_object")
        if tls is not None:
            transport.set_write_buffer_limits(TLS_BUFFER)
            try:
                self.reader.certificate = client_certificate(tls)
            except ValueError as error:
                log.debug("%s: %s", self.reader.peer, error)
                return False
        self.inside = True
        return True


async def read_header(loop: asyncio.AbstractEventLoop, sock: socket.socket) -> str:
    """Take a PROXY protocol header from a socket, and not a byte more: what follows is TLS's, or HTTP's.

    Returns the source address, "" when the header names none. Raises ProxyProtocolError and OSError.
    """
    taken = b""
    while True:
        # Bytes are looked at first. If they are no whole header yet all of them belong to it, and are taken, so that
        # the socket is ready again only when there are more.
        seen = await _received(loop, sock, lambda: sock.recv(LONGEST, socket.MSG_PEEK))
        if not seen:
            raise ProxyProtocolError("closed the connection within the PROXY protocol header")
        header = parse(taken + seen)
        size = len(seen) if header is None else header.length - len(taken)
        taken += sock.recv(size)
        if header is not None:
            return header.source


async def _received(loop: asyncio.AbstractEventLoop, sock: socket.socket, receive: Callable[[], bytes]) -> bytes:
    """What `receive` gives as soon as the socket is ready."""
    while True:
        with suppress(BlockingIOError, InterruptedError):
            return receive()
        ready = asyncio.Event()
        loop.add_reader(sock, ready.set)
        try:
            await ready.wait()
        finally:
            loop.remove_reader(sock)

"""Connections that begin with a PROXY protocol header, a TLS handshake or both, over real sockets."""

import asyncio
import contextlib
import errno
import json
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import uvloop

from gateway.config import Certificate, Tls, UpstreamTls
from gateway.server import door
from gateway.server.door import read_header
from gateway.server.proxy_protocol import SIGNATURE, ProxyProtocolError
from gateway.tests.authority import Authority
from gateway.tests.harness import DOCUMENT, GET, OK, Gateway, Origin, field_of, read_message, running, status_of

V1 = b"PROXY TCP4 192.0.2.7 192.0.2.8 50000 443\r\n"
V2 = SIGNATURE + b"\x21\x11\x00\x0c" + bytes((192, 0, 2, 7, 192, 0, 2, 8)) + b"\xc3\x50\x01\xbb"
LOCAL = SIGNATURE + b"\x20\x00\x00\x00"
TRUSTED = {"proxy_protocol": True, "trusted_proxies": ("127.0.0.0/8",)}
REFUSED = "gateway_connections_refused_total"

Story = Callable[[Gateway], Awaitable[None]]


def told(folder: Path, story: Story, origin: Origin | None = None, **settings: Any) -> None:
    """Run a story in the event loop that workers use."""

    async def run() -> None:
        async with asyncio.timeout(30), running(folder, origin or Origin(), **settings) as gateway:
            await story(gateway)

    uvloop.run(run())


def secured(folder: Path, **more: Any) -> tuple[Authority, Tls]:
    """Settings with a certificate for `api.example`."""
    authority = Authority(folder)
    issued = authority.issue("api", ["api.example"])
    return authority, Tls(certificates=(Certificate(issued.certificate, issued.key),), **more)


def trusting(authority: Authority, **pair: str) -> dict[str, Any]:
    """Options of a client that believes the authority."""
    context = ssl.create_default_context(cafile=authority.ca)
    if pair:
        context.load_cert_chain(pair["certfile"], pair["keyfile"])
    return {"ssl": context, "server_hostname": "api.example"}


async def closed(gateway: Gateway, data: bytes, cause: str) -> None:
    """The gateway closes without an answer, or with an alert of TLS, and counts why."""
    before = gateway.totals().get((REFUSED, f'cause="{cause}"'), 0)
    reader, writer = await gateway.connect()
    writer.write(data)
    with contextlib.suppress(ConnectionError):
        assert (await reader.read())[:1] in (b"", b"\x15")
    writer.close()
    assert gateway.totals()[REFUSED, f'cause="{cause}"'] == before + 1


async def answered(gateway: Gateway, data: bytes, **tls: Any) -> bytes:
    """One request on a connection of its own."""
    reader, writer = await gateway.connect(**tls)
    writer.write(data)
    answer = await read_message(reader)
    writer.close()
    return answer


async def forgotten(gateway: Gateway) -> None:
    """Wait until no connection is left, neither open nor at the door."""
    while gateway.listener.busy:
        await asyncio.sleep(0.01)


# PROXY protocol


@pytest.mark.parametrize(("header", "client"), [(V1, "192.0.2.7"), (V2, "192.0.2.7"), (LOCAL, "127.0.0.1")])
def test_the_client_is_who_the_header_names(tmp_path: Path, header: bytes, client: str) -> None:
    """In the log and at the backend; the header and the request may come in one piece or byte by byte."""
    origin = Origin()

    async def story(gateway: Gateway) -> None:
        assert status_of(await answered(gateway, header + GET + GET)) == 200
        reader, writer = await gateway.connect()
        for byte in header + GET:
            writer.write(bytes((byte,)))
            await asyncio.sleep(0)
        assert status_of(await read_message(reader)) == 200
        writer.close()
        while len(gateway.lines()) < 2:
            await asyncio.sleep(0.01)
        assert {json.loads(line)["client"] for line in gateway.lines()} == {client}
        assert field_of(origin.requests[0], b"x-forwarded-for") == client.encode()

    told(tmp_path, story, origin, **TRUSTED)


@pytest.mark.parametrize(
    "data",
    [
        GET,
        b"PROXY TCP4 192.0.2.7\r\n" + GET,
        V1.replace(b"50000", b"99999") + GET,
        V2.replace(b"\x21\x11", b"\x21\x12") + GET,
        SIGNATURE + b"\x21\x11\xff\xff" + b"\x04" * 70000,
        b"\x16\x03\x01\x02\x00\x01",
    ],
)
def test_without_a_good_header_the_connection_is_closed(tmp_path: Path, data: bytes) -> None:
    """Nothing is guessed and nothing is answered."""

    async def story(gateway: Gateway) -> None:
        await closed(gateway, data, "proxy")
        await forgotten(gateway)

    told(tmp_path, story, **TRUSTED)


def test_a_header_that_does_not_come_is_not_waited_for(tmp_path: Path) -> None:
    """The deadline is that of handshakes; bytes that drip in do not move it."""

    async def story(gateway: Gateway) -> None:
        await closed(gateway, b"", "proxy")
        await closed(gateway, V2[:20], "proxy")
        await forgotten(gateway)

    told(tmp_path, story, timeouts={"handshake": 0.2}, **TRUSTED)


def test_who_is_not_a_trusted_proxy_is_closed_at_once(tmp_path: Path) -> None:
    """Its header is not even read."""

    async def story(gateway: Gateway) -> None:
        await closed(gateway, b"", "proxy")

    told(tmp_path, story, proxy_protocol=True, trusted_proxies=("192.0.2.0/24",))


def test_a_waiting_header_costs_nothing() -> None:
    """A socket with half a header is not ready again and again: what came was taken."""

    async def story() -> None:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        reading = asyncio.ensure_future(read_header(asyncio.get_running_loop(), ours))
        theirs.send(V2[:13])
        while not reading.done():
            await asyncio.sleep(0.01)
            with contextlib.suppress(BlockingIOError):
                assert ours.recv(100, socket.MSG_PEEK) == b"", "left in the socket"
            theirs.send(V2[13:] + b"rest" if not reading.done() else b"")
            break
        assert await reading == "192.0.2.7"
        assert ours.recv(100) == b"rest"
        theirs.send(V1[:5])
        theirs.shutdown(socket.SHUT_WR)
        with pytest.raises(ProxyProtocolError, match="closed"):
            await read_header(asyncio.get_running_loop(), ours)
        ours.close()
        theirs.close()

    uvloop.run(story())


# TLS


def test_https_with_many_requests_on_one_connection(tmp_path: Path) -> None:
    """The backend hears of the scheme; a long answer comes whole."""
    authority, tls = secured(tmp_path)
    long = b'"' + b"x" * 3_000_000 + b'"'
    reply = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n" % len(long)
    origin = Origin().replies(OK, OK, reply + long)

    async def story(gateway: Gateway) -> None:
        reader, writer = await gateway.connect(**trusting(authority))
        for _ in range(2):
            writer.write(GET)
            assert status_of(await read_message(reader)) == 200
        writer.write(GET.replace(b"/things/1", b"/blobs"))
        assert (await read_message(reader)).endswith(long)
        assert field_of(origin.requests[0], b"x-forwarded-proto") == b"https"
        assert b"proto=https" in (field_of(origin.requests[0], b"forwarded") or b"")
        writer.close()
        await forgotten(gateway)

    told(tmp_path, story, origin, tls=tls)


def test_a_refused_upload_is_answered_before_the_end(tmp_path: Path) -> None:
    """TLS has no half-closed connections, yet the client can read why it was refused, and the orderly end behind it."""
    authority, tls = secured(tmp_path)

    async def story(gateway: Gateway) -> None:
        reader, writer = await gateway.connect(**trusting(authority))
        writer.write(b"POST /v1/things HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999\r\n\r\n" + b"x" * 200_000)
        answer = await read_message(reader)
        assert status_of(answer) in (413, 415)
        assert await reader.read() == b""
        writer.close()
        await forgotten(gateway)

    told(tmp_path, story, tls=tls)


def test_another_protocol_through_tls_on_both_sides(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Bytes pass both ways; when one side ends the other learns of it, though TLS has no half-closed connections."""
    authority, tls = secured(tmp_path)
    issued = authority.issue("backend", ["localhost"])
    behind = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    behind.load_cert_chain(issued.certificate, issued.key)
    document = DOCUMENT.replace("'304': {description: not changed}", "'101': {description: other words}", 1)

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 101 Fine\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n")
        while (data := await reader.read(100)) != b"end":
            if not data:
                return
            writer.write(data.upper())
        writer.close()

    async def story(gateway: Gateway) -> None:
        for backend_ends in (True, False):
            reader, writer = await gateway.connect(**trusting(authority))
            writer.write(GET.replace(b"\r\n\r\n", b"\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"))
            assert status_of(await reader.readuntil(b"\r\n\r\n")) == 101
            writer.write(b"hello")
            assert await reader.readexactly(5) == b"HELLO"
            if backend_ends:
                writer.write(b"end")
                assert await reader.read() == b""
            writer.close()
            await forgotten(gateway)

    upstream = {"tls": UpstreamTls(ca=authority.ca)}
    told(tmp_path, story, Origin(echo), tls=tls, document=document, origin_tls=behind, api=upstream)
    assert "eof_received" not in caplog.text


@pytest.mark.parametrize("data", [GET, b"\x80\x2e\x01\x00\x02", b"\x16\x03\x01\xff\xff" + b"\0" * 70000, b"\0" * 100])
def test_what_is_no_handshake_is_closed(tmp_path: Path, data: bytes, caplog: pytest.LogCaptureFixture) -> None:
    """Plain HTTP among it. Nobody's garbage reaches the log."""
    _, tls = secured(tmp_path)

    async def story(gateway: Gateway) -> None:
        await closed(gateway, data, "tls")
        await forgotten(gateway)

    told(tmp_path, story, timeouts={"handshake": 1.0}, tls=tls)  # a record too short for its head is waited for
    assert caplog.text == ""


def test_half_a_handshake_is_not_waited_for(tmp_path: Path) -> None:
    """Five hundred of them hinder nobody, and nothing is left of them."""
    authority, tls = secured(tmp_path)

    async def story(gateway: Gateway) -> None:
        half = [await gateway.connect() for _ in range(500)]
        for _, writer in half:
            writer.write(b"\x16\x03\x01\x02\x00\x01\x00")
        assert status_of(await answered(gateway, GET, **trusting(authority))) == 200
        for reader, writer in half:
            with contextlib.suppress(ConnectionError):
                assert await reader.read() == b""
            writer.close()
        await forgotten(gateway)
        assert gateway.totals()[REFUSED, 'cause="tls"'] == 500

    told(tmp_path, story, timeouts={"handshake": 3.0}, tls=tls)


def test_handshakes_count_against_the_limit_of_connections(tmp_path: Path) -> None:
    """A flood of them is closed before it costs memory."""
    _, tls = secured(tmp_path)

    async def story(gateway: Gateway) -> None:
        waiting = [await gateway.connect() for _ in range(3)]
        await closed(gateway, b"", "crowded")
        for _, writer in waiting:
            writer.close()
        await forgotten(gateway)

    told(tmp_path, story, limits={"connections": 3}, tls=tls)


def test_a_proxy_header_comes_before_the_handshake(tmp_path: Path) -> None:
    """In the same segment as the client's hello, too; the address of the client is the header's."""
    authority, tls = secured(tmp_path)
    origin = Origin()

    def ask(port: int, together: bool) -> bytes:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = ssl.create_default_context(cafile=authority.ca).wrap_bio(
            incoming, outgoing, server_hostname="api.example"
        )
        with socket.create_connection(("127.0.0.1", port), timeout=20) as sock:
            with contextlib.suppress(ssl.SSLWantReadError):
                client.do_handshake()
            hello = outgoing.read()
            for piece in (V2 + hello,) if together else (V2, hello):
                sock.sendall(piece)
            for step in (client.do_handshake, lambda: client.write(GET), lambda: client.read(5000)):
                while True:
                    try:
                        result = step()
                        break
                    except ssl.SSLWantReadError:
                        sock.sendall(outgoing.read())
                        incoming.write(sock.recv(65536))
                sock.sendall(outgoing.read())
            return result  # type: ignore[return-value]

    async def story(gateway: Gateway) -> None:
        for together in (True, False):
            assert status_of(await asyncio.to_thread(ask, gateway.port, together)) == 200
            assert field_of(origin.requests.pop(), b"x-forwarded-for") == b"192.0.2.7"
        await closed(gateway, b"\x16\x03\x01\x02\x00\x01\x00", "proxy")

    told(tmp_path, story, origin, tls=tls, **TRUSTED)


# Client certificates


def test_the_certificate_of_a_client_is_known_to_each_request(tmp_path: Path) -> None:
    """Read once, in the handshake."""
    authority, tls = secured(tmp_path, clients="optional", ca=str(tmp_path / "authority.pem"))
    client = authority.issue("robot", client=True)
    seen = []

    async def story(gateway: Gateway) -> None:
        make = gateway.listener.new_exchange
        gateway.listener.new_exchange = lambda head, *rest: (seen.append(head.certificate), make(head, *rest))[1]
        reader, writer = await gateway.connect(**trusting(authority, certfile=client.certificate, keyfile=client.key))
        for _ in range(2):
            writer.write(GET)
            assert status_of(await read_message(reader)) == 200
        writer.close()
        assert status_of(await answered(gateway, GET, **trusting(authority))) == 200

    told(tmp_path, story, tls=tls)
    assert seen[0] is seen[1] and seen[0] is not None
    assert (seen[0].subject, len(seen[0].thumbprint)) == ("CN=robot,O=Example\\, Inc.", 43)
    assert seen[2] is None


@pytest.mark.parametrize("clients", ["optional", "required"])
@pytest.mark.parametrize("kind", ["expired", "foreign", "server", "none"])
def test_a_certificate_that_is_not_good_is_refused(tmp_path: Path, clients: str, kind: str) -> None:
    """In the handshake; none at all only where one is required."""
    authority, tls = secured(tmp_path, clients=clients, ca=str(tmp_path / "authority.pem"))
    issued = {
        "expired": lambda: authority.issue("old", client=True, days=-1),
        "foreign": lambda: Authority(tmp_path, "stranger").issue("foreign", client=True),
        "server": lambda: authority.issue("server", ["api.example"]),
    }
    pair = issued[kind]() if kind in issued else None

    async def story(gateway: Gateway) -> None:
        files = {"certfile": pair.certificate, "keyfile": pair.key} if pair else {}
        try:
            status = status_of(await answered(gateway, GET, **trusting(authority, **files)))
        except (OSError, asyncio.IncompleteReadError):
            status = 0
        assert status == (200 if clients == "optional" and pair is None else 0)
        await forgotten(gateway)

    told(tmp_path, story, tls=tls)


ALERTS = [
    ("none", "certificate required"),
    ("old", "certificate expired"),
    ("foreign", "unknown ca"),
    ("version", "protocol version"),
]


@pytest.mark.parametrize(("kind", "alert"), ALERTS)
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_a_client_is_told_why_its_handshake_failed(tmp_path: Path, kind: str, alert: str) -> None:
    """By an alert (RFC 8446 section 6.2), and not by a connection that just ends."""
    authority, tls = secured(tmp_path, clients="required", ca=str(tmp_path / "authority.pem"))
    context = ssl.create_default_context(cafile=authority.ca)
    if kind == "version":
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")
    elif kind != "none":
        issuer = authority if kind == "old" else Authority(tmp_path, "stranger")
        pair = issuer.issue("client", client=True, days=-1 if kind == "old" else 1)
        context.load_cert_chain(pair.certificate, pair.key)

    def ask(port: int) -> None:
        with (
            socket.create_connection(("127.0.0.1", port), timeout=20) as sock,
            context.wrap_socket(sock, server_hostname="api.example") as client,
        ):
            client.recv(1)

    async def story(gateway: Gateway) -> None:
        with pytest.raises(ssl.SSLError, match=alert):
            await asyncio.to_thread(ask, gateway.port)

    told(tmp_path, story, tls=tls)


# Floods


@contextlib.asynccontextmanager
async def held(gateway: Gateway, number: int) -> AsyncIterator[None]:
    """Connections that have been answered once and stay open."""
    writers = []
    for _ in range(number):
        reader, writer = await gateway.connect()
        writer.write(GET)
        assert status_of(await read_message(reader)) == 200
        writers.append(writer)
    yield
    for writer in writers:
        writer.close()


def test_one_address_has_so_many_connections_and_no_more(tmp_path: Path) -> None:
    """Those beyond the limit are closed; when one ends there is room again."""

    async def story(gateway: Gateway) -> None:
        for _ in range(2):
            async with held(gateway, 3):
                await closed(gateway, GET, "address")
                await closed(gateway, GET, "address")
            await forgotten(gateway)

    told(tmp_path, story, limits={"connections_per_address": 3})


def test_a_failed_handshake_gives_its_place_back(tmp_path: Path) -> None:
    """Else an address would be locked out by a few of them."""
    authority, tls = secured(tmp_path)

    async def story(gateway: Gateway) -> None:
        for _ in range(5):
            await closed(gateway, GET, "tls")
            await forgotten(gateway)
        assert status_of(await answered(gateway, GET, **trusting(authority))) == 200

    told(tmp_path, story, limits={"connections_per_address": 2}, tls=tls)


def test_our_own_proxies_may_have_more(tmp_path: Path) -> None:
    """Behind a header each client counts by itself."""

    async def story(gateway: Gateway) -> None:
        async with held(gateway, 5):
            pass

    told(tmp_path, story, limits={"connections_per_address": 3}, trusted_proxies=("127.0.0.0/8",))

    async def behind(gateway: Gateway) -> None:
        reader, writer = await gateway.connect()
        writer.write(V1 + GET)
        assert status_of(await read_message(reader)) == 200
        await closed(gateway, V1 + GET, "address")
        assert status_of(await answered(gateway, V1.replace(b"0.2.7", b"0.2.9") + GET)) == 200
        writer.close()

    told(tmp_path, behind, limits={"connections_per_address": 1}, **TRUSTED)


def test_a_lack_of_file_descriptors_is_waited_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The socket stays ready meanwhile; to look at it again and again would take all the time there is."""
    authority, tls = secured(tmp_path)
    monkeypatch.setattr(door, "PAUSE", 0.05)
    tried = []

    class Full(socket.socket):
        def accept(self) -> tuple[socket.socket, Any]:
            tried.append(1)
            if len(tried) < 3:
                raise OSError(errno.EMFILE, "Too many open files")
            return super().accept()

    async def story(gateway: Gateway) -> None:
        sock = Full()
        sock.bind(("127.0.0.1", 0))
        sock.listen()
        sock.setblocking(False)
        entrance = door.Door(asyncio.get_running_loop(), sock, gateway.listener, None, gateway.generation.tls)
        entrance.open()
        gateway.port = sock.getsockname()[1]
        assert status_of(await answered(gateway, GET, **trusting(authority))) == 200
        entrance.close()
        sock.close()

    told(tmp_path, story, tls=tls)
    assert caplog.text.count("Too many open files") == 2

"""TLS towards backends, over real sockets: who is believed, what is shown, and what the log says."""

import asyncio
import json
import logging
import os
import shutil
import socket
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import uvloop

from gateway.config import UpstreamTls
from gateway.tests.authority import Authority, Issued
from gateway.tests.harness import GET, OK, Gateway, Origin, body_of, running, status_of
from gateway.upstream.tls import UnusableFile, client_context

LOCAL = ["localhost", "127.0.0.1"]


def serving(issued: Issued, clients: str = "") -> ssl.SSLContext:
    """A backend with this certificate, which may want one of clients."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=clients or None)
    context.load_cert_chain(issued.certificate, issued.key)
    if clients:
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def told(
    folder: Path,
    context: ssl.SSLContext,
    tls: UpstreamTls,
    story: Callable[[Gateway], Awaitable[None]],
    origin: Origin | None = None,
) -> None:
    """Run a story with a backend behind TLS, in the event loop that workers use."""

    async def run() -> None:
        async with (
            asyncio.timeout(30),
            running(folder, origin or Origin(), origin_tls=context, api={"tls": tls}) as gateway,
        ):
            await story(gateway)

    uvloop.run(run())


async def refused(gateway: Gateway, reason: str) -> None:
    """502, counted as a failure of TLS; the client learns nothing of certificates, the log names the reason."""
    [answer] = await gateway.ask(GET)
    problem = json.loads(body_of(answer))
    assert (status_of(answer), problem["detail"]) == (502, "The backend could not be reached securely.")
    assert reason not in answer.decode()
    [count] = [
        value for (name, labels), value in gateway.totals().items() if 'kind="tls"' in labels and "errors" in name
    ]
    assert count == 1


async def answered(gateway: Gateway) -> None:
    """200."""
    [answer] = await gateway.ask(GET)
    assert status_of(answer) == 200


def test_an_own_authority_is_believed(tmp_path: Path) -> None:
    """For its names and addresses; connections are used again."""
    authority = Authority(tmp_path)
    origin = Origin()

    async def story(gateway: Gateway) -> None:
        await answered(gateway)
        await answered(gateway)
        assert origin.connections == 1

    told(tmp_path, serving(authority.issue("backend", LOCAL)), UpstreamTls(ca=authority.ca), story, origin)


def test_the_certificate_itself_may_be_what_is_believed(tmp_path: Path) -> None:
    """How a self-signed one is used: there is no way to believe anybody."""
    issued = Authority(tmp_path).issue("backend", LOCAL)
    told(tmp_path, serving(issued), UpstreamTls(ca=issued.certificate), answered)


@pytest.mark.parametrize(
    ("names", "days", "trust", "name", "reason"),
    [
        (LOCAL, 30, False, "", "unable to get local issuer certificate"),
        (LOCAL, -1, True, "", "certificate has expired"),
        (["other.example"], 30, True, "", "Hostname mismatch"),
        (LOCAL, 30, True, "other.example", "Hostname mismatch"),
        ([], 30, True, "", "Hostname mismatch"),
    ],
)
def test_a_backend_that_cannot_prove_who_it_is_gets_no_request(
    tmp_path: Path, names: list[str], days: int, trust: bool, name: str, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    """By default, too: the system's authorities know nothing of this one. A common name is no name."""
    authority = Authority(tmp_path)
    issued = authority.issue("backend", names, days=days, common_name="localhost")
    origin = Origin()

    async def story(gateway: Gateway) -> None:
        await refused(gateway, reason)
        assert origin.requests == []

    with caplog.at_level(logging.INFO, "gateway"):
        told(tmp_path, serving(issued), UpstreamTls(ca=authority.ca if trust else "", name=name), story, origin)
    assert reason in caplog.text and "Traceback" not in caplog.text


def test_another_name_may_be_verified(tmp_path: Path) -> None:
    """And is asked for by SNI."""
    authority = Authority(tmp_path)
    context = serving(authority.issue("backend", ["internal.example"]))
    asked: list[str | None] = []
    context.sni_callback = lambda connection, name, default: asked.append(name)
    told(tmp_path, context, UpstreamTls(ca=authority.ca, name="internal.example"), answered)
    assert asked == ["internal.example"]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_backend_may_want_a_certificate(tmp_path: Path, version: ssl.TLSVersion) -> None:
    """The right one, a stranger's or none: in TLS 1.3 it says so only after the handshake."""
    authority = Authority(tmp_path)
    context = serving(authority.issue("backend", LOCAL), authority.ca)
    context.maximum_version = version
    good, bad = authority.issue("gateway", client=True), Authority(tmp_path, "stranger").issue("bad", client=True)
    believing = UpstreamTls(ca=authority.ca)
    told(tmp_path, context, replace(believing, certificate=good.certificate, key=good.key), answered)

    async def turned_away(gateway: Gateway) -> None:
        [answer] = await gateway.ask(GET)
        assert status_of(answer) == 502

    for tls in (believing, replace(believing, certificate=bad.certificate, key=bad.key)):
        told(tmp_path, context, tls, turned_away)


def test_old_versions_are_refused(tmp_path: Path) -> None:
    """Older than `minimum`."""
    authority = Authority(tmp_path)
    context = serving(authority.issue("backend", LOCAL))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    told(tmp_path, context, UpstreamTls(ca=authority.ca), answered)

    async def story(gateway: Gateway) -> None:
        [answer] = await gateway.ask(GET)
        assert status_of(answer) == 502

    told(tmp_path, context, UpstreamTls(ca=authority.ca, minimum="1.3"), story)


def test_a_backend_that_speaks_no_tls_is_lost(tmp_path: Path) -> None:
    """Nothing falls back to plain text."""

    async def story() -> None:
        origin = Origin().replies(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        plain = await asyncio.start_server(
            lambda reader, writer: writer.write(b"HTTP/1.1 400 B\r\n\r\n"), "127.0.0.1", 0
        )
        port = plain.sockets[0].getsockname()[1]
        async with running(tmp_path, origin, api={"upstream": f"https://127.0.0.1:{port}"}) as gateway:
            await refused(gateway, "wrong version")
        plain.close()

    uvloop.run(story())


def test_a_body_that_ends_without_a_farewell_is_incomplete(tmp_path: Path) -> None:
    """Without a length only close_notify says that all of it came (RFC 9112 section 9.8): anybody can send a FIN."""
    authority = Authority(tmp_path)
    endless = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n\r\nhalf"
    for orderly in (True, False):

        async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, orderly: bool = orderly) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(endless)
            await writer.drain()
            if orderly:
                writer.close()
            else:
                with socket.socket(fileno=os.dup(writer.get_extra_info("socket").fileno())) as sock:
                    sock.shutdown(socket.SHUT_WR)  # TCP ends, TLS does not say so
                await reader.read()

        async def story(gateway: Gateway, orderly: bool = orderly) -> None:
            reader, writer = await gateway.connect()
            writer.write(GET.replace(b"/things/1", b"/blobs"))
            answer = b""
            try:
                while data := await reader.read(65536):
                    answer += data
                    if answer.endswith(b"0\r\n\r\n"):
                        break
            except ConnectionError:
                pass
            writer.close()
            assert answer.endswith(b"0\r\n\r\n") is orderly

        told(
            tmp_path,
            serving(authority.issue("backend", LOCAL)),
            UpstreamTls(ca=authority.ca),
            story,
            Origin(handler),
        )


def test_files_are_read_again_when_they_change(tmp_path: Path) -> None:
    """A new authority counts for the next connection."""
    authority, stranger = Authority(tmp_path), Authority(tmp_path, "stranger")
    trust = tmp_path / "trust.pem"
    shutil.copy(stranger.ca, trust)
    origin = Origin().replies(OK.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))

    async def story(gateway: Gateway) -> None:
        await refused(gateway, "unable to get local issuer certificate")
        shutil.copy(authority.ca, trust)
        for _ in range(100):
            [answer] = await gateway.ask(GET)
            if status_of(answer) == 200:
                return
            await asyncio.sleep(0.1)
        raise AssertionError("never believed")

    told(tmp_path, serving(authority.issue("backend", LOCAL)), UpstreamTls(ca=str(trust)), story, origin)


def test_apis_with_different_settings_share_no_connections(tmp_path: Path) -> None:
    """Though their backend is the same."""
    authority = Authority(tmp_path)
    context = serving(authority.issue("backend", LOCAL))

    async def story() -> None:
        async with running(tmp_path, Origin(), origin_tls=context, api={"tls": UpstreamTls(ca=authority.ca)}) as one:
            api = one.generation.settings.apis[0]
            others = [replace(api, name="b", path="/b"), replace(api, name="c", path="/c", tls=UpstreamTls())]
            settings: Any = {"apis": (api, *others)}
            async with running(tmp_path, Origin(), **settings) as both:
                backends = both.generation.table.backends
                assert [backend.tls for backend in backends] == [api.tls, UpstreamTls()]
                assert [backend.index for backend in backends] == [0, 1]

    uvloop.run(story())


@pytest.mark.parametrize("field", ["ca", "certificate", "key"])
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, field: str) -> None:
    """Before the first request."""
    authority = Authority(tmp_path)
    pair = authority.issue("gateway", client=True)
    good = UpstreamTls(ca=authority.ca, certificate=pair.certificate, key=pair.key)
    client_context(good)
    missing: Any = {field: str(tmp_path / "missing")}
    with pytest.raises(UnusableFile, match=f"{tmp_path}/missing: cannot be read"):
        client_context(replace(good, **missing))


def test_nothing_switches_verification_off() -> None:
    """Whatever is set."""
    context = client_context(UpstreamTls())
    assert context.verify_mode is ssl.CERT_REQUIRED and context.check_hostname
    assert not context.hostname_checks_common_name
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2

"""TLS on the public listener: what is agreed on, which certificate is shown, whose certificates are believed."""

import base64
import contextlib
import hashlib
import shutil
import socket
import ssl
import subprocess
import sys
import time
import warnings
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from gateway.config import Certificate, Tls
from gateway.server import tls as server_tls
from gateway.server.tls import chooser, client_certificate, names_of, server_context
from gateway.tests.authority import Authority, Issued
from gateway.tests.harness import DOCUMENT, GET
from gateway.tests.processes import PATIENCE
from gateway.upstream.tls import UnusableFile


def shaken(
    client: ssl.SSLContext, server: ssl.SSLContext, name: str | None = "api.example", session: object = None
) -> tuple[ssl.SSLObject, ssl.SSLObject]:
    """Both ends after a handshake in memory. Raises ssl.SSLError."""
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = server.wrap_bio(up, down, server_side=True)
    theirs = client.wrap_bio(down, up, server_hostname=name, session=session)  # type: ignore[arg-type]
    waiting = [theirs, ours]
    for _ in range(20):
        for end in list(waiting):
            try:
                end.do_handshake()
                waiting.remove(end)
            except ssl.SSLWantReadError:
                continue
    assert not waiting
    ours.write(b"x")
    assert theirs.read(1) == b"x"
    return theirs, ours


def trusting(authority: Authority) -> ssl.SSLContext:
    """A client that believes the authority."""
    return ssl.create_default_context(cafile=authority.ca)


def settings(*issued: Issued, **more: str) -> Tls:
    """Settings with these certificates."""
    return Tls(certificates=tuple(Certificate(one.certificate, one.key) for one in issued), **more)


@pytest.mark.parametrize(
    ("minimum", "offered", "agreed"),
    [
        ("1.2", "TLSv1", ""),
        ("1.2", "TLSv1_1", ""),
        ("1.2", "TLSv1_2", "TLSv1.2"),
        ("1.2", "TLSv1_3", "TLSv1.3"),
        ("1.3", "TLSv1_2", ""),
        ("1.3", "TLSv1_3", "TLSv1.3"),
    ],
)
def test_old_versions_are_refused(tmp_path: Path, minimum: str, offered: str, agreed: str) -> None:
    """1.2 is the oldest, or 1.3 where it is set."""
    authority = Authority(tmp_path)
    server = server_context(settings(authority.issue("api", ["api.example"]), minimum=minimum))
    client = trusting(authority)
    client.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        client.minimum_version = client.maximum_version = ssl.TLSVersion[offered]
    try:
        version = shaken(client, server)[0].version()
    except ssl.SSLError:
        version = ""
    assert version == agreed


@pytest.mark.parametrize(
    ("suite", "fine"),
    [
        ("ECDHE-ECDSA-AES128-GCM-SHA256", True),
        ("ECDHE-ECDSA-AES256-GCM-SHA384", True),
        ("ECDHE-ECDSA-CHACHA20-POLY1305", True),
        ("ECDHE-ECDSA-AES128-SHA256", False),
        ("ECDHE-ECDSA-AES128-SHA", False),
        ("ECDHE-ECDSA-NULL-SHA", False),
        ("AECDH-AES128-SHA", False),
        ("AES128-GCM-SHA256", False),
        ("DHE-RSA-AES128-GCM-SHA256", False),
        ("AES128-SHA", False),
    ],
)
def test_only_suites_with_forward_secrecy_and_aead_are_agreed_on(tmp_path: Path, suite: str, fine: bool) -> None:
    """Of TLS 1.2; 1.3 has no others."""
    authority = Authority(tmp_path)
    server = server_context(settings(authority.issue("api", ["api.example"])))
    client = trusting(authority)
    client.maximum_version = ssl.TLSVersion.TLSv1_2
    client.set_ciphers(f"{suite}:@SECLEVEL=0")
    if fine:
        assert shaken(client, server)[0].cipher()[0] == suite  # type: ignore[index]
    else:
        with pytest.raises(ssl.SSLError):
            shaken(client, server)


def test_http_1_is_agreed_on_and_nothing_else(tmp_path: Path) -> None:
    """By ALPN; no compression, no renegotiation."""
    authority = Authority(tmp_path)
    server = server_context(settings(authority.issue("api", ["api.example"])))
    for offered, agreed in ((["h2", "http/1.1"], "http/1.1"), (["h2"], None), ([], None)):
        client = trusting(authority)
        client.set_alpn_protocols(offered)
        theirs, _ = shaken(client, server)
        assert (theirs.selected_alpn_protocol(), theirs.compression()) == (agreed, None)
    assert server.options & ssl.OP_NO_RENEGOTIATION and server.options & ssl.OP_NO_COMPRESSION


@pytest.mark.parametrize(
    ("asked", "shown"),
    [
        ("one.example", "one"),
        ("two.example", "two"),
        ("TWO.Example", "two"),
        ("a.wild.example", "wild"),
        ("exact.wild.example", "exact"),
        ("a.b.wild.example", "one"),
        ("wild.example", "one"),
        ("unknown.example", "one"),
        ("x" * 63 + "." + ".".join(["y" * 50] * 3) + ".example", "one"),
        (None, "one"),
    ],
)
def test_the_certificate_is_chosen_by_name(tmp_path: Path, asked: str | None, shown: str) -> None:
    """Exact names before wildcards, which stand for one label; the first certificate for all else."""
    authority = Authority(tmp_path)
    names = {
        "one": ["one.example"],
        "two": ["two.example", "127.0.0.1"],
        "wild": ["*.wild.example"],
        "exact": ["exact.wild.example"],
    }
    issued = {name: authority.issue(name, given) for name, given in names.items()}
    client = trusting(authority)
    client.check_hostname = False
    theirs, _ = shaken(client, server_context(settings(*issued.values())), asked)
    assert theirs.getpeercert(True) == issued[shown].der


@pytest.mark.parametrize(
    "name", ["", ".", "..", "*.wild.example", "*", "\0", "a\0b.wild.example", "x" * 300, "ü.wild.example"]
)
def test_a_strange_name_does_no_harm(name: str) -> None:
    """Whatever comes to be asked for, there is an answer."""
    chosen = []

    class Connection:
        def __setattr__(self, key: str, value: object) -> None:
            chosen.append(value)

    choose = chooser({"*.wild.example": "wild"})  # type: ignore[dict-item]
    choose(Connection(), name, None)  # type: ignore[arg-type]
    assert chosen in ([], ["wild"])


def test_names_are_those_of_the_first_certificate(tmp_path: Path) -> None:
    """Of the chain in a file; one without names serves as the default only."""
    authority = Authority(tmp_path)
    leaf, other = authority.issue("leaf", ["A.example", "*.b.example", "::1"]), authority.issue("other", ["c.example"])
    chain = tmp_path / "chain.pem"
    chain.write_text(Path(leaf.certificate).read_text() + Path(other.certificate).read_text())
    assert names_of(str(chain)) == ["a.example", "*.b.example"]
    assert names_of(authority.issue("nameless").certificate) == []


def spoilt(folder: Path, how: str) -> tuple[Tls, str]:
    """Settings with something wrong in a file, and that file."""
    authority = Authority(folder)
    good, other = authority.issue("good", ["api.example"]), authority.issue("other")
    broken = folder / "broken.pem"
    broken.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    if how == "encrypted":
        command = ["openssl", "pkey", "-in", good.key, "-aes128", "-passout", "pass:x", "-out", str(broken)]
        subprocess.run(command, check=True, capture_output=True)
    missing = str(folder / "missing")
    return {
        "mismatched": (settings(replace(good, key=other.key)), other.key),
        "no certificate": (settings(replace(good, certificate=missing)), missing),
        "no key": (settings(good, replace(good, key=missing)), missing),
        "broken certificate": (settings(replace(good, certificate=str(broken))), str(broken)),
        "broken key": (settings(replace(good, key=str(broken))), good.certificate),
        "encrypted": (settings(replace(good, key=str(broken))), str(broken)),
        "exchanged": (settings(Issued(good.key, good.certificate)), good.key),
        "no authorities": (settings(good, clients="required", ca=missing), missing),
        "broken authorities": (settings(good, clients="required", ca=good.key), good.key),
    }[how]


@pytest.mark.parametrize(
    "how",
    [
        *("mismatched", "no certificate", "no key", "broken certificate", "broken key", "encrypted", "exchanged"),
        *("no authorities", "broken authorities"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, how: str) -> None:
    """At once, without a question for a password, and without a word of what is in it."""
    given, path = spoilt(tmp_path, how)
    with pytest.raises(UnusableFile) as caught:
        server_context(given)
    assert caught.value.path == path
    assert str(caught.value).startswith(f"{path}: ") and "AAAA" not in str(caught.value)


def test_a_key_that_all_can_read_and_an_old_certificate_are_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """They work, but nobody wants them."""
    authority = Authority(tmp_path)
    issued = authority.issue("api", ["api.example"])
    server_context(settings(issued))
    assert caplog.text == ""
    Path(issued.key).chmod(0o644)
    server_context(settings(issued))
    assert "api.key: every user can read this private key" in caplog.text
    server_context(settings(authority.issue("old", days=-2)))
    assert "old.crt: the certificate expired on" in caplog.text


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_resumed_session_keeps_its_certificate_until_that_expires(
    tmp_path: Path, version: ssl.TLSVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TLS does not look at it again, so we do."""
    authority = Authority(tmp_path)
    pair = authority.issue("robot", client=True, days=5, common_name="robot, the + first")
    server = server_context(settings(authority.issue("api", ["api.example"]), clients="required", ca=authority.ca))
    client = trusting(authority)
    client.maximum_version = version
    client.load_cert_chain(pair.certificate, pair.key)
    theirs, ours = shaken(client, server)
    first = client_certificate(ours)
    digest = base64.urlsafe_b64encode(hashlib.sha256(pair.der).digest()).decode().rstrip("=")
    assert first == (digest, "CN=robot\\, the \\+ first,O=Example\\, Inc.")
    resumed, ours = shaken(client, server, session=theirs.session)
    assert resumed.session_reused and client_certificate(ours) == first

    class Later(datetime):
        @classmethod
        def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
            return datetime.now(UTC) + timedelta(days=6)

    monkeypatch.setattr(server_tls, "datetime", Later)
    with pytest.raises(ValueError, match="expired"):
        client_certificate(ours)


# The process, as it is run


def shown(url: str) -> bytes:
    """The certificate that a new connection gets."""
    host, _, port = url.removeprefix("https://").partition(":")
    return ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate((host, int(port)), timeout=10))


def test_new_certificates_are_taken_up_without_a_restart(start, tmp_path):
    """Connections stay, new ones get the new certificate; a broken one changes nothing."""
    authority = Authority(tmp_path)
    names = ["127.0.0.1"]
    old, new = authority.issue("api", names), authority.issue("new", names)
    before = old.der
    gateway = start(
        "--workers", "2", more="tls: {certificates: [{certificate: api.crt, key: api.key}]}\nlimits: {connections: 9}"
    )
    assert gateway.url.startswith("https://")
    with requests.Session() as session:
        assert session.get(f"{gateway.url}/v1/things/1", verify=authority.ca, timeout=5).status_code == 200
        assert shown(gateway.url) == before
        shutil.copy(new.certificate, old.certificate)  # with the old key: broken for a while
        time.sleep(1.2)
        assert [shown(gateway.url) for _ in range(4)] == [before] * 4
        shutil.copy(new.key, old.key)
        deadline = time.monotonic() + PATIENCE
        fresh = 0
        while fresh < 8:
            assert time.monotonic() < deadline
            fresh = fresh + 1 if shown(gateway.url) == new.der else 0
            time.sleep(0.1)
        assert session.get(f"{gateway.url}/v1/things/1", verify=authority.ca, timeout=5).status_code == 200
    with pytest.raises(requests.ConnectionError):
        requests.get(gateway.url.replace("https", "http"), timeout=5)
    assert gateway.stop() == 0
    errors = gateway.errors.read_text()
    assert "the former content stays in force" in errors and "Traceback" not in errors


def test_sessions_are_resumed_by_every_worker(start, tmp_path):
    """They share the keys of the tickets, having inherited them."""
    authority = Authority(tmp_path)
    authority.issue("api", ["127.0.0.1"])
    gateway = start("--workers", "3", more="tls: {certificates: [{certificate: api.crt, key: api.key}]}")
    host, _, port = gateway.url.removeprefix("https://").partition(":")
    client = trusting(authority)
    client.maximum_version = ssl.TLSVersion.TLSv1_2  # whose ticket serves more than once
    session = None
    for number in range(30):
        with (
            socket.create_connection((host, int(port)), timeout=10) as sock,
            client.wrap_socket(sock, server_hostname=host, session=session) as wrapped,
        ):
            wrapped.sendall(GET)
            assert wrapped.recv(12) == b"HTTP/1.1 200"
            assert wrapped.session_reused is (number > 0)
            session = wrapped.session
    assert gateway.stop() == 0


def test_garbage_in_the_name_leaves_no_trace(start, tmp_path):
    """Bytes that are no ASCII in SNI, which only a client of bytes can send."""
    authority = Authority(tmp_path)
    authority.issue("api", ["127.0.0.1"])
    authority.issue("two", ["two.example"])
    gateway = start(
        more="tls: {certificates: [{certificate: api.crt, key: api.key}, {certificate: two.crt, key: two.key}]}"
    )
    host, _, port = gateway.url.removeprefix("https://").partition(":")
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trusting(authority).wrap_bio(down, up, server_hostname="garbage.example")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    hello = up.read()
    for name in (b"garb\xffge.example", b"garb\0ge.example", b"*arbage.example"):
        with socket.create_connection((host, int(port)), timeout=10) as sock:
            sock.sendall(hello.replace(b"garbage.example", name))
            sock.settimeout(20)
            with contextlib.suppress(ConnectionError):
                sock.recv(1)
    assert requests.get(f"{gateway.url}/v1/things/1", verify=authority.ca, timeout=5).status_code == 200
    assert gateway.stop() == 0
    assert "Traceback" not in gateway.errors.read_text() and "Exception ignored" not in gateway.errors.read_text()


@pytest.mark.parametrize("how", ["mismatched", "no key", "encrypted"])
def test_files_that_cannot_be_used_keep_the_gateway_from_starting(tmp_path, how):
    """Exit code 2, as for other flaws of settings; the file is named."""
    given, path = spoilt(tmp_path, how)
    (tmp_path / "api.yaml").write_text(DOCUMENT)
    pairs = ", ".join(f"{{certificate: {one.certificate}, key: {one.key}}}" for one in given.certificates)
    (tmp_path / "gateway.yaml").write_text(
        f"listen: 127.0.0.1:0\nadmin: 127.0.0.1:0\ntls: {{certificates: [{pairs}]}}\n"
        "apis: [{contract: api.yaml, upstream: 'http://127.0.0.1:9'}]\n"
    )
    command = [sys.executable, "-m", "gateway", "run", "--config", str(tmp_path / "gateway.yaml")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
    assert done.returncode == 2
    assert path in done.stderr and "error: settings:" in done.stderr and "Traceback" not in done.stderr

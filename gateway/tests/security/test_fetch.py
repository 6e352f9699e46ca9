"""What an issuer publishes is fetched within bounds and believed within bounds."""

import json
import socket
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from gateway.config import Issuer
from gateway.security import fetch as fetching
from gateway.security.fetch import DOCUMENT_BYTES, FetchError, base_of, fetch, is_http, load_trust
from gateway.tests.security.issuing import ISSUER, Publisher, jwk, jwks, publisher


@pytest.fixture
def public() -> Iterator[Publisher]:
    """A server on a free port."""
    with publisher() as running:
        yield running


def test_url(public: Publisher) -> None:
    """The body of a 200, asked for without compression and without anybody's password."""
    assert fetch(public.publish("/keys", b"abc")) == b"abc"
    assert public.headers[0]["Accept-Encoding"] == "identity"
    assert "Authorization" not in public.headers[0]


def test_netrc_is_not_sent(public: Publisher, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A password that ~/.netrc holds for the issuer's host stays there."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login anna password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    fetch(public.publish("/keys", b"abc"))
    assert "Authorization" not in public.headers[0]


@pytest.mark.parametrize("status", [201, 204, 301, 302, 307, 401, 404, 500, 503])
def test_status(public: Publisher, status: int) -> None:
    """Any status but 200 is refused; redirects are not followed."""
    public.publish("/elsewhere", b"abc")
    url = public.publish("/keys", b"", status, Location=f"{public.url}/elsewhere")
    with pytest.raises(FetchError, match=f"/keys: it answers {status}"):
        fetch(url)
    assert public.asked == ["/keys"]


@pytest.mark.parametrize(("size", "fits"), [(DOCUMENT_BYTES, True), (DOCUMENT_BYTES + 1, False)])
def test_size(public: Publisher, tmp_path: Path, size: int, fits: bool) -> None:
    """A URL or file of more than 1 MiB is refused."""
    path = tmp_path / "keys"
    path.write_bytes(b"x" * size)
    for place in (public.publish("/keys", b"x" * size), str(path)):
        if fits:
            assert len(fetch(place)) == size
        else:
            with pytest.raises(FetchError, match="more than 1048576 bytes"):
                fetch(place)


def test_endless(public: Publisher) -> None:
    """A body without end is left at the limit."""

    def endless(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        while True:
            request.wfile.write(b"x" * 65536)

    public.answers["/keys"] = endless
    with pytest.raises(FetchError, match="more than"):
        fetch(public.url + "/keys")


def test_trickle(public: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    """A body that comes byte by byte is given up when the time is over, though each byte is in time."""
    monkeypatch.setattr(fetching, "TIMEOUT", 0.2)

    def trickle(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        while True:
            request.wfile.write(b"x")
            time.sleep(0.02)

    public.answers["/keys"] = trickle
    with pytest.raises(FetchError, match="not complete within"):
        fetch(public.url + "/keys")


def test_silence(public: Publisher, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that takes the request and says nothing is given up."""
    monkeypatch.setattr(fetching, "TIMEOUT", 0.1)
    public.answers["/keys"] = lambda request: time.sleep(1)
    with pytest.raises(FetchError, match="no answer within"):
        fetch(public.url + "/keys")


def test_broken_off(public: Publisher) -> None:
    """A body shorter than its Content-Length is no document."""

    def cut(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "100")
        request.end_headers()
        request.wfile.write(b"{}")
        request.connection.shutdown(socket.SHUT_RDWR)

    public.answers["/keys"] = cut
    with pytest.raises(FetchError, match="broken off"):
        fetch(public.url + "/keys")


def test_nobody_listens() -> None:
    """A refused connection is said in plain words."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/keys"
        with pytest.raises(FetchError) as refused:
            fetch(url)
    assert str(refused.value) == f"{url}: no connection"


@pytest.mark.parametrize(
    "place",
    [
        "ftp://issuer.example/keys",
        "file:///etc/passwd",
        "gopher://x/",
        "http:///keys",
        "https://anna:secret@issuer.example/keys",
        "http://[::1/keys",
    ],
)
def test_not_fetched(place: str) -> None:
    """Other schemes, no host, and credentials in the URL are refused, and the URL is not repeated."""
    assert not is_http(place)
    with pytest.raises(FetchError) as refused:
        fetch(place)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("host", ["127.0.0.1:99999", "a..b", "x" * 300])
def test_impossible_host(host: str) -> None:
    """A host that cannot be is a FetchError like any other."""
    with pytest.raises(FetchError):
        fetch(f"http://{host}/keys")


def test_file(tmp_path: Path) -> None:
    """A file is read; a missing one and a folder are said."""
    path = tmp_path / "keys.json"
    path.write_bytes(b"abc")
    assert fetch(str(path)) == b"abc"
    with pytest.raises(FetchError, match=r"none\.json: No such file"):
        fetch(str(tmp_path / "none.json"))
    with pytest.raises(FetchError, match="Is a directory"):
        fetch(str(tmp_path))


KEYS = jwks(jwk("RSA"))


def test_trust_by_jwks(public: Publisher) -> None:
    """With `issuer` and `jwks` nothing else is asked."""
    settings = Issuer(ISSUER, ("a",), public.publish("/keys", KEYS), discovery=public.url + "/metadata")
    trust = load_trust(settings)
    assert trust.issuer == ISSUER
    assert trust.keys.find("RSA", "RS256") is not None
    assert public.asked == ["/keys"]


@pytest.mark.parametrize("data", [b"<html>", b"[]", b"{}"])
def test_not_a_key_set(public: Publisher, data: bytes) -> None:
    """What is not a key set is said with its place."""
    with pytest.raises(FetchError, match="/keys: "):
        load_trust(Issuer(ISSUER, ("a",), public.publish("/keys", data)))


def metadata(public: Publisher, path: str, **members: Any) -> str:
    """Publish metadata and a key set."""
    said = {"issuer": public.url, "jwks_uri": public.publish("/keys", KEYS), **members}
    return public.publish(path, json.dumps(said).encode())


@pytest.mark.parametrize(
    ("path", "issuer"),
    [
        ("/.well-known/openid-configuration", ""),
        ("/.well-known/openid-configuration", "/"),
        ("/tenant/.well-known/openid-configuration", "/tenant"),
        ("/.well-known/oauth-authorization-server", ""),
        ("/.well-known/oauth-authorization-server/tenant", "/tenant"),
    ],
)
def test_trust_by_discovery(public: Publisher, path: str, issuer: str) -> None:
    """The metadata's `issuer` is believed where it belongs to the metadata's URL, and is then the exact `iss`."""
    url = metadata(public, path, issuer=public.url + issuer)
    trust = load_trust(Issuer(audience=("a",), discovery=url))
    assert trust.issuer == public.url + issuer
    assert trust.keys.find("RSA", "RS256") is not None


def test_discovery_for_configured_issuer(public: Publisher) -> None:
    """With `issuer` configured the metadata have to agree with it, wherever they are."""
    url = metadata(public, "/anywhere", issuer=ISSUER)
    assert load_trust(Issuer(ISSUER, ("a",), discovery=url)).issuer == ISSUER
    with pytest.raises(FetchError, match="another issuer"):
        load_trust(Issuer(ISSUER + "/", ("a",), discovery=url))


def test_discovery_for_configured_keys(public: Publisher) -> None:
    """With `jwks` configured the metadata only say who the issuer is."""
    url = metadata(public, "/.well-known/openid-configuration", jwks_uri="http://127.0.0.1:1/")
    assert load_trust(Issuer("", ("a",), public.publish("/mine", KEYS), url)).issuer == public.url


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"issuer": "https://evil.example"}, "another issuer"),
        ({"issuer": None}, "another issuer"),
        ({"issuer": 7}, "another issuer"),
        ({"jwks_uri": None}, "no `jwks_uri`"),
        ({"jwks_uri": 7}, "no `jwks_uri`"),
        ({"jwks_uri": "/keys"}, "no `jwks_uri`"),
        ({"jwks_uri": "file:///etc/passwd"}, "no `jwks_uri`"),
        ({"jwks_uri": "/etc/passwd"}, "no `jwks_uri`"),
    ],
)
def test_metadata_refused(public: Publisher, members: dict[str, Any], reason: str) -> None:
    """Metadata of another issuer, or that lead anywhere but to a URL, are refused."""
    url = metadata(public, "/.well-known/openid-configuration", **members)
    with pytest.raises(FetchError, match=reason):
        load_trust(Issuer(audience=("a",), discovery=url))


def test_metadata_keep_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Metadata that came over TLS do not lead to keys without it."""
    said = json.dumps({"issuer": ISSUER, "jwks_uri": "http://issuer.example/keys"}).encode()
    monkeypatch.setattr(fetching, "fetch", lambda place: said)
    with pytest.raises(FetchError, match="gives up TLS"):
        load_trust(Issuer(audience=("a",), discovery=ISSUER + "/.well-known/openid-configuration"))


def test_metadata_malformed(public: Publisher) -> None:
    """Metadata that are no JSON object are said with their place."""
    with pytest.raises(FetchError, match="/metadata: "):
        load_trust(Issuer(audience=("a",), discovery=public.publish("/metadata", b"[]")))


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("https://a.example/.well-known/openid-configuration", "https://a.example"),
        ("https://a.example/t/.well-known/openid-configuration", "https://a.example/t"),
        ("https://a.example/.well-known/oauth-authorization-server/t", "https://a.example/t"),
        ("https://a.example:8443/.well-known/oauth-authorization-server", "https://a.example:8443"),
        ("https://a.example/other", "https://a.example/other"),
    ],
)
def test_base(url: str, base: str) -> None:
    """Where metadata are says whose they are, by either specification."""
    assert base_of(url) == base

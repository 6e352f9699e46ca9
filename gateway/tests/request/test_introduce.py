"""What the backend gets of the caller's credentials, and instead of them, with real sockets on all sides."""

import asyncio
import json
import time
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gateway.config import Credentials, Identity, KeyStore, PasswordStore
from gateway.security.api_key import make_key
from gateway.security.hashing import hash_key, hash_password
from gateway.security.records import KeyRecord, PasswordRecord
from gateway.server.admin import Admin
from gateway.tests.harness import OK, Origin, body_of, field_of, running, status_of
from gateway.tests.request.callers import bearer, document, get, settings
from gateway.tests.request.conftest import Call
from gateway.tests.security.issuing import private_key
from gateway.tests.security.token_server import TokenServer, token_server

SECRET = "planted-secret-of-the-gateway"
POST = b"POST /v1/things HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\n%b\r\n{}"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[TokenServer]:
    """A token endpoint, and the secret to ask it with."""
    monkeypatch.setenv("GATEWAY_TEST_SECRET", SECRET)
    with token_server() as running_server:
        yield running_server


def asking(mode: str, url: str, **more: Any) -> dict[str, Any]:
    """Fields of `Api`."""
    given = {"client_id": "gateway", "client_secret": "env:GATEWAY_TEST_SECRET", "timeout": 20.0, **more}
    return {"credentials": Credentials(mode=mode, token_url=url, **given)}


def signing(folder: Path) -> Identity:
    """A key of the gateway's own."""
    private = private_key("EC").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key.pem").write_bytes(private)
    return Identity(key=f"file:{folder}/key.pem")


def test_a_token_goes_on_or_ends_here(call: Call, tmp_path: Path) -> None:
    """As the mode says; other fields are as they came."""
    field = bearer()
    for mode, there in (("tokens", True), ("pass", True), ("strip", False)):
        seen = call(
            get(b"/users/7/things", b"A: b\r\n", field, b"DPoP: x\r\n"),
            document=document(),
            api={"credentials": Credentials(mode=mode)},
            **settings(tmp_path),
        )
        assert status_of(seen.answers[0]) == 200
        assert (field in seen.requests[0], b"\r\nDPoP:" in seen.requests[0]) == (there, there)
        assert b"\r\nA: b\r\n" in seen.requests[0]


def test_nobody_but_the_gateway_says_who_calls(call: Call, tmp_path: Path) -> None:
    """Not even where it says nothing itself, whatever the mode, from whomever, with "_" or "." for "-"."""
    lies = (b"X-Gateway-Identity", b"x_gateway_identity", b"X-Forwarded-Client-Cert", b"Remote-User", b"X-HTTP-Method")
    lies += (b"X.Gateway~Identity", b"X*Forwarded!User")
    fields = b"".join(b"%b: lie\r\n" % name for name in lies)
    for mode in ("tokens", "pass", "strip"):
        seen = call(
            get(b"/open", fields),
            document=document(),
            api={"credentials": Credentials(mode=mode)},
            trusted_proxies=("127.0.0.0/8",),
            **settings(tmp_path),
        )
        assert status_of(seen.answers[0]) == 200 and b"lie" not in seen.requests[0]


@pytest.mark.parametrize("security", ["[{key: []}]", "[{auth: []}, {key: []}]", "[{key: []}, {}]"])
def test_a_token_that_was_not_verified_ends_here(call: Call, tmp_path: Path, security: str) -> None:
    """A caller whom something else let in cannot have the backend believe a forged one; a good one goes on."""
    id, key = make_key()
    (tmp_path / "keys").write_text(KeyRecord(id, hash_key(key, b""), "acme").line() + "\n")
    (tmp_path / "keys").chmod(0o600)
    text = document().replace("security: [{auth: []}, {}]", f"security: {security}")
    text = text.replace("scheme: bearer}}", "scheme: bearer}, key: {type: apiKey, in: header, name: X-Key}}")
    sent, forged = b"X-Key: " + key + b"\r\n", bearer(kind="RSA other", kid="RSA")
    requests = [get(b"/maybe", sent, forged, b"DPoP: x\r\n"), get(b"/maybe", sent, bearer())]
    requests += [get(b"/maybe", forged)] if "{}" in security else []
    stores = {"keys": {"k": KeyStore(file=str(tmp_path / "keys"))}}
    seen = call(*requests, document=text, **settings(tmp_path), **stores)
    assert [status_of(answer) for answer in seen.answers] == [200] * len(requests)
    there = [field_of(request, b"Authorization") is not None for request in seen.requests]
    assert there == [False, security.startswith("[{auth"), False][: len(requests)]
    assert all(field_of(request, b"DPoP") is None for request in seen.requests)


def test_the_backend_is_told_who_calls(tmp_path: Path) -> None:
    """In a token that verifies with what the admin port publishes; nothing of an anonymous caller, who cannot lie."""

    async def story() -> None:
        origin = Origin().replies(OK)
        api = {"credentials": Credentials(mode="strip", identity=True)}
        chosen = settings(tmp_path) | {"identity": signing(tmp_path)}
        async with running(tmp_path, origin, document(), api=api, **chosen) as gateway:
            lie = b"X-Gateway-Identity: lie\r\nConnection: X-Gateway-Identity\r\n"
            await gateway.ask(POST % (bearer(sub="anna", scope="b a") + lie), get(b"/maybe", lie))
            told, anonymous = origin.requests
            assert field_of(anonymous, b"X-Gateway-Identity") is None
            assert told.lower().count(b"x-gateway-identity") == 1 and b"lie" not in told
            token = field_of(told, b"X-Gateway-Identity")
            assert token is not None
            admin = Admin(gateway.runtime, gateway.generation, lambda: False)
            page = admin._answers[b"/jwks.json"]()
            (entry,) = json.loads(page.body)["keys"]
            claims = jwt.decode(token, jwt.PyJWK(entry).key, ["ES256"], audience="api", issuer="gateway")
            assert (claims["sub"], claims["scope"]) == ("anna", "a b")
            assert claims["sub_id"]["iss"] == "https://issuer.example"

    asyncio.run(story())


def test_many_requests_of_one_caller_exchange_once(tmp_path: Path, server: TokenServer) -> None:
    """Two hundred at the same time wait for one question; another caller has another token."""

    async def story() -> None:
        origin = Origin().replies(OK)
        async with running(
            tmp_path, origin, document(), api=asking("exchange", server.url, audience="b"), **settings(tmp_path)
        ) as gateway:
            server.gate.clear()
            field = bearer()
            first = asyncio.gather(*(gateway.ask(POST % field) for _ in range(200)))
            while not server.forms:
                await asyncio.sleep(0.01)
            server.gate.set()
            assert {status_of(answer) for (answer,) in await first} == {200}
            assert len(server.forms) == 1
            assert server.forms[0]["subject_token"].encode() in field
            assert server.forms[0]["audience"] == "b"
            assert {field_of(request, b"Authorization") for request in origin.requests} == {b"Bearer token-1"}
            await gateway.ask(POST % bearer(sub="8"))
            assert field_of(origin.requests[-1], b"Authorization") == b"Bearer token-2"
            await gateway.ask(get(b"/maybe"), get(b"/open", b"Authorization: Bearer unverified\r\n"))
            assert [field_of(request, b"Authorization") for request in origin.requests[-2:]] == [None, None]
            assert len(server.forms) == 2

    asyncio.run(story())


def test_the_gateways_own_token_serves_all(tmp_path: Path, server: TokenServer) -> None:
    """Whoever calls, known or not; nothing of the caller's own goes on."""

    async def story() -> None:
        origin = Origin().replies(OK)
        async with running(
            tmp_path, origin, document(), api=asking("client", server.url, scope="s"), **settings(tmp_path)
        ) as gateway:
            requests = [POST % bearer(sub=str(number)) for number in range(20)] + [get(b"/open")] * 20
            answers = await asyncio.gather(*map(gateway.ask, requests * 5))
            assert {status_of(answer) for (answer,) in answers} == {200}
            assert server.forms == [{"grant_type": "client_credentials", "scope": "s"}]
            assert {field_of(request, b"Authorization") for request in origin.requests} == {b"Bearer token-1"}

    asyncio.run(story())


@pytest.mark.parametrize("mode", ["exchange", "client"])
@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ((500, {}), 503),
        ((200, b"<html>planted-answer</html>"), 503),
        ((200, {"access_token": "planted-answer\r\nX: y", "token_type": "Bearer"}), 503),
        ((302, {}), 503),
        ((401, {"error": "invalid_client", "error_description": "planted-answer"}), 503),
        ((400, {"error": "invalid_target"}), 503),
        ((400, {"error": "invalid_grant", "error_description": "planted-answer"}), 403),
    ],
)
def test_without_a_token_nothing_is_forwarded(
    tmp_path: Path,
    server: TokenServer,
    caplog: pytest.LogCaptureFixture,
    mode: str,
    answer: tuple[int, Any],
    status: int,
) -> None:
    """503 with Retry-After, or 403 where the caller's token is refused; no secret and no answer is told to anybody."""
    server.answer = lambda form: answer
    field = bearer()

    async def story() -> tuple[list[bytes], list[bytes], list[bytes]]:
        origin = Origin().replies(OK)
        async with running(tmp_path, origin, document(), api=asking(mode, server.url), **settings(tmp_path)) as gateway:
            answers = await gateway.ask(POST % field, POST % field)
            await asyncio.sleep(0.05)
            return answers, origin.requests, gateway.lines()

    answers, requests, lines = asyncio.run(story())
    expected = status if mode == "exchange" else 503
    assert [status_of(each) for each in answers] == [expected] * 2 and requests == []
    assert (field_of(answers[0], b"Retry-After") is not None) == (expected == 503)
    assert json.loads(body_of(answers[0]))["type"].endswith("overloaded" if expected == 503 else "forbidden")
    told = b"".join(answers) + b"".join(lines) + caplog.text.encode()
    for secret in (SECRET.encode(), field.split()[2], b"planted-answer"):
        assert secret not in told


def test_a_slow_endpoint_holds_nobody_long_and_others_not_at_all(tmp_path: Path, server: TokenServer) -> None:
    """Requests that need no token are answered meanwhile."""

    async def story() -> None:
        origin = Origin().replies(OK)
        api = asking("exchange", server.url, timeout=0.5)
        async with running(tmp_path, origin, document(), api=api, **settings(tmp_path)) as gateway:
            server.gate.clear()
            slow = asyncio.create_task(gateway.ask(POST % bearer()))
            while not server.forms:
                await asyncio.sleep(0.01)
            (answer,) = await gateway.ask(get(b"/open"))
            assert status_of(answer) == 200 and not slow.done()
            (answer,) = await slow
            assert status_of(answer) == 503 and len(origin.requests) == 1

    asyncio.run(story())


def test_an_exchange_ends_with_the_callers_token(tmp_path: Path, server: TokenServer) -> None:
    """However long the new token would be good: the caller's is verified each time."""

    async def story() -> None:
        origin = Origin().replies(OK)
        async with running(
            tmp_path, origin, document(), api=asking("exchange", server.url), **settings(tmp_path)
        ) as gateway:
            field = bearer(exp=int(time.time()) - 5)  # within the leeway for clocks
            answers = await gateway.ask(POST % field, POST % field)
            assert [status_of(answer) for answer in answers] == [200, 200]
            assert len(server.forms) == 2, "nothing of it is kept"

    asyncio.run(story())


def test_keys_and_passwords_end_at_the_gateway(call: Call, tmp_path: Path) -> None:
    """Cut out of the field, the query and the cookies that they stand in; what is around them goes on as it came."""
    id, key = make_key()
    (tmp_path / "keys").write_text(KeyRecord(id, hash_key(key, b""), "acme").line() + "\n")
    (tmp_path / "users").write_text(PasswordRecord("anna", hash_password(b"correct horse")).line() + "\n")
    for name in ("keys", "users"):
        (tmp_path / name).chmod(0o600)
    places = {"header": "X-Key", "query": "key", "cookie": "sid"}
    schemes = {name: f"{{type: apiKey, in: {name}, name: {field}}}" for name, field in places.items()}
    text = (
        document()
        .replace("/maybe:", "/keys:")
        .replace("[{auth: []}, {}]", "[{header: []}, {query: []}, {cookie: []}, {basic: []}]")
    )
    text = text.replace(
        "      responses: *responses\ncomponents",
        "      parameters: [{name: a, in: query, schema: {}}]\n      responses: *responses\ncomponents",
    )
    listed = ", ".join(f"{name}: {scheme}" for name, scheme in schemes.items())
    text = text.replace("scheme: bearer}}", f"scheme: bearer}}, {listed}, basic: {{type: http, scheme: basic}}}}")
    password = b64encode(b"anna:correct horse")
    requests = [
        get(b"/keys?a=%41", b"X-Key: " + key + b"\r\n", b"B: c\r\n"),
        get(b"/keys?a=%41&k%65y=" + key + b"&a=2"),
        get(b"/keys?key=" + key),
        get(b"/keys", b"Cookie: a=1; sid=" + key + b"; b=2\r\n"),
        get(b"/keys", b"Authorization: Basic " + password + b"\r\n"),
    ]
    stores = {
        "keys": {"k": KeyStore(file=str(tmp_path / "keys"))},
        "passwords": {"p": PasswordStore(file=str(tmp_path / "users"))},
    }
    for mode in ("tokens", "strip"):
        api = {"credentials": Credentials(mode=mode)}
        seen = call(*requests, document=text, api=api, **settings(tmp_path), **stores, validate={"request": "observe"})
        assert [status_of(answer) for answer in seen.answers] == [200] * 5
        told = b"".join(seen.requests)
        assert key not in told and password not in told and b"uthorization" not in told
        assert [request.split(b" ")[1] for request in seen.requests] == [
            *(b"/v1/keys?a=%41", b"/v1/keys?a=%41&a=2", b"/v1/keys", b"/v1/keys", b"/v1/keys")
        ]
        assert b"\r\nB: c\r\n" in seen.requests[0] and field_of(seen.requests[3], b"Cookie") == b"a=1; b=2"

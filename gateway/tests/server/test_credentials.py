"""Keys, passwords and opaque tokens through a running gateway: who gets in, and who no longer does."""

import asyncio
import json
import os
import time
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from gateway.config import Introspection, Issuer, KeyStore, PasswordStore, Revocation
from gateway.security.api_key import make_key
from gateway.security.hashing import derive, hash_key
from gateway.security.records import KeyRecord, PasswordRecord
from gateway.tests.harness import DOCUMENT, Origin, body_of, field_of, running, status_of
from gateway.tests.processes import PATIENCE, Backend, Process
from gateway.tests.security.storing import CHEAP
from gateway.tests.security.test_introspect import Server, server

__all__ = ("server",)

SECURED = DOCUMENT.replace("paths:", "security: [{key: []}, {people: []}, {token: [read]}]\npaths:", 1).replace(
    "components:",
    """components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-Api-Key}
    people: {type: http, scheme: basic}
    token: {type: oauth2, flows: {clientCredentials: {tokenUrl: 'https://id.example/t', scopes: {read: r}}}}""",
    1,
)
TOKEN = b"2YotnFZFEjr1zCsicMWpAA"


def get(*fields: bytes) -> bytes:
    """A request with these fields."""
    return (
        b"GET /v1/things/1 HTTP/1.1\r\nHost: api.example\r\n"
        + b"".join(b"%b\r\n" % field for field in fields)
        + b"\r\n"
    )


def basic(text: str) -> bytes:
    """An Authorization field."""
    return b"Authorization: Basic " + b64encode(text.encode())


@pytest.fixture
def key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A key in a store, beside a user in another."""
    id, made = make_key()
    record = PasswordRecord("anna", replace_digest("secret"))
    for name, line in (("keys", KeyRecord(id, hash_key(made, b""), "acme").line()), ("users", record.line())):
        path = tmp_path / name
        path.touch(0o600)
        path.write_text(line + "\n")
    (tmp_path / "revoked").write_text("")
    monkeypatch.setenv("INTROSPECTION_SECRET", "s3cret")
    return made.decode()


def replace_digest(password: str) -> Any:
    """The hash of a password, at the least cost."""
    return CHEAP._replace(digest=derive(CHEAP, password.encode()))


def settings(folder: Path, url: str) -> dict[str, Any]:
    """Settings with a store of each kind and an issuer that is asked."""
    asked = Introspection(url, "gateway", "env:INTROSPECTION_SECRET", timeout=20.0)
    return {
        "keys": {"partners": KeyStore(file=str(folder / "keys"))},
        "passwords": {"people": PasswordStore(file=str(folder / "users"))},
        "issuers": {"main": Issuer("https://id.example", ("things",), introspection=asked)},
        "revocation": Revocation(str(folder / "revoked")),
    }


def test_who_gets_in(tmp_path: Path, key: str, server: Server) -> None:
    """By any of the three kinds, and by nothing else; refusals repeat nothing of what was sent."""
    server.say({"active": True, "aud": "things", "scope": "read", "sub": "anna", "exp": time.time() + 100})
    cases = [
        (get(b"X-Api-Key: " + key.encode()), 200),
        (get(basic("anna:secret")), 200),
        (get(b"Authorization: Bearer " + TOKEN), 200),
        (get(), 401),
        (get(b"X-Api-Key: " + key[:-1].encode()), 401),
        (get(b"X-Api-Key:"), 401),
        (get(b"X-Api-Key: \xff\xfe"), 401),
        (get(b"X-Api-Key: " + b"k" * 20_000), 401),
        (get(b"X-Api-Key: " + key.encode(), b"X-API-KEY: " + key.encode()), 401),
        (get(b"Cookie: X-Api-Key=" + key.encode()), 401),
        (get(b"Authorization: ApiKey " + key.encode()), 401),
        (get(b"Authorization: Bearer " + key.encode()[:-2]), 401),
        (get(basic("anna:Secret")), 401),
        (get(b"Authorization: Basic anna:secret"), 401),
        (get(basic("anna:secret"), basic("anna:secret")), 400),
        (get(b"X-Api-Key: " + b"k" * 1_000_000), 431),
    ]

    async def scenario() -> None:
        async with running(tmp_path, Origin(), SECURED, **settings(tmp_path, server.url)) as gateway:
            for request, expected in cases:
                if b"Bearer gk_" in request:
                    server.say({"active": False})
                reader, writer = await gateway.connect()
                writer.write(request)
                answer = await reader.read(65536)
                writer.close()
                assert status_of(answer) == expected, request[:200]
                assert key.encode() not in answer and b"kkkk" not in answer and b"secret" not in answer.lower()
                if expected == 401:
                    assert field_of(answer, b"WWW-Authenticate") is not None

    asyncio.run(scenario())


def test_an_issuer_that_cannot_be_asked(tmp_path: Path, key: str, server: Server) -> None:
    """Its tokens are answered with 503 and when to come again; keys and passwords go on."""
    server.say(b"", 500)

    async def scenario() -> None:
        async with running(tmp_path, Origin(), SECURED, **settings(tmp_path, server.url)) as gateway:
            (answer,) = await gateway.ask(get(b"Authorization: Bearer " + TOKEN))
            assert status_of(answer) == 503 and field_of(answer, b"Retry-After")
            assert server.url.encode() not in answer
            (answer,) = await gateway.ask(get(b"X-Api-Key: " + key.encode()))
            assert status_of(answer) == 200

    asyncio.run(scenario())


def test_a_subject_that_is_revoked(tmp_path: Path, key: str, server: Server) -> None:
    """From a good answer to 401, although password and key verify."""

    async def scenario() -> None:
        async with running(tmp_path, Origin(), SECURED, **settings(tmp_path, server.url)) as gateway:
            denylist = gateway.generation.table.denylist
            for subject, field in (("anna", basic("anna:secret")), ("acme", b"X-Api-Key: " + key.encode())):
                assert status_of((await gateway.ask(get(field)))[0]) == 200
                (tmp_path / "revoked").write_text(f"sub {subject}\n")
                denylist._lists[0].refresh()
                (answer,) = await gateway.ask(get(field))
                assert status_of(answer) == 401
                assert "revoked" in json.loads(body_of(answer))["detail"]

    asyncio.run(scenario())


MORE = """
workers: 2
keys: {partners: {file: keys, refresh: 100ms}}
passwords: {people: {file: users}}
issuers: {main: {issuer: 'https://id.example', audience: things, introspection: {url: 'http://127.0.0.1:9/', \
client-id: gateway, client-secret: 'env:INTROSPECTION_SECRET'}}}
revocation: {file: revoked}
"""


@pytest.fixture
def process(tmp_path: Path, key: str) -> Iterator[Process]:
    """A gateway of two workers."""
    backend = Backend()
    started = Process(tmp_path, backend, document=SECURED, more=MORE)
    yield started
    started.stop()
    backend.close()


def statuses(process: Process, key: str, number: int = 16) -> set[int]:
    """Those of several requests on a connection each, so that both workers answer."""
    url, fields = f"{process.url}/v1/things/1", {"X-Api-Key": key, "Connection": "close"}
    return {requests.get(url, headers=fields, timeout=20).status_code for _ in range(number)}


def settled(process: Process, key: str, expected: int) -> float:
    """Seconds until all workers answer so."""
    began = time.monotonic()
    while statuses(process, key) != {expected}:
        assert time.monotonic() - began < PATIENCE
    return time.monotonic() - began


def replace_file(path: Path, text: str) -> None:
    """Put another file in its place."""
    path.with_suffix(".new").write_text(text)
    os.replace(path.with_suffix(".new"), path)


def test_all_workers_see_a_revocation(process: Process, tmp_path: Path, key: str) -> None:
    """Of the key by its id in the list, and by the store; and that it was taken back. Without a reload."""
    assert statuses(process, key) == {200}
    for file, text in (("revoked", f"key {key[3:15]}\n"), ("keys", "")):
        before = (tmp_path / file).read_text()
        replace_file(tmp_path / file, text)
        print(f"{file}: seen by all workers after {settled(process, key, 401):.2f} s")
        replace_file(tmp_path / file, before)
        settled(process, key, 200)
    assert process.metric("gateway_reloads") == 0


def test_a_broken_store_keeps_nobody_out(process: Process, tmp_path: Path, key: str) -> None:
    """It is logged by place, and what was read before stays in force."""
    replace_file(tmp_path / "keys", (tmp_path / "keys").read_text() + "nonsense\n")
    assert "keys:2: not a JSON object" in process.wait_for("stays in force")
    assert statuses(process, key) == {200}


def test_with_a_broken_store_nothing_is_started(tmp_path: Path, key: str) -> None:
    """The file and the line are named."""
    (tmp_path / "keys").write_text("nonsense\n")
    backend = Backend()
    with pytest.raises(AssertionError, match=r"keys:1:1: error: credential-store"):
        Process(tmp_path, backend, document=SECURED, more=MORE)
    backend.close()

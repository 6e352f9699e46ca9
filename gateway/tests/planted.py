"""A gateway with everything on that is told secrets: recognisable ones, and the only ones that a test looks for."""

import secrets
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gateway.security.api_key import make_key
from gateway.security.hashing import derive, hash_key
from gateway.security.records import KeyRecord, PasswordRecord
from gateway.tests.processes import Backend, Process
from gateway.tests.redis_server import RedisServer
from gateway.tests.security.issuing import jwk, jwks, token
from gateway.tests.security.storing import CHEAP
from gateway.tests.security.token_server import Answer, TokenServer, token_server

DOCUMENT = """
openapi: 3.1.0
info: {title: Everything, version: "1"}
servers: [{url: /v1}]
security: [{auth: [read]}]
paths:
  /open:
    get:
      operationId: open
      security: []
      parameters: [{name: units, in: query, schema: {type: string, enum: [metric], maxLength: 6}}]
      responses: &ok {"200": {description: ok, content: {application/json: {schema: {type: object}}}}}
  /token: {get: {operationId: token, responses: *ok}}
  /key: {get: {operationId: key, security: [{key: []}], responses: *ok}}
  /query-key: {get: {operationId: queryKey, security: [{query: []}], responses: *ok}}
  /cookie-key: {get: {operationId: cookieKey, security: [{cookie: []}], responses: *ok}}
  /basic: {get: {operationId: basic, security: [{basic: []}], responses: *ok}}
  /inside: {get: {operationId: inside, x-gateway: {addresses: {allow: [192.0.2.0/24]}}, responses: *ok}}
  /users/{user}:
    get:
      operationId: user
      x-gateway: {owner: {parameter: user, claim: sub}}
      parameters: [{name: user, in: path, required: true, schema: {type: string}}]
      responses: *ok
  /rated:
    get:
      operationId: rated
      x-gateway: {rate-limit: {name: rated, requests: 1, per: hour, by: consumer}}
      responses: *ok
  /single: {get: {operationId: single, x-gateway: {concurrency: {limit: 1}}, responses: *ok}}
  /upload:
    post:
      operationId: upload
      security: []
      requestBody:
        content:
          application/json: {schema: {type: object, properties: {id: {type: integer}}, additionalProperties: false}}
      responses: *ok
components:
  securitySchemes:
    auth: {type: oauth2, flows: {clientCredentials: {tokenUrl: "https://issuer.example/t", scopes: {read: r}}}}
    key: {type: apiKey, in: header, name: X-Api-Key}
    query: {type: apiKey, in: query, name: api_key}
    cookie: {type: apiKey, in: cookie, name: session}
    basic: {type: http, scheme: basic}
"""
SETTINGS = """
keys: {{partners: {{file: keys.txt, pepper: "env:PLANTED_PEPPER"}}}}
passwords: {{people: {{file: people.txt}}}}
issuers:
  main:
    {{issuer: "https://issuer.example", audience: runs, jwks: jwks.json, introspection: {{url: "{url}",
    client-id: gateway, client-secret: "file:introspection.secret", cache: 0, negative-cache: 0, timeout: 30}}}}
revocation: {{file: revoked.txt}}
identity: {{key: "file:identity.pem"}}
store: {{url: "env:PLANTED_REDIS", on-failure: closed, timeout: 5}}
filter: "planted_filter:allow"
limits: {{connections: 20, connections-per-address: 24, header-bytes: 4KiB, body: 1KiB}}
timeouts: {{head: 1s, connect: 5}}
"""
API = """security: {{auth: main, key: partners, query: partners, cookie: partners, basic: people}},
credentials: {{mode: client, token-url: "{url}", client-id: gateway, client-secret: "env:PLANTED_CLIENT", timeout: 30,
identity: true}}, cors: {{origins: ["https://app.example"]}}"""
FILTER = """
def allow(request):
    if request.header("X-Filter") == "fail":
        raise RuntimeError("the filter is broken")
    return "not today" if request.header("X-Filter") else None
"""
GUESSES = 12  # wrong passwords in a row, after which nobody compares another


def plant(name: str) -> str:
    """A secret that is found nowhere by chance; it holds what has to be escaped in URLs and in JSON."""
    return f"planted-{name}-{secrets.token_urlsafe(12)}"


@dataclass
class Scene:
    """The gateway, what stands around it, and what must not come out of it."""

    gateway: Process
    backend: Backend
    tokens: TokenServer
    redis: RedisServer
    folder: Path
    secrets: dict[str, str]
    key_id: str
    audit: Path

    def fields(self, name: str) -> dict[str, str]:
        """Header fields with the credential of this name."""
        text = self.secrets[name]
        if name.endswith("key"):
            return {"X-Api-Key": text}
        if name.endswith("password"):
            return {"Authorization": "Basic " + b64encode(f"anna:{text}".encode()).decode()}
        return {"Authorization": f"Bearer {text}"}


@contextmanager
def scene(folder: Path) -> Iterator[Scene]:
    """One gateway with one worker, its Redis with a password, its issuer and its backend."""
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        planted = {name: plant(name) for name in ("pepper", "redis", "client", "introspection", "password", "opaque")}
        planted["issued token"] = plant("issued")
        key_id = _fill(folder, planted)
        redis = RedisServer(folder, "--requirepass", planted["redis"]).start()
        stack.callback(redis.kill)
        tokens = stack.enter_context(token_server())
        tokens.answer = lambda form: _answer(form, planted)
        backend = Backend()
        stack.callback(backend.close)
        audit = folder / "audit.log"
        patch.setenv("PLANTED_PEPPER", planted["pepper"])
        patch.setenv("PLANTED_CLIENT", planted["client"])
        patch.setenv("PLANTED_REDIS", f"redis://:{planted['redis']}@127.0.0.1:{redis.port}/0")
        patch.setenv("PYTHONPATH", str(folder))
        patch.setenv("GATEWAY_LOG_LEVEL", "debug")
        patch.setenv("GATEWAY_LOG_AUDIT", str(audit))
        more, api = SETTINGS.format(url=tokens.url), API.format(url=tokens.url)
        gateway = Process(folder, backend, document=DOCUMENT, more=more, api=api)
        stack.callback(gateway.process.wait)
        stack.callback(gateway.process.kill)
        yield Scene(gateway, backend, tokens, redis, folder, planted, key_id, audit)


def _answer(form: dict[str, str], planted: dict[str, str]) -> Answer:
    """Of the issuer, as introspection endpoint and as token endpoint."""
    if "grant_type" in form:
        return 200, {"access_token": planted["issued token"], "token_type": "Bearer", "expires_in": 3600}
    good = form["token"] == planted["opaque"]
    said = {"active": True, "aud": "runs", "sub": "olga", "scope": "read", "exp": time.time() + 600}
    return 200, said if good else {"active": False}


def _fill(folder: Path, planted: dict[str, str]) -> str:
    """The files that the settings name; adds the credentials of callers to `planted`, gives the id of the first key."""
    pepper = planted["pepper"].encode()
    first, *others = (make_key() for _ in range(2))
    records = [KeyRecord(id, hash_key(key, pepper), f"owner-{id}", ("read",)) for id, key in (first, *others)]
    planted |= {"key": first[1].decode(), "revoked key": others[0][1].decode()}
    planted |= {name: _token(**claims).decode() for name, claims in TOKENS.items()}
    identity = ec.generate_private_key(ec.SECP256R1()).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    planted["identity"] = identity.decode()
    user = PasswordRecord("anna", CHEAP._replace(digest=derive(CHEAP, planted["password"].encode())))
    contents = {
        "keys.txt": "\n".join(record.line() for record in records),
        "people.txt": user.line(),
        "revoked.txt": f"jti gone\nkey {others[0][0]}",
        "jwks.json": jwks(jwk("RSA")).decode(),
        "introspection.secret": planted["introspection"],
        "identity.pem": planted["identity"],
        "planted_filter.py": FILTER,
    }
    for name, content in contents.items():
        path = folder / name
        path.touch(0o600)
        path.write_text(content + "\n")
    return first[0]


TOKENS: dict[str, dict[str, Any]] = {
    "token": {},
    "other token": {"sub": "bert"},
    "poor token": {"scope": "other"},
    "expired token": {"exp": 1_000_000_000},
    "revoked token": {"jti": "gone"},
    "foreign token": {"aud": "accounts"},
}


def _token(**claims: Any) -> bytes:
    return token(**{"exp": time.time() + 3600, "sub": "anna", "scope": "read", "jti": plant("jti"), **claims})

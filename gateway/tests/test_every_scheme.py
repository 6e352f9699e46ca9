"""Every kind of security scheme, alone and in combinations, through a running gateway with TLS.

The cases and what has to become of them are made from the requirements alone (`gateway.verify.credentials`); here is
how each state of each credential looks on the wire.
"""

import asyncio
import json
import secrets
import ssl
import time
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from gateway.config import Certificate, Issuer, KeyStore, PasswordStore, Revocation, Tls
from gateway.security.api_key import make_key
from gateway.security.hashing import hash_key, hash_password
from gateway.security.records import KeyRecord
from gateway.tests.authority import Authority, Issued
from gateway.tests.harness import Gateway, Origin, read_message, running, status_of
from gateway.tests.security.issuing import AUDIENCE, ISSUER, claims, jwk, jwks, sign
from gateway.tests.security.proving import proof, thumbprint
from gateway.verify.credentials import GOOD, LACKING, Offer, expected, offers, title

SCHEMES: dict[str, dict[str, Any]] = {
    "oauth": {
        "type": "oauth2",
        "flows": {
            "clientCredentials": {"tokenUrl": "https://issuer.example/token", "scopes": {"read": "r", "write": "w"}}
        },
    },
    "oidc": {"type": "openIdConnect", "openIdConnectUrl": "https://issuer.example/.well-known/openid-configuration"},
    "bearer": {"type": "http", "scheme": "bearer"},
    "proof": {"type": "http", "scheme": "DPoP"},
    "header": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
    "query": {"type": "apiKey", "in": "query", "name": "api_key"},
    "cookie": {"type": "apiKey", "in": "cookie", "name": "key"},
    "basic": {"type": "http", "scheme": "basic"},
    "certificate": {"type": "mutualTLS"},
}
CHALLENGES = {
    "oauth": {b"Bearer", b"DPoP"},
    "oidc": {b"Bearer", b"DPoP"},
    "bearer": {b"Bearer"},
    "proof": {b"DPoP"},
    "basic": {b"Basic"},
    "certificate": {b"ClientCertificate"},
    **{name: {b"ApiKey"} for name in ("header", "query", "cookie")},
}
Security = list[dict[str, list[str]]]


def optional(name: str) -> Security:
    """This, or nothing."""
    return [{name: []}, {}]


SECURITY: list[Security] = [
    [],
    [{}],
    *([{name: [] if name in ("certificate", "query") else ["read"]}] for name in SCHEMES),
    *(optional(name) for name in SCHEMES),
    [{"oauth": ["read", "write"]}],
    [{"oauth": ["read"], "header": []}],
    [{"oauth": ["read"], "header": ["read"]}, {}],
    [{"bearer": [], "certificate": []}],
    [{"proof": ["write"], "certificate": [], "cookie": ["read"]}],
    [{"basic": ["read"], "query": []}],
    [{"basic": [], "certificate": []}, {"oidc": ["read"]}],
    [{"header": [], "query": [], "cookie": []}],
    [{"header": ["read"]}, {"cookie": []}],
    [{"oauth": ["read"]}, {"basic": []}],
    [{"oauth": ["read"], "header": []}, {"basic": ["read"]}, {"certificate": []}],
    [{"header": []}, {"query": []}, {}],
]


def document() -> str:
    """An operation for each of the requirements."""
    response = {"200": {"description": "ok"}}
    paths = {
        f"/{index}": {"get": {"operationId": f"get{index}", "security": security, "responses": response}}
        for index, security in enumerate(SECURITY)
    }
    return json.dumps(
        {
            "openapi": "3.1.0",
            "info": {"title": "Every scheme", "version": "1"},
            "servers": [{"url": "https://api.example"}],
            "paths": paths,
            "components": {"securitySchemes": SCHEMES},
        }
    )


@dataclass
class Message:
    """What credentials add to a request."""

    path: str
    fields: list[bytes] = field(default_factory=list)
    query: list[bytes] = field(default_factory=list)
    certificate: bool = False

    @property
    def wire(self) -> bytes:
        """The request."""
        target = self.path.encode() + (b"?" + b"&".join(self.query) if self.query else b"")
        return b"".join([b"GET " + target + b" HTTP/1.1\r\nHost: api.example\r\n", *self.fields, b"\r\n"])


def authorization(scheme: bytes, credential: bytes) -> bytes:
    """The field."""
    return b"Authorization: " + scheme + b" " + credential + b"\r\n"


def token(state: str, bound: bool) -> bytes:
    """A token in a state, all of them on the real clock."""
    now = time.time()
    said: dict[str, Any] = {"exp": now + 600, "scope": "read write", "jti": state}
    said |= {"cnf": {"jkt": thumbprint()}} if bound else {}
    said |= TOKEN_STATES.get(state, {})
    kind = "RSA other" if state == "another key" else "RSA"
    text = sign({"alg": "RS256", "typ": "at+jwt", "kid": "RSA"}, claims(**said), kind)
    if state == "changed":
        head, _, signature = text.split(b".")
        return b".".join([head, sign({}, claims(exp=now + 600, sub="root")).split(b".")[1], signature])
    return b"abc" if state == "no JWT" else text


TOKEN_STATES: dict[str, dict[str, Any]] = {
    LACKING: {"scope": "other"},
    "expired": {"exp": 1_000_000_000},
    "not valid yet": {"nbf": 4_000_000_000, "exp": 4_000_000_100},
    "wrong audience": {"aud": "accounts"},
    "wrong issuer": {"iss": "https://evil.example"},
    "revoked": {"jti": "revoked"},
    "bound to another certificate": {"cnf": {"x5t#S256": "A" * 43}},
}
WRONG_TOKENS = ("another key", "changed", "no JWT", *(state for state in TOKEN_STATES if state != LACKING))
PROOF_STATES: dict[str, dict[str, Any]] = {
    "proof for another method": {"htm": "POST"},
    "proof for another URL": {"htu": "https://api.example/other"},
    "proof of last year": {"iat": 1_000_000_000},
    "proof for another token": {"ath": "abc"},
}
WRONG_PROOFS = ("no proof", "proof by another key", "as Bearer", *PROOF_STATES)
WRONG_KEYS = ("unknown", "another secret", "expired", "revoked", "no key", "twice")
WRONG_PASSWORDS = ("wrong password", "unknown user", "no base64", "no colon", "Bearer")


def wrong(scheme: str) -> tuple[str, ...]:
    """The ways in which a scheme's credential can be bad."""
    if scheme == "proof":
        return (*WRONG_TOKENS, *WRONG_PROOFS)
    if scheme in ("oauth", "oidc", "bearer"):
        return (*WRONG_TOKENS, "bound to a key")
    if scheme == "basic":
        return WRONG_PASSWORDS
    return () if scheme == "certificate" else WRONG_KEYS


class Callers:
    """Stores and credentials of everybody, good and bad."""

    def __init__(self, folder: Path) -> None:
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(0))
        states: dict[str, dict[str, Any]] = {GOOD: {"scopes": ("read",)}, LACKING: {}, "expired": {"expires": now}}
        states["revoked"] = {"scopes": ("read",)}
        self.keys: dict[str, bytes] = {}
        lines = []
        for state, members in states.items():
            id, key = make_key()
            lines.append(KeyRecord(id, hash_key(key, b""), "acme", **members).line())
            self.keys[state] = key
            if state == "revoked":
                (folder / "revoked").write_text(f"key {id}\njti revoked\n")
        self.keys["unknown"] = make_key()[1]
        self.keys["another secret"] = self.keys[GOOD][:-43] + make_key()[1][-43:]
        self.keys["no key"] = b"abc"
        hashed = hash_password(b"secret").text()
        (folder / "keys").write_text("\n".join(lines) + "\n")
        (folder / "users").write_text(f"anna:{hashed}:read\nbert:{hashed}\n")
        (folder / "jwks.json").write_bytes(jwks(jwk("RSA")))
        for name in ("keys", "users"):
            (folder / name).chmod(0o600)

    def message(self, path: str, offer: Offer) -> Message:
        """The request that carries what is offered."""
        message = Message(path)
        cookies: list[bytes] = []
        for scheme, state in offer.items():
            if scheme == "certificate":
                message.certificate = True
            elif scheme == "basic":
                message.fields.append(self._password(state))
            elif scheme in ("header", "query", "cookie"):
                key = self.keys[GOOD if state == "twice" else state]
                times = 2 if state == "twice" else 1
                message.fields += [b"X-Api-Key: " + key + b"\r\n"] * times if scheme == "header" else []
                message.query += [b"api_key=" + key] * times if scheme == "query" else []
                cookies += [b"key=" + key] * times if scheme == "cookie" else []
            elif scheme == "proof":
                message.fields += self._proved(path, state)
            else:
                message.fields.append(authorization(b"Bearer", token(state, state == "bound to a key")))
        message.fields += [b"Cookie: " + b"; ".join(cookies) + b"\r\n"] if cookies else []
        return message

    def _password(self, state: str) -> bytes:
        if state in ("no base64", "Bearer"):
            return authorization(b"Basic" if state == "no base64" else b"Bearer", b"anna:secret")
        texts = {LACKING: b"bert:secret", "wrong password": b"anna:wrong", "unknown user": b"carl:secret"}
        text = b"anna" if state == "no colon" else texts.get(state, b"anna:secret")
        return authorization(b"Basic", b64encode(text))

    def _proved(self, path: str, state: str) -> list[bytes]:
        text = token(state, bound=True)
        said: dict[str, Any] = {"iat": time.time(), "htu": f"https://api.example{path}", "jti": secrets.token_hex()}
        by = "EC other" if state == "proof by another key" else "EC"
        sent = proof(text, by, **(said | PROOF_STATES.get(state, {})))
        fields = [authorization(b"Bearer" if state == "as Bearer" else b"DPoP", text)]
        return fields if state == "no proof" else [*fields, b"DPoP: " + sent + b"\r\n"]


def cases() -> Iterator[tuple[int, Offer]]:
    """For each operation what callers may bring."""
    for index, security in enumerate(SECURITY):
        for offer in offers(scopes_of(security), wrong):
            yield index, offer


def scopes_of(security: Security) -> list[dict[str, frozenset[str]]]:
    """As sets."""
    return [{name: frozenset(scopes) for name, scopes in alternative.items()} for alternative in security]


def test_every_scheme(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each case has the answer that the specification gives; only those who are let in reach the backend."""
    asked, wrong_answers = asyncio.run(ask_all(tmp_path))
    with capsys.disabled():
        print(f"\n{asked} requests to {len(SECURITY)} operations, {len(wrong_answers)} wrong answers")
    assert wrong_answers == []
    assert asked > 400


def test_a_token_bound_to_a_certificate_counts_with_that_one_only(tmp_path: Path) -> None:
    """RFC 8705 section 3, over TLS: not without it, nor with another good one, also when it was verified before."""
    asyncio.run(bound_to_a_certificate(tmp_path))


async def bound_to_a_certificate(folder: Path) -> None:
    """One token, and three connections of which one has its certificate."""
    authority = Authority(folder)
    owner, thief = (authority.issue(name, client=True) for name in ("owner", "thief"))
    Callers(folder)
    thumb = urlsafe_b64encode(sha256(owner.der).digest()).rstrip(b"=").decode()
    bound = sign(
        {"alg": "RS256", "typ": "at+jwt", "kid": "RSA"},
        claims(exp=time.time() + 600, scope="read", cnf={"x5t#S256": thumb}),
    )
    operation = SECURITY.index([{"bearer": ["read"]}])
    message = Message(f"/{operation}", [authorization(b"Bearer", bound)]).wire
    origin = Origin().replies(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    async with secured(folder, origin, authority) as gateway:
        connections = [await connected(gateway, authority, client) for client in (None, thief, owner)]
        for _ in range(2):
            statuses = []
            for reader, writer in connections:
                writer.write(message)
                async with asyncio.timeout(30):
                    statuses.append(status_of(await read_message(reader)))
            assert statuses == [401, 401, 200]
        for _, writer in connections:
            writer.close()
    assert len(origin.requests) == 2


def secured(folder: Path, origin: Origin, authority: Authority) -> AbstractAsyncContextManager[Gateway]:
    """A gateway with TLS that knows everybody in `Callers`."""
    server = authority.issue("api", ["api.example"])
    return running(
        folder,
        origin,
        document(),
        issuers={"issuer": Issuer(ISSUER, (AUDIENCE,), str(folder / "jwks.json"))},
        keys={"partners": KeyStore(str(folder / "keys"))},
        passwords={"users": PasswordStore(str(folder / "users"))},
        revocation=Revocation(str(folder / "revoked")),
        tls=Tls((Certificate(server.certificate, server.key),), clients="optional", ca=authority.ca),
        public_origins=("https://api.example",),
    )


async def ask_all(folder: Path) -> tuple[int, list[str]]:
    """How many were asked, and what was answered wrongly."""
    authority, callers = Authority(folder), Callers(folder)
    client = authority.issue("anna", client=True)
    origin = Origin().replies(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    asked = 0
    found: list[str] = []
    async with secured(folder, origin, authority) as gateway:
        connections = [await connected(gateway, authority, None), await connected(gateway, authority, client)]
        for index, offer in cases():
            message = callers.message(f"/{index}", offer)
            reader, writer = connections[message.certificate]
            before = len(origin.requests)
            writer.write(message.wire)
            async with asyncio.timeout(30):
                answer = await read_message(reader)
            status = expected(scopes_of(SECURITY[index]), offer)
            fault = fault_of(answer, status, len(origin.requests) - before, SECURITY[index])
            asked += 1
            found += [f"{SECURITY[index]} with {title(offer)}: {fault}"] if fault else []
        for _, writer in connections:
            writer.close()
    return asked, found


async def connected(
    gateway: Gateway, authority: Authority, client: Issued | None
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection, with a client certificate or without."""
    context = ssl.create_default_context(cafile=authority.ca)
    if client is not None:
        context.load_cert_chain(client.certificate, client.key)
    return await gateway.connect(ssl=context, server_hostname="api.example")


def fault_of(answer: bytes, status: int, reached: int, security: Security) -> str:
    """What is wrong with an answer; "" when nothing is."""
    if status_of(answer) != status:
        return f"{status_of(answer)} instead of {status}"
    if reached != (status == 200):
        return f"{reached} requests at the backend"
    lines = answer.partition(b"\r\n\r\n")[0].split(b"\r\n")
    names = {line.split(b" ")[1] for line in lines if line.lower().startswith(b"www-authenticate:")}
    wanted = {word for alternative in security for name in alternative for word in CHALLENGES[name]}
    if status == 401 and names != wanted:
        return f"challenges {sorted(names)}"
    return ""

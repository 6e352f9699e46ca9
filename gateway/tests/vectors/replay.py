"""HTTP cases of other projects, sent through a running gateway.

A vector is a document, a request and the class of answer that its author expects: is the request accepted, or whose
mistake is it? Any file of vectors becomes a list of `Vector`; everything else is shared.
"""

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from gateway.config import Api, Issuer, KeyStore, PasswordStore, Settings
from gateway.contract.compile import compile_settings
from gateway.security.api_key import make_key
from gateway.security.hashing import hash_key, hash_password
from gateway.security.records import KeyRecord
from gateway.tests.harness import Gateway, Origin, running, status_of

PASSED = "passed"
REFUSED = "refused"  # the document was not served
CLASSES = {400: "invalid", 422: "invalid", 401: "unauthenticated", 403: "forbidden", 404: "not found"} | {
    405: "method not allowed",
    415: "media type",
}
_API_KEY = re.compile(rb"(X-API-Key: |[?&]apiKey=)\w+")
EMPTY_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
USERS = {"test": b"test", "1": b"d"}  # whom the cases call by


class Vector(NamedTuple):
    """One case; `expected` is a class of answer."""

    title: str
    document: str
    request: bytes
    expected: str


def class_of(status: int) -> str:
    """What a status says about the request."""
    return PASSED if status < 300 else CLASSES.get(status, str(status))


def request(method: str, target: str, fields: Iterable[str], body: bytes | None) -> bytes:
    """An HTTP/1.1 request; `fields` are whole field lines."""
    lines = [f"{method} {target} HTTP/1.1", "Host: api.example", *fields]
    if body is not None:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b"")


def replay(vectors: Sequence[Vector], folder: Path, secured: bool) -> list[tuple[Vector, str]]:
    """Each vector with the class of the gateway's answer. One gateway is started for each document; unless the cases
    are about security (`secured`), it is told to let every scheme pass."""
    by_document: dict[str, list[int]] = {}
    for index, vector in enumerate(vectors):
        by_document.setdefault(vector.document, []).append(index)
    answers: dict[int, str] = {}
    for document, indices in by_document.items():
        answers |= zip(indices, _answers(document, [vectors[n] for n in indices], folder, secured), strict=True)
    return [(vector, answers[index]) for index, vector in enumerate(vectors)]


def _answers(document: str, vectors: Sequence[Vector], folder: Path, secured: bool) -> list[str]:
    path = folder / "api.yaml"
    path.write_text(document)
    known = _known(folder)
    api, settings = _security(document, secured, folder)
    served = Settings(apis=(Api(contract=str(path), upstream="http://127.0.0.1:1", **api),), **settings)
    if compile_settings(served).table is None:
        return [REFUSED] * len(vectors)
    return asyncio.run(_ask(document, [_with_key(vector, known) for vector in vectors], folder, api, settings))


async def _ask(
    document: str, vectors: Sequence[Vector], folder: Path, api: Mapping[str, Any], settings: Mapping[str, Any]
) -> list[str]:
    origin = Origin().replies(EMPTY_OK)
    async with running(folder, origin, document, api=api, validate={"response": "off"}, **settings) as gateway:
        return [await _class(gateway, vector) for vector in vectors]


async def _class(gateway: Gateway, vector: Vector) -> str:
    bodiless = vector.request.startswith(b"HEAD ")
    (answer,) = await gateway.ask(vector.request, bodiless=bodiless)
    return class_of(status_of(answer))


@cache
def _stored() -> tuple[str, bytes, str]:
    """A line for a store of keys, the key that it is of, and lines for a store of passwords."""
    id, key = make_key()
    users = "".join(f"{name}:{hash_password(password).text()}\n" for name, password in USERS.items())
    return KeyRecord(id, hash_key(key, b""), "test").line(), key, users


def _known(folder: Path) -> bytes:
    """The stores in `folder`; the key that is in them."""
    line, key, users = _stored()
    for name, text in (("keys", line), ("passwords", users)):
        (folder / name).write_text(text)
        (folder / name).chmod(0o600)
    return key


def _with_key(vector: Vector, key: bytes) -> Vector:
    """The case with an API key that is known: its author takes any for good."""
    return vector._replace(request=_API_KEY.sub(lambda match: match[1] + key, vector.request))


def _security(document: str, secured: bool, folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Fields of the API, and of the settings, that let a document with any security scheme be served."""
    root = yaml.safe_load(document)
    schemes = root.get("securityDefinitions") or (root.get("components") or {}).get("securitySchemes") or {}
    passed = {name for name, scheme in schemes.items() if not secured or scheme.get("scheme") == "digest"}
    issuer = Issuer(issuer="https://issuer.example", audience=("api",), jwks="http://127.0.0.1:1/keys")
    return (
        {"passes": tuple(f"security:{name}" for name in sorted(passed))},
        {
            "issuers": {"issuer": issuer},
            "keys": {"keys": KeyStore(str(folder / "keys"))},
            "passwords": {"passwords": PasswordStore(str(folder / "passwords"))},
        },
    )


def table(answers: Sequence[tuple[Vector, str]], reasons: Mapping[str, str]) -> str:
    """Counts, and each disagreement with the reason for it."""
    differing = [(vector, got) for vector, got in answers if got != vector.expected]
    lines = [f"agree {len(answers) - len(differing)}, disagree {len(differing)}"]
    for vector, got in differing:
        lines.append(f"  {vector.title}: expected {vector.expected}, got {got}: {reasons.get(vector.title, '?')}")
    return "\n".join(lines)

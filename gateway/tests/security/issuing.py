"""An issuer to test against: keys, key sets, tokens good and forged, and a server that publishes them."""

import contextlib
import hashlib
import hmac
import json
import threading
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

NOW = 1_800_000_000.0
ISSUER = "https://issuer.example"
AUDIENCE = "runs"

ALGORITHMS = jwt.algorithms.get_default_algorithms()


@cache
def private_key(kind: str) -> Any:
    """A private key, generated once per session: `RSA`, `RSA 1024`, `EC`, `EC P-384`, `EC P-521`, `OKP`; a suffix makes
    another."""
    if kind.startswith("RSA"):
        return rsa.generate_private_key(65537, 1024 if "1024" in kind else 2048)
    if kind.startswith("EC"):
        curves = {"P-384": ec.SECP384R1, "P-521": ec.SECP521R1}
        return ec.generate_private_key(next((make for name, make in curves.items() if name in kind), ec.SECP256R1)())
    return ed25519.Ed25519PrivateKey.generate()


def jwk(kind: str, **members: Any) -> dict[str, Any]:
    """The public JWK of `private_key(kind)`; a member given as None is left out."""
    public = private_key(kind).public_key()
    family = {"RSA": "RS256", "EC": "ES256", "OKP": "EdDSA"}[kind.split()[0]]
    entry = {**ALGORITHMS[family].to_jwk(public, as_dict=True), "kid": kind, "use": "sig"}
    entry.pop("key_ops", None)
    return {name: value for name, value in {**entry, **members}.items() if value is not None}


def jwks(*entries: Any) -> bytes:
    """A JWK Set."""
    return json.dumps({"keys": entries}).encode()


def pem(kind: str) -> bytes:
    """The public key as PEM."""
    encoded: bytes = private_key(kind).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return encoded


def base64url(data: bytes) -> bytes:
    """Base64url without padding."""
    return urlsafe_b64encode(data).rstrip(b"=")


def claims(**changes: Any) -> dict[str, Any]:
    """Claims that are good at `NOW`; a claim given as None is left out."""
    good = {"iss": ISSUER, "aud": AUDIENCE, "exp": NOW + 60, "sub": "anna", "scope": "runs:read runs:write"}
    return {name: value for name, value in {**good, **changes}.items() if value is not None}


def sign(header: Any, payload: Any, kind: str = "RSA", algorithm: str = "RS256") -> bytes:
    """A compact JWS over whatever is given, bytes as they are; `algorithm` may contradict the header."""
    parts = [item if isinstance(item, bytes) else json.dumps(item).encode() for item in (header, payload)]
    text = b".".join(map(base64url, parts))
    return text + b"." + base64url(_signature(text, kind, algorithm))


def _signature(text: bytes, kind: str, algorithm: str) -> bytes:
    if algorithm == "none":
        return b""
    if algorithm == "HS256":
        return hmac.digest(pem(kind), text, hashlib.sha256)
    return ALGORITHMS[algorithm].sign(text, private_key(kind))


def token(kind: str = "RSA", algorithm: str = "RS256", kid: str | None = None, **changes: Any) -> bytes:
    """A good token."""
    return sign({"alg": algorithm, "typ": "JWT", "kid": kid or kind}, claims(**changes), kind, algorithm)


class Publisher:
    """Answers of an HTTP server on a free loopback port, by path; counts what was asked."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.answers: dict[str, Callable[[BaseHTTPRequestHandler], None]] = {}
        self.asked: list[str] = []
        self.headers: list[dict[str, str]] = []

    def publish(self, path: str, body: bytes, status: int = 200, **headers: str) -> str:
        """Answer `path` with `body` from now on; gives its URL."""

        def answer(request: BaseHTTPRequestHandler) -> None:
            request.send_response(status)
            request.send_header("Content-Length", str(len(body)))
            for name, value in headers.items():
                request.send_header(name, value)
            request.end_headers()
            request.wfile.write(body)

        self.answers[path] = answer
        return self.url + path


@contextlib.contextmanager
def publisher() -> Iterator[Publisher]:
    """A running `Publisher`."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            public.asked.append(self.path)
            public.headers.append(dict(self.headers))
            with contextlib.suppress(OSError):
                public.answers[self.path](self)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    public = Publisher(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield public
    finally:
        server.shutdown()
        server.server_close()
        thread.join()

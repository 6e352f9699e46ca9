"""Callers with good credentials: an issuer's key set and a token of it, a store and an API key in it."""

import json
import time
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from benchmarks.workloads import KEY_FIELD, TOKEN_FIELD
from gateway.security.api_key import make_key
from gateway.security.hashing import hash_key
from gateway.security.records import KeyRecord

ISSUER, AUDIENCE, SUBJECT, SCOPE = "https://issuer.example", "runs", "anna", "runs:read"
GOOD_FOR = 86400  # seconds; longer than any run
Settings = dict[str, Any]
Headers = dict[str, str]


def with_token(folder: Path) -> tuple[Settings, Headers]:
    """Settings that accept the tokens of one issuer, and the header fields of a request with a good one (RS256)."""
    key = rsa.generate_private_key(65537, 2048)
    public = {**jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": "one", "use": "sig"}
    public.pop("key_ops", None)
    path = folder / "jwks.json"
    path.write_text(json.dumps({"keys": [public]}))
    now = int(time.time())
    who = {"sub": SUBJECT, "client_id": "app", "jti": "8d1a6c1e-6c0b-4b8e-9a51-3a2f2d1f7f10", "scope": SCOPE}
    claims = {"iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": now + GOOD_FOR, **who}
    token = jwt.encode(claims, key, "RS256", {"kid": "one", "typ": "at+jwt"})
    issuer = {"issuer": ISSUER, "audience": AUDIENCE, "jwks": str(path), "token-type": "at+jwt"}
    return {"issuers": {"main": issuer}}, {TOKEN_FIELD: f"Bearer {token}"}


def with_key(folder: Path) -> tuple[Settings, Headers]:
    """The same for an API key in a file, hashed under a pepper."""
    pepper, store = folder / "pepper.secret", folder / "keys.txt"
    secret = b"a pepper for measurements"
    pepper.write_bytes(secret)
    pepper.chmod(0o600)
    id, key = make_key()
    store.write_text(KeyRecord(id, hash_key(key, secret), SUBJECT).line() + "\n")
    store.chmod(0o600)
    return {"keys": {"partners": {"file": str(store), "pepper": f"file:{pepper}"}}}, {KEY_FIELD: key.decode()}

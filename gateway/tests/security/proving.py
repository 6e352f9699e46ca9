"""A client that proves its requests: DPoP proofs, good and forged."""

import hashlib
import json
from typing import Any

from gateway.security.jwk import proof_key
from gateway.tests.security.issuing import NOW, base64url, jwk, sign

ALGORITHM = {"RSA": "RS256", "EC": "ES256", "OKP": "EdDSA"}


def public(kind: str = "EC", **members: Any) -> dict[str, Any]:
    """The public key that a proof brings."""
    return jwk(kind, kid=None, use=None, **members)


def thumbprint(kind: str = "EC") -> str:
    """What a token is bound to, for proofs by this key."""
    return proof_key(public(kind), ALGORITHM[kind.split()[0]])[1]


def proof(
    token: bytes,
    kind: str = "EC",
    header: dict[str, Any] | None = None,
    algorithm: str | None = None,
    **changes: Any,
) -> bytes:
    """A good proof for `GET https://api.example/v1/things`; a claim or member given as None is left out."""
    name = algorithm or ALGORITHM[kind.split()[0]]
    said = {"typ": "dpop+jwt", "alg": name, "jwk": public(kind), **(header or {})}
    claims = {
        "jti": "1",
        "htm": "GET",
        "htu": "https://api.example/v1/things",
        "iat": NOW,
        "ath": base64url(hashlib.sha256(token).digest()).decode(),
        **changes,
    }
    parts = [{key: value for key, value in part.items() if value is not None} for part in (said, claims)]
    return sign(json.dumps(parts[0]).encode(), json.dumps(parts[1]).encode(), kind, name)

"""Who is calling, told to backends in a token that the gateway itself signs (RFC 7519, RFC 7515).

A backend verifies it with the keys at `/jwks.json` of the admin port and checks `iss`, `aud` (the name of the API) and
`typ`. `sub` alone is unique only among the subjects of one issuer; `sub_id` (RFC 9493 section 3.2.4) has both.
"""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateway.security.principal import Principal

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

TYPE = "gateway-identity+jwt"  # explicit typing: no token of another kind is taken for this one (RFC 8725 section 3.11)
CACHE_ENTRIES = 10_000
RSA_BITS = 2048

_THUMBPRINT_MEMBERS = {"EC": ("crv", "kty", "x", "y"), "RSA": ("e", "kty", "n")}  # RFC 7638 section 3.2


class UnusableKey(Exception):
    """A key that cannot sign, or whose public half cannot be published. The text holds no part of it."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The gateway's own key. `kid` is its thumbprint (RFC 7638)."""

    key: EllipticCurvePrivateKey | RSAPrivateKey
    algorithm: str
    kid: str
    public: Mapping[str, str]

    def __repr__(self) -> str:
        """Without the key."""
        return f"SigningKey({self.kid})"


def signing_key(pem: bytes) -> SigningKey:
    """A private key in PEM. Raises UnusableKey."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key: Any = load_pem_private_key(pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise UnusableKey("it is no private key in PEM without a password") from None
    public = _jwk(key.public_key())
    return SigningKey(key, public["alg"], public["kid"], public)


def public_keys(pem: bytes) -> tuple[Mapping[str, str], ...]:
    """The JWKs of public keys in PEM, one after the other. Raises UnusableKey."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    end = b"-----END PUBLIC KEY-----"
    blocks = [block + end for block in pem.split(end)[:-1]]
    if not blocks:
        raise UnusableKey("there is no public key in PEM in it")
    try:
        return tuple(_jwk(load_pem_public_key(block.lstrip())) for block in blocks)
    except (ValueError, UnsupportedAlgorithm):
        raise UnusableKey("it holds what is no public key in PEM") from None


def _jwk(public: Any) -> dict[str, str]:
    """The JWK (RFC 7517) of a key that may sign. Raises UnusableKey."""
    import jwt
    from cryptography.hazmat.primitives.asymmetric import ec, rsa

    algorithms = jwt.algorithms
    if isinstance(public, ec.EllipticCurvePublicKey) and isinstance(public.curve, ec.SECP256R1):
        members, algorithm = algorithms.ECAlgorithm.to_jwk(public, as_dict=True), "ES256"
    elif isinstance(public, rsa.RSAPublicKey) and public.key_size >= RSA_BITS:
        members, algorithm = algorithms.RSAAlgorithm.to_jwk(public, as_dict=True), "RS256"
    else:
        raise UnusableKey(f"it is neither an EC key on P-256 nor an RSA key of at least {RSA_BITS} bits")
    plain = {name: str(members[name]) for name in _THUMBPRINT_MEMBERS[str(members["kty"])]}
    return {**plain, "use": "sig", "alg": algorithm, "kid": thumbprint(plain)}


def thumbprint(members: Mapping[str, str]) -> str:
    """RFC 7638 section 3 over the required members of a JWK, with SHA-256."""
    text = json.dumps(members, sort_keys=True, separators=(",", ":"))
    return urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode("ascii")


def jwks(keys: tuple[Mapping[str, str], ...]) -> bytes:
    """A JWK Set; a key that is given twice is in it once."""
    return json.dumps({"keys": list({key["kid"]: key for key in keys}.values())}).encode()


class Signer:
    """Signs who is calling one API. A token is used again for half of its time, so that signing is not on the way of
    each request: several requests show the same `jti`. `now` gives seconds since the epoch, `token` random digits."""

    def __init__(
        self,
        key: SigningKey,
        issuer: str,
        audience: str,
        lifetime: float,
        now: Callable[[], float],
        token: Callable[[], str],
    ) -> None:
        import jwt

        self._key = key
        self._issuer = issuer
        self._audience = audience
        self._lifetime = lifetime
        self._now = now
        self._token = token
        self._encode = jwt.encode
        self._signed: dict[tuple[str, str, str, frozenset[str]], tuple[float, bytes]] = {}

    def tell(self, principal: Principal) -> bytes:
        """The token that says who this is."""
        who = (principal.subject, principal.issuer, principal.client, principal.scopes)
        entry = self._signed.get(who)
        now = self._now()
        if entry is not None and now < entry[0]:
            return entry[1]
        signed = self._sign(principal, now)
        if len(self._signed) >= CACHE_ENTRIES:
            self._signed.clear()
        self._signed[who] = (now + self._lifetime / 2, signed)
        return signed

    def _sign(self, principal: Principal, now: float) -> bytes:
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "aud": self._audience,
            "sub": principal.subject,
            "sub_id": {"format": "iss_sub", "iss": principal.issuer, "sub": principal.subject},
            "iat": int(now),
            "exp": int(now + self._lifetime),
            "jti": self._token(),
        }
        if principal.client:
            claims["client_id"] = principal.client
        if principal.scopes:
            claims["scope"] = " ".join(sorted(principal.scopes))
        headers = {"kid": self._key.kid, "typ": TYPE}
        return self._encode(claims, self._key.key, self._key.algorithm, headers).encode("ascii")

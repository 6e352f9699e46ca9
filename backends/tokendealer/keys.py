"""Signing keys: the newest one signs, retired ones verify until the last token they signed has expired."""

import secrets
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import RSAAlgorithm

from backends.common.command import UsageError
from backends.tokendealer import files

BITS = 2048
LONGEST_LIFETIME = 86400  # seconds; no token lives longer, so no retired key is needed longer


@dataclass(frozen=True)
class Key:
    """A private RSA key. Times are seconds since 1970; `retired` is 0 for the key that signs."""

    kid: str
    pem: str
    created: int
    retired: int = 0

    @cached_property
    def private(self) -> RSAPrivateKey:
        """The key itself."""
        key = serialization.load_pem_private_key(self.pem.encode(), password=None)
        assert isinstance(key, RSAPrivateKey)
        return key

    @cached_property
    def public(self) -> dict[str, str]:
        """The public half as a JSON Web Key (RFC 7517 section 4, RFC 7518 section 6.3)."""
        numbers = RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        return {
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.kid,
            "n": numbers["n"],
            "e": numbers["e"],
        }


Ring = tuple[Key, ...]  # the signing key first


def generate(now: int) -> Key:
    """A new key with a random id."""
    pem = generate_private_key(public_exponent=65537, key_size=BITS).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Key(kid=secrets.token_hex(8), pem=pem.decode(), created=now)


def rotate(ring: Ring, new: Key, now: int) -> Ring:
    """Let `new` sign, retire the key that did, forget those that nothing can need."""
    retired = (key if key.retired else replace(key, retired=now) for key in ring)
    return (new, *(key for key in retired if key.retired + LONGEST_LIFETIME > now))


def alive(ring: Ring, now: int, lifetime: int) -> Ring:
    """The keys that tokens of `lifetime` seconds can still be signed with."""
    return tuple(key for key in ring if not key.retired or key.retired + lifetime > now)


def key_set(ring: Ring) -> dict[str, list[dict[str, str]]]:
    """The JSON Web Key Set (RFC 7517 section 5): public keys only."""
    return {"keys": [key.public for key in ring]}


def load(path: Path) -> Ring:
    """The keys of a file, () when there is none. Raises UsageError when others may read it."""
    content: list[dict[str, Any]] = files.read(path) or []
    try:
        ring = tuple(Key(**entry) for entry in content)
        _ = [key.private for key in ring]
    except (TypeError, ValueError):
        raise UsageError(f"{path} does not hold signing keys; restore it from a backup or remove it") from None
    return ring


def save(path: Path, ring: Ring) -> None:
    """Write the keys, for their owner only."""
    files.write(path, [asdict(key) for key in ring])

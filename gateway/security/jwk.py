"""JSON Web Key Sets (RFC 7517) to public keys that are fit for verifying signatures.

Laws: a key that is unknown, unfit or damaged is left out and the reason is kept for the log (RFC 7517
section 5); a set that is not a set is refused as a whole; a `kid` that names two different keys for one
algorithm is refused as a whole too, because choosing either would be a guess.
"""

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import gcd, prod
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    SECP384R1,
    SECP521R1,
    EllipticCurve,
    EllipticCurvePublicKey,
    EllipticCurvePublicNumbers,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gateway.security.jose import decode_base64url, decode_object

PublicKey = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey

# Algorithm to `kty` and `crv` (RFC 7518 section 3.1, RFC 8037 section 3.1). Only asymmetric ones: what verifies a
# token must not be able to make one (RFC 8725 section 3.5).
KEY_TYPES: Mapping[str, tuple[str, str | None]] = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), ("RSA", None)),
    "ES256": ("EC", "P-256"),
    "ES384": ("EC", "P-384"),
    "ES512": ("EC", "P-521"),
    "EdDSA": ("OKP", "Ed25519"),
}

RSA_BITS = range(2048, 8193)  # RFC 7518 section 3.3; the upper bound keeps one verification affordable
PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})

# A modulus made of anything but two large primes is damaged; most damage shows as a small factor.
_SMALL_PRIMES = prod(n for n in range(3, 2000, 2) if all(n % m for m in range(3, int(n**0.5) + 1, 2)))

# Keys of one maker's chips have moduli that are powers of 65537 modulo every small prime, and can be factored: ROCA,
# CVE-2017-15361. One sound key in 10^8 looks like them.
_ROCA = {p: frozenset(pow(65537, k, p) for k in range(p)) for p in range(3, 168) if all(p % n for n in range(2, p))}


@dataclass(frozen=True, slots=True)
class KeyTable:
    """The usable keys of a set. `refused` holds one sentence for each key that was left out."""

    by_kid: Mapping[tuple[str, str], PublicKey]  # (kid, algorithm)
    by_algorithm: Mapping[str, tuple[PublicKey, ...]]
    material: frozenset[tuple[str | None, str, bytes]]  # (kid, algorithm, SubjectPublicKeyInfo)
    refused: tuple[str, ...]

    def find(self, kid: str | None, algorithm: str) -> PublicKey | None:
        """The key a token is to be verified with. Without `kid` it has to be the only one for its algorithm."""
        if kid is not None:
            return self.by_kid.get((kid, algorithm))
        keys = self.by_algorithm.get(algorithm, ())
        return keys[0] if len(keys) == 1 else None


def parse_jwks(data: bytes, algorithms: tuple[str, ...]) -> KeyTable:
    """Read a JWK Set, keeping the keys that fit one of `algorithms`. Raises ValueError with the reason."""
    entries = decode_object(data).get("keys")
    if not isinstance(entries, list):
        raise ValueError("a JWK Set is a JSON object with an array `keys` (RFC 7517 section 5)")
    found: dict[tuple[str | None, str, bytes], PublicKey] = {}
    refused = []
    for index, entry in enumerate(entries):
        try:
            fits, key = _public_key(entry, algorithms)
        except ValueError as error:
            refused.append(f"key {index}: {error}")
            continue
        spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        found.update({(entry.get("kid"), algorithm, spki): key for algorithm in fits})
    return _table(found, tuple(refused))


def _table(found: Mapping[tuple[str | None, str, bytes], PublicKey], refused: tuple[str, ...]) -> KeyTable:
    by_kid: dict[tuple[str, str], PublicKey] = {}
    by_algorithm: dict[str, dict[bytes, PublicKey]] = {}
    for (kid, algorithm, spki), key in found.items():
        by_algorithm.setdefault(algorithm, {})[spki] = key
        if kid is None:
            continue
        if (kid, algorithm) in by_kid:
            raise ValueError(f"the `kid` {kid!r} names two different keys for {algorithm}")
        by_kid[kid, algorithm] = key
    each = {algorithm: tuple(keys.values()) for algorithm, keys in by_algorithm.items()}
    return KeyTable(by_kid, each, frozenset(found), refused)


def _public_key(entry: Any, algorithms: tuple[str, ...]) -> tuple[list[str], PublicKey]:
    """The key of one JWK and the algorithms it may be used with. Raises ValueError with the reason."""
    if not isinstance(entry, dict):
        raise ValueError("not a JSON object")
    if not isinstance(entry.get("kid", ""), str):
        raise ValueError("its `kid` is not a string")
    if entry.get("use", "sig") != "sig":
        raise ValueError("its `use` is not `sig`")
    operations = entry.get("key_ops", ["verify"])
    if not isinstance(operations, list) or "verify" not in operations:
        raise ValueError("its `key_ops` do not hold `verify`")
    fits = [name for name in algorithms if _is_for(entry, *KEY_TYPES[name]) and entry.get("alg", name) == name]
    if not fits:
        raise ValueError(f"its `kty`, `crv` and `alg` fit none of {', '.join(algorithms)}")
    if not PRIVATE_MEMBERS.isdisjoint(entry):
        raise ValueError("it publishes a private key, which is therefore nobody's proof of anything")
    try:
        return fits, _READERS[KEY_TYPES[fits[0]][0]](entry)
    except UnsupportedAlgorithm as error:
        raise ValueError(str(error)) from None


def _is_for(entry: Mapping[str, Any], type_: str, curve: str | None) -> bool:
    return entry.get("kty") == type_ and curve in (None, entry.get("crv"))


def proof_key(entry: Any, algorithm: str) -> tuple[PublicKey, str]:
    """The key that a DPoP proof brings, and its thumbprint (RFC 7638). Raises ValueError with the reason."""
    _, key = _public_key(entry, (algorithm,))
    members = {name: entry[name] for name in _THUMBPRINT_MEMBERS[entry["kty"]]}
    text = json.dumps(members, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return key, urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


# Required members of each `kty` (RFC 7638 section 3.2, RFC 8037 section 2).
_THUMBPRINT_MEMBERS = {"RSA": ("e", "kty", "n"), "EC": ("crv", "kty", "x", "y"), "OKP": ("crv", "kty", "x")}


def _member(entry: Mapping[str, Any], name: str) -> bytes:
    value = entry.get(name)
    if not isinstance(value, str) or not value:
        raise ValueError(f"its `{name}` is missing")
    try:
        return decode_base64url(value.encode())
    except ValueError as error:
        raise ValueError(f"its `{name}` is {error}") from None


def _rsa(entry: Mapping[str, Any]) -> PublicKey:
    """RFC 7518 section 6.3.1."""
    modulus = int.from_bytes(_member(entry, "n"))
    exponent = int.from_bytes(_member(entry, "e"))
    if modulus.bit_length() not in RSA_BITS:
        raise ValueError(
            f"its modulus has {modulus.bit_length()} bits; {RSA_BITS.start} to {RSA_BITS.stop - 1} are accepted"
        )
    if modulus % 2 == 0 or gcd(modulus, _SMALL_PRIMES) != 1:
        raise ValueError("its `n` is no product of two large primes")
    if all(modulus % prime in powers for prime, powers in _ROCA.items()):
        raise ValueError("its `n` is of a kind that can be factored (ROCA, CVE-2017-15361)")
    if exponent % 2 == 0 or not 3 <= exponent < 1 << 32:
        raise ValueError("its `e` is no usable public exponent")
    return RSAPublicNumbers(exponent, modulus).public_key()


def _ec(entry: Mapping[str, Any]) -> PublicKey:
    """RFC 7518 section 6.2.1."""
    curve, size = _CURVES[entry["crv"]]
    x, y = _member(entry, "x"), _member(entry, "y")
    if len(x) != size or len(y) != size:
        raise ValueError(f"its coordinates are not {size} bytes long")
    return EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), curve).public_key()


_CURVES: Mapping[str, tuple[EllipticCurve, int]] = {
    "P-256": (SECP256R1(), 32),
    "P-384": (SECP384R1(), 48),
    "P-521": (SECP521R1(), 66),
}


def _okp(entry: Mapping[str, Any]) -> PublicKey:
    """RFC 8037 section 2."""
    x = _member(entry, "x")
    if len(x) != 32:
        raise ValueError("its `x` is not 32 bytes long")
    return Ed25519PublicKey.from_public_bytes(x)


_READERS: Mapping[str, Callable[[Mapping[str, Any]], PublicKey]] = {"RSA": _rsa, "EC": _ec, "OKP": _okp}

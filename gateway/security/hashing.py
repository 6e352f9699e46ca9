"""How API keys and passwords are kept: as hashes from which neither can be had back.

An API key is 256 random bits. Nobody can try them all, so one pass of SHA-256 hides it as well as a slow function
would, and a request costs a microsecond. With a pepper (HMAC-SHA-256, RFC 2104) a stolen list is not even enough to
tell whether a key is in it. A password is chosen by a person and can be guessed, so trying one has to be expensive:
scrypt (RFC 7914) or argon2id (RFC 9106), written as PHC strings.
"""

import hashlib
import hmac
import re
import secrets
from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Callable
from typing import NamedTuple

from gateway.security.jose import decode_base64url

KEY_HASHES = ("hmac-sha256", "sha256")
DIGEST_BYTES = 32
SALT_BYTES = 16
MEMORY = 128 << 20  # bytes that hashing one password may take
SCRYPT_COST = (14, 8, 5)  # log2 N, r, p for new hashes: 16 MiB and about 0.15 s

_LEAST_SCRYPT = 1 << 17  # N * r * p; RFC 7914 section 2 has no less for interactive logins
_LEAST_ARGON = 35 << 10  # KiB * passes; the least that OWASP's table of equals allows
_PHC = re.compile(
    r"\$(?P<algorithm>scrypt|argon2id)(?:\$v=(?P<version>[0-9]{1,3}))?"
    r"\$(?P<cost>[a-z]+=[0-9]{1,7},[a-z]+=[0-9]{1,7},[a-z]+=[0-9]{1,7})"
    r"\$(?P<salt>[A-Za-z0-9+/]{11,86})\$(?P<digest>[A-Za-z0-9+/]{22,86})"
)


class KeyHash(NamedTuple):
    """The hash of an API key: one of `KEY_HASHES`, and its 32 bytes."""

    algorithm: str
    digest: bytes

    def text(self) -> str:
        """As it is stored: `sha256:BASE64URL`."""
        return f"{self.algorithm}:{urlsafe_b64encode(self.digest).decode().rstrip('=')}"


class PasswordHash(NamedTuple):
    """The hash of a password. `cost` is (log2 N, r, p) for scrypt, (KiB, passes, lanes) for argon2id."""

    algorithm: str
    cost: tuple[int, int, int]
    salt: bytes
    digest: bytes

    def text(self) -> str:
        """As a PHC string."""
        names = ("ln", "r", "p") if self.algorithm == "scrypt" else ("m", "t", "p")
        cost = ",".join(f"{name}={value}" for name, value in zip(names, self.cost, strict=True))
        version = "$v=19" if self.algorithm == "argon2id" else ""
        return f"${self.algorithm}{version}${cost}${_base64(self.salt)}${_base64(self.digest)}"

    def decoy(self) -> "PasswordHash":
        """A hash that costs as much to compare with as this one, and that no password has."""
        return self._replace(salt=secrets.token_bytes(len(self.salt)), digest=secrets.token_bytes(len(self.digest)))


def hash_key(key: bytes, pepper: bytes) -> KeyHash:
    """The hash under which a new key is stored; an empty pepper is none."""
    algorithm = "hmac-sha256" if pepper else "sha256"
    return KeyHash(algorithm, key_hasher(algorithm, pepper)(key))


def key_hasher(algorithm: str, pepper: bytes) -> Callable[[bytes], bytes]:
    """What turns a key into the digest that is stored."""
    if algorithm == "sha256":
        return lambda key: hashlib.sha256(key).digest()
    return lambda key: hmac.digest(pepper, key, "sha256")


def parse_key_hash(text: str) -> KeyHash:
    """Read what `KeyHash.text` wrote. Raises ValueError, without a part of the text."""
    algorithm, _, encoded = text.partition(":")
    if algorithm not in KEY_HASHES:
        raise ValueError(f"its hash is none of {', '.join(KEY_HASHES)}")
    try:
        digest = decode_base64url(encoded.encode())
    except ValueError:
        digest = b""
    if len(digest) != DIGEST_BYTES:
        raise ValueError("its hash is not 32 bytes of base64url")
    return KeyHash(algorithm, digest)


def parse_password_hash(text: str) -> PasswordHash:
    """Read a PHC string of scrypt or argon2id. Raises ValueError, without a part of the text."""
    match = _PHC.fullmatch(text)
    if match is None:
        raise ValueError("its hash is no PHC string of scrypt or argon2id")
    algorithm = match["algorithm"]
    names, values = zip(*(item.split("=") for item in match["cost"].split(",")), strict=True)
    wanted, version = (("ln", "r", "p"), None) if algorithm == "scrypt" else (("m", "t", "p"), "19")
    if names != wanted or match["version"] != version:
        raise ValueError(f"the parameters of its {algorithm} hash are not understood")
    first, second, third = map(int, values)
    _judge_cost(algorithm, first, second, third)
    try:
        return PasswordHash(algorithm, (first, second, third), _bytes(match["salt"]), _bytes(match["digest"]))
    except ValueError:
        raise ValueError("its hash is not base64") from None


def _judge_cost(algorithm: str, first: int, second: int, third: int) -> None:
    """Too cheap can be guessed; too expensive takes the memory of the gateway. Raises ValueError."""
    if algorithm == "scrypt":
        if not 1 <= first <= 20:
            raise ValueError("ln of its scrypt hash is not from 1 to 20")
        memory, work, least, lanes = 128 * second << first, (second * third) << first, _LEAST_SCRYPT, third
    else:
        memory, work, least, lanes = first << 10, first * second, _LEAST_ARGON, third
    if work < least:
        raise ValueError(f"its {algorithm} hash is so cheap that passwords could be guessed from it")
    if memory > MEMORY or work > 64 * least or not 1 <= lanes <= 16:
        raise ValueError(f"its {algorithm} hash costs more than the gateway is ready to spend")


def derive(stored: PasswordHash, password: bytes) -> bytes:
    """The digest of `password` with the salt and cost of `stored`. Blocks for 40 ms or more, without the GIL."""
    first, second, third = stored.cost
    size = len(stored.digest)
    if stored.algorithm == "scrypt":
        return hashlib.scrypt(
            password, salt=stored.salt, n=1 << first, r=second, p=third, maxmem=2 * MEMORY, dklen=size
        )
    import argon2.low_level

    return argon2.low_level.hash_secret_raw(
        password, stored.salt, second, first, third, size, argon2.low_level.Type.ID, 19
    )


def hash_password(password: bytes) -> PasswordHash:
    """The hash under which a new password is stored."""
    fresh = PasswordHash("scrypt", SCRYPT_COST, secrets.token_bytes(SALT_BYTES), bytes(DIGEST_BYTES))
    return fresh._replace(digest=derive(fresh, password))


def _base64(data: bytes) -> str:
    return b64encode(data).decode().rstrip("=")


def _bytes(text: str) -> bytes:
    return b64decode(text + "=" * (-len(text) % 4), validate=True)

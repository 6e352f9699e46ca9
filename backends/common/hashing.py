"""Secrets are kept as salted scrypt hashes (RFC 7914) and compared in constant time."""

import hashlib
import hmac
import secrets

COST = {"n": 1 << 14, "r": 8, "p": 1, "maxmem": 64 << 20, "dklen": 32}
NOTHING = f"{'00' * 16}${'00' * 32}"  # the hash of no secret


def digest(secret: str, salt: str) -> str:
    """Takes tens of milliseconds, on purpose. `salt` and the result are hexadecimal."""
    return hashlib.scrypt(secret.encode(), salt=bytes.fromhex(salt), **COST).hex()


def conceal(secret: str) -> str:
    """What may be stored instead of the secret: `salt$digest`."""
    salt = secrets.token_hex(16)
    return f"{salt}${digest(secret, salt)}"


def matches(secret: str, stored: str | None) -> bool:
    """Whether `stored` was made from `secret`. None, for nobody, costs the same work and is never true."""
    salt, _, expected = (stored or NOTHING).partition("$")
    return hmac.compare_digest(digest(secret, salt), expected)

"""The encodings of JOSE, read strictly: base64url, JSON objects and the compact serialization (RFC 7515).

Everything that a lenient reader would tolerate is refused, because two readers that disagree about a token are
an attack: padding and stray bits in base64url, duplicate member names, anything that is not UTF-8 JSON.
"""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, NamedTuple

import orjson

from gateway.security.principal import InvalidToken

TOKEN_BYTES = 8192

_BASE64URL = re.compile(rb"[A-Za-z0-9_-]*\Z")

# RFC 8725 section 3.11: a token made for another purpose is not an access token. RFC 9068 section 2.1 adds at+jwt.
TYPES = frozenset({"jwt", "at+jwt", "application/jwt", "application/at+jwt"})

REFUSED_MEMBERS = {
    "jwk": "the token brings its own key",
    "jku": "the token names its own key set",
    "x5u": "the token names its own certificate",
    "x5c": "the token brings its own certificate",
    "crit": "the token demands extensions that are not supported",
    "b64": "an unencoded payload is not supported",
    "cty": "a nested token is not supported",
}


class Compact(NamedTuple):
    """What a JWS in compact serialization says about itself. Nothing here is verified yet."""

    algorithm: str
    kid: str | None
    payload: bytes


def decode_base64url(text: bytes) -> bytes:
    """Decode base64url without padding (RFC 7515 section 2). Raises ValueError unless it is the canonical form."""
    if len(text) % 4 == 1 or not _BASE64URL.match(text):
        raise ValueError("not base64url")
    data = urlsafe_b64decode(text + b"=" * (-len(text) % 4))
    if urlsafe_b64encode(data).rstrip(b"=") != text:
        raise ValueError("not canonical base64url")
    return data


def decode_object(data: bytes) -> dict[str, Any]:
    """Decode a JSON object. Raises ValueError, also for a name that occurs twice in any object of it."""
    try:
        orjson.loads(data)  # the stricter grammar: UTF-8, no NaN, no lone surrogates
        value = json.loads(data, object_pairs_hook=_unique)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member name occurs twice")
    return members


def parse_compact(token: bytes) -> Compact:
    """Take a compact JWS apart and judge its header. Raises InvalidToken."""
    if len(token) > TOKEN_BYTES:
        raise InvalidToken("the token is too long")
    parts = token.split(b".")
    if len(parts) == 5:
        raise InvalidToken("encrypted tokens are not supported")
    if len(parts) != 3:
        raise InvalidToken("the token does not have three parts")
    if not all(parts):
        raise InvalidToken("a part of the token is empty")
    header = _decode_header(parts[0])
    try:
        payload = decode_base64url(parts[1])
        decode_base64url(parts[2])
    except ValueError:
        raise InvalidToken("the token is not base64url") from None
    return Compact(header["alg"], header.get("kid"), payload)


def _decode_header(part: bytes) -> dict[str, Any]:
    try:
        header = decode_object(decode_base64url(part))
    except ValueError:
        raise InvalidToken("the header of the token is malformed") from None
    for member, reason in REFUSED_MEMBERS.items():
        if member in header:
            raise InvalidToken(reason)
    if not isinstance(header.get("alg"), str):
        raise InvalidToken("the header of the token names no algorithm")
    if not isinstance(header.get("kid", ""), str):
        raise InvalidToken("the key id of the token is not a string")
    if "typ" in header and str(header["typ"]).lower() not in TYPES:
        raise InvalidToken("the token is of another type")
    return header

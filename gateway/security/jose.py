"""The encodings of JOSE, read strictly: base64url, JSON objects and the compact serialization (RFC 7515).

Everything that a lenient reader would tolerate is refused, because two readers that disagree about a token are
an attack: padding and stray bits in base64url, duplicate member names, anything that is not UTF-8 JSON.
"""

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from gateway.security.principal import InvalidToken

TOKEN_BYTES = 8192

_BASE64URL = re.compile(rb"[A-Za-z0-9_-]*\Z")

# RFC 8725 section 3.11: a token made for another purpose is not an access token. RFC 9068 section 2.1 adds at+jwt.
TYPES = frozenset({"jwt", "at+jwt"})

REFUSED_MEMBERS = {
    "jwk": "the token brings its own key",
    "jku": "the token names its own key set",
    "x5u": "the token names its own certificate",
    "x5c": "the token brings its own certificate",
    "crit": "the token demands extensions that are not supported",
    "b64": "an unencoded payload is not supported",
    "cty": "a nested token is not supported",
}

PROOF_MEMBERS = REFUSED_MEMBERS.keys() - {"jwk"}  # none of which may be in the header of a DPoP proof


class Compact(NamedTuple):
    """What a JWS in compact serialization says about itself. Nothing here is verified yet."""

    algorithm: str
    kid: str | None
    payload: bytes
    type: str  # `typ` in lower case without `application/`; "" when it is not said
    header: Mapping[str, Any]


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
    """Take an access token, a compact JWS, apart and judge its header. Raises InvalidToken."""
    parts = _parts(token, "the token")
    if len(parts) == 5:
        raise InvalidToken("encrypted tokens are not supported")
    compact = _compact(parts, "the token")
    for member, reason in REFUSED_MEMBERS.items():
        if member in compact.header:
            raise InvalidToken(reason)
    if "typ" in compact.header and compact.type not in TYPES:
        raise InvalidToken("the token is of another type")
    return compact


def parse_proof(proof: bytes) -> Compact:
    """The same for a DPoP proof, which brings its key (RFC 9449 section 4.2). Raises InvalidToken."""
    compact = _compact(_parts(proof, "the DPoP proof"), "the DPoP proof")
    if compact.type != "dpop+jwt":
        raise InvalidToken("the DPoP proof is of another type")
    if not PROOF_MEMBERS.isdisjoint(compact.header):
        raise InvalidToken("the header of the DPoP proof holds what is not supported")
    return compact


def _parts(token: bytes, what: str) -> list[bytes]:
    if len(token) > TOKEN_BYTES:
        raise InvalidToken(f"{what} is too long")
    return token.split(b".")


def _compact(parts: list[bytes], what: str) -> Compact:
    if len(parts) != 3:
        raise InvalidToken(f"{what} does not have three parts")
    if not all(parts):
        raise InvalidToken(f"a part of {what} is empty")
    try:
        header = decode_object(decode_base64url(parts[0]))
    except ValueError:
        raise InvalidToken(f"the header of {what} is malformed") from None
    if not isinstance(header.get("alg"), str):
        raise InvalidToken(f"the header of {what} names no algorithm")
    if not isinstance(header.get("kid", ""), str):
        raise InvalidToken(f"the key id of {what} is not a string")
    try:
        payload = decode_base64url(parts[1])
        decode_base64url(parts[2])
    except ValueError:
        raise InvalidToken(f"{what} is not base64url") from None
    type_ = str(header.get("typ", "")).lower().removeprefix("application/")
    return Compact(header["alg"], header.get("kid"), payload, type_, header)

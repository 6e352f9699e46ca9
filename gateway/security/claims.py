"""The claims of an access token (RFC 7519 section 4.1, RFC 9068): judged, and turned into a principal."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.security.principal import ForeignToken, InvalidToken, Principal

FOREIGN = "the token is from another issuer"

_YEAR_10000 = 253402300800  # seconds since the epoch; a later date is a mistake or an attack


@dataclass(frozen=True, slots=True)
class Expected:
    """What has to be in a token: `leeway` is the clock difference tolerated, in seconds."""

    issuer: str
    audience: tuple[str, ...]
    leeway: float


def judge(claims: Mapping[str, Any], expected: Expected, now: float) -> Principal:
    """The principal these claims speak of at `now`, in seconds since the epoch. Raises InvalidToken."""
    if claims.get("iss") != expected.issuer:
        raise ForeignToken(FOREIGN)
    if not _addresses(claims.get("aud"), expected.audience):
        raise InvalidToken("the token is for another audience")
    expires = _date(claims, "exp")
    if expires is None:
        raise InvalidToken("the token does not say when it expires")
    if now >= expires + expected.leeway:
        raise InvalidToken("the token has expired")
    for name in ("nbf", "iat"):
        start = _date(claims, name)
        if start is not None and now < start - expected.leeway:
            raise InvalidToken("the token is not valid yet")
    return Principal(_subject(claims), expected.issuer, _scopes(claims), claims, expires)


def _addresses(audience: Any, ours: tuple[str, ...]) -> bool:
    if isinstance(audience, list):
        return all(isinstance(item, str) for item in audience) and not set(ours).isdisjoint(audience)
    return isinstance(audience, str) and audience in ours


def _date(claims: Mapping[str, Any], name: str) -> float | None:
    """A NumericDate (RFC 7519 section 2), or None when the claim is absent."""
    if name not in claims:
        return None
    value = claims[name]
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not 0 <= value < _YEAR_10000:  # NaN is in no range
        raise InvalidToken(f"the claim {name} is not a date")
    return float(value)


def _subject(claims: Mapping[str, Any]) -> str:
    """Who calls; a client that acts for itself may be named by `client_id` or `azp` alone."""
    for name in ("sub", "client_id", "azp"):
        if name in claims:
            subject = claims[name]
            if not isinstance(subject, str):
                raise InvalidToken(f"the claim {name} is not a string")
            return subject
    return ""


def _scopes(claims: Mapping[str, Any]) -> frozenset[str]:
    """`scope` (RFC 8693 section 4.2), or `scp` as some issuers call it; a list or a space-separated string."""
    name = "scope" if "scope" in claims else "scp"
    granted = claims.get(name, [])
    if isinstance(granted, str):
        return frozenset(granted.split(" ")) - {""}
    if isinstance(granted, list) and all(isinstance(scope, str) for scope in granted):
        return frozenset(granted)
    raise InvalidToken(f"the claim {name} is no list of scopes")

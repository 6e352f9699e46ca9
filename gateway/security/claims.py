"""The claims of an access token (RFC 7519 section 4.1, RFC 9068): judged, and turned into a principal.

The answers of introspection (RFC 7662 section 2.2) have the same members with the same meaning.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.config import Issuer
from gateway.security.principal import Binding, ForeignToken, InvalidToken, Principal

FOREIGN = "the token is from another issuer"

# What a token of type at+jwt has to say (RFC 9068 section 2.2).
ACCESS_TOKEN_CLAIMS = ("sub", "client_id", "iat", "jti")

_YEAR_10000 = 253402300800  # seconds since the epoch; a later date is a mistake or an attack


@dataclass(frozen=True, slots=True)
class Expected:
    """What has to be in a token: `leeway` is the clock difference tolerated, in seconds."""

    issuer: str
    audience: tuple[str, ...]
    leeway: float
    clients: tuple[str, ...] = ()  # empty is all of them
    claims: tuple[tuple[str, tuple[str, ...]], ...] = ()  # see `Issuer.claims`
    bound: bool = False  # to a key or a certificate
    hierarchical: bool = False  # scopes

    @classmethod
    def of(cls, settings: Issuer, issuer: str) -> "Expected":
        """What the settings of an issuer demand; `issuer` is its exact `iss`."""
        return cls(
            issuer,
            settings.audience,
            settings.leeway,
            settings.clients,
            tuple(settings.claims.items()),
            settings.binding == "required",
            settings.scopes == "hierarchical",
        )


class ScopeTree(frozenset[str]):
    """Scopes of which each stands for those below it: `runs` for `runs:read` and `runs.own.read`.

    They are asked as sets are: `demanded <= granted`, `scope in granted`.
    """

    def __contains__(self, scope: object) -> bool:
        return isinstance(scope, str) and any(super(ScopeTree, self).__contains__(name) for name in _upwards(scope))

    def __ge__(self, demanded: Iterable[object]) -> bool:
        return all(scope in self for scope in demanded)  # a subclass is asked first, also for `demanded <= self`


def _upwards(scope: str) -> Iterator[str]:
    yield scope
    for index, character in enumerate(scope):
        if character in ":.":
            yield scope[:index]


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
    clients = [_text(claims, name) for name in ("client_id", "azp") if name in claims]
    if expected.clients and not (clients and set(clients) <= set(expected.clients)):
        raise InvalidToken("the token was issued to another client")
    for name, values in expected.claims:
        if not _holds(claims, name, values):
            raise InvalidToken("a claim of the token is not as this service demands")
    _text(claims, "jti")  # by which a token can be revoked: it must not be there in another form
    binding = _binding(claims)
    if expected.bound and binding is None:
        raise InvalidToken("the token is bound to no key and no certificate")
    scopes = _scopes(claims)
    return Principal(
        _subject(claims),
        expected.issuer,
        ScopeTree(scopes) if expected.hierarchical else scopes,
        claims,
        expires,
        client=clients[0] if clients else "",
        binding=binding,
        authorization=True,
    )


def require(claims: Mapping[str, Any], names: Iterable[str]) -> None:
    """Every one of these claims is there. Raises InvalidToken."""
    for name in names:
        if name not in claims:
            raise InvalidToken(f"the token lacks the claim {name}")


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


def _text(claims: Mapping[str, Any], name: str) -> str:
    """A StringOrURI claim, "" when it is absent."""
    value = claims.get(name, "")
    if not isinstance(value, str):
        raise InvalidToken(f"the claim {name} is not a string")
    return value


def _subject(claims: Mapping[str, Any]) -> str:
    """Who calls; a client that acts for itself may be named by `client_id` or `azp` alone."""
    named = next((name for name in ("sub", "client_id", "azp") if name in claims), "sub")
    return _text(claims, named)


def _holds(claims: Mapping[str, Any], name: str, values: tuple[str, ...]) -> bool:
    """Whether a claim is there with one of the values, `*` being any. `name` may be a JSON Pointer (RFC 6901)."""
    found: Any = claims
    for part in name[1:].split("/") if name.startswith("/") else (name,):
        key = part.replace("~1", "/").replace("~0", "~") if name.startswith("/") else part
        if not isinstance(found, dict) or key not in found:
            return False
        found = found[key]
    held = {_written(item) for item in (found if isinstance(found, list) else [found])} - {None}
    return bool(held) if "*" in values else not held.isdisjoint(values)


def _written(value: Any) -> str | None:
    """A scalar as settings write it: `true`, `7`, `gold`; None for everything else."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else None


def _binding(claims: Mapping[str, Any]) -> Binding | None:
    """What the sender has to prove (RFC 7800 section 3.1). What is not understood cannot be proved."""
    if "cnf" not in claims:
        return None
    confirmation = claims["cnf"]
    known = {"x5t#S256": "certificate", "jkt": "key"}
    if not isinstance(confirmation, dict) or not confirmation or not confirmation.keys() <= known.keys():
        raise InvalidToken("the token is bound to something that is not supported")
    if not all(isinstance(thumbprint, str) and thumbprint for thumbprint in confirmation.values()):
        raise InvalidToken("the claim cnf is malformed")
    return Binding(**{known[name]: thumbprint for name, thumbprint in confirmation.items()})


def _scopes(claims: Mapping[str, Any]) -> frozenset[str]:
    """`scope` (RFC 8693 section 4.2), or `scp` as some issuers call it; a list or a space-separated string."""
    name = "scope" if "scope" in claims else "scp"
    granted = claims.get(name, [])
    if isinstance(granted, str):
        return frozenset(granted.split(" ")) - {""}
    if isinstance(granted, list) and all(isinstance(scope, str) and " " not in scope for scope in granted):
        return frozenset(granted)
    raise InvalidToken(f"the claim {name} is no list of scopes")

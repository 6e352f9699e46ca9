"""Who is calling? Judged against the operation's security before a byte of the body is read.

One of the alternatives has to hold (OR), and in it every pair of verifier and scopes (AND). `()` among them lets
callers without credentials in; no alternatives at all, or only `()`, means that nobody is asked and credentials
are not looked at.

Credentials that are offered where they are optional still have to be good: a caller whose token has expired would
otherwise silently get the anonymous answer, and a forged one would travel on to the backend.

Challenges follow RFC 6750 section 3. No text of the client's ever gets into one.
"""

import re
from collections.abc import Iterable

from gateway.errors import Kind, Refusal
from gateway.security.bearer import Alternative, Alternatives
from gateway.security.keys import KeysUnavailable
from gateway.security.principal import InvalidToken, Principal
from gateway.wire.message import RequestHead

RETRY_AFTER = b"5"  # seconds; the keys of an issuer are fetched again in the background meanwhile

_B64TOKEN = re.compile(rb"[A-Za-z0-9._~+/-]+=*\Z")  # RFC 6750 section 2.1


class _MissingScopes(Exception):
    """A known caller who may not do this."""

    def __init__(self, principal: Principal, needed: frozenset[str]) -> None:
        self.principal = principal
        self.needed = needed


_Miss = _MissingScopes | KeysUnavailable | InvalidToken
_NEAREST_FIRST = (_MissingScopes, KeysUnavailable, InvalidToken)


async def authenticate(alternatives: Alternatives, head: RequestHead) -> Principal | None:
    """The verified caller, or None for an anonymous one. Raises Refusal: 401, 403, or 503 without keys."""
    if not any(alternatives):
        return None
    credentials = head.lookup.get(b"authorization")
    if credentials is None:
        if () in alternatives:
            return None
        raise _unauthenticated(alternatives, "This operation needs an access token.")
    if credentials[:7].lower() != b"bearer ":
        raise _unauthenticated(alternatives, "This operation needs an access token of type Bearer.")
    token = credentials[7:]
    for alternative in alternatives:
        principal = _recall(alternative, token)
        if principal is not None:
            return principal
    return await _verify(alternatives, token)


def _recall(alternative: Alternative, token: bytes) -> Principal | None:
    """The caller, when every verifier still knows the token: the way of nearly all requests."""
    principal = None
    for verifier, scopes in alternative:
        principal = verifier.recall(token)
        if principal is None or not scopes <= principal.scopes:
            return None
    return principal


async def _verify(alternatives: Alternatives, token: bytes) -> Principal:
    """The same from scratch. When nothing holds, the refusal is about the alternative that came nearest."""
    if not _B64TOKEN.match(token):
        raise _unauthenticated(
            alternatives, "The Authorization header does not hold exactly one Bearer token.", b"invalid_request"
        )
    misses: list[_Miss] = []
    for alternative in filter(None, alternatives):
        try:
            return await _satisfy(alternative, token)
        except _NEAREST_FIRST as miss:
            misses.append(miss)
    nearest = min(misses, key=lambda miss: _NEAREST_FIRST.index(type(miss)))
    if isinstance(nearest, _MissingScopes) and () in alternatives:
        return nearest.principal  # a known caller may do what an unknown one may
    raise _refusal(nearest, alternatives)


async def _satisfy(alternative: Alternative, token: bytes) -> Principal:
    principals = [verifier.recall(token) or await verifier.verify(token) for verifier, _ in alternative]
    if all(scopes <= who.scopes for (_, scopes), who in zip(alternative, principals, strict=True)):
        return principals[0]
    raise _MissingScopes(principals[0], _needed(alternative))


def _needed(alternative: Alternative) -> frozenset[str]:
    return frozenset[str]().union(*(scopes for _, scopes in alternative))


def _refusal(miss: _Miss, alternatives: Alternatives) -> Refusal:
    match miss:
        case _MissingScopes():
            names = " ".join(sorted(miss.needed))
            return Refusal(
                Kind.FORBIDDEN,
                f"The access token lacks a scope. This operation needs: {names}.",
                headers=(_challenge(miss.needed, error=b"insufficient_scope"),),
                reason=f"the token of {miss.principal.subject!r} lacks a scope of: {names}",
            )
        case KeysUnavailable():
            return Refusal(
                Kind.OVERLOADED,
                "Access tokens cannot be verified at the moment. Try again later.",
                headers=((b"Retry-After", RETRY_AFTER),),
                reason=str(miss),
            )
        case InvalidToken():
            text = str(miss)
            detail = f"The access token is refused: {text}."
            return _unauthenticated(alternatives, detail, b"invalid_token", text.encode("ascii"))


def _unauthenticated(alternatives: Alternatives, detail: str, error: bytes = b"", description: bytes = b"") -> Refusal:
    """401. The challenge names the scopes of the first alternative that takes a token."""
    needed = _needed(next(filter(None, alternatives)))
    challenge = _challenge(needed, error=error, error_description=description)
    return Refusal(Kind.UNAUTHENTICATED, detail, headers=(challenge,))


def _challenge(scopes: Iterable[str], **attributes: bytes) -> tuple[bytes, bytes]:
    """A WWW-Authenticate field (RFC 9110 section 11.6.1); at least one attribute is demanded by RFC 6750."""
    attributes = {"realm": b"gateway", "scope": " ".join(sorted(scopes)).encode("ascii"), **attributes}
    text = b", ".join(b'%b="%b"' % (name.encode(), value) for name, value in attributes.items() if value)
    return b"WWW-Authenticate", b"Bearer " + text

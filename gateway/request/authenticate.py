"""Who is calling? Judged against the operation's security before a byte of the body is read.

One of the alternatives has to hold (OR), and in it every pair of scheme and scopes (AND): each scheme's own credential
has to have the scopes that are asked of that scheme. `()` among the alternatives lets callers without credentials in;
no alternatives at all, or only `()`, means that nobody is asked and credentials are not looked at.

Credentials that are offered where they are optional still have to be good: a caller whose token has expired would
otherwise silently get the anonymous answer, and a forged one would travel on to the backend.
"""

from collections.abc import Callable
from functools import reduce

from gateway.request.challenge import Miss, Nearness, needed, refusal, takes_authorization
from gateway.security.principal import InvalidToken, Principal
from gateway.security.scheme import Alternative, Alternatives, Scheme, Unavailable
from gateway.wire.message import RequestHead

Revoked = Callable[[Principal], bool]
_Verdicts = dict[Scheme, Principal | Miss]

_ABSENT = Miss(Nearness.ABSENT)
_UNKNOWN = Principal("", "", frozenset(), {}, 0.0)


async def authenticate(
    alternatives: Alternatives, head: RequestHead, revoked: Revoked | None = None
) -> Principal | None:
    """The verified caller, or None for an anonymous one. Raises Refusal: 401, 403, or 503 when nobody can judge.

    `revoked` says of a caller whose credentials verify whether they count no longer.
    """
    unknown = False
    try:
        for alternative in alternatives:
            principal = _recall(alternative, head, revoked)
            if principal is _UNKNOWN:
                unknown = True
            # Whether an alternative holds has to be found out before a later one counts, or who is calling would depend
            # on what is remembered. A token that is remembered as another issuer's was shown to the first one before.
            elif principal is not None and (principal.authorization or not unknown):
                return principal
    except InvalidToken:
        pass  # a credential that cannot be read is told about below
    return await _verify(alternatives, head, revoked) if any(alternatives) else None


def _recall(alternative: Alternative, head: RequestHead, revoked: Revoked | None) -> Principal | None:
    """The caller, when every scheme still knows the credential: the way of nearly all requests. `_UNKNOWN` when one
    does not."""
    caller = None
    for scheme, scopes in alternative:
        credential = scheme.offered(head)
        if credential is None:
            return None
        principal = scheme.recall(credential, head)
        if principal is None:
            return _UNKNOWN
        if not scopes <= principal.scopes or (revoked is not None and revoked(principal)):
            return None
        caller = principal if caller is None else _together(caller, principal)
    return caller


async def _verify(alternatives: Alternatives, head: RequestHead, revoked: Revoked | None) -> Principal | None:
    """The same from scratch. When nothing holds, the refusal is about the alternative that came nearest."""
    verdicts: _Verdicts = {}  # no credential is judged twice: that may be costly, and a proof counts once
    misses: list[Miss] = []
    for alternative in filter(None, alternatives):
        outcome = await _outcome(alternative, head, revoked, verdicts)
        if isinstance(outcome, Principal):
            return outcome
        misses.append(outcome)
    nearest = min(misses, key=lambda miss: miss.nearness)
    if () in alternatives:
        if nearest.nearness is Nearness.SCOPES and nearest.principal is not None:
            return nearest.principal  # a known caller may do what an unknown one may
        if nearest is _ABSENT and not _anything(alternatives, head):
            return None
    raise refusal(nearest, alternatives, head.lookup.get(b"authorization"))


async def _outcome(
    alternative: Alternative, head: RequestHead, revoked: Revoked | None, verdicts: _Verdicts
) -> Principal | Miss:
    """The caller by one alternative. Nothing is verified for an alternative of which a credential is missing."""
    offered: list[tuple[Scheme, bytes]] = []
    for scheme, _ in alternative:
        credential = _offered(scheme, head)
        if credential is None or isinstance(credential, Miss):
            return credential or _ABSENT
        offered.append((scheme, credential))
    callers: list[Principal] = []
    for scheme, credential in offered:
        if scheme not in verdicts:
            verdicts[scheme] = await _verdict(scheme, credential, head, revoked)
        verdict = verdicts[scheme]
        if isinstance(verdict, Miss):
            return verdict
        callers.append(verdict)
    together = reduce(_together, callers)
    for (scheme, scopes), caller in zip(alternative, callers, strict=True):
        if not scopes <= caller.scopes:
            return Miss(Nearness.SCOPES, scheme, principal=together, needed=needed(alternative, scheme))
    return together


def _offered(scheme: Scheme, head: RequestHead) -> bytes | Miss | None:
    try:
        return scheme.offered(head)
    except InvalidToken as invalid:
        return Miss(Nearness.INVALID, scheme, str(invalid), invalid.error)


async def _verdict(scheme: Scheme, credential: bytes, head: RequestHead, revoked: Revoked | None) -> Principal | Miss:
    try:
        principal = scheme.recall(credential, head) or await scheme.verify(credential, head)
    except InvalidToken as invalid:
        return Miss(Nearness.INVALID, scheme, str(invalid), invalid.error)
    except Unavailable as unavailable:
        return Miss(Nearness.UNAVAILABLE, scheme, str(unavailable))
    if revoked is not None and revoked(principal):
        return Miss(Nearness.REVOKED, scheme, "they were revoked", InvalidToken.error, principal)
    return principal


def _anything(alternatives: Alternatives, head: RequestHead) -> bool:
    """Whether there are credentials, be it of a scheme that is none of ours."""
    if b"authorization" in head.lookup and takes_authorization(alternatives):
        return True
    return any(_offered(scheme, head) is not None for alternative in alternatives for scheme, _ in alternative)


def _together(caller: Principal, other: Principal) -> Principal:
    """One caller of two credentials that are demanded together.

    The one that names somebody first says who is calling, and what that somebody may do: scopes are never pooled, or
    a partner's key would lend its scopes to whoever's token comes with it. Key, client and quota only limit.
    """
    if not caller.subject and other.subject:
        caller, other = other, caller
    return Principal(  # dataclasses.replace would take three times as long
        caller.subject,
        caller.issuer,
        caller.scopes,
        caller.claims,
        min(caller.expires, other.expires),
        caller.client or other.client,
        caller.key or other.key,
        caller.quota or other.quota,
        caller.binding,
        caller.authorization or other.authorization,
    )

"""Why a caller is not let in, and what would help: refusals with their challenges.

Challenges follow RFC 9110 section 11.6.1: each scheme that any alternative takes, once, in a field of its own; those of
tokens say more, by RFC 6750 section 3 and RFC 9449 section 7.1. No text of the client's ever gets into one.
"""

from enum import IntEnum
from typing import NamedTuple

from gateway.errors import Kind, Refusal
from gateway.security.principal import Principal
from gateway.security.scheme import Alternative, Alternatives, Scheme

RETRY_AFTER = b"5"  # seconds; keys are fetched again, and servers asked again, in the background meanwhile

# Authentication schemes that know scopes and errors, and what each credential is called in a sentence.
_OF_TOKENS = frozenset({b"bearer", b"dpop"})
_CALLED = {b"basic": "a user name and password", b"apikey": "an API key", b"clientcertificate": "a client certificate"}
_IN_AUTHORIZATION = frozenset({*_OF_TOKENS, b"basic"})


class Nearness(IntEnum):
    """How far an alternative came, the nearest first."""

    SCOPES = 0  # a known caller who may not do this
    UNAVAILABLE = 1  # nobody could judge the credentials
    REVOKED = 2
    INVALID = 3
    ABSENT = 4  # a credential is not there


class Miss(NamedTuple):
    """Why one alternative does not hold."""

    nearness: Nearness
    scheme: Scheme | None = None  # whose credential it is about
    text: str = ""  # of what is invalid, for the client; of what is unavailable, for the log
    error: bytes = b""  # RFC 6750 section 3.1
    principal: Principal | None = None  # who lacks a scope, or was revoked
    needed: frozenset[str] = frozenset()  # scopes


_NOTHING = Miss(Nearness.ABSENT)


def takes_authorization(alternatives: Alternatives) -> bool:
    """Whether credentials in the Authorization field are any of our business."""
    return any(
        _name(challenge) in _IN_AUTHORIZATION for scheme in _schemes(alternatives) for challenge in scheme.challenges
    )


def refusal(miss: Miss, alternatives: Alternatives, authorization: bytes | None) -> Refusal:
    """The answer to a caller whose best alternative ended in `miss`; `authorization` is the field as it came."""
    presented = (authorization or b"").partition(b" ")[0].lower()
    match miss.nearness:
        case Nearness.SCOPES:
            names = " ".join(sorted(miss.needed))
            who = miss.principal.subject if miss.principal is not None else ""
            wrong = miss._replace(error=b"insufficient_scope")
            return Refusal(
                Kind.FORBIDDEN,
                f"The caller lacks a scope. This operation needs: {names}.",
                headers=_challenges((((miss.scheme, miss.needed),),), wrong, presented) if miss.scheme else (),
                reason=f"{who!r} lacks a scope of: {names}",
                cause="scope",
                caller=miss.principal,
            )
        case Nearness.UNAVAILABLE:
            return Refusal(
                Kind.OVERLOADED,
                "Credentials cannot be verified at the moment. Try again later.",
                headers=((b"Retry-After", RETRY_AFTER),),
                reason=miss.text,
                cause="credentials-unverified",
            )
        case Nearness.ABSENT:
            return Refusal(
                Kind.UNAUTHENTICATED,
                f"This operation needs {_needs(alternatives)}.",
                headers=_challenges(alternatives, miss, presented),
                cause="credentials-missing",
            )
    return Refusal(
        Kind.UNAUTHENTICATED,
        f"The credentials are refused: {miss.text}.",
        headers=_challenges(alternatives, miss, presented),
        cause="credentials-revoked" if miss.nearness is Nearness.REVOKED else "credentials-invalid",
        caller=miss.principal,
    )


def _challenges(alternatives: Alternatives, miss: Miss, presented: bytes) -> tuple[tuple[bytes, bytes], ...]:
    """WWW-Authenticate fields. The error belongs to the scheme that was presented; the scopes are those that the first
    alternative with the scheme asks for."""
    fields: dict[bytes, bytes] = {}
    for alternative in alternatives:
        for scheme, _ in alternative:
            for challenge in scheme.challenges:
                if challenge not in fields:
                    wrong = miss if scheme is miss.scheme and _name(challenge) == presented else _NOTHING
                    fields[challenge] = challenge + _attributes(challenge, needed(alternative, scheme), wrong)
    return tuple((b"WWW-Authenticate", value) for value in fields.values())


def _attributes(challenge: bytes, scopes: frozenset[str], wrong: Miss) -> bytes:
    if _name(challenge) not in _OF_TOKENS:
        return b""
    given = (
        (b"scope", " ".join(sorted(scopes)).encode("ascii")),
        (b"error", wrong.error),
        (b"error_description", wrong.text.encode("ascii")),
    )
    return b"".join(b', %b="%b"' % pair for pair in given if pair[1])


def needed(alternative: Alternative, asking: Scheme) -> frozenset[str]:
    """The scopes that an alternative asks of one scheme."""
    return frozenset[str]().union(*(scopes for scheme, scopes in alternative if scheme is asking))


def _needs(alternatives: Alternatives) -> str:
    """`an access token, or an API key and a user name and password`."""
    ways = dict.fromkeys(
        " and ".join(dict.fromkeys(_called(scheme) for scheme, _ in alternative)) for alternative in alternatives
    )
    return ", or ".join(filter(None, ways))


def _called(scheme: Scheme) -> str:
    return _CALLED.get(_name(scheme.challenges[0]), "an access token")


def _schemes(alternatives: Alternatives) -> set[Scheme]:
    return {scheme for alternative in alternatives for scheme, _ in alternative}


def _name(challenge: bytes) -> bytes:
    """The authentication scheme of a challenge, in lower case."""
    return challenge.partition(b" ")[0].lower()

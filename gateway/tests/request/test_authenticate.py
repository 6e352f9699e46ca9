"""Callers are let in by one alternative that holds as a whole; everybody else gets the right challenge."""

import asyncio
import re
from dataclasses import replace
from typing import Any

import pytest

from gateway.config import Issuer
from gateway.errors import Kind, Refusal
from gateway.request.authenticate import authenticate
from gateway.security.bearer import BearerVerifier
from gateway.security.fetch import FetchError, Trust
from gateway.security.jwk import parse_jwks
from gateway.security.keys import KeySet
from gateway.security.principal import InvalidToken, Malformed, Principal
from gateway.security.scheme import Alternatives, Unavailable
from gateway.security.token import TokenScheme
from gateway.tests.security.issuing import AUDIENCE, ISSUER, NOW, jwk, jwks, token
from gateway.wire.message import RequestHead

OTHER = "https://other.example"


def verifier(issuer: str = ISSUER, published: bytes | None = None) -> TokenScheme:
    """Tokens of one issuer at `NOW`; without a published set its keys cannot be had."""
    settings = Issuer(issuer, (AUDIENCE,), "keys")

    def load(settings: Issuer) -> Trust:
        if published is None:
            raise FetchError("keys: no connection")
        return Trust(issuer, parse_jwks(published, settings.algorithms))

    return TokenScheme([BearerVerifier(settings, KeySet("test", settings, load=load), now=lambda: NOW)])


def head(*authorization: bytes) -> RequestHead:
    """A request with these Authorization fields."""
    fields = [(b"Authorization", value) for value in authorization]
    lookup = {b"authorization": b", ".join(authorization)} if authorization else {}
    return RequestHead(b"GET", b"/runs", None, fields, lookup, "")


def ask(alternatives: Alternatives, *authorization: bytes) -> Principal | None:
    """The caller."""
    return asyncio.run(authenticate(alternatives, head(*authorization)))


def refused(alternatives: Alternatives, *authorization: bytes) -> tuple[Kind, bytes]:
    """Kind and challenge of the refusal."""
    with pytest.raises(Refusal) as caught:
        ask(alternatives, *authorization)
    for name, value in caught.value.headers:
        assert name in (b"WWW-Authenticate", b"Retry-After")
        assert re.fullmatch(rb"[\x20-\x7e]+", value)
    return caught.value.kind, dict(caught.value.headers).get(b"WWW-Authenticate", b"")


def scopes(*names: str) -> frozenset[str]:
    """Scopes."""
    return frozenset(names)


READ = scopes("runs:read")
ADMIN = scopes("admin")
V = verifier(published=jwks(jwk("RSA")))
W = verifier(OTHER, jwks(jwk("RSA other")))
DOWN = verifier(OTHER)

BEARER = b"Bearer " + token()
OF_OTHER = b"Bearer " + token("RSA other", iss=OTHER)
EXPIRED = b"Bearer " + token(exp=1)
FORGED = b"Bearer " + token("RSA other", kid="RSA")


@pytest.mark.parametrize("authorization", [(), (BEARER,), (EXPIRED,), (b"Basic YTpi",), (b"",), (BEARER, BEARER)])
@pytest.mark.parametrize("alternatives", [(), ((),), ((), ())])
def test_open(alternatives: Alternatives, authorization: tuple[bytes, ...]) -> None:
    """Where nothing is demanded nobody is asked, and credentials are not looked at."""
    assert ask(alternatives, *authorization) is None


@pytest.mark.parametrize("scheme", [b"Bearer", b"bearer", b"BEARER"])
def test_caller(scheme: bytes) -> None:
    """A good token with its scopes makes a principal; the scheme's case does not matter (RFC 9110 11.1)."""
    principal = ask((((V, READ),),), scheme + b" " + token())
    assert principal is not None
    assert principal.subject == "anna"


def test_remembered_caller_needs_no_waiting() -> None:
    """A token that was verified before is answered without suspending."""
    alternatives = (((V, READ),),)
    principal = ask(alternatives, BEARER)
    with pytest.raises(StopIteration) as stop:
        authenticate(alternatives, head(BEARER)).send(None)
    assert stop.value.value is principal


CHALLENGE = b'Bearer realm="gateway", scope="runs:read"'


@pytest.mark.parametrize("alternatives", [(((V, READ),),), (((V, READ),), ((W, ADMIN),)), (((DOWN, READ),),)])
def test_missing(alternatives: Alternatives) -> None:
    """Without credentials the challenge says what is needed and nothing of an error (RFC 6750 section 3)."""
    assert refused(alternatives) == (Kind.UNAUTHENTICATED, CHALLENGE)


def test_missing_without_scopes() -> None:
    """No scopes, no `scope`; several are sorted."""
    assert refused((((V, scopes()),),)) == (Kind.UNAUTHENTICATED, b'Bearer realm="gateway"')
    assert refused((((V, scopes("b", "a")),),))[1] == b'Bearer realm="gateway", scope="a b"'


@pytest.mark.parametrize(
    "value", [b"Basic YTpi", b"", b"Bearer", b"DPoP " + token(), b"Bearertoken", b"Bearer\t" + token()]
)
@pytest.mark.parametrize("optional", [False, True])
def test_other_scheme(value: bytes, optional: bool) -> None:
    """Credentials of another scheme are none of ours, and are not waved through where they are optional."""
    alternatives: Alternatives = (((V, READ),), ()) if optional else (((V, READ),),)
    assert refused(alternatives, value) == (Kind.UNAUTHENTICATED, CHALLENGE)


@pytest.mark.parametrize(
    "values",
    [
        (BEARER, BEARER),
        (BEARER, b"Basic YTpi"),
        (BEARER + b" x",),
        (b"Bearer ",),
        (b"Bearer  " + token(),),
        (b"Bearer " + token() + b"\t",),
        (b"Bearer a,b",),
        (b'Bearer "abc"',),
        (b"Bearer \xff\xfe",),
        (b"Bearer =",),
        (b"Bearer a=b",),
    ],
)
@pytest.mark.parametrize("optional", [False, True])
def test_malformed(values: tuple[bytes, ...], optional: bool) -> None:
    """Several credentials, or anything but one token, are refused before any verifier sees them."""
    alternatives: Alternatives = ((), ((V, READ),)) if optional else (((V, READ),),)
    kind, challenge = refused(alternatives, *values)
    assert kind is Kind.UNAUTHENTICATED
    reason = b"the Authorization header does not hold exactly one token"
    assert challenge == CHALLENGE + b', error="invalid_request", error_description="%b"' % reason


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (EXPIRED, b"the token has expired"),
        (FORGED, b"the signature of the token does not verify"),
        (OF_OTHER, b"the token is from another issuer"),
        (b"Bearer abc", b"the token does not have three parts"),
        (b"Bearer a.b.c.d.e", b"encrypted tokens are not supported"),
        (b"Bearer " + b"a" * 9000, b"the token is too long"),
    ],
)
@pytest.mark.parametrize("optional", [False, True])
def test_invalid(value: bytes, reason: bytes, optional: bool) -> None:
    """A bad token is refused with the reason, also where no token would have been fine."""
    alternatives: Alternatives = ((), ((V, READ),)) if optional else (((V, READ),),)
    assert refused(alternatives, value) == (
        Kind.UNAUTHENTICATED,
        CHALLENGE + b', error="invalid_token", error_description="' + reason + b'"',
    )


def test_insufficient() -> None:
    """A good token without the scopes is 403 and says which are needed."""
    assert refused((((V, scopes("runs:read", "admin")),),), BEARER) == (
        Kind.FORBIDDEN,
        b'Bearer realm="gateway", scope="admin runs:read", error="insufficient_scope"',
    )


def test_insufficient_again() -> None:
    """A remembered token without the scopes is refused just the same."""
    alternatives = (((V, ADMIN),),)
    ask((((V, READ),),), BEARER)
    assert refused(alternatives, BEARER) == refused(alternatives, BEARER)
    assert refused(alternatives, BEARER)[0] is Kind.FORBIDDEN


@pytest.mark.parametrize(
    ("alternatives", "subject"),
    [
        ((((V, ADMIN),), ((V, READ),)), "anna"),
        ((((W, READ),), ((V, READ),)), "anna"),
        ((((DOWN, READ),), ((V, READ),)), "anna"),
        (((), ((V, READ),)), "anna"),
        ((((V, READ),), ()), "anna"),
        ((((V, READ), (V, scopes("runs:write"))),), "anna"),
        ((((V, ADMIN),), ()), "anna"),  # known, and free to do what anybody may
    ],
)
def test_alternatives(alternatives: Alternatives, subject: str) -> None:
    """One alternative that holds is enough, wherever it stands."""
    principal = ask(alternatives, BEARER)
    assert principal is not None
    assert principal.subject == subject


@pytest.mark.parametrize("alternatives", [(((V, READ),), ()), ((), ((V, READ),)), ((), ((DOWN, READ),))])
def test_anonymous(alternatives: Alternatives) -> None:
    """Without credentials a caller is anonymous where that is allowed."""
    assert ask(alternatives) is None


@pytest.mark.parametrize(
    ("alternatives", "kind"),
    [
        ((((V, READ), (V, ADMIN)),), Kind.FORBIDDEN),
        ((((V, READ), (W, READ)),), Kind.UNAUTHENTICATED),
        ((((W, READ), (V, READ)),), Kind.UNAUTHENTICATED),
        ((((V, ADMIN),), ((W, READ),)), Kind.FORBIDDEN),
        ((((W, READ),), ((V, ADMIN),)), Kind.FORBIDDEN),
        ((((DOWN, READ),), ((V, ADMIN),)), Kind.FORBIDDEN),
        ((((W, READ),), ((DOWN, READ),)), Kind.UNAUTHENTICATED),  # of another issuer, whether or not it is there
    ],
)
def test_nearest_miss(alternatives: Alternatives, kind: Kind) -> None:
    """In an alternative everything has to hold; of several that fail the nearest miss decides the answer."""
    assert refused(alternatives, BEARER)[0] is kind


@pytest.mark.parametrize("alternatives", [(((V, READ),), ((DOWN, READ),)), (((DOWN, READ),), ((V, READ),))])
def test_nobody_can_judge(alternatives: Alternatives) -> None:
    """A token that may be good is not refused as bad."""
    assert refused(alternatives, OF_OTHER)[0] is Kind.OVERLOADED


@pytest.mark.parametrize("optional", [False, True])
def test_without_keys(optional: bool) -> None:
    """When no token can be judged nobody gets in, and it is not the caller's fault."""
    alternatives: Alternatives = ((), ((DOWN, READ),)) if optional else (((DOWN, READ),),)
    with pytest.raises(Refusal) as caught:
        ask(alternatives, OF_OTHER)
    assert caught.value.kind is Kind.OVERLOADED
    assert caught.value.headers == ((b"Retry-After", b"5"),)
    assert "could not be fetched" in caught.value.reason


@pytest.mark.parametrize("text", [b"x\r\nSet-Cookie: a=b", b'x", realm="evil', b"<script>", b"\x00"])
def test_nothing_of_the_client_in_the_answer(text: bytes) -> None:
    """No text of a client's reaches a header or the detail."""
    hostile: list[Any] = [
        b"Bearer " + text,
        b"Bearer " + token(kid=text.decode()),
        b"Bearer " + token(iss=text.decode()),
    ]
    for value in hostile:
        with pytest.raises(Refusal) as caught:
            ask((((V, READ),),), value)
        told = b"".join(b"".join(field) for field in caught.value.headers) + caught.value.detail.encode()
        assert text not in told
        assert b"\n" not in told


class Known:
    """A scheme whose credential is a header field with a name that stands for a principal, or for a miss."""

    challenges: tuple[bytes, ...] = (b'ApiKey realm="gateway", in=header, name="X-Key"',)

    def __init__(self, field: bytes, **callers: Principal | Exception) -> None:
        self.name = field.decode()
        self.field = field
        self.callers = callers
        self.remembered: set[bytes] = set()
        self.verified = 0

    def start(self) -> None:
        """Nothing."""

    def offered(self, head: RequestHead) -> bytes | None:
        """The field."""
        value = head.lookup.get(self.field)
        if value is not None and b"," in value:
            raise Malformed("it is there twice")
        return value

    def recall(self, credential: bytes, head: RequestHead) -> Principal | None:
        """What was verified before."""
        return self._caller(credential) if credential in self.remembered else None

    async def verify(self, credential: bytes, head: RequestHead) -> Principal:
        """By name."""
        self.verified += 1
        caller = self._caller(credential)
        self.remembered.add(credential)
        return caller

    def _caller(self, credential: bytes) -> Principal:
        caller = self.callers.get(credential.decode(), InvalidToken("it is unknown"))
        if isinstance(caller, Exception):
            raise caller
        return caller


ANNA = Principal("anna", "issuer", scopes("read"), {"sub": "anna"}, 50.0, client="web")
ACME = Principal("acme", "store", scopes("read", "admin"), {"sub": "acme"}, 40.0, key="k1", quota="gold")
NOBODY = Principal("", "store", scopes("other"), {}, 60.0, client="batch", key="k2", quota="free")


def fields(**lookup: str) -> RequestHead:
    """A request with these fields."""
    return RequestHead(b"GET", b"/", None, [], {k.encode(): v.encode() for k, v in lookup.items()}, "")


def decide(alternatives: Alternatives, head: RequestHead, revoked: Any = None) -> Principal | Kind | None:
    """Who it is, or the kind of the refusal; the same when it is asked again and all is remembered."""
    outcomes: list[Principal | Kind | None] = []
    for _ in range(2):
        try:
            outcomes.append(asyncio.run(authenticate(alternatives, head, revoked)))
        except Refusal as refusal:
            outcomes.append(refusal.kind)
    assert outcomes[0] == outcomes[1]
    return outcomes[0]


def test_two_credentials_make_one_caller() -> None:
    """Who the first says; its scopes alone, so that a key lends none; key, client and quota from whichever has them."""
    token, key = Known(b"token", anna=ANNA), Known(b"key", acme=ACME, nobody=NOBODY)
    both: Alternatives = (((token, scopes("read")), (key, scopes("admin"))),)
    together = decide(both, fields(token="anna", key="acme"))
    assert together == Principal("anna", "issuer", scopes("read"), {"sub": "anna"}, 40.0, "web", "k1", "gold")
    asked_of_the_token: Alternatives = (((token, scopes("admin")), (key, scopes())),)
    assert decide(asked_of_the_token, fields(token="anna", key="acme")) is Kind.FORBIDDEN
    nameless_first: Alternatives = (((key, scopes()), (token, scopes())),)
    named = decide(nameless_first, fields(token="anna", key="nobody"))
    assert named == Principal("anna", "issuer", scopes("read"), {"sub": "anna"}, 50.0, "web", "k2", "free")


@pytest.mark.parametrize(
    ("lookup", "outcome"),
    [
        ({}, Kind.UNAUTHENTICATED),
        ({"token": "anna"}, Kind.UNAUTHENTICATED),
        ({"key": "acme"}, Kind.UNAUTHENTICATED),
        ({"token": "anna", "key": "unknown"}, Kind.UNAUTHENTICATED),
        ({"token": "unknown", "key": "acme"}, Kind.UNAUTHENTICATED),
        ({"token": "down", "key": "acme"}, Kind.OVERLOADED),
        ({"token": "anna", "key": "nobody"}, Kind.FORBIDDEN),
        ({"token": "anna", "key": "acme,acme"}, Kind.UNAUTHENTICATED),
    ],
)
@pytest.mark.parametrize("optional", [False, True])
def test_all_have_to_hold(lookup: dict[str, str], outcome: Kind, optional: bool) -> None:
    """Half of what is demanded opens nothing, also where nothing at all would do."""
    token, key = Known(b"token", anna=ANNA, down=Unavailable("down")), Known(b"key", acme=ACME, nobody=NOBODY)
    both: Alternatives = (((token, scopes("read")), (key, scopes("admin"))), *(((),) if optional else ()))
    found = decide(both, fields(**lookup))
    if optional and not lookup:
        assert found is None
    elif optional and outcome is Kind.FORBIDDEN:
        assert isinstance(found, Principal)
        assert found.subject == "anna"
    else:
        assert found is outcome


def test_who_calls_does_not_depend_on_what_is_remembered() -> None:
    """A good token comes before a key that is remembered, the first time too; a bad one does not."""
    token, key = Known(b"token", anna=ANNA), Known(b"key", acme=ACME)
    either: Alternatives = (((token, scopes()),), ((key, scopes()),))
    assert decide(either, fields(key="acme")) == ACME
    assert decide(either, fields(token="anna", key="acme")) == ANNA
    assert decide(either, fields(token="forged", key="acme")) == ACME


def test_a_remembered_token_is_not_shown_to_another_issuer_again() -> None:
    """An issuer in an earlier alternative has refused it before."""
    field = Known(b"token"), Known(b"token", anna=replace(ANNA, authorization=True))
    either: Alternatives = tuple(((scheme, scopes()),) for scheme in field)
    for _ in range(3):
        assert isinstance(asyncio.run(authenticate(either, fields(token="anna"))), Principal)
    assert [scheme.verified for scheme in field] == [1, 1]


def test_nothing_is_verified_in_vain_or_twice() -> None:
    """Where a credential is missing the other is not looked at; one that stands in two alternatives is judged once."""
    token, key = Known(b"token", anna=ANNA), Known(b"key", acme=ACME)
    missing: Alternatives = (((token, scopes()), (key, scopes())),)
    with pytest.raises(Refusal):
        asyncio.run(authenticate(missing, fields(token="anna")))
    assert token.verified == 0
    twice: Alternatives = (((token, scopes("a")),), ((token, scopes("b")),))
    with pytest.raises(Refusal):
        asyncio.run(authenticate(twice, fields(token="anna")))
    assert token.verified == 1


@pytest.mark.parametrize("revoked", ["anna", "acme"])
def test_revoked(revoked: str) -> None:
    """Credentials that verify and were revoked count no longer, remembered or not; each of several is asked about."""
    token, key = Known(b"token", anna=ANNA), Known(b"key", acme=ACME)
    both: Alternatives = (((token, scopes()), (key, scopes())),)
    head = fields(token="anna", key="acme")
    assert isinstance(decide(both, head, lambda who: False), Principal)
    assert decide(both, head, lambda who: who.subject == revoked) is Kind.UNAUTHENTICATED
    with pytest.raises(Refusal) as caught:
        asyncio.run(authenticate(both, head, lambda who: who.subject == revoked))
    assert caught.value.cause == "credentials-revoked"
    assert caught.value.caller is not None and caught.value.caller.subject == revoked
    optional: Alternatives = (*both, ())
    assert decide(optional, head, lambda who: who.subject == revoked) is Kind.UNAUTHENTICATED

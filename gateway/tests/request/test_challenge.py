"""What a caller is told who is not let in, by each kind of credential and in their combinations."""

import pytest

from gateway.errors import Kind
from gateway.request.challenge import Miss, Nearness, refusal, takes_authorization
from gateway.security.certificate import CertificateScheme
from gateway.security.principal import Principal
from gateway.security.scheme import Alternatives
from gateway.security.token import TokenScheme
from gateway.wire.message import RequestHead

NONE = frozenset[str]()


class Plain(CertificateScheme):
    """A scheme with a challenge of its own."""

    def __init__(self, challenge: bytes) -> None:
        self.challenges = (challenge,)

    def offered(self, head: RequestHead) -> bytes | None:
        """Nothing."""
        return None


TOKEN = TokenScheme([])
OTHER_TOKEN = TokenScheme([])
KEY = Plain(b'ApiKey realm="gateway", in=header, name="X-Key"')
BASIC = Plain(b'Basic realm="gateway", charset="UTF-8"')
CERTIFICATE = CertificateScheme()
READ, WRITE = frozenset({"read"}), frozenset({"write"})


def challenges(miss: Miss, alternatives: Alternatives, authorization: bytes | None = None) -> list[bytes]:
    """The values of WWW-Authenticate."""
    headers = refusal(miss, alternatives, authorization).headers
    assert {name for name, _ in headers} <= {b"WWW-Authenticate"}
    return [value for _, value in headers]


ABSENT = Miss(Nearness.ABSENT)


@pytest.mark.parametrize(
    ("alternatives", "expected", "detail"),
    [
        ((((TOKEN, NONE),),), [b'Bearer realm="gateway"'], "an access token"),
        (
            (((TOKEN, READ),), ((BASIC, NONE),)),
            [b'Bearer realm="gateway", scope="read"', b'Basic realm="gateway", charset="UTF-8"'],
            "an access token, or a user name and password",
        ),
        (
            (((KEY, READ), (TOKEN, WRITE)), ((KEY, NONE),), ()),
            [b'ApiKey realm="gateway", in=header, name="X-Key"', b'Bearer realm="gateway", scope="write"'],
            "an API key and an access token, or an API key",
        ),
        ((((TOKEN, READ),), ((OTHER_TOKEN, WRITE),)), [b'Bearer realm="gateway", scope="read"'], "an access token"),
        ((((CERTIFICATE, NONE),),), [b'ClientCertificate realm="gateway"'], "a client certificate"),
    ],
)
def test_missing(alternatives: Alternatives, expected: list[bytes], detail: str) -> None:
    """Every distinct scheme once, in a field of its own, with the scopes of the first alternative that takes it."""
    assert challenges(ABSENT, alternatives) == expected
    answer = refusal(ABSENT, alternatives, None)
    assert (answer.kind, answer.cause) == (Kind.UNAUTHENTICATED, "credentials-missing")
    assert answer.detail == f"This operation needs {detail}."


BOTH: Alternatives = (((TOKEN, READ),), ((BASIC, NONE),))


def test_error_stands_where_it_belongs() -> None:
    """The error is said to the scheme that was presented; Basic and keys have no such parameter."""
    bad_token = Miss(Nearness.INVALID, TOKEN, "the token has expired", b"invalid_token")
    assert challenges(bad_token, BOTH, b"Bearer abc")[0].endswith(
        b'error="invalid_token", error_description="the token has expired"'
    )
    bad_password = Miss(Nearness.INVALID, BASIC, "the user name or the password is wrong", b"invalid_token")
    assert challenges(bad_password, BOTH, b"Basic abc") == challenges(ABSENT, BOTH)
    bad_key = Miss(Nearness.INVALID, KEY, "the API key is not known", b"invalid_token")
    with_token = (((KEY, NONE), (TOKEN, NONE)),)
    assert challenges(bad_key, with_token, b"Bearer good") == challenges(ABSENT, with_token)


def test_scope() -> None:
    """403 asks for the missing scope where a token could hold it, and says nothing about other schemes."""
    anna = Principal("anna", "i", NONE, {}, 0)
    miss = Miss(Nearness.SCOPES, TOKEN, principal=anna, needed=READ)
    assert challenges(miss, BOTH, b"Bearer abc") == [
        b'Bearer realm="gateway", scope="read", error="insufficient_scope"'
    ]
    answer = refusal(miss, BOTH, b"Bearer abc")
    assert (answer.kind, answer.cause, answer.reason) == (Kind.FORBIDDEN, "scope", "'anna' lacks a scope of: read")


def test_revoked_and_unavailable() -> None:
    """The audit log tells revoked from invalid; nobody's fault is 503."""
    revoked = refusal(Miss(Nearness.REVOKED, TOKEN, "they were revoked", b"invalid_token"), BOTH, b"Bearer abc")
    assert (revoked.kind, revoked.cause) == (Kind.UNAUTHENTICATED, "credentials-revoked")
    down = refusal(Miss(Nearness.UNAVAILABLE, TOKEN, "issuer a is down"), BOTH, b"Bearer abc")
    assert (down.kind, down.reason, down.headers) == (Kind.OVERLOADED, "issuer a is down", ((b"Retry-After", b"5"),))


@pytest.mark.parametrize(
    ("alternatives", "takes"),
    [((((TOKEN, NONE),),), True), ((((BASIC, NONE),), ()), True), ((((KEY, NONE), (CERTIFICATE, NONE)),), False)],
)
def test_takes_authorization(alternatives: Alternatives, takes: bool) -> None:
    """Tokens and passwords come in Authorization."""
    assert takes_authorization(alternatives) is takes

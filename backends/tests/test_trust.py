"""A service that verifies tokens itself: every operation, every fault of a token."""

import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
import requests
import requests_mock
from cryptography.hazmat.primitives import serialization

from backends.common import trust
from backends.common.app import read
from backends.common.problem import Problem
from backends.common.trust import TokenVerifier
from backends.dataservice.__main__ import build
from backends.dataservice.store import Store
from backends.tests.conftest import Clock
from backends.tests.documented import DocumentedClient
from backends.tokendealer import keys

JWKS = "http://dealer.test/jwks.json"
ISSUER = "http://dealer.test"
KEY, OTHER = keys.generate(0), keys.generate(0)
OPERATIONS = [
    (method, path, operation["security"][0]["runnerly"])
    for path, item in read("dataservice")["paths"].items()
    for method, operation in item.items()
    if method != "parameters"
]


def token(scope: str = "users:read", key: keys.Key = KEY, kid: str = KEY.kid, **claims: Any) -> str:
    """A token, good unless told otherwise; a claim that is None is left out."""
    good = {"iss": ISSUER, "aud": "runnerly", "sub": "demo", "scope": scope, "exp": time.time() + 60}
    chosen = {name: value for name, value in (good | claims).items() if value is not None}
    return jwt.encode(chosen, key.private, "RS256", headers={"kid": kid})


def bearer(text: str) -> dict[str, str]:
    """The header."""
    return {"Authorization": f"Bearer {text}"}


@pytest.fixture
def dealer(requests_mock: requests_mock.Mocker) -> Iterator[requests_mock.Mocker]:
    """A key set to fetch."""
    requests_mock.get(JWKS, json=keys.key_set((KEY,)))
    yield requests_mock


@pytest.fixture
def guarded(store: Store, dealer: requests_mock.Mocker) -> DocumentedClient:
    """The data service, verifying tokens."""
    return DocumentedClient("dataservice", build(store, TokenVerifier(JWKS, ISSUER, "runnerly")))


def test_good_token(guarded: DocumentedClient) -> None:
    """A token with the scope opens the operation."""
    assert guarded.get("users/1", headers=bearer(token())).status_code == 200


@pytest.mark.parametrize(("method", "path", "scopes"), OPERATIONS)
def test_every_operation_wants_its_scope(guarded: DocumentedClient, method: str, path: str, scopes: list[str]) -> None:
    """No token is 401; a token with every scope but the operation's is 403; both before the body is judged."""
    path = path.format(user_id=1, run_id=1).removeprefix("/")
    answer = guarded.request(method.upper(), path)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="runnerly"')
    everything = read("dataservice")["components"]["securitySchemes"]["runnerly"]["flows"]["clientCredentials"]
    others = " ".join(scope for scope in everything["scopes"] if scope not in scopes)
    answer = guarded.request(method.upper(), path, headers=bearer(token(others)))
    assert answer.status_code == 403
    assert 'error="insufficient_scope"' in answer.headers["www-authenticate"]


def public_pem() -> bytes:
    """The public key as text, which the algorithm-switching attack uses as an HMAC secret."""
    return KEY.private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def forged_with_hmac() -> str:
    """A token signed with HS256 and the public key; put together by hand, as libraries refuse to."""
    head, body, _ = token().split(".")
    head = jwt.utils.base64url_encode(b'{"alg":"HS256","kid":"%b"}' % KEY.kid.encode()).decode()
    algorithm = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    signature = algorithm.sign(f"{head}.{body}".encode(), public_pem())
    return f"{head}.{body}.{jwt.utils.base64url_encode(signature).decode()}"


@pytest.mark.parametrize(
    "bad",
    [
        token(exp=1),
        token(exp=None),
        token(sub=None),
        token(iss="http://elsewhere"),
        token(aud="bank"),
        token(aud=None),
        token(nbf=time.time() + 1000),
        token(key=OTHER),
        token(kid="unknown"),
        token()[:-6] + "AAAAAA",
        jwt.encode({"sub": "demo"}, "", "none", headers={"kid": KEY.kid}),
        forged_with_hmac(),
        "rubbish",
        "a.b.c",
    ],
)
def test_bad_token(guarded: DocumentedClient, bad: str) -> None:
    """Each fault is a 401 that says `invalid_token`."""
    answer = guarded.get("users/1", headers=bearer(bad))
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


@pytest.mark.parametrize("value", ["", "Bearer", "Bearer ", "Basic ZGVtbzpkZW1v", "Token x"])
def test_no_bearer_token(guarded: DocumentedClient, value: str) -> None:
    """What is no bearer token is as good as nothing."""
    answer = guarded.get("users/1", headers={"Authorization": value})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="runnerly"')


def test_new_key_is_fetched_but_not_at_every_strangers_wish(dealer: requests_mock.Mocker, clock: Clock) -> None:
    """An unknown key id makes the set be fetched again, at most once in a while."""
    verify = TokenVerifier(JWKS, ISSUER, "runnerly", now=clock)
    verify(token())
    dealer.get(JWKS, json=keys.key_set((OTHER, KEY)))
    renewed = token(key=OTHER, kid=OTHER.kid)
    for _ in range(5):
        with pytest.raises(Problem):
            verify(renewed)
    assert dealer.call_count == 1
    clock.time += trust.COOLDOWN + 1
    assert verify(renewed)["sub"] == "demo"
    assert dealer.call_count == 2


def test_keys_stay_when_the_dealer_is_away(dealer: requests_mock.Mocker, clock: Clock) -> None:
    """Tokens are still verified with the keys known; without any key it is a 503."""
    verify = TokenVerifier(JWKS, ISSUER, "runnerly", now=clock)
    verify(token())
    clock.time += trust.MAX_AGE + 1
    dealer.get(JWKS, exc=requests.ConnectionError)
    assert verify(token())["sub"] == "demo"
    with pytest.raises(Problem) as caught:
        TokenVerifier(JWKS, ISSUER, "runnerly")(token())
    assert caught.value.status == 503


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"keys": []}', b'{"keys": [{"kty": "RSA"}]}'])
def test_key_set_that_is_none(dealer: requests_mock.Mocker, content: bytes) -> None:
    """Rubbish instead of keys is a 503, as nothing can be verified."""
    dealer.get(JWKS, content=content)
    with pytest.raises(Problem) as caught:
        TokenVerifier(JWKS, ISSUER, "runnerly")(token())
    assert caught.value.status == 503

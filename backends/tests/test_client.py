"""Calling other services: one token for all, renewed in time."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests
import requests_mock

from backends.common.client import Service, TokenSource
from backends.common.problem import Problem
from backends.tests.conftest import Clock

TOKENS = "http://dealer.test/oauth/token"
DATA = "http://data.test/data"


class Dealer:
    """Counts the tokens it gives; `lifetime` is in seconds."""

    def __init__(self, lifetime: float = 100) -> None:
        self.lifetime, self.given = lifetime, 0

    def __call__(self, _request: Any, _context: Any) -> dict[str, Any]:
        self.given += 1
        return {"access_token": f"token-{self.given}", "token_type": "Bearer", "expires_in": self.lifetime}


def source(clock: Clock) -> TokenSource:
    """A token source on a fake clock."""
    return TokenSource(TOKENS, "importer", "s3cret", "runs:write", now=clock)


def test_token_is_kept_until_shortly_before_its_end(requests_mock: requests_mock.Mocker, clock: Clock) -> None:
    """One request for many calls; the next one before the token expires."""
    dealer = Dealer()
    requests_mock.post(TOKENS, json=dealer)
    tokens = source(clock)
    assert [tokens.get() for _ in range(3)] == ["token-1"] * 3
    clock.time += 89
    assert tokens.get() == "token-1"
    clock.time += 1
    assert tokens.get() == "token-2"
    assert requests_mock.request_history[-1].text == "grant_type=client_credentials&scope=runs%3Awrite"
    assert requests_mock.request_history[-1].headers["Authorization"] == "Basic aW1wb3J0ZXI6czNjcmV0"


def test_all_who_wait_share_one_request(requests_mock: requests_mock.Mocker, clock: Clock) -> None:
    """Fifty threads that start together ask for one token."""
    dealer = Dealer()
    requests_mock.post(TOKENS, json=dealer)
    tokens, start = source(clock), threading.Barrier(50)

    def get(_: int) -> str:
        start.wait()
        return tokens.get()

    with ThreadPoolExecutor(50) as pool:
        assert set(pool.map(get, range(50))) == {"token-1"}
    assert dealer.given == 1


def test_refused_token_is_replaced_once(requests_mock: requests_mock.Mocker, clock: Clock) -> None:
    """After a 401 the call is repeated with a new token; a second 401 is the answer."""
    dealer = Dealer()
    requests_mock.post(TOKENS, json=dealer)
    requests_mock.get(f"{DATA}/users", [{"status_code": 401}, {"status_code": 200, "json": {}}, {"status_code": 401}])
    service = Service("data service", DATA, source(clock))
    assert service.call("GET", "/users").status_code == 200
    assert requests_mock.request_history[-1].headers["Authorization"] == "Bearer token-2"
    assert service.call("GET", "/users").status_code == 401
    assert dealer.given == 3


def test_token_that_somebody_renewed_is_not_renewed_again(requests_mock: requests_mock.Mocker, clock: Clock) -> None:
    """Two calls whose token was refused at the same time ask for one new token."""
    dealer = Dealer()
    requests_mock.post(TOKENS, json=dealer)
    tokens = source(clock)
    old = tokens.get()
    assert tokens.renew(old) == tokens.renew(old) == "token-2"
    assert dealer.given == 2


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ({"status_code": 401, "json": {"error": "invalid_client"}}, 502),
        ({"status_code": 500}, 502),
        ({"text": "no JSON"}, 502),
        ({"json": {"access_token": "a"}}, 502),
        ({"json": []}, 502),
        ({"json": {"access_token": "a", "expires_in": None}}, 502),
        ({"status_code": 302, "headers": {"Location": "http://evil.test/"}}, 502),
        ({"exc": requests.ConnectionError}, 502),
        ({"exc": requests.ReadTimeout}, 504),
        ({"exc": requests.ConnectTimeout}, 504),
    ],
)
def test_dealer_that_fails(
    requests_mock: requests_mock.Mocker, clock: Clock, answer: dict[str, Any], status: int
) -> None:
    """Whatever goes wrong there is a 502 or 504 here, and never shows the secret."""
    requests_mock.post(TOKENS, **answer)
    with pytest.raises(Problem) as caught:
        source(clock).get()
    assert caught.value.status == status
    assert "s3cret" not in str(caught.value.detail)


@pytest.mark.parametrize(("error", "status"), [(requests.ConnectionError, 502), (requests.ReadTimeout, 504)])
def test_service_that_fails(
    requests_mock: requests_mock.Mocker, clock: Clock, error: type[Exception], status: int
) -> None:
    """No answer is a 502 or 504 that names the service."""
    requests_mock.post(TOKENS, json=Dealer())
    requests_mock.get(f"{DATA}/users", exc=error)
    with pytest.raises(Problem, match="data service") as caught:
        Service("data service", DATA, source(clock)).call("GET", "/users")
    assert caught.value.status == status

"""Calling other services: a token that is fetched when needed, connections that are kept, errors that say whose."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import requests
from connexion import request as incoming
from requests.auth import HTTPBasicAuth

from backends.common.problem import Problem

TIMEOUT = (2.0, 20.0)  # seconds to connect, seconds between two bytes
PASSED_ON = ("X-Request-Id", "traceparent", "tracestate")
MARGIN = 0.1  # share of a token's life before its end in which it is not used any more


class Sessions(threading.local):
    """One `requests.Session` per thread: its connections are reused, its state is not shared."""

    def __init__(self) -> None:
        self.session = requests.Session()


@dataclass(frozen=True)
class Token:
    """An access token and when to stop using it, on the clock of the TokenSource."""

    text: str
    until: float


class TokenSource:
    """Access tokens for one client (RFC 6749 section 4.4), fetched one at a time, renewed before they expire.

    Methods raise a 502 or 504 `Problem` when no token is to be had.
    """

    def __init__(
        self, url: str, client_id: str, client_secret: str, scope: str = "", now: Callable[[], float] = time.monotonic
    ) -> None:
        self.url, self.auth, self.scope, self.now = url, HTTPBasicAuth(client_id, client_secret), scope, now
        self.sessions = Sessions()
        self.lock = threading.Lock()
        self.token = Token("", float("-inf"))

    def get(self) -> str:
        """A token that is good for a while; all who wait share the one that is fetched."""
        with self.lock:
            if self.now() >= self.token.until:
                self.token = self.fetch()
            return self.token.text

    def renew(self, refused: str) -> str:
        """Another token than the one that was refused; somebody else may have fetched it already."""
        with self.lock:
            if self.token.text == refused:
                self.token = self.fetch()
            return self.token.text

    def fetch(self) -> Token:
        """Ask for a token."""
        asked = self.now()
        form = {"grant_type": "client_credentials"} | ({"scope": self.scope} if self.scope else {})
        try:
            answer = self.sessions.session.post(
                self.url, data=form, auth=self.auth, timeout=TIMEOUT, allow_redirects=False
            )
            answer.raise_for_status()
            token = answer.json()
            return Token(str(token["access_token"]), asked + float(token["expires_in"]) * (1 - MARGIN))
        except requests.Timeout:
            raise Problem(504, "The token dealer did not answer in time.") from None
        except (requests.RequestException, KeyError, TypeError, ValueError):
            raise Problem(502, "No access token could be had from the token dealer.") from None


class Service:
    """Another service, called with a token. `name` is for error messages, `base` the URL of its API."""

    def __init__(self, name: str, base: str, tokens: TokenSource) -> None:
        self.name, self.base, self.tokens = name, base.rstrip("/"), tokens
        self.sessions = Sessions()

    def call(self, method: str, path: str, **options: Any) -> requests.Response:
        """One request; a refused token is replaced once. Raises a 502 or 504 `Problem` when there is no answer."""
        token = self.tokens.get()
        response = self.send(method, path, token, options)
        if response.status_code == 401:
            response = self.send(method, path, self.tokens.renew(token), options)
        return response

    def send(self, method: str, path: str, token: str, options: dict[str, Any]) -> requests.Response:
        """One attempt."""
        headers = {"Authorization": f"Bearer {token}"} | passed_on()
        try:
            return self.sessions.session.request(
                method, self.base + path, headers=headers, timeout=TIMEOUT, allow_redirects=False, **options
            )
        except requests.Timeout:
            raise Problem(504, f"The {self.name} did not answer in time.") from None
        except requests.RequestException:
            raise Problem(502, f"The {self.name} cannot be reached.") from None


def passed_on() -> dict[str, str]:
    """The fields of the request being served that let logs of several services be joined."""
    try:
        return {name: incoming.headers[name] for name in PASSED_ON if name in incoming.headers}
    except RuntimeError:  # not within a request
        return {}

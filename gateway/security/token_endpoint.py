"""Asking a token endpoint for a token (RFC 6749 sections 4.4 and 5, RFC 8693 section 2), as the client that we are.

Everything here blocks; `gateway.security.token_source` calls it in threads. No text of an answer gets into an error: it
may hold what was sent, and that is secret.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote_plus

from gateway.security import web
from gateway.security.jose import decode_object

if TYPE_CHECKING:
    import requests

ANSWER_BYTES = 1 << 16
UNSAID = 60.0  # seconds that a token is taken to be good when the endpoint does not say (RFC 6749 section 5.1)

_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*\Z")  # RFC 6750 section 2.1
_CODE = re.compile(r"[a-z_]{1,40}\Z")


class Grant(NamedTuple):
    """A token, and for how many seconds it is good."""

    token: bytes
    seconds: float


class Refused(Exception):
    """The endpoint gives no token for this, and would not if it were asked again. The text is OAuth's error code."""


class Failed(Exception):
    """There is no answer, or none that can be used. The text names the place and the reason, and no secret."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where to ask, and as whom. `timeout` in seconds is for the whole exchange."""

    url: str
    client_id: str
    client_secret: str
    timeout: float

    def __repr__(self) -> str:
        """Without the secret."""
        return f"Endpoint({self.url})"


def ask(endpoint: Endpoint, form: Mapping[str, str]) -> Grant:
    """What the endpoint grants for the form. Raises Refused and Failed."""
    return judge(*post(endpoint, form), endpoint.url)


def post(endpoint: Endpoint, form: Mapping[str, str]) -> tuple[int, bytes]:
    """Status and body of the answer: no redirects, no `~/.netrc`, bounded in size and time. Raises Failed."""
    basic = Basic(endpoint.client_id, endpoint.client_secret)
    try:
        return web.ask(endpoint.url, endpoint.timeout, ANSWER_BYTES, form, basic)
    except web.NoAnswer as error:
        raise Failed(str(error)) from None


class Basic:
    """HTTP Basic as RFC 6749 section 2.3.1 wants it: id and secret are form-encoded first."""

    def __init__(self, name: str, secret: str) -> None:
        pair = f"{quote_plus(name)}:{quote_plus(secret)}"
        self._value = "Basic " + b64encode(pair.encode()).decode("ascii")

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self._value
        return request


def judge(status: int, body: bytes, url: str) -> Grant:
    """What an answer comes to. Raises Refused and Failed."""
    if status not in (200, 400, 403):
        raise Failed(f"{url}: it answers {status}, not 200; redirects are not followed")
    try:
        answer = decode_object(body)
    except ValueError:
        raise Failed(f"{url}: its answer ({status}) is no JSON object") from None
    if status != 200:
        code = answer.get("error")
        if not isinstance(code, str) or not _CODE.match(code):
            raise Failed(f"{url}: it answers {status} without an error code")
        raise Refused(code)
    token, kind, seconds = answer.get("access_token"), answer.get("token_type"), answer.get("expires_in", UNSAID)
    if not isinstance(token, str) or not _TOKEN.match(token):
        raise Failed(f"{url}: its answer holds no access token")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise Failed(f"{url}: its token is not of type Bearer")
    number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    if not number or not 0 < seconds < 1e10:  # NaN is in no range
        raise Failed(f"{url}: its `expires_in` is no number of seconds")
    return Grant(token.encode("ascii"), float(seconds))

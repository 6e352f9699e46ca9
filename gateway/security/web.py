"""One question to a server that we were told to trust, and its answer: no redirects, bounded in size and time.

It blocks, and is asked in a thread. What it needs is imported only where there is somebody to ask: that takes longer
than most documents.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import requests

Auth = Callable[["requests.PreparedRequest"], "requests.PreparedRequest"]

_FIELDS = {"Accept": "application/json", "Accept-Encoding": "identity"}


class NoAnswer(Exception):
    """There is no answer. The text names the place and the reason, and nothing of what was sent."""


def ready() -> None:
    """Import what asking needs, for the processes that are forked from this one."""
    import requests  # noqa: F401


def nobody(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Asking without credentials: without this, a password for the host in ~/.netrc would be sent along."""
    return request


def ask(
    url: str, timeout: float, most: int, form: Mapping[str, str] | None = None, auth: Auth = nobody
) -> tuple[int, bytes]:
    """Status and body of the answer to GET, or to POST with a form. `timeout` in seconds is for the whole exchange,
    `most` the bytes of a body. Raises NoAnswer."""
    import requests
    from urllib3.exceptions import HTTPError

    deadline = time.monotonic() + timeout
    try:
        with requests.Session() as session:
            # Or all of a redirect's body would be read at once, however long it is.
            session.get_redirect_target = lambda response: None  # type: ignore[method-assign, assignment]
            method = "GET" if form is None else "POST"
            with session.request(
                method, url, data=form, headers=_FIELDS, auth=auth, timeout=timeout, allow_redirects=False, stream=True
            ) as response:
                return response.status_code, _body(url, response, timeout, deadline, most)
    except (requests.RequestException, HTTPError, OSError) as error:  # a host that cannot be comes as urllib3's own
        raise NoAnswer(f"{url}: {_reason(error, timeout)}") from None


def _body(url: str, response: requests.Response, timeout: float, deadline: float, most: int) -> bytes:
    """Piece by piece, so that a server that trickles is noticed."""
    data = bytearray()
    while piece := response.raw.read1(65536):
        data += piece
        if len(data) > most:
            raise NoAnswer(f"{url}: its answer has more than {most} bytes")
        if time.monotonic() > deadline:
            raise NoAnswer(f"{url}: its answer is not complete within {timeout:g} s")
    return bytes(data)


def _reason(error: Exception, timeout: float) -> str:
    """The libraries' own texts hold object addresses, and may hold what was sent."""
    import requests

    reasons: tuple[tuple[type[Exception], str], ...] = (
        (requests.Timeout, f"no answer within {timeout:g} s"),
        (requests.exceptions.SSLError, "its TLS certificate is not accepted"),
        (requests.ConnectionError, "no connection"),
    )
    return next((text for kind, text in reasons if isinstance(error, kind)), f"broken off: {type(error).__name__}")

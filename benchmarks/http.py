"""The smallest HTTP/1.1 client that serves the measurements; `http.client` does the protocol."""

import http.client
from collections.abc import Mapping
from typing import NamedTuple

TIMEOUT = 30.0
NO_HEADERS: Mapping[str, str] = {}


class Answer(NamedTuple):
    """Status and body of one response."""

    status: int
    body: bytes


def ask(
    port: int,
    method: str,
    target: str,
    body: bytes | None = None,
    content_type: str = "",
    headers: Mapping[str, str] = NO_HEADERS,
) -> Answer:
    """One request on a connection of its own; raises OSError or HTTPException when there is no answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    try:
        described = {"Content-Type": content_type} if body is not None else {}
        connection.request(method, target, body, {**headers, **described})
        response = connection.getresponse()
        return Answer(response.status, response.read())
    finally:
        connection.close()


def answers(port: int, target: str, headers: Mapping[str, str] = NO_HEADERS) -> bool:
    """Whether a GET for `target` gives 200 now."""
    try:
        return ask(port, "GET", target, headers=headers).status == 200
    except (OSError, http.client.HTTPException):
        return False

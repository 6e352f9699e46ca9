"""The smallest HTTP/1.1 client that serves the measurements; `http.client` does the protocol."""

import http.client
from typing import NamedTuple

TIMEOUT = 30.0


class Answer(NamedTuple):
    """Status and body of one response."""

    status: int
    body: bytes


def ask(port: int, method: str, target: str, body: bytes | None = None, content_type: str = "") -> Answer:
    """One request on a connection of its own; raises OSError or HTTPException when there is no answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    try:
        headers = {"Content-Type": content_type} if body is not None else {}
        connection.request(method, target, body, headers)
        response = connection.getresponse()
        return Answer(response.status, response.read())
    finally:
        connection.close()


def answers(port: int, target: str, status: int = 200) -> bool:
    """Whether a GET for `target` gives `status` now."""
    try:
        return ask(port, "GET", target).status == status
    except (OSError, http.client.HTTPException):
        return False

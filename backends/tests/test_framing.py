"""HTTP around Connexion: HEAD, chunked bodies, bodies that are too large."""

import asyncio
from collections.abc import Iterator

from backends.common.framing import BODY_LIMIT, Framing, Message, Receive, Send
from backends.tests.documented import DocumentedClient

BODY = b'{"email": "a@b.c", "password": "12345678", "firstname": "A", "lastname": "B"}'
JSON = {"Content-Type": "application/json"}


def pieces(body: bytes, size: int) -> Iterator[bytes]:
    """A body that is sent chunked."""
    yield from (body[at : at + size] for at in range(0, len(body), size))


def test_head_is_get_without_the_body(data: DocumentedClient) -> None:
    """Status and fields are those of GET."""
    head, get = data.head("users/1"), data.get("users/1")
    assert (head.status_code, head.headers, head.content) == (200, get.headers, b"")
    assert data.head("users/99").status_code == 404


def test_head_sends_no_byte_of_the_body() -> None:
    """Whatever the application sends, only the head and an empty end go out."""

    async def app(scope: Message, _receive: Receive, send: Send) -> None:
        assert scope["method"] == "GET"
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"one", "more_body": True})
        await send({"type": "http.response.body", "body": b"two"})

    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(Framing(app)({"type": "http", "method": "HEAD", "headers": []}, receive, send))
    assert [message.get("body", b"") for message in sent] == [b"", b"", b""]


def test_chunked_body_is_a_body(data: DocumentedClient) -> None:
    """A body without Content-Length is as good as one with."""
    assert data.post("users", content=pieces(BODY, 7), headers=JSON).status_code == 201


def test_body_is_limited(data: DocumentedClient) -> None:
    """One byte too many is 413, chunked or not; the limit itself is not."""
    for body in (BODY + b" " * (BODY_LIMIT + 1 - len(BODY)), b"x" * (BODY_LIMIT * 2)):
        assert data.post("users", content=body, headers=JSON).status_code == 413
        assert data.post("users", content=pieces(body, 1 << 16), headers=JSON).status_code == 413
    assert data.post("users", content=BODY.ljust(BODY_LIMIT), headers=JSON).status_code == 201


def test_missing_body_is_refused(data: DocumentedClient) -> None:
    """A body that must be there and is not is 400."""
    assert data.post("users", content=b"", headers=JSON).status_code == 400

"""What Connexion does not know about HTTP messages, put right around it."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from backends.common.problem import Problem

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

BODY_LIMIT = 1 << 20  # bytes


BODY = "backends.body"  # key of the scope


class Framing:
    """An ASGI application around another one.

    HEAD is answered as GET without the body (RFC 9110 section 9.3.2). Bodies over `BODY_LIMIT` are refused; others
    are collected and given a length, for Connexion takes a body without `Content-Length` for none. They stay in the
    scope under `BODY`, as Connexion's own parser uses the stream up.
    """

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            if scope["method"] == "HEAD":
                scope, send = {**scope, "method": "GET"}, without_body(send)
            body = await collect(receive, BODY_LIMIT)
            if body is None:
                return await refuse_size(send)
            scope, receive = with_length(scope, body), replay(body, receive)
        return await self.app(scope, receive, send)


def without_body(send: Send) -> Send:
    """Keep the head and drop the rest."""

    async def send_head(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": b""}
        await send(message)

    return send_head


async def collect(receive: Receive, limit: int) -> bytes | None:
    """The whole body, or None when it is longer than `limit` bytes."""
    body = bytearray()
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > limit:
            return None
    return bytes(body)


def with_length(scope: Message, body: bytes) -> Message:
    """The scope of the same request, framed by its length and with the body at hand."""
    fields = [field for field in scope["headers"] if field[0] not in (b"transfer-encoding", b"content-length")]
    return {**scope, "headers": [*fields, (b"content-length", b"%d" % len(body))], BODY: body}


def replay(body: bytes, receive: Receive) -> Receive:
    """Receive `body` first, in one piece."""
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_body() -> Message:
        return waiting.pop() if waiting else await receive()

    return receive_body


async def refuse_size(send: Send) -> None:
    """413, without reading on: the connection cannot be used again."""
    response = Problem(413, f"Send at most {BODY_LIMIT} bytes.").to_problem()
    body = response.body.encode()
    fields = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", b"%d" % len(body)),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": fields})
    await send({"type": "http.response.body", "body": body})

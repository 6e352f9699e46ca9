"""The same gateway under an ASGI server."""

import asyncio
import contextlib
import socket

import pytest
import uvicorn

from gateway import asgi
from gateway.config import Api, Log, Settings
from gateway.contract.findings import LoadError
from gateway.tests.harness import DOCUMENT, GET, OK, Origin, body_of, field_of, read_message, status_of

PUT = b'PUT /v1/things/1 HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n{"id":1}'


def settings_for(folder, port):
    """One API in front of `port`."""
    path = folder / "api.yaml"
    path.write_text(DOCUMENT)
    api = Api(contract=str(path), upstream=f"http://127.0.0.1:{port}", name="api")
    return Settings(apis=(api,), docs=False, log=Log(access=str(folder / "access.log")))


@contextlib.asynccontextmanager
async def under_uvicorn(folder, origin):
    """A port that uvicorn serves the gateway on, and the backend behind it."""
    backend = await asyncio.start_server(origin, "127.0.0.1", 0)
    app = asgi.Gateway(settings_for(folder, backend.sockets[0].getsockname()[1]))
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, http="httptools", log_level="critical", lifespan="on"))
        task = asyncio.create_task(server.serve(sockets=[listening]))
        while not server.started:
            await asyncio.sleep(0.01)
        yield listening.getsockname()[1]
        server.should_exit = True
        await task
    backend.close()


async def ask(port, data):
    """One response."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(data)
    async with asyncio.timeout(5):
        answer = await read_message(reader)
    writer.close()
    return answer


CASES = [
    (GET, 200),
    (GET.replace(b"/1 ", b"/1?units=metric "), 200),
    (GET.replace(b"/1 ", b"/0 "), 400),
    (GET.replace(b"/1 ", b"/1?x=1 "), 400),
    (GET.replace(b"/1 ", b"/%2e%2e/1 "), 400),
    (GET.replace(b"GET", b"PATCH"), 405),
    (GET.replace(b"things", b"nothing"), 404),
    (PUT, 204),
    (PUT.replace(b'{"id":1}', b'{"ix":1}'), 400),
    (PUT.replace(b"application/json", b"text/plain"), 415),
]


@pytest.mark.parametrize(("request_bytes", "status"), CASES)
def test_requests_are_judged_as_by_the_own_server(tmp_path, request_bytes, status):
    """The same status; the backend sees only what passed."""

    async def story():
        origin = Origin().replies(b"HTTP/1.1 204 No Content\r\n\r\n" if status == 204 else OK)
        async with under_uvicorn(tmp_path, origin) as port:
            answer = await ask(port, request_bytes)
            assert status_of(answer) == status
            assert len(origin.requests) == (status < 300)
            assert field_of(answer, b"x-request-id")
        assert b'"status":%d' % status in (tmp_path / "access.log").read_bytes()

    asyncio.run(story())


def test_bodies_stream_both_ways(tmp_path):
    """A chunked upload and a chunked download."""

    async def story():
        reply = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        origin = Origin().replies(reply + b"5\r\nhello\r\n0\r\n\r\n")
        async with under_uvicorn(tmp_path, origin) as port:
            head = b"POST /v1/blobs HTTP/1.1\r\nHost: a\r\nContent-Type: application/octet-stream\r\n"
            answer = await ask(port, head + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")
            assert status_of(answer) == 200
            assert b"hello" in body_of(answer)
            assert body_of(origin.requests[0]).startswith(b"3\r\nabc")

    asyncio.run(story())


def test_a_server_that_hands_on_more_than_was_announced_is_not_followed(tmp_path):
    """The backend would take the rest for another request."""

    async def story():
        got = bytearray()

        async def backend(reader, writer):
            while data := await reader.read(65536):
                got.extend(data)

        served = await asyncio.start_server(Origin(backend), "127.0.0.1", 0)
        app = asgi.Gateway(settings_for(tmp_path, served.sockets[0].getsockname()[1]))
        headers = [(b"host", b"a"), (b"content-type", b"application/octet-stream"), (b"content-length", b"4")]
        path = {"path": "/v1/blobs", "raw_path": b"/v1/blobs", "query_string": b"", "headers": headers}
        scope = {"type": "http", "http_version": "1.1", "method": "POST", "client": ("::1", 1), **path}
        pieces = [b"ab", b"cd", b"GET /other HTTP/1.1\r\n\r\n"]
        sent = []

        async def receive():
            await asyncio.sleep(0.02)
            return (
                {"type": "http.request", "body": pieces.pop(0), "more_body": True} if pieces else await asyncio.sleep(9)
            )

        async def send(event):
            sent.append(event)

        async with asyncio.timeout(5):
            await app(scope, receive, send)
        assert sent[0]["status"] == 400
        assert got.endswith(b"\r\n\r\nabcd")
        served.close()

    asyncio.run(story())


def test_a_client_that_leaves_ends_the_exchange(tmp_path):
    """The backend's connection is closed; the log says why."""

    async def story():
        arrived, gone = asyncio.Event(), asyncio.Event()

        async def slow(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            arrived.set()
            await reader.read()
            gone.set()

        async with under_uvicorn(tmp_path, Origin(slow)) as port:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(GET)
            await arrived.wait()
            writer.transport.abort()
            async with asyncio.timeout(3):
                await gone.wait()
        assert b'"error":"client-gone"' in (tmp_path / "access.log").read_bytes()

    asyncio.run(story())


@pytest.mark.parametrize(
    ("messages", "body"),
    [
        ([b"abc", b"de"], b"3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"),
        ([b"", b"de"], b"2\r\nde\r\n0\r\n\r\n"),
        ([b""], b""),
    ],
)
def test_a_body_of_http_2_needs_no_length(tmp_path, messages, body):
    """It is there all the same, and judged and forwarded; where the stream ends at once there is none."""

    async def story():
        origin = Origin().replies(OK)
        served = await asyncio.start_server(origin, "127.0.0.1", 0)
        app = asgi.Gateway(settings_for(tmp_path, served.sockets[0].getsockname()[1]))
        headers = [(b"host", b"a"), (b"content-type", b"application/octet-stream")]
        path = {"path": "/v1/blobs", "raw_path": b"/v1/blobs", "query_string": b"", "headers": headers}
        scope = {"type": "http", "http_version": "2", "method": "POST", "client": ("::1", 1), **path}
        sent, left = [], list(messages)

        async def receive():
            await asyncio.sleep(0.02)
            piece = left.pop(0) if left else await asyncio.sleep(9)
            return {"type": "http.request", "body": piece, "more_body": bool(left)}

        async def send(event):
            sent.append(event)

        async with asyncio.timeout(5):
            await app(scope, receive, send)
        assert sent[0]["status"] == (200 if body else 400), "a body is required"
        assert [body_of(request) for request in origin.requests] == ([body] if body else [])
        served.close()

    asyncio.run(story())


def test_a_broken_document_is_refused_when_the_application_is_made(tmp_path):
    """With all findings, before a server starts."""
    settings = settings_for(tmp_path, 1)
    (tmp_path / "api.yaml").write_text("openapi: 3.0.3\n")
    with pytest.raises(LoadError, match=r"api\.yaml:1"):
        asgi.Gateway(settings)


def test_the_application_is_made_from_the_file_that_the_environment_names(tmp_path, monkeypatch):
    """`uvicorn gateway.asgi:app`."""
    (tmp_path / "api.yaml").write_text(DOCUMENT)
    config = tmp_path / "gateway.yaml"
    config.write_text("apis: [{contract: api.yaml, upstream: 'http://127.0.0.1:1'}]\n")
    monkeypatch.setenv("GATEWAY_CONFIG", str(config))
    assert isinstance(asgi.app, asgi.Gateway)
    with pytest.raises(AttributeError):
        asgi.nothing  # noqa: B018


def test_a_websocket_is_refused(tmp_path):
    """Without an error in the server's log for every attempt."""

    async def story():
        app, sent = asgi.Gateway(settings_for(tmp_path, 1)), []

        async def receive():
            return {"type": "websocket.connect"}

        async def send(event):
            sent.append(event)

        await app({"type": "websocket"}, receive, send)
        assert sent == [{"type": "websocket.close"}]

    asyncio.run(story())

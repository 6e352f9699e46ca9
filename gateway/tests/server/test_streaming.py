"""Bodies that pass in pieces: in both directions, at the pace of the slower side, in bounded memory."""

import asyncio
import json
import tracemalloc

import pytest

from gateway.tests.harness import DOCUMENT, GET, OK, Origin, body_of, field_of, read_message, running, status_of

OCTETS = b"Content-Type: application/octet-stream\r\n"
UPLOAD = b"POST /v1/blobs HTTP/1.1\r\nHost: a\r\n" + OCTETS
DONE = b"HTTP/1.1 200 OK\r\n" + OCTETS + b"Content-Length: 2\r\n\r\nok"
PIECE = bytes(65536)


def test_an_upload_reaches_the_backend_before_it_is_complete(tmp_path):
    """With the framing that the client chose."""

    async def story():
        seen = asyncio.Queue()

        async def handler(reader, writer):
            seen.put_nowait(await reader.readuntil(b"\r\n\r\n"))
            seen.put_nowait(await reader.readexactly(3))
            seen.put_nowait(await reader.readexactly(3))
            writer.write(DONE)

        async with running(tmp_path, Origin(handler)) as gateway, asyncio.timeout(5):
            reader, writer = await gateway.connect()
            writer.write(UPLOAD + b"Content-Length: 6\r\n\r\nabc")
            assert field_of(await seen.get(), b"content-length") == b"6"
            assert await seen.get() == b"abc"
            writer.write(b"def")
            assert await seen.get() == b"def"
            assert status_of(await read_message(reader)) == 200

    asyncio.run(story())


def test_a_download_reaches_the_client_before_it_is_complete(tmp_path):
    """Piece by piece."""

    async def story():
        go = asyncio.Event()

        async def handler(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\n" + OCTETS + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
            await go.wait()
            writer.write(b"3\r\ndef\r\n0\r\n\r\n")

        async with running(tmp_path, Origin(handler)) as gateway, asyncio.timeout(5):
            reader, writer = await gateway.connect()
            writer.write(b"GET /v1/blobs HTTP/1.1\r\nHost: a\r\n\r\n")
            head = await reader.readuntil(b"\r\n\r\n")
            assert field_of(head, b"transfer-encoding") == b"chunked"
            assert await reader.readexactly(8) == b"3\r\nabc\r\n"
            go.set()
            assert await reader.readexactly(13) == b"3\r\ndef\r\n0\r\n\r\n"

    asyncio.run(story())


def test_an_observed_json_body_is_judged_while_it_passes(tmp_path):
    """Nothing is held back, and the violation is counted all the same."""

    async def story():
        go = asyncio.Event()

        async def handler(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n" + b'{"id"')
            await go.wait()
            writer.write(b':"x"}')

        async with running(tmp_path, Origin(handler)) as gateway, asyncio.timeout(5):
            reader, writer = await gateway.connect()
            writer.write(GET)
            await reader.readuntil(b"\r\n\r\n")
            assert await reader.readexactly(5) == b'{"id"'
            go.set()
            assert await reader.readexactly(5) == b':"x"}'
            await asyncio.sleep(0.02)
            [(labels, count)] = [(k, v) for (n, k), v in gateway.totals().items() if n == "gateway_violations_total"]
            assert count == 1 and 'direction="response",place="body",keyword="type"' in labels

    asyncio.run(story())


def test_a_body_beyond_the_limit_is_passed_on_and_counted_as_unjudged(tmp_path):
    """Mode observe never stops a response; mode block never lets one pass unjudged."""

    async def story(mode):
        reply = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 300\r\n\r\n"
        reply += b'{"id":1' + b" " * 292 + b"}"
        origin = Origin().replies(reply)
        async with running(tmp_path, origin, limits={"response_body": 100}, validate={"response": mode}) as gateway:
            answer = (await gateway.ask(GET))[0]
            await asyncio.sleep(0.02)
            unjudged = sum(v for (n, k), v in gateway.totals().items() if n == "gateway_unjudged_total")
            return status_of(answer), unjudged

    assert asyncio.run(story("observe")) == (200, 1)
    assert asyncio.run(story("block")) == (502, 0)


def test_a_slow_reader_never_fills_memory(tmp_path):
    """The backend is stopped instead: 64 MB are offered, a fraction is taken."""

    async def story():
        sent = 0

        async def handler(reader, writer):
            nonlocal sent
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\n" + OCTETS + b"Content-Length: %d\r\n\r\n" % (1024 * len(PIECE)))
            for _ in range(1024):
                writer.write(PIECE)
                await writer.drain()
                sent += len(PIECE)

        async with running(tmp_path, Origin(handler)) as gateway, asyncio.timeout(20):
            reader, writer = await gateway.connect()
            writer.transport.pause_reading()
            tracemalloc.start()
            writer.write(b"GET /v1/blobs HTTP/1.1\r\nHost: a\r\n\r\n")
            await asyncio.sleep(0.5)
            stopped_at = sent
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            assert stopped_at < 24 * 2**20, "kernel buffers and little more"
            assert peak < 8 * 2**20
            writer.transport.resume_reading()
            head = await reader.readuntil(b"\r\n\r\n")
            body = await reader.readexactly(1024 * len(PIECE))
            assert status_of(head) == 200 and not any(body[:: 2**20])

    asyncio.run(story())


def test_a_slow_backend_never_fills_memory(tmp_path):
    """The client is stopped instead."""

    async def story():
        go = asyncio.Event()
        received = 0

        async def handler(reader, writer):
            nonlocal received
            await reader.readuntil(b"\r\n\r\n")
            await go.wait()
            while received < 1024 * len(PIECE):
                received += len(await reader.read(2**20))
            writer.write(DONE)

        async with running(tmp_path, Origin(handler)) as gateway, asyncio.timeout(20):
            reader, writer = await gateway.connect()
            writer.write(UPLOAD + b"Content-Length: %d\r\n\r\n" % (1024 * len(PIECE)))
            sent = 0

            async def push():
                nonlocal sent
                for _ in range(1024):
                    writer.write(PIECE)
                    await writer.drain()
                    sent += len(PIECE)

            pushing = asyncio.create_task(push())
            await asyncio.sleep(0.5)
            assert sent < 24 * 2**20
            go.set()
            await pushing
            assert status_of(await read_message(reader)) == 200
            assert received == 1024 * len(PIECE)

    asyncio.run(story())


def test_a_client_that_stops_reading_is_cut(tmp_path):
    """After the write timeout; the backend is let go."""

    async def story():
        gone = asyncio.Event()

        async def handler(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\n" + OCTETS + b"Content-Length: %d\r\n\r\n" % (1024 * len(PIECE)))
            try:
                for _ in range(1024):
                    writer.write(PIECE)
                    await writer.drain()
            except ConnectionError:
                gone.set()

        async with running(tmp_path, Origin(handler), timeouts={"write": 0.2}) as gateway, asyncio.timeout(10):
            _, writer = await gateway.connect()
            writer.transport.pause_reading()
            writer.write(b"GET /v1/blobs HTTP/1.1\r\nHost: a\r\n\r\n")
            await gone.wait()
            while not gateway.lines():
                await asyncio.sleep(0.01)
            assert b'"error":"request-timeout"' in gateway.lines()[0] and b'"status":200' in gateway.lines()[0]
            assert any(name == "gateway_refused_total" and "too-slow" in label for name, label in gateway.totals())

    asyncio.run(story())


def test_an_upload_may_take_longer_than_the_backend_may(tmp_path):
    """What the client needs to send is not the backend's time; an interim response changes nothing."""

    async def story():
        async def handler(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            await reader.readexactly(8)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

        timeouts = {"read": 0.2, "total": 0.3}
        async with running(tmp_path, Origin(handler), timeouts=timeouts) as gateway, asyncio.timeout(10):
            reader, writer = await gateway.connect()
            writer.write(UPLOAD + b"Content-Length: 8\r\n\r\n")
            for _ in range(8):
                await asyncio.sleep(0.15)
                writer.write(b"x")
            assert status_of(await read_message(reader)) == 200

    asyncio.run(story())


def test_a_backend_that_does_not_read_an_upload_is_504(tmp_path):
    """It owes us that much."""

    async def story():
        async def handler(reader, writer):
            writer.transport.pause_reading()
            await asyncio.sleep(10)

        async with running(tmp_path, Origin(handler), timeouts={"read": 0.3}) as gateway, asyncio.timeout(10):
            reader, writer = await gateway.connect()
            writer.write(UPLOAD + b"Content-Length: 50000000\r\n\r\n" + b"x" * 50000000)
            assert status_of(await read_message(reader)) == 504

    asyncio.run(story())


def test_an_early_answer_ends_an_upload(tmp_path):
    """A backend that refuses before it has read everything; the connection ends after its answer."""

    async def story():
        async def handler(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(DONE)
            await reader.read()

        async with running(tmp_path, Origin(handler)) as gateway, asyncio.timeout(5):
            reader, writer = await gateway.connect()
            writer.write(UPLOAD + b"Content-Length: 1000000\r\n\r\nabc")
            answer = await reader.read()
            assert status_of(answer) == 200
            assert field_of(answer, b"connection") == b"close"

    asyncio.run(story())


def test_a_streamed_upload_beyond_its_limit_is_413(tmp_path):
    """Announced or not; the backend's exchange is aborted."""

    async def story():
        for framing in (
            b"Content-Length: 2000\r\n\r\n" + bytes(2000),
            b"Transfer-Encoding: chunked\r\n\r\n7d0\r\n" + bytes(2000),
        ):

            async def handler(reader, writer):
                await reader.read()

            async with running(tmp_path, Origin(handler), limits={"stream_body": 1000}) as gateway:
                answer = (await gateway.ask(UPLOAD + framing))[0]
                assert status_of(answer) == 413

    asyncio.run(story())


@pytest.mark.parametrize("framing", [b"Content-Length: 30", b"Transfer-Encoding: chunked"])
def test_a_judged_body_beyond_its_limit_is_413(tmp_path, framing):
    """Before or while it is read; never seen by the backend."""

    async def story():
        origin = Origin()
        async with running(tmp_path, origin, limits={"body": 20}) as gateway:
            head = b"PUT /v1/things/1 HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n" + framing + b"\r\n\r\n"
            body = b'{"id":1' + b" " * 22 + b"}"
            answer = (await gateway.ask(head + (b"1e\r\n" + body if b"chunked" in framing else body)))[0]
            assert status_of(answer) == 413
            assert json.loads(body_of(answer))["title"] == "The body is too large"
            assert origin.requests == []

    asyncio.run(story())


def test_a_client_that_leaves_in_the_middle_of_an_upload(tmp_path):
    """The backend sees the end of the connection, not the end of a message."""

    async def story():
        got, ended = asyncio.Event(), []

        async def handler(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            got.set()
            ended.append(await reader.read())

        async with running(tmp_path, Origin(handler)) as gateway, asyncio.timeout(5):
            _, writer = await gateway.connect()
            writer.write(UPLOAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
            await got.wait()
            writer.transport.abort()
            while not ended:
                await asyncio.sleep(0.01)
            assert not ended[0].endswith(b"0\r\n\r\n")

    asyncio.run(story())


def test_requests_after_a_streamed_one_use_the_same_connections(tmp_path):
    """Nothing is left over on either side."""

    async def story():
        origin = Origin().replies(DONE, OK)
        async with running(tmp_path, origin, DOCUMENT) as gateway:
            chunked = UPLOAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
            answers = await gateway.ask(chunked, GET, GET)
            assert [status_of(answer) for answer in answers] == [200, 200, 200]
            assert origin.connections == 1

    asyncio.run(story())

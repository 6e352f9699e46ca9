"""The backend's side of the wire: whatever it does, no client sees a split, poisoned or endless answer."""

import asyncio
import json
import socket
import struct
from math import inf

import pytest

from gateway.tests.harness import GET, OK, Origin, body_of, field_of, read_message, running, status_of
from gateway.upstream.transport import BackendConnection

BLOB = b"GET /v1/blobs HTTP/1.1\r\nHost: a\r\n\r\n"
JSON = b"Content-Type: application/json\r\n"
OCTETS = b"Content-Type: application/octet-stream\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\n" + OCTETS + b"Transfer-Encoding: chunked\r\n\r\n"

BROKEN = [
    b"HTTP/1.1 200 OK\r\n" + JSON + b"Content-Length: 8\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n" + JSON + b'Content-Length: 8\r\nContent-Length: 9\r\n\r\n{"id":1}',
    b"HTTP/1.1 200 OK\r\n" + JSON + b'Content-Length: -8\r\n\r\n{"id":1}',
    b"HTTP/1.1 200 OK\r\n" + JSON + b"Transfer-Encoding: gzip\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n" + JSON + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"HTTP/1.1 200 OK\r\nX: a\x00b\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nX: a\r\n folded\r\n\r\n",
    b"HTTP/1.1 200 OK\nContent-Length: 0\n\n",
    b"HTTP/1.1 99 Odd\r\n\r\n",
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nX: " + b"a" * 40000 + b"\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n" + b"X: a\r\n" * 200 + b"\r\n",
    b"SSH-2.0-OpenSSH\r\n",
]


@pytest.mark.parametrize("reply", BROKEN)
def test_a_reply_that_is_not_http_is_502(tmp_path, reply):
    """Counted as a protocol error; the connection is not used again."""

    async def story():
        origin = Origin().replies(reply, OK)
        async with running(tmp_path, origin) as gateway:
            answer = (await gateway.ask(GET))[0]
            assert status_of(answer) == 502
            assert json.loads(body_of(answer))["type"].endswith("#backend-failed")
            assert status_of((await gateway.ask(GET))[0]) == 200
            assert origin.connections == 2
            assert sum(v for (n, k), v in gateway.totals().items() if 'kind="protocol"' in k) == 1

    asyncio.run(story())


STRAY = [
    OK + b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
    OK + b"rubbish",
    b"HTTP/1.1 204 No Content\r\n\r\nbody after the end",
    b"HTTP/1.1 304 Not Modified\r\nContent-Length: 8\r\n\r\n" + b'{"id":9}',
]


@pytest.mark.parametrize("reply", STRAY)
def test_bytes_after_the_end_reach_nobody(tmp_path, reply):
    """The answer is passed on as far as it goes; what follows ends the connection."""

    async def story():
        origin = Origin().replies(reply, OK)
        async with running(tmp_path, origin, validate={"response": "off"}) as gateway:
            reader, writer = await gateway.connect()
            writer.write(GET)
            first = await read_message(reader)
            writer.write(GET)
            second = await read_message(reader)
            assert b"evil" not in first + second and b"rubbish" not in first + second
            assert status_of(second) == 200 and body_of(second) == b'{"id":1}'
            assert origin.connections == 2

    asyncio.run(story())


def test_body_after_a_head_response_reaches_nobody(tmp_path):
    """A backend that answers HEAD with a body."""

    async def story():
        origin = Origin().replies(OK, OK)
        async with running(tmp_path, origin) as gateway:
            head = (await gateway.ask(GET.replace(b"GET", b"HEAD"), bodiless=True))[0]
            assert head.endswith(b"\r\n\r\n")
            assert body_of((await gateway.ask(GET))[0]) == b'{"id":1}'
            assert origin.connections == 2

    asyncio.run(story())


def test_an_unasked_answer_on_an_idle_connection_is_thrown_away(tmp_path):
    """It could be meant for another client."""

    async def story():
        async def chatty(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(OK)
            await asyncio.sleep(0.05)
            writer.write(OK.replace(b":1", b":6"))
            await reader.read()

        async with running(tmp_path, Origin(chatty)) as gateway:
            assert body_of((await gateway.ask(GET))[0]) == b'{"id":1}'
            await asyncio.sleep(0.1)
            assert body_of((await gateway.ask(GET))[0]) == b'{"id":1}'

    asyncio.run(story())


def closing(after: bytes):
    """A backend that reads a request, writes `after` and closes."""

    async def handler(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(after)
        await writer.drain()

    return Origin(handler)


CUT = [
    (b"", 502, "backend-failed"),
    (OK[:20], 502, "backend-failed"),
    (OK[:-3], 502, "backend-failed"),
]


@pytest.mark.parametrize(("reply", "status", "problem"), CUT)
def test_a_backend_that_breaks_off_is_502_when_judged_whole(tmp_path, reply, status, problem):
    """In mode block nothing was sent yet."""

    async def story():
        async with running(tmp_path, closing(reply), validate={"response": "block"}) as gateway:
            answer = (await gateway.ask(GET))[0]
            assert status_of(answer) == status
            assert json.loads(body_of(answer))["type"].endswith("#" + problem)

    asyncio.run(story())


@pytest.mark.parametrize(
    "reply",
    [CHUNKED + b"5\r\nhello\r\n", CHUNKED.replace(b"Transfer-Encoding: chunked", b"Content-Length: 99") + b"hello"],
)
def test_a_stream_that_breaks_off_is_cut_and_never_looks_complete(tmp_path, reply):
    """The client gets what came, then the end of the connection without the end of the message."""

    async def story():
        async with running(tmp_path, closing(reply)) as gateway:
            reader, writer = await gateway.connect()
            writer.write(BLOB)
            received = b""
            try:
                while data := await reader.read(4096):
                    received += data
            except ConnectionError:
                pass
            assert b"hello" in received
            assert b"0\r\n\r\n" not in received
            await asyncio.sleep(0.02)
            assert b'"error":"backend-failed"' in gateway.lines()[-1]

    asyncio.run(story())


def test_a_broken_stream_to_an_http_10_client_ends_with_a_reset(tmp_path):
    """An orderly end would make the body look complete."""

    async def story():
        async with running(tmp_path, closing(CHUNKED + b"5\r\nhello\r\n")) as gateway:
            reader, writer = await gateway.connect()
            writer.write(b"GET /v1/blobs HTTP/1.0\r\n\r\n")
            with pytest.raises(ConnectionResetError):
                while await reader.read(4096):
                    pass

    asyncio.run(story())


def test_a_body_until_close_is_passed_on_in_chunks(tmp_path):
    """RFC 9112 section 6.3: the end of the connection is the end of the body."""

    async def story():
        reply = b"HTTP/1.1 200 OK\r\n" + OCTETS + b"\r\nall of it"
        async with running(tmp_path, closing(reply)) as gateway:
            answer = (await gateway.ask(BLOB))[0]
            assert status_of(answer) == 200
            assert b"all of it" in answer

    asyncio.run(story())


def test_early_hints_are_passed_on_and_100_is_not(tmp_path):
    """RFC 9110 section 15.2; the gateway itself answers Expect."""

    async def story():
        hints = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\nKeep-Alive: 5\r\n\r\n"
        async with running(tmp_path, Origin().replies(hints + OK)) as gateway:
            reader, writer = await gateway.connect()
            writer.write(GET)
            interim = await reader.readuntil(b"\r\n\r\n")
            assert interim == b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
            assert status_of(await read_message(reader)) == 200

    asyncio.run(story())


def test_a_204_announces_no_body(tmp_path):
    """Whatever the backend says: a client might wait for it (RFC 9110 section 8.6)."""

    async def story():
        reply = b"HTTP/1.1 204 No Content\r\nContent-Length: 8\r\n\r\n"
        async with running(tmp_path, Origin().replies(reply)) as gateway:
            answer = (await gateway.ask(GET.replace(b"GET", b"DELETE")))[0]
            assert status_of(answer) == 204
            assert field_of(answer, b"content-length") is None

    asyncio.run(story())


def test_a_flood_of_interim_responses_is_502(tmp_path):
    """A handful is passed on, then the backend is given up."""

    async def story():
        async with running(tmp_path, Origin().replies(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 20 + OK)) as gateway:
            answer = await gateway.send(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
            assert answer.count(b"HTTP/1.1 103") <= 8
            assert b"HTTP/1.1 502" in answer

    asyncio.run(story())


def test_trailers_of_a_reply_are_dropped(tmp_path):
    """They were not judged."""

    async def story():
        reply = CHUNKED + b"3\r\nabc\r\n0\r\nX-Evil: 1\r\n\r\n"
        async with running(tmp_path, Origin().replies(reply)) as gateway:
            answer = (await gateway.ask(BLOB))[0]
            assert b"abc" in answer and b"X-Evil" not in answer

    asyncio.run(story())


def stale(answers: int):
    """A backend that answers once per connection, then closes as the next request arrives."""

    async def handler(reader, writer):
        for _ in range(answers):
            origin.requests.append(await read_message(reader))
            writer.write(OK)
        origin.requests.append(await read_message(reader))

    origin = Origin(handler)
    return origin


def test_a_stale_connection_is_retried_once_when_the_request_is_idempotent(tmp_path):
    """The client does not notice; the metrics do."""

    async def story():
        origin = stale(1)
        async with running(tmp_path, origin) as gateway:
            answers = [(await gateway.ask(GET))[0] for _ in range(2)]
            assert [status_of(answer) for answer in answers] == [200, 200]
            assert len(origin.requests) == 3
            assert sum(v for (n, k), v in gateway.totals().items() if 'kind="retried"' in k) == 1

    asyncio.run(story())


def test_a_stale_connection_is_502_when_the_request_is_not_idempotent(tmp_path):
    """POST is never sent twice."""

    async def story():
        origin = stale(1)
        head = b"POST /v1/things HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n"
        async with running(tmp_path, origin, validate={"response": "off"}) as gateway:
            assert status_of((await gateway.ask(GET))[0]) == 200
            assert status_of((await gateway.ask(head + b'{"id":1}'))[0]) == 502
            assert len(origin.requests) == 2

    asyncio.run(story())


def test_a_fresh_connection_that_breaks_is_not_retried(tmp_path):
    """The backend is failing; asking again would only add load."""

    async def story():
        origin = stale(0)
        async with running(tmp_path, origin) as gateway:
            assert status_of((await gateway.ask(GET))[0]) == 502
            assert len(origin.requests) == 1

    asyncio.run(story())


SLOW = {
    "connects-only": b"",
    "half-head": OK[:20],
    "half-body": OK[:-3],
}


@pytest.mark.parametrize("sent", SLOW.values(), ids=SLOW)
def test_a_slow_backend_is_504(tmp_path, sent):
    """Silence beyond `read` ends the exchange; its connection is not used again."""

    async def story():
        async def slow(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(sent)
            await reader.read()

        settings = {"timeouts": {"read": 0.1}, "validate": {"response": "block"}}
        async with running(tmp_path, Origin(slow), **settings) as gateway:
            answer = (await gateway.ask(GET))[0]
            assert status_of(answer) == 504
            assert json.loads(body_of(answer))["type"].endswith("#backend-timeout")

    asyncio.run(story())


def test_a_dripping_backend_is_504_after_the_total_time(tmp_path):
    """A byte now and then does not help."""

    async def story():
        async def drip(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            for byte in OK * 10:
                writer.write(bytes([byte]))
                await asyncio.sleep(0.02)

        settings = {"timeouts": {"read": 0.1, "total": 0.3}, "validate": {"response": "block"}}
        async with running(tmp_path, Origin(drip), **settings) as gateway:
            assert status_of((await gateway.ask(GET))[0]) == 504

    asyncio.run(story())


def test_a_backend_that_is_not_there_is_502(tmp_path):
    """Named as unreachable."""

    async def story():
        origin = Origin()
        async with running(tmp_path, origin) as gateway:
            operation = gateway.generation.table.operations[0]
            object.__setattr__(operation.backend, "port", 1)
            answer = (await gateway.ask(GET))[0]
            assert status_of(answer) == 502
            assert json.loads(body_of(answer))["type"].endswith("#backend-unreachable")

    asyncio.run(story())


def test_connections_to_a_backend_are_limited_and_shared(tmp_path):
    """More requests than connections wait for their turn."""

    async def story():
        origin = Origin()
        async with running(tmp_path, origin, limits={"backend_connections": 2}) as gateway:
            answers = await asyncio.gather(*(gateway.ask(GET) for _ in range(20)))
            assert {status_of(answer) for (answer,) in answers} == {200}
            assert origin.connections <= 2

    asyncio.run(story())


def test_hop_by_hop_fields_of_a_reply_end_here(tmp_path):
    """And so do those that Connection names."""

    async def story():
        reply = OK.replace(
            b"\r\n\r\n", b"\r\nConnection: x-secret\r\nX-Secret: 1\r\nKeep-Alive: 5\r\nX-Kept: a\r\nx-kept: b\r\n\r\n"
        )
        async with running(tmp_path, Origin().replies(reply)) as gateway:
            answer = (await gateway.ask(GET))[0]
            assert b"ecret" not in answer and b"Keep-Alive" not in answer
            assert b"X-Kept: a\r\nx-kept: b\r\n" in answer
            assert field_of(answer, b"date") is not None

    asyncio.run(story())


@pytest.mark.parametrize(
    ("sent", "passed"), [(b"Fine", b"Fine"), (b"caf\xe9", b"caf\xe9"), (b"\x1b[31mred", b""), (b"a\x07b", b"")]
)
def test_a_reason_phrase_with_control_bytes_is_left_out(tmp_path, sent, passed):
    """Of final and of interim responses."""

    async def story():
        hints = b"HTTP/1.1 103 " + sent + b"\r\n\r\n"
        async with running(tmp_path, Origin().replies(hints + OK.replace(b"200 OK", b"200 " + sent))) as gateway:
            reader, writer = await gateway.connect()
            writer.write(GET)
            for status in (b"103", b"200"):
                head = await reader.readuntil(b"\r\n\r\n")
                assert head.startswith(b"HTTP/1.1 " + status) and head.partition(b"\r\n")[0][13:] == passed
            writer.close()

    asyncio.run(story())


@pytest.mark.parametrize(
    "stray",
    [
        b"HTTP/1.1 103 Early Hints\r\nX-Evil: 1\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nevil",
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
    ],
)
def test_what_comes_with_the_last_piece_does_not_get_into_a_stream(tmp_path, stray):
    """Not even an interim response, which would stand in the middle of the client's chunks."""

    async def late(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(CHUNKED + b"3\r\nabc\r\n")
        await asyncio.sleep(0.05)
        writer.write(b"3\r\ndef\r\n0\r\n\r\n" + stray)

    async def story():
        async with running(tmp_path, Origin(late)) as gateway:
            answer = (await gateway.ask(BLOB))[0]
            assert body_of(answer) == b"3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n"

    asyncio.run(story())


class Wire:
    """A transport that notes whether it is read from."""

    reading = True

    def is_closing(self):
        """See `asyncio.BaseTransport`."""
        return False

    def write(self, data):
        """See `asyncio.WriteTransport`."""

    def pause_reading(self):
        """See `asyncio.ReadTransport`."""
        self.reading = False

    def resume_reading(self):
        """See `asyncio.ReadTransport`."""
        self.reading = True


def test_a_connection_whose_last_body_nobody_took_is_read_again():
    """It stopped reading when too much was there at once; the next answer has to arrive all the same."""

    async def story():
        wire, connection = Wire(), BackendConnection(asyncio.get_running_loop(), 1000, 10, lambda _: None)
        connection.connection_made(wire)
        connection.start(GET, False, 1, 1, lambda *_: None)
        connection.data_received(b"HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n" + b"x" * 90000)
        assert connection.reusable and not wire.reading
        connection.keep(0)
        assert wire.reading

    asyncio.run(story())


def test_no_byte_is_due_while_we_do_not_read():
    """A client that is slow to take the answer does not let the backend run into its deadline."""

    async def story():
        wire, connection = Wire(), BackendConnection(asyncio.get_running_loop(), 1000, 10, lambda _: None)
        connection.connection_made(wire)
        body = connection.start(GET, False, 1, 1, lambda *_: None)
        connection.uploading(True)
        connection.data_received(b"HTTP/1.1 200 OK\r\nContent-Length: 90000\r\n\r\n" + b"x" * 80000)
        connection.streaming()
        connection.uploading(False)
        assert connection.deadline == inf
        body.take()
        assert connection.deadline < inf

    asyncio.run(story())


@pytest.mark.parametrize(
    "head", [b"HTTP/1.0 204 No Content", b"HTTP/1.1 204 No Content\r\nConnection: keep-alive, Close"]
)
def test_a_connection_that_will_be_closed_is_not_used_again(tmp_path, head):
    """Also where no body ends with it."""

    async def held(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head + b"\r\n\r\n")
        await asyncio.sleep(1)

    async def story():
        origin = Origin(held)
        async with running(tmp_path, origin) as gateway:
            delete = b"DELETE /v1/things/1 HTTP/1.1\r\nHost: a\r\n\r\n"
            assert [status_of(answer) for answer in await gateway.ask(delete, delete)] == [204, 204]
            assert not any('kind="retried"' in labels for _, labels in gateway.totals())

    asyncio.run(story())


def test_a_reset_is_no_end_of_a_body(tmp_path):
    """Only an orderly close ends a body without a length; after a reset something may be missing."""

    async def broken(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n" + OCTETS + b"\r\nabc")
        await asyncio.sleep(0.05)
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    async def story():
        async with running(tmp_path, Origin(broken)) as gateway, asyncio.timeout(5):
            reader, writer = await gateway.connect()
            writer.write(BLOB)
            with pytest.raises(ConnectionResetError):
                await reader.read()

    asyncio.run(story())

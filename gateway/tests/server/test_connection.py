"""The client's side of the wire, over real sockets."""

import asyncio
import json

import pytest

from gateway.server import connection
from gateway.server.reader import PIECE
from gateway.tests.harness import DOCUMENT, GET, OK, Origin, body_of, field_of, read_message, running, status_of

PUT = b'PUT /v1/things/1 HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n{"id":1}'
HOST = b"Host: api.example\r\n"
DONE = b"HTTP/1.1 204 No Content\r\n\r\n"


def test_a_request_goes_through_and_comes_back(tmp_path):
    """The whole way, on one keep-alive connection."""

    async def story():
        origin = Origin()
        async with running(tmp_path, origin) as gateway:
            answers = await gateway.ask(GET, GET)
            assert [status_of(answer) for answer in answers] == [200, 200]
            assert body_of(answers[0]) == b'{"id":1}'
            assert field_of(answers[0], b"connection") is None
            assert origin.connections == 1

    asyncio.run(story())


HOSTILE = [
    b"GET / HTTP/1.1\r\n\r\n",
    b"GET /v1/things/1 HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
    b"GET /v1/things/1 HTTP/1.1\r\nHost: a b\r\n\r\n",
    b"GET /v1/things/1 HTTP/1.1\r\nHost: user@a\r\n\r\n",
    b"GET http://evil.example/v1/things/1 HTTP/1.1\r\nHost: api.example\r\n\r\n",
    b"GET ftp://api.example/v1/things/1 HTTP/1.1\r\nHost: api.example\r\n\r\n",
    b"GET v1/things/1 HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET /v1/things/1#f HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET /v1/things/%00 HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET /v1/things/%zz HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET /v1/things/1?a=%0 HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET /v1/../v1/things/1 HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET /v1/%2e%2E/things/1 HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET /v1/./things/1 HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET /v1/things/\xc3\xa4 HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET /v1\\things/1 HTTP/1.1\r\n" + HOST + b"\r\n",
    b"GET /v1/things/1 HTTP/1.1\nHost: a\n\n",
    b"GET /v1/things/1 HTTP/1.1\r\n" + HOST + b"X: a\r\n b\r\n\r\n",
    b"GET /v1/things/1 HTTP/1.1\r\n" + HOST + b"X: a\x00b\r\n\r\n",
    b"GET /v1/things/1 HTTP/1.1\r\n" + HOST + b"X : a\r\n\r\n",
    b"GET /v1/things/1 HTTP/1.1\r\n" + HOST + b"X: a\rb\r\n\r\n",
    b"G\xffT /v1/things/1 HTTP/1.1\r\n" + HOST + b"\r\n",
    PUT.replace(b"Content-Length: 8", b"Content-Length: 8\r\nContent-Length: 8"),
    PUT.replace(b"Content-Length: 8", b"Content-Length: 8\r\nTransfer-Encoding: chunked"),
    PUT.replace(b"Content-Length: 8", b"Transfer-Encoding: chunked\r\nContent-Length: 8"),
    PUT.replace(b"Content-Length: 8", b"Content-Length: +8"),
    PUT.replace(b"Content-Length: 8", b"Content-Length: 8, 8"),
    PUT.replace(b"Content-Length: 8", b"Content-Length: 0x8"),
    PUT.replace(b"HTTP/1.1", b"HTTP/1.0").replace(b"Content-Length: 8", b"Transfer-Encoding: chunked"),
    PUT.replace(b"Content-Length: 8\r\n\r\n", b'Transfer-Encoding: chunked\r\n\r\n0x8\r\n{"id":1}\r\n0\r\n\r\n'),
    PUT.replace(b"Content-Length: 8\r\n\r\n", b'Transfer-Encoding: chunked\r\n\r\n8 \n{"id":1}\r\n0\r\n\r\n'),
    PUT.replace(b"Content-Length: 8\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n"),
    PUT.replace(b"Content-Length: 8\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n-1\r\n"),
    PUT.replace(b"Content-Type: application/json", b"Content-Type: application/json\r\nContent-Type: text/plain"),
    GET.replace(b"\r\n\r\n", b"\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n"),
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
]


@pytest.mark.parametrize("pieces", ["whole", "bytes"])
@pytest.mark.parametrize("request_bytes", HOSTILE)
def test_ambiguous_requests_are_refused_and_the_connection_closed(tmp_path, request_bytes, pieces):
    """Nothing of it, and nothing behind it, reaches a backend."""

    async def story():
        origin = Origin()
        async with running(tmp_path, origin) as gateway:
            reader, writer = await gateway.connect()
            data = request_bytes + GET
            for start in range(0, len(data), 1 if pieces == "bytes" else len(data)):
                writer.write(data[start : start + (1 if pieces == "bytes" else len(data))])
                await asyncio.sleep(0)
            async with asyncio.timeout(5):
                answer = await reader.read()
            assert status_of(answer) == 400
            assert answer.count(b"HTTP/1.1 ") == 1
            assert field_of(answer, b"connection") == b"close"
            assert field_of(answer, b"content-type") == b"application/problem+json"
            assert json.loads(body_of(answer))["type"].endswith("#malformed-request")
            assert origin.requests == []
            assert status_of((await gateway.ask(GET))[0]) == 200, "the gateway still serves others"

    asyncio.run(story())


LIMITED = [
    (b"GET /v1/" + b"a" * 300 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414),
    (GET.replace(b"\r\n\r\n", b"\r\nX: " + b"a" * 600 + b"\r\n\r\n"), 431),
    (GET.replace(b"\r\n\r\n", b"\r\n" + b"X: a\r\n" * 20 + b"\r\n"), 431),
    (b"GET /v1/things/1 HTTP/1.1\r\nX: " + b"a" * 5000, 431),
    (b"GET /v1/things/" + b"a" * 5000, 414),
    (GET.replace(b"\r\n\r\n", b"\r\nExpect: the-unexpected\r\n\r\n"), 417),
    (PUT.replace(b"Content-Length: 8", b"Transfer-Encoding: gzip, chunked"), 501),
    (b"GET /v1/things/1 HTTP/1.2\r\n" + HOST + b"\r\n", 400),
]


@pytest.mark.parametrize(("request_bytes", "status"), LIMITED)
def test_sizes_and_unknown_features_have_their_own_status(tmp_path, request_bytes, status):
    """Each with a problem document, and the connection closed."""

    async def story():
        limits = {"request_line": 200, "header_bytes": 500, "header_count": 10}
        async with running(tmp_path, Origin(), limits=limits) as gateway:
            answer = await gateway.send(request_bytes)
            assert status_of(answer) == status
            assert json.loads(body_of(answer))["status"] == status

    asyncio.run(story())


def test_pipelined_requests_are_answered_in_order(tmp_path):
    """Also when they come in one piece with bodies between them."""

    async def story():
        replies = [OK.replace(b'"id":1', b'"id":%d' % number) for number in range(1, 5)]
        async with running(tmp_path, Origin().replies(*replies)) as gateway:
            answers = await gateway.ask(GET, GET, b"GET /v1/none HTTP/1.1\r\nHost: a\r\n\r\n", GET)
            assert [status_of(answer) for answer in answers] == [200, 200, 404, 200]
            assert [body_of(answers[at]) for at in (0, 1, 3)] == [b'{"id":1}', b'{"id":2}', b'{"id":3}']

    asyncio.run(story())


def test_good_requests_before_a_bad_one_are_answered(tmp_path):
    """The refusal comes in its turn and ends the connection."""

    async def story():
        async with running(tmp_path, Origin()) as gateway:
            answer = await gateway.send(GET + GET + b"BAD\r\n\r\n" + GET)
            assert [part[:3] for part in answer.split(b"HTTP/1.1 ")[1:]] == [b"200", b"200", b"400"]

    asyncio.run(story())


def test_a_flood_of_pipelined_requests_is_answered_whole(tmp_path):
    """More than may wait at once: reading stops and goes on."""

    async def story():
        async with running(tmp_path, Origin()) as gateway:
            answers = await gateway.ask(*[GET] * 300)
            assert {status_of(answer) for answer in answers} == {200}

    asyncio.run(story())


def test_a_body_does_not_count_against_the_head_behind_it(tmp_path):
    """The head's size is its own, although its first bytes come in one read with the end of a long body."""

    async def story():
        async with running(tmp_path, Origin()) as gateway:
            reader, writer = await gateway.connect()
            body = b"x" * 200000
            head = b"POST /v1/blobs HTTP/1.1\r\nHost: a\r\nContent-Type: application/octet-stream\r\n"
            writer.write(head + b"Content-Length: %d\r\n\r\n" % len(body) + body + GET[:20])
            assert status_of(await read_message(reader)) == 200
            writer.write(GET[20:])
            assert status_of(await read_message(reader)) == 200

    asyncio.run(story())


def test_pipelined_requests_wait_in_the_socket(tmp_path, monkeypatch):
    """Not in memory: while the first is not answered, only some are read; then all of them are."""
    release = asyncio.Event()

    async def hesitant(reader, writer):
        while True:
            await read_message(reader)
            await release.wait()
            writer.write(OK)

    async def story():
        async with running(tmp_path, Origin(hesitant)) as gateway, asyncio.timeout(30):
            begun = []
            begin = gateway.listener.new_exchange
            monkeypatch.setattr(gateway.listener, "new_exchange", lambda *given: begun.append(1) or begin(*given))
            reader, writer = await gateway.connect()
            writer.write(GET * 2000)
            await writer.drain()
            while not begun:
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.1)
            assert len(begun) < connection.MAX_WAITING + 2 * PIECE // len(GET)
            release.set()
            assert {status_of(await read_message(reader)) for _ in range(2000)} == {200}

    asyncio.run(story())


@pytest.mark.parametrize("reads", [True, False])
def test_answers_that_are_not_read_do_not_pile_up(tmp_path, reads):
    """The next pipelined request waits until the client has read; then it goes on, or the client is cut."""

    async def story():
        document = DOCUMENT.replace("maxLength: 10", "maxLength: 1000000")
        body = b'{"id":1,"name":"%b"}' % (b"x" * 900000)
        reply = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body
        origin = Origin().replies(reply)
        settings = {"validate": {"response": "block"}, "timeouts": {"write": 20 if reads else 0.5}}
        async with running(tmp_path, origin, document, **settings) as gateway, asyncio.timeout(20):
            reader, writer = await gateway.connect()
            writer.transport.pause_reading()
            writer.write(GET * 60)
            await asyncio.sleep(0.4)
            assert 0 < len(origin.requests) < 40
            if reads:
                writer.transport.resume_reading()
                assert {status_of(await read_message(reader)) for _ in range(60)} == {200}
            while gateway.totals()["gateway_open_connections", ""] != reads:
                await asyncio.sleep(0.05)
            assert (len(origin.requests) == 60) == reads

    asyncio.run(story())


def test_expect_100_continue_is_answered_when_the_body_is_wanted(tmp_path):
    """Not before the head was judged: a refused request is never asked for its body."""

    async def story():
        origin = Origin().replies(DONE)
        async with running(tmp_path, origin) as gateway:
            head, _, body = PUT.partition(b"\r\n\r\n")
            reader, writer = await gateway.connect()
            writer.write(head + b"\r\nExpect: 100-continue\r\n\r\n")
            assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
            writer.write(body)
            assert status_of(await read_message(reader)) == 204
            assert b"xpect" not in origin.requests[0]
            writer.write(head.replace(b"/1 ", b"/0 ") + b"\r\nExpect: 100-continue\r\n\r\n")
            assert status_of(await read_message(reader)) == 400

    asyncio.run(story())


def test_http_10_clients_are_served(tmp_path):
    """Without keep-alive unless they ask, and without chunks."""

    async def story():
        chunked = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        origin = Origin().replies(OK, OK, chunked + b"3\r\nabc\r\n0\r\n\r\n")
        async with running(tmp_path, origin) as gateway:
            answer = await gateway.send(b"GET /v1/things/1 HTTP/1.0\r\n\r\n")
            assert status_of(answer) == 200 and body_of(answer) == b'{"id":1}'
            kept = b"GET /v1/things/1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
            answer = await gateway.send(kept + b"GET /v1/blobs HTTP/1.0\r\n\r\n")
            assert answer.count(b"HTTP/1.1 200") == 2
            assert field_of(answer, b"connection") == b"keep-alive"
            assert answer.endswith(b"\r\n\r\nabc")

    asyncio.run(story())


@pytest.mark.parametrize(
    "framing", [b"Content-Length: 2\r\n\r\nhi", b"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n"]
)
def test_a_streamed_body_behind_an_ignored_upgrade_is_sent_whole(tmp_path, framing):
    """A backend that waited for the rest of it would take the next request for that."""

    async def story():
        origin = Origin().replies(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        async with running(tmp_path, origin) as gateway:
            head = b"POST /v1/blobs HTTP/1.1\r\nHost: a\r\nContent-Type: application/octet-stream\r\n"
            answer = await gateway.send(head + b"Connection: Upgrade\r\nUpgrade: h2c\r\n" + framing)
            assert status_of(answer) == 200
            assert body_of(origin.requests[0]) == b"hi"

    asyncio.run(story())


def test_head_gets_the_head_only(tmp_path):
    """With the length that GET would have had; the connection goes on."""

    async def story():
        origin = Origin().replies(OK[: -len(b'{"id":1}')])
        async with running(tmp_path, origin) as gateway:
            head = GET.replace(b"GET", b"HEAD")
            first, second = await gateway.ask(head, head, bodiless=True)
            assert status_of(first) == status_of(second) == 200
            assert field_of(first, b"content-length") == b"8"
            assert origin.requests[0].startswith(b"HEAD ")
            assert (await gateway.ask(head.replace(b"/1 ", b"/x "), bodiless=True))[0].endswith(b"\r\n\r\n")

    asyncio.run(story())


def test_a_method_that_is_not_documented_is_405_with_allow(tmp_path):
    """The methods of that path only."""

    async def story():
        async with running(tmp_path, Origin()) as gateway:
            answer = (await gateway.ask(GET.replace(b"GET", b"PATCH")))[0]
            assert status_of(answer) == 405
            assert field_of(answer, b"allow") == b"DELETE, GET, HEAD, PUT"

    asyncio.run(story())


TIMEOUTS = {"first_byte": 0.1, "head": 0.1, "body": 0.1, "idle": 0.1}


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"", None),
        (b"GET /v1/thi", 408),
        (GET[:-2], 408),
        (PUT[:-3], 408),
        (GET, 200),
    ],
    ids=["silent", "half-line", "half-head", "half-body", "idle-after-answer"],
)
def test_slow_clients_are_cut(tmp_path, sent, status):
    """Each phase has its deadline; where an answer is due it is 408."""

    async def story():
        async with running(tmp_path, Origin(), timeouts=TIMEOUTS) as gateway:
            answer = await gateway.send(sent)
            assert (status_of(answer) if answer else None) == status

    asyncio.run(story())


def test_a_head_sent_byte_by_byte_does_not_get_more_time(tmp_path):
    """Slow loris: progress does not extend the deadline of a head."""

    async def story():
        async with running(tmp_path, Origin(), timeouts=TIMEOUTS) as gateway:
            reader, writer = await gateway.connect()
            answer = asyncio.ensure_future(reader.read())
            for byte in b"GET /v1/things/1 HTTP/1.1\r\nX: " + b"a" * 200:
                if answer.done():
                    break
                writer.write(bytes([byte]))
                await asyncio.sleep(0.02)
            assert answer.done(), "cut while it came, not after it had stopped"
            assert status_of(await answer) == 408

    asyncio.run(story())


def test_a_body_that_trickles_is_cut(tmp_path):
    """A byte now and then keeps every pause short, and would hold a backend's connection for ever."""

    async def story():
        async with running(tmp_path, Origin(), timeouts=TIMEOUTS) as gateway:
            reader, writer = await gateway.connect()
            answer = asyncio.ensure_future(reader.read())
            writer.write(b"POST /v1/blobs HTTP/1.1\r\nHost: a\r\nContent-Type: application/octet-stream\r\n")
            writer.write(b"Content-Length: 1000\r\n\r\n")
            for _ in range(100):
                if answer.done():
                    break
                writer.write(b"a")
                await asyncio.sleep(0.02)
            assert answer.done(), "cut while it trickled, not after it had stopped"
            assert status_of(await answer) == 408

    asyncio.run(story())


def test_too_many_connections_get_503(tmp_path):
    """Those that are there go on."""

    async def story():
        async with running(tmp_path, Origin(), limits={"connections": 1}) as gateway:
            reader, writer = await gateway.connect()
            writer.write(GET)
            assert status_of(await read_message(reader)) == 200
            late_reader, late_writer = await gateway.connect()
            await asyncio.sleep(0.05)
            late_writer.write(GET)
            await asyncio.sleep(0.05)
            refused = await late_reader.read()
            assert status_of(refused) == 503
            assert field_of(refused, b"retry-after") == b"1"
            writer.write(GET)
            assert status_of(await read_message(reader)) == 200

    asyncio.run(story())


def test_a_client_that_leaves_frees_the_backend(tmp_path):
    """The exchange ends, and the half-used connection is not used again."""

    async def story():
        arrived, gone = asyncio.Event(), asyncio.Event()

        async def slow(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            arrived.set()
            assert await reader.read() == b""
            gone.set()

        async with running(tmp_path, Origin(slow)) as gateway:
            _, writer = await gateway.connect()
            writer.write(GET)
            await arrived.wait()
            writer.transport.abort()
            async with asyncio.timeout(2):
                await gone.wait()
            await asyncio.sleep(0.05)
            assert b'"error":"client-gone"' in gateway.lines()[-1]
            assert gateway.totals()["gateway_open_connections", ""] == 0

    asyncio.run(story())


def test_an_upgrade_is_ignored_and_ends_the_connection(tmp_path):
    """RFC 9110 section 7.8: the request is answered as if Upgrade were not there."""

    async def story():
        origin = Origin()
        async with running(tmp_path, origin) as gateway:
            upgrade = GET.replace(b"\r\n\r\n", b"\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n")
            answer = await gateway.send(upgrade + b"\x00\x01binary")
            assert status_of(answer) == 200
            assert b"pgrade" not in origin.requests[0]

    asyncio.run(story())


@pytest.mark.parametrize("pieces", ["whole", "bytes"])
@pytest.mark.parametrize(
    ("framing", "status"),
    [
        (b'Content-Length: 8\r\n\r\n{"id":1}', 204),
        (b'Transfer-Encoding: chunked\r\n\r\n4\r\n{"id\r\n4\r\n":1}\r\n0\r\nX: 1\r\n\r\n', 204),
        (b"Transfer-Encoding: chunked\r\n\r\nx\r\n", 400),
        (b"Content-Length: 0\r\n\r\n", 400),
    ],
)
def test_a_body_behind_an_ignored_upgrade_is_read(tmp_path, framing, status, pieces):
    """Some clients ask for h2c with every request. The parser by itself would leave the body out."""

    async def story():
        origin = Origin().replies(DONE)
        async with running(tmp_path, origin) as gateway:
            head = PUT.partition(b"Content-Length")[0] + b"Connection: Upgrade\r\nUpgrade: h2c\r\n"
            data = head + framing + GET
            reader, writer = await gateway.connect()
            for piece in [data] if pieces == "whole" else (data[i : i + 1] for i in range(len(data))):
                writer.write(piece)
                await asyncio.sleep(0)
            async with asyncio.timeout(5):
                answer = await reader.read()
            assert (status_of(answer), answer.count(b"HTTP/1.1 ")) == (status, 1)
            bodies = [body_of(request) for request in origin.requests]
            assert bodies == ([b'{"id":1}'] if status == 204 else [])

    asyncio.run(story())


def test_trailers_never_become_headers(tmp_path):
    """They are dropped: the backend sees what was judged."""

    async def story():
        origin = Origin().replies(DONE)
        async with running(tmp_path, origin) as gateway:
            head = PUT.partition(b"\r\n\r\n")[0].replace(b"Content-Length: 8", b"Transfer-Encoding: chunked")
            body = b'\r\n\r\n8\r\n{"id":1}\r\n0\r\nX-Evil: 1\r\n\r\n'
            assert status_of((await gateway.ask(head + body))[0]) == 204
            assert b"X-Evil" not in origin.requests[0]
            assert field_of(origin.requests[0], b"content-length") == b"8"

    asyncio.run(story())


def test_chunk_framing_cannot_outweigh_the_body(tmp_path):
    """One-byte chunks with long extensions are cut off, not read for ever."""

    async def story():
        origin = Origin()
        async with running(tmp_path, origin) as gateway:
            head = b"POST /v1/blobs HTTP/1.1\r\nHost: a\r\nContent-Type: application/octet-stream\r\n"
            flood = (b"1;" + b"x" * 1000 + b"\r\na\r\n") * 300
            answer = await gateway.send(head + b"Transfer-Encoding: chunked\r\n\r\n" + flood)
            assert status_of(answer) == 400

    asyncio.run(story())


def test_draining_answers_what_is_under_way_and_closes(tmp_path):
    """The last answer says so."""

    async def story():
        release = asyncio.Event()

        async def held(reader, writer):
            await reader.readuntil(b"\r\n\r\n")
            await release.wait()
            writer.write(OK)

        async with running(tmp_path, Origin(held)) as gateway:
            reader, writer = await gateway.connect()
            idle_reader, _ = await gateway.connect()
            writer.write(GET)
            await asyncio.sleep(0.05)
            gateway.listener.drain()
            async with asyncio.timeout(2):
                assert await idle_reader.read() == b""
                release.set()
                answer = await reader.read()
            assert status_of(answer) == 200
            assert field_of(answer, b"connection") == b"close"

    asyncio.run(story())


def test_a_refused_body_that_was_too_much_at_once_does_not_stop_the_connection(tmp_path):
    """Reading stopped in its middle; the next request is read all the same."""

    async def story():
        async with running(tmp_path, Origin(), limits={"body": 10}) as gateway, asyncio.timeout(5):
            reader, writer = await gateway.connect()
            head = b"POST /v1/things HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            writer.write(head + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n")
            await asyncio.sleep(0.05)
            writer.write(b"%x\r\n%b\r\n0\r\n\r\n" % (100000, b"x" * 100000))
            assert status_of(await read_message(reader)) == 413
            writer.write(GET)
            assert status_of(await read_message(reader)) == 200

    asyncio.run(story())


def test_what_follows_an_ignored_upgrade_holds_no_connection(tmp_path, monkeypatch):
    """However much of it there is: it is thrown away, and the connection closed."""
    monkeypatch.setattr(connection, "LINGER", 0.1)

    async def story():
        async with running(tmp_path, Origin()) as gateway, asyncio.timeout(5):
            reader, writer = await gateway.connect()
            writer.write(GET.replace(b"\r\n\r\n", b"\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"))
            assert status_of(await read_message(reader)) == 200
            writer.write(b"x" * 1000000)
            while gateway.listener.busy:
                await asyncio.sleep(0.02)

    asyncio.run(story())


def test_a_body_that_stops_with_its_first_piece_has_its_own_deadline(tmp_path):
    """Not that of the head, with which the piece came."""

    async def hungry(reader, writer):
        await reader.read()

    async def story():
        timeouts = {"body": 0.1, "head": 60.0}
        async with running(tmp_path, Origin(hungry), timeouts=timeouts) as gateway, asyncio.timeout(5):
            reader, writer = await gateway.connect()
            head = b"POST /v1/blobs HTTP/1.1\r\nHost: a\r\nContent-Type: application/octet-stream\r\n"
            writer.write(head + b"Content-Length: 9\r\n\r\nabc")
            assert status_of(await read_message(reader)) == 408

    asyncio.run(story())

"""Bodies judged while they pass: what the backend gets of a bad upload, and the client of a bad answer.

`application/octet-stream` with a `maxLength` stands for everything that is judged piece by piece.
"""

import asyncio
import gzip
import json
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import Violation
from gateway.tests.harness import DOCUMENT, Gateway, Origin, body_of, field_of, read_message, running, status_of
from gateway.validate.coding import CodedJudge

SHORT = DOCUMENT.replace(
    "content: {application/octet-stream: {}}",
    "content: {application/octet-stream: {schema: {type: string, format: binary, maxLength: 20}}}",
)
HEAD = b"POST /v1/blobs HTTP/1.1\r\nHost: a\r\nContent-Type: application/octet-stream\r\n"
GET = b"GET /v1/blobs HTTP/1.1\r\nHost: a\r\n\r\n"
REPLY = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n"
DONE = REPLY + b"Content-Length: 2\r\n\r\nok"


def counted(gateway: Gateway, name: str, *labels: str) -> int:
    """Sum of one counter over the label sets that hold all of `labels`."""
    return sum(v for (n, text), v in gateway.totals().items() if n == name and all(label in text for label in labels))


class Told:
    """A backend that answers when the request is complete, and knows what it got until the connection ended."""

    def __init__(self) -> None:
        self.got = b""
        self.ended = asyncio.Event()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        try:
            while data := await reader.read(65536):
                self.got += data
                if self.got.endswith(b"0\r\n\r\n") or self.got.endswith(b"$"):
                    writer.write(DONE)
        except ConnectionError:
            pass
        finally:
            self.ended.set()


def chunk(data: bytes) -> bytes:
    """One chunk of a chunked body."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def test_a_bad_upload_is_refused_and_its_end_withheld(tmp_path: Path) -> None:
    """The backend's connection is given up; the client is told what was wrong."""

    async def story() -> None:
        backend = Told()
        async with running(tmp_path, Origin(backend), SHORT) as gateway, asyncio.timeout(5):
            reader, writer = await gateway.connect()
            writer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunk(b"0123456789"))
            await asyncio.sleep(0.05)
            assert backend.got.endswith(chunk(b"0123456789")), "what is good passes at once"
            writer.write(chunk(b"0123456789x") + b"0\r\n\r\n")
            answer = await read_message(reader)
            await backend.ended.wait()
            document = json.loads(body_of(answer))
            assert (document["status"], document["errors"][0]["in"]) == (400, "body")
            assert document["errors"][0]["keyword"] == "maxLength"
            assert backend.got.endswith(chunk(b"0123456789")), "and what is bad never"
            assert counted(gateway, "gateway_violations_total", 'direction="request"', 'keyword="maxLength"') == 1
            await asyncio.sleep(0.02)
            assert json.loads(gateway.lines()[0])["violations"] == 1
            # The gateway still serves, over a new connection to the backend.
            backend.got = b""
            assert status_of((await gateway.ask(HEAD + b"Content-Length: 1\r\n\r\n$"))[0]) == 200

    asyncio.run(story())


@pytest.mark.parametrize("status", ["400", "422"])
def test_a_known_length_over_the_limit_is_judged_in_pieces_too(tmp_path: Path, status: str) -> None:
    """The last piece is judged before it is sent, since with it the backend would have everything."""
    document = SHORT.replace(
        "'200': {description: bytes", f"'{status}': {{description: no}}, '200': {{description: bytes"
    )

    async def story() -> None:
        backend = Told()
        limits = {"body": 4}
        async with running(tmp_path, Origin(backend), document, limits=limits) as gateway, asyncio.timeout(5):
            reader, writer = await gateway.connect()
            writer.write(HEAD + b"Content-Length: 22\r\n\r\n0123456789")
            await asyncio.sleep(0.05)
            writer.write(b"01234567890$")
            assert status_of(await read_message(reader)) == int(status)
            await backend.ended.wait()
            assert backend.got.endswith(b"\r\n\r\n0123456789")

    asyncio.run(story())


def test_a_body_within_the_limit_is_judged_before_the_backend_hears_of_it(tmp_path: Path) -> None:
    """Also when it is chunked, if all of it is here already."""

    async def story() -> None:
        backend = Told()
        async with running(tmp_path, Origin(backend), SHORT) as gateway, asyncio.timeout(5):
            plain = HEAD + b"Content-Length: 21\r\n\r\n" + b"x" * 21
            chunked = HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunk(b"x" * 21) + b"0\r\n\r\n"
            assert [status_of(answer) for answer in await gateway.ask(plain, chunked)] == [400, 400]
            assert backend.got == b""

    asyncio.run(story())


def test_a_good_upload_passes_with_its_framing(tmp_path: Path) -> None:
    """And asks for its body with 100 (Continue)."""

    async def story() -> None:
        backend = Told()
        async with running(tmp_path, Origin(backend), SHORT) as gateway, asyncio.timeout(5):
            reader, writer = await gateway.connect()
            writer.write(HEAD + b"Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n")
            assert status_of(await reader.readuntil(b"\r\n\r\n")) == 100
            writer.write(chunk(b"01234"))
            await asyncio.sleep(0.02)
            writer.write(chunk(b"56789") + b"0\r\n\r\n")
            assert body_of(await read_message(reader)) == b"ok"
            assert field_of(backend.got, b"transfer-encoding") == b"chunked"
            assert backend.got.endswith(chunk(b"01234") + chunk(b"56789") + b"0\r\n\r\n")

    asyncio.run(story())


def test_an_observed_upload_passes_and_is_counted(tmp_path: Path) -> None:
    """Mode observe."""

    async def story() -> None:
        backend = Told()
        validate = {"request": "observe"}
        async with running(tmp_path, Origin(backend), SHORT, validate=validate) as gateway, asyncio.timeout(5):
            reader, writer = await gateway.connect()
            writer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
            for _ in range(4):
                writer.write(chunk(b"0123456789"))
                await asyncio.sleep(0.02)
            writer.write(b"0\r\n\r\n")
            assert status_of(await read_message(reader)) == 200
            assert backend.got.count(b"0123456789") == 4
            assert counted(gateway, "gateway_violations_total", 'direction="request"') == 1

    asyncio.run(story())


def test_a_coded_upload_is_judged_by_what_it_decodes_to(tmp_path: Path) -> None:
    """While it passes: here the second member of a gzip content is too much."""

    async def story() -> None:
        backend = Told()
        async with running(tmp_path, Origin(backend), SHORT) as gateway, asyncio.timeout(5):
            reader, writer = await gateway.connect()
            good, bad = gzip.compress(b"0123456789"), gzip.compress(b"x" * 11)
            writer.write(HEAD + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk(good))
            await asyncio.sleep(0.05)
            assert backend.got.endswith(chunk(good))
            writer.write(chunk(bad) + b"0\r\n\r\n")
            assert status_of(await read_message(reader)) == 400
            assert bad not in backend.got

    asyncio.run(story())


def test_a_backend_that_answers_early_keeps_the_word(tmp_path: Path) -> None:
    """An upload that turns out bad after the whole answer has passed cannot change it."""

    async def story() -> None:
        async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(DONE)
            await reader.read()

        async with running(tmp_path, Origin(handler), SHORT) as gateway, asyncio.timeout(5):
            reader, writer = await gateway.connect()
            writer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunk(b"0123456789"))
            answer = await read_message(reader)
            assert (status_of(answer), field_of(answer, b"connection")) == (200, b"close")

    asyncio.run(story())


def replying(*pieces: bytes) -> Any:
    """A backend that sends these one after the other, with a pause before each but the first."""

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for piece in pieces:
            writer.write(piece)
            await asyncio.sleep(0.05)
        await reader.read()

    return handler


CHUNKED = REPLY + b"Transfer-Encoding: chunked\r\n\r\n"


def test_a_bad_answer_is_cut_before_the_bad_piece(tmp_path: Path) -> None:
    """Mode block: the client sees that it is incomplete."""

    async def story() -> None:
        origin = Origin(replying(CHUNKED + chunk(b"0123456789"), chunk(b"y" * 11), b"0\r\n\r\n"))
        validate = {"response": "block"}
        async with running(tmp_path, origin, SHORT, validate=validate) as gateway, asyncio.timeout(5):
            reader, writer = await gateway.connect()
            writer.write(GET)
            assert status_of(await reader.readuntil(b"\r\n\r\n")) == 200
            assert await reader.readexactly(15) == chunk(b"0123456789")
            with pytest.raises(ConnectionResetError):
                assert await reader.read() == b""
            assert counted(gateway, "gateway_violations_total", 'direction="response"') == 1
            await asyncio.sleep(0.02)
            line = json.loads(gateway.lines()[0])
            assert (line["violations"], line["error"]) == (1, "invalid-response")

    asyncio.run(story())


@pytest.mark.parametrize(
    "pieces",
    [
        [CHUNKED + chunk(b"y" * 21)],
        [CHUNKED + chunk(b"y" * 21) + b"0\r\n\r\n"],
        [REPLY + b"Content-Length: 21\r\n\r\n" + b"y" * 10, b"y" * 11],
    ],
)
def test_what_is_bad_before_the_head_went_out_is_502(tmp_path: Path, pieces: list[bytes]) -> None:
    """What came with the head, and bodies that are short enough to be waited for."""

    async def story() -> None:
        validate = {"response": "block"}
        async with (
            running(tmp_path, Origin(replying(*pieces)), SHORT, validate=validate) as gateway,
            asyncio.timeout(5),
        ):
            [answer] = await gateway.ask(GET)
            assert status_of(answer) == 502 and b"y" * 10 not in answer

    asyncio.run(story())


def test_an_observed_answer_passes_and_is_counted_once(tmp_path: Path) -> None:
    """Mode observe: nothing is withheld."""

    async def story() -> None:
        origin = Origin(replying(CHUNKED + chunk(b"y" * 21), chunk(b"y" * 21), b"0\r\n\r\n"))
        async with running(tmp_path, origin, SHORT) as gateway, asyncio.timeout(5):
            [answer] = await gateway.ask(GET)
            assert answer.count(b"y" * 21) == 2
            assert counted(gateway, "gateway_violations_total", 'direction="response"') == 1

    asyncio.run(story())


@pytest.mark.parametrize("mode", ["block", "observe"])
def test_a_good_answer_passes_piece_by_piece(tmp_path: Path, mode: str) -> None:
    """Each before the next one comes."""

    async def story() -> None:
        origin = Origin(replying(CHUNKED, chunk(b"abc"), chunk(b"def"), b"0\r\n\r\n"))
        async with running(tmp_path, origin, SHORT, validate={"response": mode}) as gateway, asyncio.timeout(5):
            reader, writer = await gateway.connect()
            writer.write(GET)
            assert status_of(await reader.readuntil(b"\r\n\r\n")) == 200
            assert await reader.readexactly(8) == chunk(b"abc")
            assert await reader.readexactly(8) == chunk(b"def")
            assert await reader.readexactly(5) == b"0\r\n\r\n"
            assert counted(gateway, "gateway_violations_total") == 0

    asyncio.run(story())


ITEMS = DOCUMENT.replace("3.0.3", "3.2.0").replace(
    "requestBody: {required: true, content: {application/octet-stream: {}}}",
    "requestBody: {required: true, content: {application/x-ndjson: {itemSchema: {type: integer}}}}",
)


@pytest.mark.parametrize(
    ("body", "expected"), [(b"1\n" * 100, (200, 1)), (b"1\n" * 99 + b"x\n", (400, 0)), (b"1\n" * 99 + b"x", (400, 0))]
)
def test_a_long_upload_that_is_here_already_is_judged(tmp_path: Path, body: bytes, expected: tuple[int, int]) -> None:
    """It is too long to be waited for, and came in one piece with its head: there is nothing to wait for."""
    upload = HEAD.replace(b"octet-stream", b"x-ndjson") + b"Content-Length: %d\r\n\r\n" % len(body) + body

    async def story() -> None:
        origin = Origin().replies(DONE)
        async with running(tmp_path, origin, ITEMS, limits={"body": 50}) as gateway:
            [answer] = await gateway.ask(upload)
            assert (status_of(answer), len(origin.requests)) == expected

    asyncio.run(story())


LONG = SHORT.replace("maxLength: 20", "minLength: 30")


@pytest.mark.parametrize("chunked", [True, False])
def test_what_only_the_end_shows_is_shown_before_the_backend_has_it(tmp_path: Path, chunked: bool) -> None:
    """Here that the content is too short: the last piece is withheld, with it the backend would have everything."""

    async def story() -> None:
        backend = Told()
        async with running(tmp_path, Origin(backend), LONG, limits={"body": 4}) as gateway, asyncio.timeout(5):
            reader, writer = await gateway.connect()
            framing = b"Transfer-Encoding: chunked\r\n\r\n" if chunked else b"Content-Length: 20\r\n\r\n"
            pieces = [b"0123456789", b"9876543210"]
            wire = [chunk(pieces[0]), chunk(pieces[1]) + b"0\r\n\r\n"] if chunked else pieces
            writer.write(HEAD + framing + wire[0])
            await asyncio.sleep(0.05)
            writer.write(wire[1])
            assert status_of(await read_message(reader)) == 400
            await backend.ended.wait()
            assert pieces[0] in backend.got and pieces[1] not in backend.got

    asyncio.run(story())


def test_an_answer_that_is_complete_but_too_short_is_502(tmp_path: Path) -> None:
    """When all of it came with its head."""

    async def story() -> None:
        origin = Origin(replying(CHUNKED + chunk(b"yy") + b"0\r\n\r\n"))
        limits = {"response_body": 1}
        async with (
            running(tmp_path, origin, LONG, validate={"response": "block"}, limits=limits) as gateway,
            asyncio.timeout(5),
        ):
            [answer] = await gateway.ask(GET)
            assert status_of(answer) == 502

    asyncio.run(story())


@pytest.fixture
def judged_slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """A compressed piece keeps its thread busy for a while."""
    feed = CodedJudge.feed

    def slowly(judge: CodedJudge, data: bytes) -> list[Violation]:
        time.sleep(0.2)
        return feed(judge, data)

    monkeypatch.setattr(CodedJudge, "feed", slowly)


@pytest.mark.usefixtures("judged_slowly")
@pytest.mark.parametrize(("rest", "status"), [(b"cd", 200), (b"x" * 30, 400)])
def test_what_comes_while_a_piece_is_judged_is_judged_too(tmp_path: Path, rest: bytes, status: int) -> None:
    """Compressed pieces are judged in a thread: meanwhile the body may come to its end."""

    async def story() -> None:
        backend = Told()
        async with running(tmp_path, Origin(backend), SHORT) as gateway, asyncio.timeout(5):
            reader, writer = await gateway.connect()
            head = HEAD + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
            writer.write(head + chunk(gzip.compress(b"ab")))
            await asyncio.sleep(0.1)
            end = chunk(gzip.compress(rest)) + b"0\r\n\r\n"
            writer.write(end)
            assert status_of(await read_message(reader)) == status
            assert backend.got.endswith(b"0\r\n\r\n") == (status == 200)

    asyncio.run(story())


@pytest.mark.usefixtures("judged_slowly")
@pytest.mark.parametrize(("rest", "passes"), [(b"cd", True), (b"x" * 30, False)])
def test_what_a_backend_sends_while_a_piece_is_judged_is_judged_too(tmp_path: Path, rest: bytes, passes: bool) -> None:
    """The same the other way round."""

    async def backend(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(REPLY + b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n")
        await asyncio.sleep(0.05)
        writer.write(chunk(gzip.compress(b"ab")))
        await asyncio.sleep(0.1)
        writer.write(chunk(gzip.compress(rest)) + b"0\r\n\r\n")

    async def story() -> None:
        block = {"response": "block"}
        async with running(tmp_path, Origin(backend), SHORT, validate=block) as gateway, asyncio.timeout(5):
            reader, writer = await gateway.connect()
            writer.write(GET)
            received = b""
            with suppress(ConnectionError):
                while not received.endswith(b"0\r\n\r\n") and (data := await reader.read(4096)):
                    received += data
            assert received.endswith(b"0\r\n\r\n") == passes

    asyncio.run(story())

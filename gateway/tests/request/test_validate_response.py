"""Step 5: what the backend answers, against its document."""

import asyncio
import json
import zlib
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import pytest

from gateway.tests.harness import DOCUMENT, GET, OK, Origin, body_of, running, status_of
from gateway.tests.request.conftest import Call


def reply(status: int, body: bytes, *fields: bytes) -> bytes:
    """A backend's answer in JSON unless `fields` say otherwise."""
    given = b"".join(field + b"\r\n" for field in fields or (b"Content-Type: application/json",))
    return b"HTTP/1.1 %d Whatever\r\n%bContent-Length: %d\r\n\r\n%b" % (status, given, len(body), body)


JSON = b"Content-Type: application/json"
BROKEN = [
    (reply(500, b"{}"), ("status", "", "undocumented")),
    (reply(200, b'{"id":"x"}'), ("body", "/id", "type")),
    (reply(200, b"not json"), ("body", "", "syntax")),
    (reply(200, b""), ("body", "", "required")),
    (reply(200, b"{}", b"Content-Type: text/html"), ("header", "content-type", "media-type")),
    (reply(200, b"{}", b"X: y"), ("header", "content-type", "media-type")),
    (reply(200, b'{"id":1}', JSON, b"Content-Encoding: dcb"), ("header", "content-encoding", "media-type")),
    (reply(200, b'{"id":1}', JSON, b"Content-Encoding: gzip"), ("body", "", "syntax")),
    (reply(200, brotli.compress(b'{"id":"x"}'), JSON, b"Content-Encoding: br"), ("body", "/id", "type")),
    (reply(200, b'{"id":1}', JSON, b"X-Rank: first"), ("header", "X-Rank", "type")),
    (reply(404, b"{}"), ("body", "", "undocumented")),
]


@pytest.mark.parametrize(("answer", "error"), BROKEN)
def test_a_blocked_answer_is_502_with_the_place(call: Call, answer: bytes, error: tuple[str, str, str]) -> None:
    """Nothing of what the backend sent gets out."""
    seen = call(reply=answer, validate={"response": "block"})
    document = json.loads(body_of(seen.answers[0]))
    assert (document["status"], document["type"]) == (502, "/docs/problems#invalid-response")
    found = [(e["in"], e.get("name", e.get("pointer")), e["keyword"]) for e in document["errors"]]
    assert found[0][0] == error[0] and found[0][1].lower() == error[1].lower() and found[0][2] == error[2]
    assert seen.count("gateway_violations_total", 'direction="response"', f'place="{error[0]}"') == 1


@pytest.mark.parametrize(("answer", "error"), BROKEN)
def test_an_observed_answer_passes_and_is_counted(call: Call, answer: bytes, error: tuple[str, str, str]) -> None:
    """The default: the client gets what the backend sent; counters and log tell the operator."""
    seen = call(reply=answer)
    assert status_of(seen.answers[0]) == int(answer[9:12])
    assert body_of(seen.answers[0]) == body_of(answer)
    labels = ('direction="response"', f'place="{error[0]}"', f'keyword="{error[2]}"')
    assert seen.count("gateway_violations_total", *labels) == 1
    assert json.loads(seen.lines[0])["violations"]


@pytest.mark.parametrize("mode", ["block", "observe", "off"])
def test_a_good_answer_passes_in_every_mode(call: Call, mode: str) -> None:
    """And counts nothing."""
    seen = call(validate={"response": mode})
    assert body_of(seen.answers[0]) == b'{"id":1}'
    assert seen.count("gateway_violations_total") == 0


def test_an_unjudged_answer_is_not_counted(call: Call) -> None:
    """Mode `off`."""
    seen = call(reply=reply(500, b"{}"), validate={"response": "off"})
    assert status_of(seen.answers[0]) == 500
    assert seen.count("gateway_violations_total") == 0


def test_a_body_over_the_limit_is_refused_or_passes_unjudged(call: Call) -> None:
    """Mode `block` cannot let through what it cannot judge; `observe` counts that it was not judged."""
    large = reply(200, b'{"id":1' + b" " * 200 + b"}")
    blocked = call(reply=large, validate={"response": "block"}, limits={"response_body": 100})
    assert json.loads(body_of(blocked.answers[0]))["errors"][0]["keyword"] == "too-large"
    passed = call(reply=large, limits={"response_body": 100})
    assert body_of(passed.answers[0]) == body_of(large)
    assert passed.count("gateway_unjudged_total", 'direction="response"') == 1


@pytest.mark.parametrize("mode", ["block", "observe"])
@pytest.mark.parametrize("size", [100, 101])
def test_what_is_judged_of_a_compressed_body_is_what_it_decodes_to(call: Call, mode: str, size: int) -> None:
    """The client gets it as it came; the limit is on what it decodes to."""
    body = zlib.compress(b'{"id":1' + b" " * (size - 8) + b"}")
    answer = reply(200, body, JSON, b"Content-Encoding: deflate")
    seen = call(reply=answer, validate={"response": mode}, limits={"response_body": 100})
    if mode == "block" and size == 101:
        assert json.loads(body_of(seen.answers[0]))["errors"][0]["keyword"] == "too-large"
    else:
        assert body_of(seen.answers[0]) == body
    assert seen.count("gateway_unjudged_total") == (mode == "observe" and size == 101)


@pytest.mark.parametrize("length", [True, False])
def test_by_setting_an_oversized_answer_passes_mode_block(call: Call, length: bool) -> None:
    """Unjudged, and counted as that; its length may not be known before."""
    body = b'{"id":1' + b" " * 200 + b"}"
    answer = reply(200, body)
    if not length:
        answer = answer.partition(b"Content-Length")[0] + b"Transfer-Encoding: chunked\r\n\r\n"
        answer += b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    validate = {"response": "block", "oversized_response": "pass"}
    seen = call(reply=answer, validate=validate, limits={"response_body": 100})
    assert status_of(seen.answers[0]) == 200 and body in seen.answers[0]
    assert seen.count("gateway_unjudged_total", 'direction="response"') == 1
    assert seen.count("gateway_violations_total") == 0


def test_head_and_304_have_no_body_to_judge(call: Call) -> None:
    """Their fields still count."""
    head = call(
        GET.replace(b"GET", b"HEAD"), reply=OK.partition(b"{")[0], bodiless=True, validate={"response": "block"}
    )
    assert status_of(head.answers[0]) == 200
    unchanged = call(reply=b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n', validate={"response": "block"})
    assert status_of(unchanged.answers[0]) == 304


NOTHING = DOCUMENT.replace("responses: {'204': {description: done}}", "responses: {'200': {description: done}}")
DELETE = b"DELETE /v1/things/1 HTTP/1.1\r\nHost: a\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
UNTIL_CLOSE = b"HTTP/1.1 200 OK\r\n\r\n"


@pytest.mark.parametrize("mode", ["block", "observe"])
@pytest.mark.parametrize("pause", [0, 0.05])
@pytest.mark.parametrize(
    ("head", "rest", "empty"),
    [
        (CHUNKED, b"0\r\n\r\n", True),
        (CHUNKED, b"1\r\nx\r\n0\r\n\r\n", False),
        (UNTIL_CLOSE, b"", True),
        (UNTIL_CLOSE, b"x", False),
    ],
)
def test_content_that_is_not_documented_shows_with_its_first_byte(
    tmp_path: Path, mode: str, pause: float, head: bytes, rest: bytes, empty: bool
) -> None:
    """No content is fine, however its framing says so; what the framing hides may come late."""

    async def backend(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head if pause else head + rest)
        await asyncio.sleep(pause)
        writer.write(rest if pause else b"")

    async def story() -> None:
        async with running(tmp_path, Origin(backend), NOTHING, validate={"response": mode}) as gateway:
            answer = (await gateway.ask(DELETE))[0]
            assert status_of(answer) == (200 if empty or mode == "observe" else 502)
            await asyncio.sleep(0.02)
            found = [value for (name, _), value in gateway.totals().items() if name == "gateway_violations_total"]
            assert sum(found) == (0 if empty else 1)

    asyncio.run(story())


@pytest.mark.parametrize(("mode", "connections"), [("block", 2), ("observe", 1)])
def test_after_a_blocked_answer_the_connection_is_not_used_again(tmp_path: Path, mode: str, connections: int) -> None:
    """It may have been somebody else's, and then ours is still to come, and would be the next one's."""

    async def story() -> None:
        origin = Origin().replies(reply(200, b'{"id":"x"}'), OK)
        async with running(tmp_path, origin, validate={"response": mode}) as gateway:
            answers = await gateway.ask(GET, GET)
            assert status_of(answers[1]) == 200
            assert origin.connections == connections

    asyncio.run(story())

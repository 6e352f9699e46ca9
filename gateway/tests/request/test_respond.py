"""Step 6: what the client gets."""

import re

import pytest

from gateway.tests.harness import GET, OK, body_of, field_of, status_of
from gateway.tests.request.conftest import Call

DATE = re.compile(rb"(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT\Z")


def test_a_reply_passes_with_its_fields(call: Call) -> None:
    """Order, case and duplicates; the reason phrase; a date and the request id are added."""
    reply = OK.replace(b"200 OK", b"200 Splendid").replace(
        b"\r\n\r\n", b"\r\nSet-Cookie: a=1\r\nset-cookie: b=2\r\nServer: s\r\n\r\n"
    )
    head = call(reply=reply).answers[0].partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert head[:5] == [
        b"HTTP/1.1 200 Splendid",
        b"Content-Type: application/json",
        b"Set-Cookie: a=1",
        b"set-cookie: b=2",
        b"Server: s",
    ]
    assert [line.partition(b":")[0] for line in head[5:]] == [b"Date", b"X-Request-Id", b"Content-Length"]


def test_the_backends_date_stays(call: Call) -> None:
    """RFC 9110 section 6.6.1: only a missing one is added."""
    reply = OK.replace(b"\r\n\r\n", b"\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\n")
    answer = call(reply=reply).answers[0]
    assert answer.count(b"Date: ") == 1 and b"1970" in answer


def test_refusals_have_a_date_and_an_id(call: Call) -> None:
    """Like every other answer; the id is the one in the document."""
    answer = call(GET.replace(b"things", b"nothing")).answers[0]
    assert DATE.match(field_of(answer, b"date") or b"")
    assert b"urn:request:" + (field_of(answer, b"x-request-id") or b"?") in body_of(answer)


def test_the_answer_to_head_has_the_length_of_get(call: Call) -> None:
    """For replies and for refusals; no body follows, so the connection goes on."""
    head = GET.replace(b"GET", b"HEAD")
    seen = call(head, head.replace(b"things/1", b"things/x"), reply=OK.partition(b"{")[0], bodiless=True)
    assert [status_of(answer) for answer in seen.answers] == [200, 400]
    assert field_of(seen.answers[0], b"content-length") == b"8"
    assert int(field_of(seen.answers[1], b"content-length") or 0) > 100


@pytest.mark.parametrize("status", [204, 304])
def test_statuses_without_a_body_have_none(call: Call, status: int) -> None:
    """Whatever the backend says their length is."""
    seen = call(GET, GET, reply=b"HTTP/1.1 %d X\r\n\r\n" % status, validate={"response": "off"})
    assert [status_of(answer) for answer in seen.answers] == [status, status]
    assert body_of(seen.answers[0]) == b""


def test_a_streamed_reply_keeps_its_length_or_its_chunks(call: Call) -> None:
    """Nothing is buffered only to know how long it is."""
    reply = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    blobs = b"GET /v1/blobs HTTP/1.1\r\nHost: a\r\n\r\n"
    answer = call(blobs, reply=reply + b"3\r\nabc\r\n0\r\n\r\n").answers[0]
    assert b"abc" in body_of(answer)
    long = (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: 300000\r\n\r\n" + b"x" * 300000
    )
    answer = call(blobs, reply=long).answers[0]
    assert field_of(answer, b"content-length") == b"300000"
    assert body_of(answer) == b"x" * 300000

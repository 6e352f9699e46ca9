"""Step 3: nothing is forwarded that breaks the contract."""

import gzip
import json
import random

import pytest

from gateway.request.exchange import Runtime
from gateway.request.validate_request import judged
from gateway.tests.harness import DOCUMENT, body_of, field_of, status_of
from gateway.tests.request.conftest import Call

DONE = b"HTTP/1.1 204 No Content\r\n\r\n"


def put(body: bytes, *fields: bytes, target: bytes = b"/v1/things/1") -> bytes:
    """A PUT with a JSON body unless `fields` name another type."""
    given = b"".join(field + b"\r\n" for field in fields or (b"Content-Type: application/json",))
    return b"PUT %b HTTP/1.1\r\nHost: a\r\n%bContent-Length: %d\r\n\r\n%b" % (target, given, len(body), body)


REFUSED = [
    (put(b"[]"), 400, [("body", "", "type")]),
    (put(b'{"id":"x","name":"longer than ten"}'), 400, [("body", "/id", "type"), ("body", "/name", "maxLength")]),
    (put(b'{"id":1,"x":2}'), 400, [("body", "/x", "additionalProperties")]),
    (put(b'{"id":1,"id":2}'), 400, [("body", "", "syntax")]),
    (put(b'{"id":1'), 400, [("body", "", "syntax")]),
    (put(b""), 400, [("body", "", "required")]),
    (put(b'{"id":1}', target=b"/v1/things/0"), 400, [("path", "id", "minimum")]),
    (put(b'{"id":1}', target=b"/v1/things/1?x=1"), 400, [("query", "x", "unknown")]),
    (
        put(b'{"id":"x"}', target=b"/v1/things/0?x=1"),
        400,
        [("path", "id", "minimum"), ("query", "x", "unknown"), ("body", "/id", "type")],
    ),
    (put(b'{"id":1}', b"Content-Type: text/plain"), 415, []),
    (put(b'{"id":1}', b"X: y"), 415, []),
    (put(b'{"id":1}', b"Content-Type: application/json", b"Content-Encoding: gzip"), 400, [("body", "", "syntax")]),
    (put(b'{"id":1}', b"Content-Type: application/json", b"Content-Encoding: dcb"), 415, []),
    (b"DELETE /v1/things/1 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", 400, [("body", "", "undocumented")]),
]


@pytest.mark.parametrize(("request_bytes", "status", "errors"), REFUSED)
def test_each_broken_clause_is_named_and_the_backend_sees_nothing(
    call: Call, request_bytes: bytes, status: int, errors: list[tuple[str, str, str]]
) -> None:
    """With its place and keyword."""
    seen = call(request_bytes, reply=DONE)
    document = json.loads(body_of(seen.answers[0]))
    found = [(e["in"], e.get("name", e.get("pointer")), e["keyword"]) for e in document.get("errors", [])]
    assert (status_of(seen.answers[0]), sorted(found)) == (status, sorted(errors))
    assert seen.requests == []
    for place, _, keyword in errors:
        labels = (f'place="{place}"', f'keyword="{keyword}"', 'direction="request"')
        assert seen.count("gateway_violations_total", *labels) >= 1


OPTIONAL = DOCUMENT.replace("required: true\n        content", "required: false\n        content", 1)


@pytest.mark.parametrize("framing", [b"Content-Length: 0\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"])
def test_an_optional_body_may_be_empty(call: Call, framing: bytes) -> None:
    """However the client says so."""
    head = b"PUT /v1/things/1 HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    assert status_of(call(head + framing, reply=DONE, document=OPTIONAL).answers[0]) == 204


def test_415_says_what_would_be_taken(call: Call) -> None:
    """The media types (RFC 9110 section 15.5.16), or the codings (section 12.5.3)."""
    answer = call(put(b"x", b"Content-Type: application/json", b"Content-Encoding: compress")).answers[0]
    assert status_of(answer) == 415
    assert field_of(answer, b"accept-encoding") == b"gzip, deflate, br, zstd, identity"
    answer = call(put(b"x", b"Content-Type: text/csv")).answers[0]
    assert (status_of(answer), field_of(answer, b"accept")) == (415, b"application/json")


CODED = (b"Content-Type: application/json", b"Content-Encoding: gzip")


@pytest.mark.parametrize(
    ("content", "status", "errors"),
    [
        (b'{"id":1}', 204, []),
        (b'{"id":"x"}', 400, [("/id", "type")]),
        (b'{"id":1' + b" " * 80000 + b"}", 400, [("", "too-large")]),
        (random.Random(1).randbytes(75000).hex().encode(), 413, []),
    ],
)
def test_a_compressed_body_is_judged_decoded_and_forwarded_as_it_came(
    call: Call, content: bytes, status: int, errors: list[tuple[str, str]]
) -> None:
    """Within the limit on its size and the one on how much it may grow."""
    wire = gzip.compress(content)
    limits = {"body": 100000, "coding_ratio": 10}
    seen = call(put(wire, *CODED), reply=DONE, limits=limits)
    assert status_of(seen.answers[0]) == status
    document = json.loads(body_of(seen.answers[0]) or b"{}")
    assert [(e["pointer"], e["keyword"]) for e in document.get("errors", [])] == errors
    assert [body_of(request) for request in seen.requests] == ([wire] if status == 204 else [])


def test_what_is_not_judged_is_not_decoded(call: Call) -> None:
    """An unknown coding is nobody's business then."""
    request = put(b"x", b"Content-Type: application/json", b"Content-Encoding: dcb")
    seen = call(request, reply=DONE, validate={"request": "off"})
    assert status_of(seen.answers[0]) == 204 and seen.requests[0].endswith(b"x")


@pytest.mark.parametrize("size", [100, 101])
def test_a_body_may_be_as_large_as_the_limit(call: Call, size: int) -> None:
    """One byte more is 413; the backend sees neither head nor body of it."""
    body = b'{"id":1' + b" " * (size - 8) + b"}"
    seen = call(put(body), reply=DONE, limits={"body": 100})
    assert status_of(seen.answers[0]) == (204 if size == 100 else 413)
    assert len(seen.requests) == (size == 100)


def test_an_announced_length_over_the_limit_is_not_asked_for(call: Call) -> None:
    """The client that waits for 100 (Continue) gets its 413 instead, without having sent a byte of the body."""
    request = put(b"", b"Content-Type: application/json", b"Expect: 100-continue")
    answer = call(request.replace(b"Content-Length: 0", b"Content-Length: 200"), limits={"body": 100}).answers[0]
    assert status_of(answer) == 413
    assert field_of(answer, b"connection") == b"close"


def test_a_chunked_body_over_the_limit_is_413_too(call: Call) -> None:
    """Although nothing announced its length."""
    head = (
        b"PUT /v1/things/1 HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    seen = call(head + b"c8\r\n" + b" " * 200 + b"\r\n0\r\n\r\n", limits={"body": 100})
    assert status_of(seen.answers[0]) == 413
    assert seen.requests == []


def test_a_streamed_body_has_its_own_limit(call: Call) -> None:
    """When one is set, and known in advance."""
    request = (
        b"POST /v1/blobs HTTP/1.1\r\nHost: a\r\nContent-Type: application/octet-stream\r\nContent-Length: 11\r\n\r\n"
    )
    seen = call(request + b"x" * 11, limits={"stream_body": 10})
    assert status_of(seen.answers[0]) == 413
    assert seen.requests == []


def test_422_where_the_document_says_so(call: Call) -> None:
    """Instead of 400, for operations that document it and not 400."""
    document = DOCUMENT.replace("responses: {'204': {description: done}}", "responses: {'422': {description: no}}", 1)
    assert status_of(call(put(b"[]"), document=document).answers[0]) == 422


def test_observed_requests_pass_and_are_counted(call: Call) -> None:
    """Mode `observe`: the same violations, but the backend answers."""
    seen = call(put(b"[]", b"Content-Type: text/plain"), reply=DONE, validate={"request": "observe"})
    assert status_of(seen.answers[0]) == 204
    assert seen.requests[0].endswith(b"[]")
    assert seen.count("gateway_violations_total", 'direction="request"') == 1
    assert json.loads(seen.lines[0])["violations"]


def test_unjudged_requests_pass_without_a_count(call: Call) -> None:
    """Mode `off`."""
    seen = call(put(b"[]"), reply=DONE, validate={"request": "off"})
    assert status_of(seen.answers[0]) == 204
    assert seen.count("gateway_violations_total") == 0


class Fixed(Runtime):
    """Only the random number that `judged` asks for."""

    def __init__(self, number: float) -> None:
        self.random = lambda: number


@pytest.mark.parametrize(
    ("mode", "number", "expected"),
    [
        ("block", 0.9, (True, True)),
        ("observe", 0.9, (True, False)),
        ("sample", 0.19, (True, False)),
        ("sample", 0.2, (False, False)),
        ("off", 0.0, (False, False)),
    ],
)
def test_modes(mode: str, number: float, expected: tuple[bool, bool]) -> None:
    """(judged, blocking); a share of 0.2 is every random number below it."""
    assert judged(mode, 0.2, Fixed(number)) == expected

"""The request line as a whole: the order of its steps, and an end for every failure."""

import json
import logging

import pytest

from gateway.request import handle
from gateway.tests.harness import DOCUMENT, GET, body_of, status_of
from gateway.tests.request.conftest import Call


def test_the_order_is_route_then_parameters_then_body(call: Call) -> None:
    """Each step refuses before the next one looks: a wrong path hides a wrong body, a wrong type of body the body."""
    head = b"PUT /v1/%b HTTP/1.1\r\nHost: a\r\nContent-Type: %b\r\nContent-Length: 2\r\n\r\n[]"
    cases = [
        (b"nothing/0", b"text/plain", 404),
        (b"things/0", b"text/plain", 415),
        (b"things/0", b"application/json", 400),
    ]
    for path, media, status in cases:
        seen = call(head % (path, media))
        assert status_of(seen.answers[0]) == status
        assert seen.requests == []


def test_a_defect_is_500_with_the_id_in_the_log(
    call: Call, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """No traceback reaches the client; the next request on the connection is served."""
    calls = iter([True, False])
    real = handle.validate_request

    async def broken(*arguments: object) -> object:
        if next(calls):
            raise ZeroDivisionError("secret detail")
        return await real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(handle, "validate_request", broken)
    with caplog.at_level(logging.ERROR, "gateway"):
        seen = call(GET, GET)
    assert [status_of(answer) for answer in seen.answers] == [500, 200]
    document = json.loads(body_of(seen.answers[0]))
    assert document["type"].endswith("#internal-error")
    assert "secret" not in json.dumps(document)
    assert document["instance"].removeprefix("urn:request:") in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_every_exchange_is_logged_and_counted_once(call: Call) -> None:
    """Whether it was answered, refused or failed."""
    seen = call(GET, GET.replace(b"/1 ", b"/x "), GET.replace(b"things", b"nothing"))
    assert [json.loads(line)["status"] for line in seen.lines] == [200, 400, 404]
    assert seen.count("gateway_requests_total") == 3
    first, second, third = (json.loads(line) for line in seen.lines)
    assert (first["path"], first["operation"], first["api"]) == ("/v1/things/{id}", "getThing", "api")
    assert first["upstream"].startswith("http://127.0.0.1:")
    assert second["violations"] and second["error"] == "invalid-request"
    assert third["error"] == "not-found"


def test_documentation_pages_do_not_hide_operations(call: Call) -> None:
    """A documented /docs wins over the gateway's own page."""
    document = DOCUMENT.replace("/blobs:", "/docs:").replace("/v1}", "}")
    seen = call(GET.replace(b"/v1/things/1", b"/things/1"), document=document)
    assert status_of(seen.answers[0]) == 200

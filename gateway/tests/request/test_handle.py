"""The request line as a whole: the order of its steps, and an end for every failure."""

import asyncio
import json
import logging
import time
from pathlib import Path

import pytest

from gateway.config import Addresses, Issuer, RateLimit
from gateway.request import handle
from gateway.security.screen import FilterRequest
from gateway.tests.harness import DOCUMENT, GET, Origin, body_of, running, status_of
from gateway.tests.request.conftest import Call
from gateway.tests.security.issuing import AUDIENCE, ISSUER, jwk, jwks, token


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


SECURED = """
openapi: 3.1.0
info: {title: Secured, version: "1"}
servers: [{url: /v1}]
security: [{auth: [write]}]
paths:
  /users/{user}:
    put:
      x-gateway: {owner: {parameter: user, claim: sub}}
      parameters: [{name: user, in: path, required: true, schema: {type: string}}]
      requestBody: {required: true, content: {application/json: {schema: {type: object}}}}
      responses: {"200": {description: ok, content: {application/json: {schema: {}}}}}
components:
  securitySchemes:
    auth: {type: oauth2, flows: {clientCredentials: {tokenUrl: "https://issuer.example/t", scopes: {write: w}}}}
"""


def objection(request: FilterRequest) -> str | None:
    """The filter of the test."""
    return "not wanted" if request.header("X-Filter") else None


def put(target: str = "/v1/users/7", body: str = "{}", **fields: str) -> bytes:
    """A request."""
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
    head = f"PUT {target} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return f"{head}{lines}\r\n{body}".encode()


def test_each_step_comes_before_all_that_cost_more(tmp_path: Path) -> None:
    """A request that is wrong in every way, mended step by step: who may not even ask learns nothing of what follows,
    and uses up nobody's budget."""
    (tmp_path / "jwks.json").write_bytes(jwks(jwk("RSA")))
    good, poor, other = (
        "Bearer " + token(exp=time.time() + 600, sub=sub, scope=scope).decode()
        for sub, scope in (("7", "write"), ("7", "read"), ("8", "write"))
    )
    denied, spent, fresh = "192.0.2.1", "192.0.2.2", "192.0.2.3"
    story = [
        (put("/v1/nobody", "[", X_Forwarded_For=denied, X_Filter="1"), "not-found"),
        (put(body="[", X_Forwarded_For=denied, X_Filter="1"), "address"),
        (put(body="[", X_Forwarded_For=spent, X_Filter="1"), "filter"),
        *[(put(body="[", X_Forwarded_For=spent), "credentials-missing")] * 2,
        (put(body="[", X_Forwarded_For=spent), "rate-limit"),
        (put(body="[", X_Forwarded_For=fresh, Authorization=poor), "scope"),
        (put(body="[", X_Forwarded_For=fresh, Authorization=other), "owner"),
        (put(body="[", X_Forwarded_For="192.0.2.4", Authorization=good), "invalid-request"),
        (put(X_Forwarded_For="192.0.2.4", Authorization=good), ""),
        (put(body="[", X_Forwarded_For="192.0.2.5", Authorization=good), "rate-limit"),
    ]

    async def play() -> None:
        origin, seen = Origin(), []
        async with running(
            tmp_path,
            origin,
            SECURED,
            api={"rate_limits": ("first", "second"), "addresses": Addresses(deny=(denied,))},
            issuers={"main": Issuer(ISSUER, (AUDIENCE,), str(tmp_path / "jwks.json"))},
            trusted_proxies=("127.0.0.1/32",),
            filter=f"{__name__}:objection",
            rate_limits={"first": RateLimit(2, "hour"), "second": RateLimit(2, "hour", "consumer")},
        ) as gateway:
            gateway.runtime.record = lambda exchange: seen.append(exchange.cause or exchange.error)
            for request, _ in story:
                await gateway.ask(request)
        assert seen == [expected for _, expected in story]
        assert len(origin.requests) == 1

    asyncio.run(play())

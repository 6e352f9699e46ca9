"""CORS over the wire: preflights are answered here, other answers say who may read them."""

import json
from pathlib import Path
from typing import Any

import pytest

from gateway.config import Cors, Issuer
from gateway.tests.harness import DOCUMENT, GET, OK, body_of, field_of, status_of
from gateway.tests.request.conftest import Call
from gateway.tests.security.issuing import AUDIENCE, ISSUER, jwks

APP = "https://app.example"
SECURED = DOCUMENT.replace("paths:\n", "security: [{jwt: []}]\npaths:\n", 1).replace(
    "components:\n",
    """components:
  securitySchemes: {jwt: {type: http, scheme: bearer}}
""",
)
OPTIONS = DOCUMENT.replace(
    "    delete:\n      operationId: deleteThing",
    """    options:
      operationId: options
      responses: {'204': {description: what can be done}}
    delete:
      operationId: deleteThing""",
)
ALLOWING = (
    b"Access-Control-Allow-Origin",
    b"Access-Control-Allow-Methods",
    b"Access-Control-Allow-Headers",
    b"Access-Control-Max-Age",
    b"Access-Control-Allow-Credentials",
    b"Access-Control-Allow-Private-Network",
)


def asked(origin: str, method: str = "PUT", headers: str = "", path: str = "/v1/things/1", more: str = "") -> bytes:
    """A preflight."""
    lines = [f"OPTIONS {path} HTTP/1.1", "Host: a", f"Origin: {origin}", f"Access-Control-Request-Method: {method}"]
    lines += [f"Access-Control-Request-Headers: {headers}"] if headers else []
    lines += [more] if more else []
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def cors(*origins: str, **given: Any) -> dict[str, Any]:
    """Settings of the API."""
    return {"cors": Cors(origins=origins or (APP,), **given)}


def secured(tmp_path: Path) -> dict[str, Any]:
    """Settings of a gateway whose operations need a token."""
    keys = tmp_path / "keys.json"
    keys.write_bytes(jwks("EC"))
    return {"document": SECURED, "issuers": {"dealer": Issuer(ISSUER, AUDIENCE, str(keys))}}


def test_a_preflight_needs_no_token_and_no_backend(call: Call, tmp_path: Path) -> None:
    """Methods, header fields and credentials are the document's."""
    seen = call(asked(APP, "PUT", "authorization,content-type"), api=cors(), **secured(tmp_path))
    answer = seen.answers[0]
    assert status_of(answer) == 204 and seen.requests == [] and body_of(answer) == b""
    assert field_of(answer, b"Access-Control-Allow-Origin") == APP.encode()
    assert field_of(answer, b"Access-Control-Allow-Methods") == b"DELETE, GET, HEAD, PUT"
    assert field_of(answer, b"Access-Control-Allow-Headers") == (
        b"accept, accept-language, authorization, content-language, content-type, dpop"
    )
    assert field_of(answer, b"Access-Control-Max-Age") == b"600"
    assert field_of(answer, b"Access-Control-Allow-Credentials") is None
    assert (field_of(answer, b"Vary") or b"").startswith(b"Origin, Access-Control-Request-Method, ")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (asked(APP), 204),
        (asked(APP, "HEAD"), 204),
        (asked(APP, "GET", "x-own"), 204),
        (asked(APP, more="Content-Length: 0"), 204),
        (asked("https://evil.example"), 403),
        (asked("null"), 403),
        (asked(APP + ".evil.example"), 403),
        (asked(APP.upper()), 403),
        (asked(APP, more="Origin: https://evil.example"), 403),
        (asked(APP, "PATCH"), 403),
        (asked(APP, "put"), 403),
        (asked(APP, "OPTIONS"), 403),
        (asked(APP, "PUT", "content-type,x-secret"), 403),
        (asked(APP, "PUT", "authorization"), 403),
        (asked(APP, more="Access-Control-Request-Private-Network: true"), 403),
        (asked(APP, path="/v1/nothing"), 404),
        (asked(APP, path="/v1/things/%2e%2e"), 400),
    ],
)
def test_what_is_not_allowed_gets_no_field_that_allows(call: Call, request_: bytes, status: int) -> None:
    """And no backend is asked; the answer says what was wrong, to a person who looks."""
    seen = call(request_, api=cors(headers=("X-Own",)))
    answer = seen.answers[0]
    assert status_of(answer) == status and seen.requests == []
    if status == 204:
        assert field_of(answer, b"Access-Control-Allow-Origin") == APP.encode()
        return
    assert [name for name in ALLOWING if field_of(answer, name) is not None] == []
    assert b"secret" not in body_of(answer) and b"evil" not in body_of(answer)
    if status == 403:
        assert (field_of(answer, b"Vary") or b"").startswith(b"Origin, Access-Control-Request-Method, ")
        assert seen.count("gateway_refused_total", 'cause="origin"') == 1


def test_a_private_network_is_open_to_pages_only_where_it_is_said(call: Call) -> None:
    """Private Network Access."""
    answer = call(
        asked(APP, more="Access-Control-Request-Private-Network: true"), api=cors(private_network=True)
    ).answers[0]
    assert field_of(answer, b"Access-Control-Allow-Private-Network") == b"true"


def test_documented_options_are_the_backends_but_for_preflights(call: Call) -> None:
    """Other OPTIONS requests of a path without such an operation stay 405."""
    plain = GET.replace(b"GET", b"OPTIONS")
    reply = b"HTTP/1.1 204 No Content\r\nAccess-Control-Allow-Origin: *\r\n\r\n"
    seen = call(plain, asked(APP, "GET"), document=OPTIONS, api=cors(), reply=reply)
    assert [status_of(answer) for answer in seen.answers] == [204, 204]
    assert [request.split(b" ")[0] for request in seen.requests] == [b"OPTIONS"]
    assert field_of(seen.answers[0], b"Access-Control-Allow-Origin") is None
    seen = call(plain, api=cors())
    assert status_of(seen.answers[0]) == 405 and field_of(seen.answers[0], b"Allow") == b"DELETE, GET, HEAD, PUT"


def test_without_cors_preflights_are_options_like_any_other(call: Call) -> None:
    """405, or the backend's; nothing is added to other answers."""
    seen = call(asked(APP), GET.replace(b"Host: ", b"Origin: https://app.example\r\nHost: "))
    assert [status_of(answer) for answer in seen.answers] == [405, 200]
    assert b"access-control" not in seen.answers[1].lower() and field_of(seen.answers[1], b"Vary") is None
    reply = b"HTTP/1.1 204 No Content\r\nAccess-Control-Allow-Origin: *\r\n\r\n"
    seen = call(asked(APP), document=OPTIONS, reply=reply)
    assert field_of(seen.answers[0], b"Access-Control-Allow-Origin") == b"*"


THINGS = OK.replace(b"Content-Type", b"Access-Control-Allow-Origin: *\r\naccess-control-max-age: 9\r\n%bContent-Type")


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [(APP, APP), ("https://a.b.example", "https://a.b.example"), ("https://b.example", None), (None, None)],
)
@pytest.mark.parametrize(
    ("sent", "received"),
    [
        (b"", [b"Origin"]),
        (b"Vary: Accept-Encoding\r\n", [b"Accept-Encoding", b"Origin"]),
        (b"Vary: accept, ORIGIN\r\n", [b"accept, ORIGIN"]),
        (b"Vary: a\r\nVary: *\r\n", [b"a", b"*"]),
    ],
)
def test_answers_say_who_may_read_them(
    call: Call, origin: str | None, allowed: str | None, sent: bytes, received: list[bytes]
) -> None:
    """In place of what the backend says; `Vary` adds up, with or without an origin."""
    request = GET if origin is None else GET.replace(b"Host: ", b"Origin: %b\r\nHost: " % origin.encode())
    answer = call(request, reply=THINGS % sent, api=cors(APP, "https://*.b.example", credentials=True)).answers[0]
    assert field_of(answer, b"Access-Control-Allow-Origin") == (allowed.encode() if allowed else None)
    assert field_of(answer, b"Access-Control-Allow-Credentials") == (b"true" if allowed else None)
    assert (b"X-Rank" in (field_of(answer, b"Access-Control-Expose-Headers") or b"")) is bool(allowed)
    assert field_of(answer, b"access-control-max-age") is None
    lines = [line.split(b": ", 1) for line in answer.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]]
    assert [value for name, value in lines if name.lower() == b"vary"] == received
    assert answer.count(b"Access-Control-Allow-Origin") == bool(allowed)


def test_refusals_can_be_read_too(call: Call, tmp_path: Path) -> None:
    """A page that is let in has to see why its request was refused."""
    request = GET.replace(b"Host: ", b"Origin: https://app.example\r\nHost: ")
    answer = call(request, api=cors(), **secured(tmp_path)).answers[0]
    assert status_of(answer) == 401 and json.loads(body_of(answer))["status"] == 401
    assert field_of(answer, b"Access-Control-Allow-Origin") == APP.encode()
    assert b"WWW-Authenticate" in (field_of(answer, b"Access-Control-Expose-Headers") or b"")
    assert field_of(answer, b"Vary") == b"Origin"


def test_a_page_learns_that_a_method_is_not_documented(call: Call) -> None:
    """405 can be read with its Allow, by pages that are let in; without CORS nothing is added."""
    requests = [
        b"POST /v1/things/1 HTTP/1.1\r\nHost: a\r\nOrigin: %b\r\n\r\n" % each for each in (APP.encode(), b"null")
    ]
    ours, other = call(*requests, api=cors()).answers
    assert (status_of(ours), field_of(ours, b"Access-Control-Allow-Origin")) == (405, APP.encode())
    assert b"Allow" in (field_of(ours, b"Access-Control-Expose-Headers") or b"")
    assert (status_of(other), field_of(other, b"Access-Control-Allow-Origin")) == (405, None)
    assert field_of(other, b"Vary") == b"Origin"
    assert b"Access-Control" not in call(requests[0]).answers[0]


def test_what_anybody_may_read_is_the_same_for_all(call: Call) -> None:
    """`*` on every answer, also to those without an origin, so that caches keep one."""
    seen = call(GET, GET.replace(b"Host: ", b"Origin: null\r\nHost: "), api=cors("*"))
    for answer in seen.answers:
        assert field_of(answer, b"Access-Control-Allow-Origin") == b"*" and field_of(answer, b"Vary") is None

"""Step 2 over the wire: addresses and the filter, before anybody is asked who they are."""

import json
import logging
import sys
from pathlib import Path

import pytest

from gateway.config import Addresses, Issuer
from gateway.tests.harness import DOCUMENT, GET, body_of, field_of, status_of
from gateway.tests.request.conftest import Call
from gateway.tests.security.issuing import AUDIENCE, ISSUER, jwks

PUT = b'PUT /v1/things/1 HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n{"id":1}'
HERE, ELSEWHERE = Addresses(allow=("127.0.0.0/8",)), Addresses(allow=("192.0.2.0/24",))
NOT_HERE = Addresses(deny=("127.0.0.1",))


def below(lists: str) -> str:
    """A document whose `getThing` has these lists."""
    return DOCUMENT.replace("operationId: getThing", f"operationId: getThing\n      x-gateway: {{addresses: {lists}}}")


@pytest.mark.parametrize(
    ("gateway", "api", "document", "get", "put"),
    [
        (Addresses(), Addresses(), DOCUMENT, 200, 204),
        (HERE, HERE, below("{allow: 127.0.0.1}"), 200, 204),
        (ELSEWHERE, HERE, DOCUMENT, 403, 403),
        (HERE, ELSEWHERE, DOCUMENT, 403, 403),
        (NOT_HERE, Addresses(), below("{allow: [127.0.0.0/8]}"), 403, 403),
        (Addresses(), NOT_HERE, DOCUMENT, 403, 403),
        (HERE, Addresses(), below("{allow: ['::/0', 192.0.2.0/24]}"), 403, 204),
        (HERE, Addresses(), below("{deny: 127.0.0.0/8}"), 403, 204),
        (HERE, Addresses(), below("{}"), 200, 204),
    ],
)
def test_all_lists_must_let_an_address_pass(
    call: Call, gateway: Addresses, api: Addresses, document: str, get: int, put: int
) -> None:
    """Those of the gateway, of the API and of the operation; none can widen another."""
    seen = call(GET, addresses=gateway, api={"addresses": api}, document=document)
    assert status_of(seen.answers[0]) == get and len(seen.requests) == (get == 200)
    seen = call(PUT, addresses=gateway, api={"addresses": api}, document=document, reply=b"HTTP/1.1 204 N\r\n\r\n")
    assert status_of(seen.answers[0]) == put and len(seen.requests) == (put == 204)


@pytest.mark.parametrize(
    ("gateway", "api", "page"),
    [(Addresses(), NOT_HERE, 200), (HERE, ELSEWHERE, 200), (NOT_HERE, HERE, 403), (ELSEWHERE, HERE, 403)],
)
def test_the_lists_of_the_gateway_hold_for_its_pages(call: Call, gateway: Addresses, api: Addresses, page: int) -> None:
    """Whoever may not call the gateway does not read in its documents how; what is not there is 404 for everybody."""
    asked = (b"/docs", b"/openapi.json", b"/nowhere")
    requests = [b"GET %b HTTP/1.1\r\nHost: a\r\n\r\n" % path for path in asked]
    seen = call(*requests, addresses=gateway, api={"addresses": api}, docs=True)
    assert [status_of(answer) for answer in seen.answers] == [page, page, 404]
    if page == 403:
        assert b"Gateway" not in body_of(seen.answers[0]) and b"things" not in body_of(seen.answers[1])


def test_the_address_is_the_clients_and_only_proxies_say_it(call: Call) -> None:
    """A stranger's X-Forwarded-For neither opens nor shuts anything, also when Connection names it."""
    claimed = GET.replace(b"Host: ", b"X-Forwarded-For: 192.0.2.7\r\nConnection: X-Forwarded-For\r\nHost: ")
    assert status_of(call(claimed, addresses=ELSEWHERE).answers[0]) == 403
    claimed = GET.replace(b"Host: ", b"X-Forwarded-For: 6.6.6.6, 192.0.2.7\r\nHost: ")
    seen = call(claimed, addresses=ELSEWHERE, trusted_proxies=("127.0.0.0/8",))
    assert status_of(seen.answers[0]) == 200
    assert field_of(seen.requests[0], b"X-Forwarded-For") == b"6.6.6.6, 192.0.2.7, 127.0.0.1"
    assert json.loads(seen.lines[0])["client"] == "192.0.2.7"


def test_addresses_are_judged_before_credentials_and_bodies(call: Call, tmp_path: Path) -> None:
    """Who may not call learns nothing else; the reason is in the log alone."""
    keys = tmp_path / "keys.json"
    keys.write_bytes(jwks("EC"))
    secured = DOCUMENT.replace("paths:\n", "security: [{jwt: []}]\npaths:\n", 1).replace(
        "components:\n", "components:\n  securitySchemes: {jwt: {type: http, scheme: bearer}}\n"
    )
    issuers = {"dealer": Issuer(ISSUER, AUDIENCE, str(keys))}
    answer = call(GET, document=secured, issuers=issuers, addresses=NOT_HERE).answers[0]
    assert status_of(answer) == 403 and b"127.0.0.1" not in body_of(answer)
    assert field_of(answer, b"WWW-Authenticate") is None


FILTER = """
calls = []
def record(request):
    calls.append(request)
def refuse(request):
    if request.header("User-Agent").startswith("bad"):
        return "agent " + request.header("User-Agent")
    return None
def empty(request): return ""
def wrong(request): return True
def broken(request): raise LookupError("my own fault")
def change(request): request.headers[b"authorization"] = b"Bearer forged"
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A module that a setting can name."""
    (tmp_path / "screening_example.py").write_text(FILTER)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "screening_example", raising=False)


@pytest.mark.usefixtures("own")
def test_a_filter_sees_the_request_and_lets_it_pass(call: Call) -> None:
    """Method, template, raw path and query, fields and address; its time is counted."""
    request = GET.replace(b"/1 ", b"/%31?units=metric ").replace(b"Host", b"X-A: 1\r\nx-a: 2\r\nHost")
    seen = call(request, GET.replace(b"things/1", b"nothing"), filter="screening_example:record")
    assert [status_of(answer) for answer in seen.answers] == [200, 404]
    (view,) = sys.modules["screening_example"].calls
    assert (view.method, view.template, view.path, view.query) == (
        *("GET", "/v1/things/{id}", "/v1/things/%31", "units=metric"),
    )
    assert (view.header("X-A"), view.address, view.api, view.operation) == ("1, 2", "127.0.0.1", "api", "getThing")
    assert seen.count("gateway_filter_seconds_count") == 1 and seen.count("gateway_filter_seconds_sum") > 0


@pytest.mark.usefixtures("own")
@pytest.mark.parametrize(
    ("name", "status"), [("refuse", 403), ("empty", 403), ("wrong", 500), ("broken", 500), ("change", 500)]
)
def test_what_a_filter_does_not_pass_goes_no_further(
    call: Call, caplog: pytest.LogCaptureFixture, name: str, status: int
) -> None:
    """A text is for the log; a filter that fails is logged, and lets nobody in."""
    with caplog.at_level(logging.ERROR, "gateway"):
        seen = call(GET.replace(b"Host", b"User-Agent: bad1\r\nHost"), filter=f"screening_example:{name}")
    answer = seen.answers[0]
    assert status_of(answer) == status and seen.requests == []
    assert b"bad1" not in answer and b"fault" not in answer
    assert seen.count("gateway_refused_total", 'cause="filter"') == 1
    assert ("the filter failed" in caplog.text) is (status == 500)


@pytest.mark.usefixtures("own")
def test_what_a_filter_does_not_object_to_passes(call: Call) -> None:
    """None is the only answer that lets a request in."""
    assert status_of(call(GET, filter="screening_example:refuse").answers[0]) == 200

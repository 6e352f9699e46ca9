"""Step 4: what the backend sees."""

from functools import partial

import pytest

from gateway.config import Api
from gateway.tests import harness
from gateway.tests.harness import DOCUMENT, GET, Origin, body_of, field_of, status_of
from gateway.tests.request.conftest import Call
from gateway.wire.fields import CLAIMS


def test_fields_and_target_reach_the_backend_as_they_came(call: Call) -> None:
    """Order, case and duplicates; escapes and the query byte for byte."""
    request = (
        b"GET /v1/things/%31?units=metri%63 HTTP/1.1\r\nHost: api.example\r\n"
        b"x-B: 1\r\nX-a: 2\r\nX-B: 3\r\nAuthorization: Basic eDp5\r\nUser-Agent: t\r\n\r\n"
    )
    lines = call(request).requests[0].split(b"\r\n")
    assert lines[0] == b"GET /v1/things/%31?units=metri%63 HTTP/1.1"
    assert lines[2:7] == [b"x-B: 1", b"X-a: 2", b"X-B: 3", b"Authorization: Basic eDp5", b"User-Agent: t"]


def test_the_gateway_writes_its_own_fields(call: Call) -> None:
    """Host of the backend, who asked, the request id that the client is told too, and a trace."""
    seen = call(GET.replace(b"\r\n\r\n", b"\r\nX-Forwarded-For: 1.2.3.4\r\nX-Request-Id: mine\r\nVia: 1.0 a\r\n\r\n"))
    request = seen.requests[0]
    assert field_of(request, b"host").startswith(b"127.0.0.1:")  # type: ignore[union-attr]
    assert field_of(request, b"x-forwarded-for") == b"127.0.0.1"
    assert field_of(request, b"x-forwarded-host") == b"api.example"
    assert field_of(request, b"via") == b"1.0 a, 1.1 gateway"
    assert field_of(request, b"x-request-id") == field_of(seen.answers[0], b"x-request-id") != b"mine"
    assert len(field_of(request, b"traceparent") or b"") == 55


def test_a_trusted_proxy_is_believed(call: Call) -> None:
    """Its request id is used from end to end."""
    request = GET.replace(b"\r\n\r\n", b"\r\nX-Forwarded-For: 1.2.3.4\r\nX-Request-Id: mine\r\n\r\n")
    seen = call(request, trusted_proxies=("127.0.0.0/8",))
    assert field_of(seen.requests[0], b"x-forwarded-for") == b"1.2.3.4, 127.0.0.1"
    assert field_of(seen.requests[0], b"x-request-id") == b"mine"
    assert field_of(seen.answers[0], b"x-request-id") == b"mine"


UNKEYED = sorted(
    {*frozenset().union(*CLAIMS.values()), *(b"forwarded", b"x-forwarded-host", b"x-forwarded-proto")}
    | {b"x-http-method-override", b"x-forwarded-user", b"x_original_url", b"X_FORWARDED_HOST"}
)


@pytest.mark.parametrize("proxies", [(), ("127.0.0.0/8",)])
def test_what_no_cache_looks_at_chooses_nothing(call: Call, proxies: tuple[str, ...]) -> None:
    """Host, scheme, target, method and address are those that were judged, whatever else a client says they are."""
    lines = b"".join(b"%b: evil.example\r\n" % name for name in UNKEYED)
    request = GET.replace(b"Host", lines + b"Connection: X-Forwarded-For, Forwarded\r\nHost")
    got = call(request, trusted_proxies=proxies).requests[0]
    named = {line.split(b":")[0].lower() for line in got.split(b"\r\n\r\n")[0].split(b"\r\n")[1:]}
    assert named == {
        *(b"host", b"via", b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto"),
        *(b"x-request-id", b"traceparent"),
    }
    assert field_of(got, b"x-forwarded-for") == b"127.0.0.1"
    assert (b"evil" in got) is bool(proxies)  # a trusted proxy is believed about host and scheme


@pytest.mark.parametrize(("mode", "expected"), [("block", b"gzip"), ("observe", b"gzip"), ("off", b"gzip, dcb")])
def test_a_judged_answer_is_asked_for_only_in_codings_that_can_be_decoded(
    call: Call, mode: str, expected: bytes
) -> None:
    """Where nobody looks inside, the backend sees what the client asks for."""
    request = GET.replace(b"\r\n\r\n", b"\r\nAccept-Encoding: gzip, dcb\r\n\r\n")
    assert field_of(call(request, validate={"response": mode}).requests[0], b"accept-encoding") == expected


@pytest.mark.parametrize("body", [b'{"id": 1.0}', b'{ "id":1 , "name":"\\u00e4" }'])
def test_a_judged_body_is_forwarded_byte_for_byte(call: Call, body: bytes) -> None:
    """Never written anew; a chunked one gets the length that is known by then."""
    head = b"PUT /v1/things/1 HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
    plain = head + b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    chunked = head + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    seen = call(plain, chunked, reply=b"HTTP/1.1 204 No Content\r\n\r\n")
    assert [body_of(request) for request in seen.requests] == [body, body]
    for request in seen.requests:
        assert field_of(request, b"content-length") == b"%d" % len(body)
        assert field_of(request, b"transfer-encoding") is None


def test_an_unjudged_body_that_is_all_there_gets_its_length(call: Call) -> None:
    """Whatever its framing was; `test_streaming` shows that one that comes in pieces keeps it."""
    head = b"POST /v1/blobs HTTP/1.1\r\nHost: a\r\nContent-Type: application/octet-stream\r\n"
    plain = head + b"Content-Length: 3\r\n\r\nabc"
    chunked = head + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    reply = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: 0\r\n\r\n"
    first, second = call(plain, chunked, reply=reply).requests
    assert (field_of(first, b"content-length"), body_of(first)) == (b"3", b"abc")
    assert (field_of(second, b"content-length"), body_of(second)) == (b"3", b"abc")
    assert field_of(second, b"transfer-encoding") is None


@pytest.mark.parametrize("mount", ["/public", "/a/b", ""])
def test_the_mount_is_exchanged_for_the_backends_prefix(
    call: Call, monkeypatch: pytest.MonkeyPatch, mount: str
) -> None:
    """The rest of the path stays as it came, also when the client escapes letters of the mount for no reason."""
    monkeypatch.setattr(harness, "Api", partial(Api, path=mount))
    path = mount.encode() + b"/things/%31"
    targets = [path, path.replace(b"/a/", b"/%61/").replace(b"/public", b"/%70ublic")]
    seen = call(*(GET.replace(b"/v1/things/1", target) for target in targets))
    assert [status_of(answer) for answer in seen.answers] == [200, 200]
    assert [request.split(b" ")[1] for request in seen.requests] == [b"/v1/things/%31"] * 2


def test_requests_without_a_body_get_no_framing(call: Call) -> None:
    """RFC 9110 section 8.6: a GET without content has no length."""
    request = call(GET).requests[0]
    assert field_of(request, b"content-length") is None
    assert field_of(request, b"transfer-encoding") is None


def test_a_backend_that_is_gone_is_502(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted as a failure to connect or a lost connection, and the client is told no address."""

    async def hang_up(self: Origin, reader: object, writer: object) -> None:
        writer.transport.abort()  # type: ignore[attr-defined]

    monkeypatch.setattr(Origin, "__call__", hang_up)
    seen = call()
    assert status_of(seen.answers[0]) == 502
    assert b"127.0.0.1" not in body_of(seen.answers[0])
    assert seen.count("gateway_backend_errors_total") == 1


TENANT = DOCUMENT.replace(
    "    get:\n      operationId: getThing\n      parameters:\n",
    "    get:\n      operationId: getThing\n      parameters:\n"
    "        - {name: X-Tenant, in: header, schema: {type: string, enum: [red]}}\n",
)


TWINS = b"GET /v1/things/1 HTTP/1.1\r\nHost: a\r\nX-Tenant: red\r\nX_Tenant: blue\r\nX_Other: green\r\n\r\n"


def test_a_field_that_could_be_taken_for_a_judged_one_is_refused(call: Call) -> None:
    """Many backends read `X_Tenant` as `X-Tenant`."""
    seen = call(TWINS, document=TENANT)
    assert status_of(seen.answers[0]) == 400 and seen.requests == []


def test_where_violations_only_count_it_is_dropped(call: Call) -> None:
    """The backend sees what was judged, and nothing in its place."""
    seen = call(TWINS, document=TENANT, validate={"request": "observe"})
    assert b"red" in seen.requests[0] and b"green" in seen.requests[0]
    assert b"blue" not in seen.requests[0]


def test_a_name_with_both_signs_arrives(call: Call) -> None:
    """It is its own, and not what could be taken for another."""
    document = TENANT.replace("X-Tenant", "X-A_B")
    seen = call(b"GET /v1/things/1 HTTP/1.1\r\nHost: a\r\nX-A_B: red\r\n\r\n", document=document)
    assert status_of(seen.answers[0]) == 200 and b"X-A_B: red" in seen.requests[0]

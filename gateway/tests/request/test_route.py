"""Step 1: which operation does the request mean?"""

import json

import pytest

from gateway.tests.harness import DOCUMENT, GET, body_of, field_of, status_of
from gateway.tests.request.conftest import Call


@pytest.mark.parametrize(
    ("line", "status", "kind"),
    [
        (b"GET /v1/things/1", 200, ""),
        (b"GET /v1/things/1/", 404, "not-found"),
        (b"GET /v1/things//1", 404, "not-found"),
        (b"GET /things/1", 404, "not-found"),
        (b"GET /V1/things/1", 404, "not-found"),
        (b"GET /", 404, "not-found"),
        (b"GET /v1/things/%FF", 400, "malformed-request"),
        (b"PATCH /v1/things/1", 405, "method-not-allowed"),
        (b"OPTIONS /v1/things/1", 405, "method-not-allowed"),
    ],
)
def test_only_documented_paths_and_methods_go_on(call: Call, line: bytes, status: int, kind: str) -> None:
    """Everything else is refused before anything is asked of a backend."""
    seen = call(GET.replace(b"GET /v1/things/1", line))
    assert status_of(seen.answers[0]) == status
    assert len(seen.requests) == (status == 200)
    if kind:
        assert json.loads(body_of(seen.answers[0]))["type"].endswith(f"#{kind}")


NESTED = """
openapi: 3.0.3
info: {title: Nested, version: "1"}
servers: [{url: http://backend.example/v1}]
paths:
  /users/{name}:
    get: {operationId: user, parameters: [&name {name: name, in: path, required: true, schema: {type: string}}], \
responses: {'200': {description: a user}}}
  /users/{name}/keys:
    get: {operationId: keys, parameters: [*name], responses: {'200': {description: keys}}}
"""


@pytest.mark.parametrize(
    ("path", "status"),
    [(b"a%2Fb", 200), (b"a/keys", 200), (b"a%2Fkeys", 400), (b"a%2fkeys", 400), (b"a%2Fkeys/keys", 200)],
)
def test_an_escaped_slash_never_hides_another_operation(call: Call, path: bytes, status: int) -> None:
    """What a backend that decodes first would serve has its own security and rules."""
    seen = call(GET.replace(b"things/1", b"users/" + path), document=NESTED)
    assert status_of(seen.answers[0]) == status
    assert len(seen.requests) == (status == 200)


def test_405_names_the_methods_of_that_path(call: Call) -> None:
    """RFC 9110 section 15.5.6; HEAD comes with GET."""
    answer = call(GET.replace(b"GET", b"PATCH")).answers[0]
    assert field_of(answer, b"allow") == b"DELETE, GET, HEAD, PUT"


def test_what_matches_nothing_is_counted_as_no_operation(call: Call) -> None:
    """A scanner cannot make new time series or log fields."""
    seen = call(GET.replace(b"things/1", b"wp-login.php"))
    assert seen.count("gateway_requests_total", 'status="4xx"') == 1
    assert b"wp-login" not in b"".join(seen.lines)


INTERNAL = DOCUMENT.replace(
    "  /blobs:\n",
    """  /things/{id}/secret:
    x-gateway: {internal: true}
    get:
      operationId: getSecret
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {'204': {description: done}}
  /things/7:
    x-gateway: {internal: true}
    get: {operationId: getSeven, responses: {'204': {description: done}}}
  /blobs:
""",
).replace("schema: {type: integer, minimum: 1}", "schema: {type: string}", 1)


@pytest.mark.parametrize(
    ("target", "status"),
    [
        (b"/v1/things/8", 200),
        (b"/v1/things/8;a=b", 200),
        (b"/v1/things/8%20", 200),
        (b"/v1/things/8%25", 200),
        (b"/v1/things/8%2525FF", 200),
        (b"/v1/things/7", 404),
        (b"/v1/things/%37", 404),
        (b"/v1/things/7?a", 404),
        (b"/v1/things/7/", 404),
        (b"/v1/things//7", 404),
        (b"//v1/things/7", 404),
        (b"/v1/things/7;", 400),
        (b"/v1/things/7;a=b", 400),
        (b"/v1/things/7%3Ba", 400),
        (b"/v1/things/7%253Ba", 400),
        (b"/v1/things/%2537", 400),
        (b"/v1/things/7%2F", 400),
        (b"/v1/things/8/secret", 404),
        (b"/v1/things/8/secret;a", 404),
        (b"/v1/things/8%2Fsecret", 400),
        (b"/v1/things/8%2fsecret", 400),
        (b"/v1/things/8%252Fsecret", 400),
        (b"/v1/things/8%25252Fsecret", 400),
        (b"/v1/things/8%5Csecret", 400),
        (b"/v1/things/8%255csecret", 400),
        (b"/v1/things/8;x%2Fsecret", 400),
        (b"/v1/things/8%2F%2Fsecret", 400),
        (b"/v1/things/8%2F;%2Fsecret", 400),
        (b"/v1/things/8/x/../secret", 400),
        (b"/v1/things/8/..;/secret", 400),
        (b"/v1/things/8%2F..%2F8%2Fsecret", 400),
        (b"/v1/things/8%2F%252e%252e%2F8%2Fsecret", 400),
        (b"/v1/things/8%00", 400),
        (b"/v1/things/8%2500", 400),
        (b"/v1/things/%c0%af", 400),
        (b"/v1/things/%e0%80%af", 400),
        (b"/v1/things/%ff", 400),
        (b"/v1/things\\8\\secret", 400),
    ],
)
def test_no_path_leads_to_an_internal_operation(call: Call, target: bytes, status: int) -> None:
    """Neither as a value of a variable nor in any way in which a laxer server could read it."""
    seen = call(b"GET %b HTTP/1.1\r\nHost: a\r\n\r\n" % target, document=INTERNAL)
    assert status_of(seen.answers[0]) == status
    assert len(seen.requests) == (status == 200)


def test_a_document_may_tell_operations_apart_by_a_parameter_of_the_path(call: Call) -> None:
    """`style: matrix` beside the same path without it."""
    document = DOCUMENT.replace(
        "  /blobs:\n",
        "  /map{at}:\n"
        "    parameters: [{name: at, in: path, required: true, style: matrix, schema: {type: string}}]\n"
        "    get: {responses: {'200': {description: a map}}}\n"
        "  /map:\n"
        "    get: {responses: {'200': {description: all}}}\n"
        "  /blobs:\n",
    )
    seen = call(b"GET /v1/map;at=1 HTTP/1.1\r\nHost: a\r\n\r\n", document=document)
    assert status_of(seen.answers[0]) == 200


METHODS = """
openapi: 3.2.0
info: {title: Methods, version: "1"}
servers: [{url: http://backend.example/v1}]
paths:
  /things:
    query:
      requestBody:
        required: true
        content: {application/json: {$ref: '#/components/mediaTypes/Question'}}
      responses: {'200': {description: found}}
    additionalOperations:
      COPY: {servers: [{url: /v2}], responses: {'200': {description: copied}}}
      LINK: {responses: {'200': {description: linked}}}
components:
  mediaTypes: {Question: {schema: {type: object, required: [name]}}}
"""
QUERY = b"QUERY /v1/things HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"


@pytest.mark.parametrize(("body", "status"), [(b'{"name":1}', 200), (b"{}", 400), (b"", 400)])
def test_query_has_a_body_that_is_judged(call: Call, body: bytes, status: int) -> None:
    """OpenAPI 3.2, Path Item Object: `query` is the method QUERY."""
    seen = call(QUERY % (len(body), body), document=METHODS)
    assert status_of(seen.answers[0]) == status
    assert [request.split(b" ")[0] for request in seen.requests] == [b"QUERY"] * (status == 200)


@pytest.mark.parametrize(
    ("line", "status", "allow"),
    [
        (b"LINK /v1/things", 200, None),
        (b"COPY /v2/things", 200, None),
        (b"COPY /v1/things", 405, b"LINK, QUERY"),
        (b"GET /v1/things", 405, b"LINK, QUERY"),
        (b"LINK /v2/things", 405, b"COPY"),
    ],
)
def test_additional_operations_are_routed(call: Call, line: bytes, status: int, allow: bytes | None) -> None:
    """Each is reached under the path of its own server, with its own method only."""
    seen = call(line + b" HTTP/1.1\r\nHost: a\r\n\r\n", document=METHODS)
    assert (status_of(seen.answers[0]), field_of(seen.answers[0], b"Allow")) == (status, allow)
    assert [request.split(b" HTTP")[0] for request in seen.requests] == [line] * (status == 200)

"""What is deprecated is counted when it is used, and announced."""

import pytest

from gateway.tests.harness import DOCUMENT, GET, OK, field_of
from gateway.tests.request.conftest import Call

OLD = DOCUMENT.replace(
    "        - {name: units, in: query,",
    """        - {name: old, in: query, deprecated: true, schema: {type: string}}
        - {name: "a b", in: query, deprecated: true, schema: {type: string}}
        - name: deep
          in: query
          style: deepObject
          deprecated: true
          schema: {type: object, properties: {a: {type: string}}}
        - {name: X-Old, in: header, deprecated: true, schema: {type: string}}
        - {name: crumb, in: cookie, deprecated: true, schema: {type: string}}
        - {name: units, in: query,""",
).replace("operationId: getThing", "operationId: getThing\n      deprecated: true", 1)
COUNTER = "gateway_deprecated_total"


@pytest.mark.parametrize(
    ("target", "fields", "used"),
    [
        (b"/v1/things/1", b"", set()),
        (b"/v1/things/1?units=metric", b"X-Other: old\r\n", set()),
        (b"/v1/things/1?%6fld=1", b"", {"query.old"}),
        (b"/v1/things/1?units=metric&old=", b"", {"query.old"}),
        (b"/v1/things/1?a+b=1", b"", {"query.a b"}),
        (b"/v1/things/1?a%20b=1", b"", {"query.a b"}),
        (b"/v1/things/1?deep%5Ba%5D=1", b"", {"query.deep"}),
        (b"/v1/things/1", b"x-OLD: 1\r\nCookie: a=b; crumb=1\r\n", {"header.X-Old", "cookie.crumb"}),
    ],
)
def test_uses_are_counted(call: Call, target: bytes, fields: bytes, used: set[str]) -> None:
    """The operation by every request; a parameter by those that have it."""
    seen = call(b"GET %b HTTP/1.1\r\nHost: a\r\n%b\r\n" % (target, fields), document=OLD)
    assert seen.count(COUNTER, 'operation="getThing"', 'parameter=""') == 1
    for name in ("query.old", "query.a b", "query.deep", "header.X-Old", "cookie.crumb"):
        assert seen.count(COUNTER, f'parameter="{name}"') == (name in used)


def test_a_refused_request_uses_nothing(call: Call) -> None:
    """It did not reach the backend."""
    assert call(GET.replace(b"/1", b"/0"), document=OLD).count(COUNTER) == 0


DATED = DOCUMENT.replace(
    "operationId: getThing",
    'operationId: getThing\n      x-gateway: {deprecation: "2024-01-01", sunset: "2030-06-30"}',
    1,
)


def test_dates_are_announced(call: Call) -> None:
    """Unless the backend does it itself."""
    [answer] = call(document=DATED).answers
    assert field_of(answer, b"deprecation") == b"@1704067200"
    assert field_of(answer, b"sunset") == b"Sun, 30 Jun 2030 00:00:00 GMT"
    [answer] = call(reply=OK.replace(b"OK\r\n", b"OK\r\nDeprecation: @1\r\n"), document=DATED).answers
    assert answer.count(b"Deprecation") == 1 and field_of(answer, b"deprecation") == b"@1"
    assert field_of(answer, b"sunset") is not None


def test_by_setting_nothing_is_announced(call: Call) -> None:
    """`announce-deprecated: false`."""
    [answer] = call(document=DATED, announce_deprecated=False).answers
    assert field_of(answer, b"deprecation") is None
    assert field_of(answer, b"sunset") is None

"""The verdicts that tests share with the data path."""

import pytest

from gateway.tests.verify.subjects import reply, subjects, thing
from gateway.verify.judge import judge_reply, judge_request
from gateway.verify.message import Reply, Request

JSON = (("Content-Type", b"application/json"),)


def request(
    path: str = "/things/1", query: str | None = None, fields: object = JSON, body: bytes | None = b'{"name":"ab"}'
) -> Request:
    """A valid request but for what is given."""
    return Request("PUT", path, query, fields, body)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("given", "clause"),
    [
        (request(), None),
        (request(query="units=metric"), None),
        (request(path="/things/0"), ("path", "minimum")),
        (request(path="/things/"), ("path", "unmatched")),
        (request(path="/things/%zz"), ("path", "syntax")),
        (request(path="/things/%ff"), ("path", "syntax")),
        (request(query="units=stone"), ("query", "enum")),
        (request(query="other=1"), ("query", "unknown")),
        (request(fields=(*JSON, ("If-Match", b""))), ("header", "minLength")),
        (request(fields=(("Content-Type", b"text/plain"),)), ("header", "media-type")),
        (request(body=None), ("body", "required")),
        (request(body=b"{"), ("body", "syntax")),
        (request(body=b'{"name":"ab","name":"cd"}'), ("body", "syntax")),
        (request(body=b'{"name":"a"}'), ("body", "minLength")),
    ],
)  # fmt: skip
def test_a_request_is_judged_as_the_gateway_does(given: Request, clause: tuple[str, str] | None) -> None:
    """Target, parameters, media type, body; the clause that is broken is named."""
    found = [(violation.place, violation.keyword) for violation in judge_request(thing(), given)]
    assert found == ([clause] if clause else [])


def test_a_body_that_is_not_documented_is_a_violation() -> None:
    """An operation without a request body takes none."""
    subject = subjects("paths: {/a: {get: {responses: {'200': {description: ok}}}}}")[0]
    found = judge_request(subject, Request("GET", "/a", None, JSON, b"{}"))
    assert [violation.keyword for violation in found] == ["undocumented"]


@pytest.mark.parametrize(
    ("given", "clause"),
    [
        (reply(200, b'{"ok":true}', content_type="application/json", x_rank="1"), None),
        (reply(204), None),
        (reply(404), None),
        (reply(500), ("status", "undocumented")),
        (reply(200, b'{"ok":true}', content_type="application/json"), ("header", "required")),
        (reply(200, b'{"ok":true}', content_type="application/json", x_rank="first"), ("header", "type")),
        (reply(200, b"ok", content_type="text/plain", x_rank="1"), ("header", "media-type")),
        (reply(200, b'{"ok":1}', content_type="application/json", x_rank="1"), ("body", "type")),
        (reply(200, b"", content_type="application/json", x_rank="1"), ("body", "required")),
        (reply(404, b"gone"), ("body", "undocumented")),
    ],
)
def test_a_reply_is_judged_as_the_gateway_does(given: Reply, clause: tuple[str, str] | None) -> None:
    """Status, fields, media type, body; the clause that is broken is named."""
    found = [(violation.place, violation.keyword) for violation in judge_reply(thing(), given)]
    assert found == ([clause] if clause else [])

"""Which bodies are decoded, which stream through, and which are refused."""

import pytest

from gateway.contract.rules.documents import document, operation
from gateway.contract.rules.media import with_body, with_response
from gateway.tests.contract.rules.reading import found, rules_of

OBJECT = "{schema: {type: object}}"
BINARY = "{schema: {type: string, format: binary}}"
TEXT = "{schema: {type: string}}"
NOTHING = "{schema: {}}"
REQUEST, RESPONSE = {"request-media-not-enforced"}, {"response-media-not-enforced"}
DECODED = ("application/xml", "application/atom+xml", "application/yaml", "application/cbor", "application/msgpack")


@pytest.mark.parametrize(
    ("kind", "media", "request_rules", "response_rules"),
    [
        ("application/json", OBJECT, set(), set()),
        ("application/json; charset=utf-8", OBJECT, set(), set()),
        ("Application/Problem+JSON", OBJECT, set(), set()),
        ("application/*+json", OBJECT, set(), set()),
        ("application/x-www-form-urlencoded", OBJECT, set(), set()),
        ("multipart/form-data", OBJECT, set(), set()),
        ("application/x-www-form-urlencoded", "{schema: {type: string, minLength: 3}}", REQUEST, RESPONSE),
        ("multipart/form-data", "{schema: {type: string, minLength: 3}}", REQUEST, RESPONSE),
        *((kind, OBJECT, set(), set()) for kind in DECODED),
        ("image/*", OBJECT, REQUEST, RESPONSE),
        ("image/png", OBJECT, REQUEST, RESPONSE),
        ("image/png", "{schema: {type: string, pattern: a}}", REQUEST, RESPONSE),
        ("image/png", "{schema: {type: string, format: binary, maxLength: 9}}", set(), set()),
        ("image/*", "{schema: {type: string, maxLength: 9}}", set(), set()),
        ("text/plain", "{schema: {type: integer}}", set(), set()),
        ("text/plain", "{schema: {type: string, maxLength: 3}}", set(), set()),
        ("text/plain", OBJECT, REQUEST, RESPONSE),
        ("text/csv", OBJECT, REQUEST, RESPONSE),
        ("text/csv", "{schema: {type: array, items: {type: string}}}", REQUEST, RESPONSE),
        ("text/csv", "{schema: {type: array, items: {type: object}}}", set(), set()),
        ("text/csv", "{schema: {type: string, maxLength: 3}}", set(), set()),
        ("text/*", OBJECT, {"request-media-range"}, {"response-media-range"}),
        ("text/plain", TEXT, set(), set()),
        ("text/html", TEXT, set(), set()),
        ("application/octet-stream", "{}", set(), set()),
        ("application/octet-stream", NOTHING, set(), set()),
        ("application/octet-stream", BINARY, set(), set()),
        ("image/*", BINARY, set(), set()),
        ("*/*", OBJECT, {"request-media-range"}, {"response-media-range"}),
        ("application/*", OBJECT, {"request-media-range"}, {"response-media-range"}),
        ("*/*", TEXT, set(), set()),
        ("json", OBJECT, {"media-type-invalid"}, {"media-type-invalid"}),
        ("application/", OBJECT, {"media-type-invalid"}, {"media-type-invalid"}),
    ],
)
def test_media_types(kind: str, media: str, request_rules: set[str], response_rules: set[str]) -> None:
    """What a document says about a body is either enforced, or says nothing, or is refused."""
    assert rules_of(found(with_body(kind, media))) == request_rules
    assert rules_of(found(with_response(kind, media))) == response_rules


@pytest.mark.parametrize("kind", ["application/pdf", "text/csv; header=present"])
def test_a_passed_media_type_is_let_through(kind: str) -> None:
    """The hint names the entry that silences the finding, parameters of the type included."""
    (finding,) = found(with_body(kind, OBJECT))
    assert f'"media:{kind}"' in finding.hint
    assert found(with_body(kind, OBJECT), f"media:{kind}") == []
    assert found(with_response(kind, OBJECT), f"media:{kind}") == []


@pytest.mark.parametrize(
    ("status", "content", "expected"),
    [
        ("200", "", {"response-without-schema"}),
        ("2XX", "", {"response-without-schema"}),
        ("201", "", set()),
        ("204", "", set()),
        ("304", "", set()),
        ("404", "", set()),
        ("default", "", set()),
        ("201", "content: {application/json: {}}", {"response-without-schema"}),
        ("200", "content: {text/html: {}}", set()),
        ("404", "content: {application/json: {}}", set()),
    ],
)
def test_responses_without_a_schema(status: str, content: str, expected: set[str]) -> None:
    """Only successful responses that should have a described body are reported."""
    text = document(operation(responses=f"{status!r}:\n  description: d\n  {content}"))
    assert rules_of(found(text)) == expected


def test_a_head_has_no_body_to_describe() -> None:
    """A HEAD response needs no content."""
    assert found(document(operation(method="head", responses="'200': {description: d}"))) == []


@pytest.mark.parametrize(
    ("status", "severity"),
    [("200", None), ("5xx", None), ("default", None), ("0", "warning"), ("600", "warning"), ("4X4", "error")],
)
def test_statuses(status: str, severity: str | None) -> None:
    """A number that no response has is harmless; a word is a misspelling."""
    content = "content: {text/plain: {}}"
    findings = found(document(operation(responses=f"{status!r}: {{description: d, {content}}}")))
    assert [finding.severity.value for finding in findings] == ([severity] if severity else [])


SWAGGER = """swagger: '2.0'
info: {title: t, version: '1'}
%s
paths:
  /a:
    post:
      operationId: a
      parameters: [{name: body, in: body, schema: {type: object}}]
      responses: {200: {description: done, schema: {type: object}}}
"""


@pytest.mark.parametrize(
    ("top", "expected"),
    [
        ("{}", set()),
        ("consumes: [application/json]", set()),
        ("consumes: [application/json, application/xml]", set()),
        ("consumes: [application/json, application/pdf]", REQUEST),
        ("produces: [application/json, text/csv]", RESPONSE),
        ("produces: ['*/*']", {"response-media-range"}),
    ],
)
def test_swagger_media_types(top: str, expected: set[str]) -> None:
    """In 2.0 the document's lists apply to every body; none given means JSON."""
    assert rules_of(found(SWAGGER % ("" if top == "{}" else top))) == expected


def test_swagger_files_stream() -> None:
    """A response of `type: file` is opaque whatever it is called."""
    text = (SWAGGER % "produces: [application/pdf]").replace(
        "done, schema: {type: object}", "done, schema: {type: file}"
    )
    assert found(text) == []

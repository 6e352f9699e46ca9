"""What the text of the specification demands, beyond what the rules' examples show."""

import pytest

from gateway.contract.findings import Severity
from gateway.contract.rules.documents import document, operation
from gateway.contract.rules.structure import receivable
from gateway.tests.contract.rules.reading import found

ERROR, WARNING = Severity.ERROR, Severity.WARNING


def additional(method: str) -> str:
    described = "{operationId: copy, responses: {'204': {description: done}}}"
    return document(f'  "/things":\n    additionalOperations:\n      "{method}": {described}', version="3.2.0")


@pytest.mark.parametrize(
    ("method", "severity"),
    [
        ("COPY", None),
        ("SEARCH", None),
        ("GET", ERROR),
        ("QUERY", ERROR),
        ("HEAD", ERROR),
        ("A B", ERROR),
        ("A/B", ERROR),
        ("", ERROR),
        ("PÖST", ERROR),
        ("get", WARNING),
        ("FLY", WARNING),
    ],
)
def test_methods(method: str, severity: Severity | None) -> None:
    """Tokens that have no field of their own; one that the parser refuses is only unreachable."""
    findings = found(additional(method))
    assert [(each.rule, each.severity) for each in findings] == ([("method-invalid", severity)] if severity else [])


@pytest.mark.parametrize(("method", "known"), [("QUERY", True), ("PROPFIND", True), ("FLY", False), ("get", False)])
def test_methods_that_can_be_received(method: str, known: bool) -> None:
    """What the HTTP parser of the data plane takes."""
    assert receivable(method) is known


@pytest.mark.parametrize("place", ["part, in: query", "other, in: querystring"])
def test_a_whole_query_stands_alone(place: str) -> None:
    """Also when the two parameters are declared at different levels."""
    content = "content: {application/json: {schema: {type: object}}}"
    described = content if "querystring" in place else "schema: {type: string}"
    text = document(operation(parameters=f"{{name: whole, in: querystring, {content}}}"), version="3.2.0")
    text += f"    parameters: [{{name: {place}, {described}}}]\n"
    assert [(each.rule, each.severity) for each in found(text)] == [("querystring-conflict", ERROR)]


@pytest.mark.parametrize(("version", "rules"), [("3.2.0", {"header-name"}), ("3.1.0", set())])
@pytest.mark.parametrize(
    "top",
    [
        "components: {parameters: {A: {name: 'a b', in: header, schema: {type: string}}}}",
        "components: {responses: {A: {description: d, headers: {'a:b': {schema: {type: string}}}}}}",
    ],
)
def test_names_of_headers(top: str, version: str, rules: set[str]) -> None:
    """Unused components are looked at, too; before 3.2 nothing is said about names."""
    assert {each.rule for each in found(document(operation(), top=top, version=version))} == rules


FIELDS = [
    ("components: {examples: {A: {value: 1, externalValue: 'https://a.example'}}}", "specification"),
    ("components: {examples: {A: {dataValue: 1, value: 1}}}", "specification"),
    ("components: {parameters: {A: {name: a, in: header, allowReserved: true, schema: {}}}}", "specification"),
    ("components: {mediaTypes: {A: {encoding: {}, itemEncoding: {}}}}", "specification"),
    ("components: {mediaTypes: {A: {encoding: {}, prefixEncoding: []}}}", "specification"),
    ("components: {parameters: {A: {name: a, in: querystring, schema: {}}}}", "specification"),
    ("components: {schemas: {A: {type: array, xml: {wrapped: true, nodeType: element}}}}", "xml-conflict"),
    ("components: {schemas: {A: 3}}", "specification"),
]


@pytest.mark.parametrize(("top", "rule"), FIELDS)
def test_fields_that_exclude_each_other(top: str, rule: str) -> None:
    """In documents of 3.2 they are errors wherever they stand."""
    findings = found(document(operation(), top=top, version="3.2.0"))
    assert {(each.rule, each.severity) for each in findings} == {(rule, ERROR)}


NEW = """\
openapi: 3.2.0
$self: https://things.example/api/openapi.yaml
info: {title: t, version: '1', summary: s}
tags: [{name: a, summary: A, kind: nav}, {name: b, parent: a}]
servers: [{url: ../v1, name: main}]
paths:
  /things:
    query:
      operationId: query
      requestBody: {content: {application/json: {$ref: '#/components/mediaTypes/Question'}}}
      responses: {"200": {summary: found, content: {application/jsonl: {description: lines}}}}
    additionalOperations:
      COPY: {operationId: copy, responses: {"204": {description: done}}}
components:
  mediaTypes: {Question: {schema: {type: object}}}
  securitySchemes:
    device:
      type: oauth2
      deprecated: true
      oauth2MetadataUrl: https://things.example/.well-known/oauth-authorization-server
      flows:
        deviceAuthorization:
          deviceAuthorizationUrl: https://things.example/device
          tokenUrl: https://things.example/token
          scopes: {}
"""


def test_what_3_2_added_is_known() -> None:
    """Methods, media types by reference, hierarchical tags, device flow: nothing to say."""
    assert found(NEW) == []

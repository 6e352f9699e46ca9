"""Values that a document shows are judged like messages."""

import pytest

from gateway.contract.rules.documents import document, operation
from gateway.contract.rules.media import with_body, with_response
from gateway.tests.contract.rules.reading import found, rules_of

THING = "{type: object, required: [id, secret], properties: {id: {type: integer, readOnly: true}, secret: {%s}}}"
MARKED = THING % "type: string, writeOnly: true"


def media(schema: str, example: str) -> str:
    return f"{{schema: {schema}, example: {example}}}"


@pytest.mark.parametrize(
    ("schema", "example", "fine"),
    [
        ("{type: integer}", "3", True),
        ("{type: integer}", "'3'", False),
        ("{type: string, format: date}", "2020-01-01", True),
        ("{type: string, format: date}", "yesterday", False),
        ("{type: string, nullable: true}", "null", True),
        ("{type: string}", "null", False),
        ("{type: integer, format: int32}", "3000000000", False),
    ],
)
def test_examples_of_bodies(schema: str, example: str, fine: bool) -> None:
    """The schema that judges messages judges examples, formats and `nullable` included."""
    expected = set() if fine else {"example-mismatch"}
    assert rules_of(found(with_body("application/json", media(schema, example)))) == expected
    assert rules_of(found(with_response("application/json", media(schema, example)))) == expected


def test_examples_are_judged_in_their_direction() -> None:
    """A request example needs no readOnly property, a response example no writeOnly one."""
    assert found(with_body("application/json", media(MARKED, "{secret: a}"))) == []
    assert found(with_response("application/json", media(MARKED, "{id: 1}"))) == []
    (finding,) = found(with_response("application/json", media(MARKED, "{}")))
    assert "id" in finding.message


def test_examples_of_schemas_hold_in_one_direction() -> None:
    """A component is used both ways, and its example may show either."""
    for example in ("{id: 1}", "{secret: a}"):
        shown = MARKED[:-1] + f", example: {example}}}"
        assert found(document(operation(), top=f"components: {{schemas: {{A: {shown}}}}}")) == []


def test_named_examples_and_references() -> None:
    """Each of `examples` is judged, behind its reference; the finding is at the value."""
    top = "components: {examples: {bad: {value: a}, far: {externalValue: 'https://a/b'}}}"
    listed = "examples: {x: {$ref: '#/components/examples/bad'}, y: {value: 1}, z: {$ref: '#/components/examples/far'}}"
    (finding,) = found(
        document(operation(parameters=f"{{name: a, in: query, schema: {{type: integer}}, {listed}}}"), top=top)
    )
    assert finding.where.pointer == "/components/examples/bad/value"


@pytest.mark.parametrize(("value", "fine"), [("[1, 2]", True), ("[1, a]", False)])
def test_lists_of_examples_in_3_1(value: str, fine: bool) -> None:
    """Every member of a schema's `examples` is judged."""
    text = document(
        operation(parameters=f"{{name: a, in: query, schema: {{type: integer, examples: {value}}}}}"), version="3.1.0"
    )
    assert rules_of(found(text)) == (set() if fine else {"example-mismatch"})


def test_other_media_types_are_not_judged() -> None:
    """The example of a text is not JSON."""
    assert found(with_body("text/plain", media("{type: string}", "3"))) == []


def test_defaults() -> None:
    """The message counts further contradictions and says where they are."""
    schema = "{type: object, properties: {a: {type: integer}, b: {type: integer}}, default: {a: x, b: y}}"
    (finding,) = found(with_body("application/json", f"{{schema: {schema}}}"))
    assert finding.rule == "default-mismatch"
    assert "at /a" in finding.message and "1 more" in finding.message


@pytest.mark.parametrize(("default", "fine"), [("3", True), ("many", False)])
def test_parameters_of_swagger_are_their_own_schema(default: str, fine: bool) -> None:
    """In 2.0 a default stands beside the type."""
    text = (
        "swagger: '2.0'\ninfo: {title: t, version: '1'}\npaths: {/a: {get: {operationId: a, parameters: [{name: n, in: "
        f"query, required: false, type: integer, default: {default}}}], responses: {{204: {{description: d}}}}}}}}}}\n"
    )
    assert rules_of(found(text)) == (set() if fine else {"default-mismatch"})


def test_a_schema_that_cannot_be_judged_by_has_its_own_finding() -> None:
    """A broken pattern is reported once, and the example beside it is left alone."""
    schema = "{type: string, pattern: '[', example: a}"
    assert rules_of(found(with_body("application/json", f"{{schema: {schema}}}"))) >= {"pattern-invalid"}
    assert "example-mismatch" not in rules_of(found(with_body("application/json", f"{{schema: {schema}}}")))

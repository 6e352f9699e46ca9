"""One judge answers for all schemas of a document, in either direction."""

import pytest

from gateway.contract.rules.documents import document, operation
from gateway.contract.rules.judge import EITHER, REQUEST, RESPONSE, Judge
from gateway.tests.contract.rules.reading import view
from gateway.validate.schema import SchemaError

TOP = """components:
  schemas:
    A: {type: object, required: [id], properties: {id: {type: integer, readOnly: true}}}
    B: {type: string, pattern: '['}"""


@pytest.mark.parametrize(
    ("value", "directions", "valid"),
    [
        ({"id": 1}, RESPONSE, True),
        ({}, RESPONSE, False),
        ({}, REQUEST, True),
        ({}, EITHER, True),
        ({"id": "a"}, EITHER, False),
        ([], EITHER, False),
    ],
)
def test_violations_by_direction(value: object, directions: tuple[int, ...], valid: bool) -> None:
    """A value is fine when one of the asked directions accepts it."""
    document_view = view(document(operation(), top=TOP))
    schema = dict(document_view.named_schemas())["A"]
    judge = Judge(document_view, [schema])
    assert (judge.violations(schema, value, directions) == []) == valid


def test_a_schema_without_a_check_raises() -> None:
    """What cannot be built is said, not guessed."""
    document_view = view(document(operation(), top=TOP))
    with pytest.raises(SchemaError):
        Judge(document_view, [dict(document_view.named_schemas())["B"]])


def test_pointers_lead_into_the_value() -> None:
    """That many schemas share a validator does not show."""
    document_view = view(document(operation(), top=TOP.partition("    B:")[0]))
    schema = dict(document_view.named_schemas())["A"]
    (violation,) = Judge(document_view, [schema]).violations(schema, {"id": "a"}, RESPONSE)
    assert violation.pointer == "/id"


def test_what_one_direction_does_not_have_is_judged_in_the_other() -> None:
    """Below a readOnly property there is nothing in requests."""
    top = "components: {schemas: {A: {type: object, properties: {b: {readOnly: true, allOf: [{type: integer}]}}}}}"
    document_view = view(document(operation(), top=top))
    inner = dict(document_view.named_schemas())["A"].at(["properties", "b", "allOf", 0])
    assert Judge(document_view, [inner]).violations(inner, "x", EITHER) != []
    assert Judge(document_view, [inner]).violations(inner, 3, EITHER) == []
    assert Judge(document_view, [inner]).violations(inner, "x", REQUEST) == []

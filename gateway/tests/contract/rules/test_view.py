"""A document as rules see it, in every version."""

import pytest

from gateway.contract.rules.documents import document, operation
from gateway.contract.rules.view import View
from gateway.tests.contract.rules.reading import source, view

SWAGGER = """swagger: '2.0'
info: {title: t, version: '1'}
consumes: [application/json]
produces: [application/json, Text/CSV]
security: [{key: []}]
definitions: {A: {type: object, properties: {b: {type: string}}}}
paths:
  /a:
    parameters:
    - {name: X-A, in: header, type: string}
    - {name: body, in: body, schema: {$ref: '#/definitions/A'}}
    put:
      parameters:
      - {name: x-a, in: header, type: integer}
      - {name: q, in: query, type: array, items: {type: string}, collectionFormat: multi}
      responses: {200: {description: d, schema: {$ref: '#/definitions/A'}, examples: {text/csv: a}}}
"""


def test_swagger() -> None:
    """2.0's body, lists of media types and collection formats are seen like those of 3.x."""
    (op,) = view(SWAGGER).operations
    assert [(p.name, p.place, p.style, p.explode) for p in op.parameters] == [
        ("x-a", "header", "simple", False),
        ("q", "query", "form", True),
    ]
    assert [media.name for media in op.body] == ["application/json"]
    (response,) = op.responses
    assert [(media.name, len(media.examples)) for media in response.content] == [
        ("application/json", 0),
        ("text/csv", 1),
    ]
    assert op.security is not None and op.security.pointer == "/security"


@pytest.mark.parametrize(
    ("said", "pointer"),
    [("", "/security"), ("security: []", "/paths/~1things/get/security"), ("security: null", "/security")],
)
def test_security_in_force(said: str, pointer: str) -> None:
    """An operation's list replaces the root's, and only a list does."""
    (op,) = view(document(operation(extra=said), top="security: [{a: []}]")).operations
    assert op.security is not None and op.security.pointer == pointer


def test_passes_of_every_level_add_up() -> None:
    """Configuration, root, path item and operation are united."""
    text = document(operation(extra="x-gateway: {pass: [c]}"), top="x-gateway: {pass: [a]}")
    text += "    x-gateway: {pass: [b]}\n"
    (op,) = view(text, frozenset({"d"})).operations
    assert op.passes == {"a", "b", "c", "d"}


def test_what_stands_beside_the_reference_of_a_path_item_counts() -> None:
    """Operations of both places are seen, the nearer one first; nothing slips past the rules."""
    text = "openapi: 3.0.3\ninfo: {}\npaths: {/a: {$ref: 'b.yaml', get: {operationId: near}}}\n"
    loaded = source(text, {"b.yaml": "get: {operationId: far}\nput: {operationId: other}\n"})
    assert [op.node.text("operationId") for op in View(loaded).operations] == ["near", "other"]


def test_schemas_are_visited_once() -> None:
    """Recursive and shared schemas end the walk."""
    top = "components: {schemas: {A: {properties: {a: {$ref: '#/components/schemas/A'}}, items: {not: {}}}}}"
    document_view = view(
        document(operation(parameters="{name: q, in: query, schema: {$ref: '#/components/schemas/A'}}"), top=top)
    )
    pointers = [node.pointer for node in document_view.schemas]
    assert len(pointers) == len(set(pointers)) == 5


def test_broken_shapes_are_passed_over() -> None:
    """The view of a document that is wrong everywhere is empty, not an exception."""
    for paths in ("3", "[a]", "{/a: 3}", "{/a: {get: 3}}", "{/a: {get: {parameters: {a: b}, responses: [c]}}}"):
        document_view = view(f"openapi: 3.0.3\ninfo: 3\npaths: {paths}\ncomponents: 3\nsecurity: 3\n")
        assert all(not op.parameters and not op.responses for op in document_view.operations)
        assert document_view.schemas == ()

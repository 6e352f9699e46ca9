"""Examples as documents of each version show them."""

from gateway.tests.verify.subjects import subjects, thing

SWAGGER = """
swagger: "2.0"
info: {title: Test, version: "1"}
host: backend.example
schemes: [http]
basePath: /v1
consumes: [application/json]
produces: [application/json]
"""
OLD = """
paths:
  /a/{id}:
    post:
      parameters:
        - {name: id, in: path, required: true, type: integer, x-example: 4}
        - {name: thing, in: body, required: true, schema: {$ref: '#/definitions/Thing'}}
      responses:
        '200':
          description: ok
          schema: {$ref: '#/definitions/Thing'}
          examples: {application/json: {size: 2}}
definitions:
  Thing: {type: object, properties: {size: {type: integer}}, example: {size: 1}}
"""
SHARED = """
paths:
  /a:
    get:
      parameters:
        - {name: size, in: query, schema: {$ref: '#/components/schemas/Size'}}
        - {name: page, in: query, schema: {type: integer}, examples: {first: {$ref: '#/components/examples/First'}}}
      responses:
        '200':
          description: ok
          content: {application/json: {schema: {type: integer}, examples: {first: {value: 5}, other: {value: 6}}}}
components:
  schemas: {Size: {type: integer, example: 3}}
  examples: {First: {value: 1}}
"""


def test_version_3_shows_named_and_single_examples() -> None:
    """`example` has no name; `examples` have; those of other places are kept apart."""
    shown = thing().examples
    assert shown.parameters == {("path", "id"): {"": 7}}
    assert shown.bodies == {"application/json": {"lamp": {"name": "lamp"}, "plain": {"name": "mug", "size": 3}}}
    assert shown.replies == {"200": {"lamp": {"ok": True}}}


def test_request_and_response_examples_of_one_name_are_a_pair() -> None:
    """Only names that both sides know make a promise."""
    assert thing().examples.pairs == [("lamp", "200", {"ok": True})]
    assert subjects(SHARED)[0].examples.pairs == [("first", "200", 5)]


def test_references_are_followed_and_schemas_asked_last() -> None:
    """An example may be shared, and a schema's own stands in where nothing else is shown."""
    assert subjects(SHARED)[0].examples.parameters == {("query", "size"): {"": 3}, ("query", "page"): {"first": 1}}


def test_version_2_shows_them_in_its_own_places() -> None:
    """`x-example` of parameters, the schema's example of a body, `examples` of responses by media type."""
    shown = subjects(OLD, head=SWAGGER)[0].examples
    assert shown.parameters == {("path", "id"): {"": 4}}
    assert shown.bodies == {"application/json": {"": {"size": 1}}}
    assert shown.replies == {"200": {"": {"size": 2}}}

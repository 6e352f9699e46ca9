"""Every object of a document."""

from gateway.contract.rules.objects import objects
from gateway.tests.contract.rules.reading import view

TEXT = """\
openapi: 3.2.0
info: {title: t, version: '1'}
paths:
  /a:
    additionalOperations: {COPY: {parameters: [{$ref: '#/components/parameters/P'}]}}
components:
  parameters: {P: {name: p, in: query, content: {text/csv: {$ref: '#/components/mediaTypes/M'}}}}
  mediaTypes: {M: {itemSchema: {type: object, properties: {$ref: {type: string}}}}}
"""


def test_objects_are_found_through_references() -> None:
    """With their kinds; what a reference leads to is marked, and a property that is called `$ref` is none."""
    found = {(each.kind, each.node.pointer, each.named) for each in objects(view(TEXT))}
    assert {
        ("operation", "/paths/~1a/additionalOperations/COPY", False),
        ("parameter", "/components/parameters/P", True),
        ("parameter", "/components/parameters/P", False),
        ("mediaType", "/components/mediaTypes/M", True),
        ("schema", "/components/mediaTypes/M/itemSchema/properties/$ref", False),
    } <= found


def test_circles_end() -> None:
    """A schema that contains itself is looked into once."""
    schema = "{A: {properties: {a: {$ref: '#/components/schemas/A'}}}}"
    text = f"openapi: 3.1.0\ninfo: {{title: t, version: '1'}}\ncomponents: {{schemas: {schema}}}\n"
    pointers = [each.node.pointer for each in objects(view(text)) if each.kind == "schema"]
    assert pointers.count("/components/schemas/A/properties/a") == 1

"""The small documents of the examples are what they claim to be."""

from gateway.contract.rules.documents import document, operation
from gateway.tests.contract.rules.reading import found, source


def test_the_plain_document_is_without_findings() -> None:
    """The document that examples start from is fine in both versions."""
    assert found(document(operation())) == []
    assert found(document(operation(), version="3.1.0")) == []


def test_every_part_stands_where_it_belongs() -> None:
    """Parameters, body, responses and further keys become parts of the operation; `top` of the root."""
    text = document(
        operation(method="post", parameters="{name: a}", body="required: true", responses="'200': {}", extra="x-a: 1"),
        top="x-b: 2",
    )
    root = source(text.replace("{name: a}", "{name: a, in: query, schema: {}}")).root
    assert root["x-b"] == 2
    assert root["paths"]["/things"]["post"] == {
        "operationId": "things",
        "parameters": [{"name": "a", "in": "query", "schema": {}}],
        "requestBody": {"required": True},
        "responses": {"200": {}},
        "x-a": 1,
    }

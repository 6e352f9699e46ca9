"""Component schemas to the checks that judge by them, on the whole way that a document's schemas take."""

from typing import Any

from gateway.contract.rewrite import SchemaStore
from gateway.tests.contract.sources import openapi, source_of, swagger
from gateway.validate.schema import SchemaCheck, SchemaSet

REF = "$ref"
HERE = "#/components/schemas/"
DRAFT = {
    4: "http://json-schema.org/draft-04/schema#",
    6: "http://json-schema.org/draft-06/schema#",
    7: "http://json-schema.org/draft-07/schema#",
    2019: "https://json-schema.org/draft/2019-09/schema",
    2020: "https://json-schema.org/draft/2020-12/schema",
}


def both(schema: Any, version: str = "3.1.0", **others: Any) -> tuple[SchemaCheck, SchemaCheck]:
    """The checks of a component schema `S` for requests and for responses, with `others` beside it."""
    named = {"S": schema, **others}
    old = version == "2.0"
    source = source_of(swagger(definitions=named) if old else openapi(version, components={"schemas": named}))
    store = SchemaStore(source, "test")
    uri = store.uri(source.uri, "/definitions/S" if old else "/components/schemas/S")
    request, response = (SchemaSet(documents).check(uri) for documents in store.documents())
    return request, response


def accepts(schema: Any, value: Any, version: str = "3.1.0", **others: Any) -> bool:
    """Whether a request may have this value."""
    return both(schema, version, **others)[0].is_valid(value)

"""Which object stands where in an OpenAPI document, per version.

Loading and rewriting have to know structure: a property *named* `$ref` is no reference, and a `nullable` inside
an `example` is data. A grammar maps each kind of object to those of its fields that hold objects of a kind:
`kind` one of them, `[kind]` a list, `{kind}` a map; `<kind>` is a map that skips `x-` keys (Paths, Responses).
Left out on purpose: links, callbacks and webhooks, which nothing is enforced about.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Grammar = Mapping[str, Mapping[str, str]]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")

_SCHEMA_20 = {
    "items": "schema",
    "allOf": "[schema]",
    "properties": "{schema}",
    "additionalProperties": "schema",
}
_SCHEMA_30 = _SCHEMA_20 | {"oneOf": "[schema]", "anyOf": "[schema]", "not": "schema"}
_SCHEMA_31 = _SCHEMA_30 | {
    "$defs": "{schema}",
    "patternProperties": "{schema}",
    "dependentSchemas": "{schema}",
    "prefixItems": "[schema]",
    "contains": "schema",
    "propertyNames": "schema",
    "if": "schema",
    "then": "schema",
    "else": "schema",
    "unevaluatedItems": "schema",
    "unevaluatedProperties": "schema",
}

_SWAGGER: Grammar = {
    "openapi": {
        "paths": "<pathItem>",
        "definitions": "{schema}",
        "parameters": "{parameter}",
        "responses": "{response}",
    },
    "pathItem": dict.fromkeys(METHODS, "operation") | {"parameters": "[parameter]"},
    "operation": {"parameters": "[parameter]", "responses": "<response>"},
    "parameter": {"schema": "schema"},
    "response": {"schema": "schema"},
    "schema": _SCHEMA_20,
}
_OPENAPI: Grammar = {
    "openapi": {"paths": "<pathItem>", "components": "components"},
    "components": {
        "schemas": "{schema}",
        "responses": "{response}",
        "parameters": "{parameter}",
        "examples": "{example}",
        "requestBodies": "{requestBody}",
        "headers": "{header}",
        "securitySchemes": "{securityScheme}",
        "pathItems": "{pathItem}",
    },
    "pathItem": dict.fromkeys(METHODS, "operation") | {"parameters": "[parameter]"},
    "operation": {"parameters": "[parameter]", "requestBody": "requestBody", "responses": "<response>"},
    "parameter": {"schema": "schema", "content": "{mediaType}", "examples": "{example}"},
    "header": {"schema": "schema", "content": "{mediaType}", "examples": "{example}"},
    "requestBody": {"content": "{mediaType}"},
    "response": {"content": "{mediaType}", "headers": "{header}"},
    "mediaType": {"schema": "schema", "examples": "{example}", "encoding": "{encoding}"},
    "encoding": {"headers": "{header}"},
    "example": {},
    "securityScheme": {},
    "schema": _SCHEMA_30,
}

GRAMMARS: Mapping[str, Grammar] = {
    "2.0": _SWAGGER,
    "3.0": _OPENAPI,
    "3.1": {**_OPENAPI, "schema": _SCHEMA_31},
}

# Objects that a Reference Object (or a `$ref` of their own) may stand for.
REFERABLE = frozenset(
    ("pathItem", "parameter", "response", "requestBody", "header", "example", "securityScheme", "schema")
)

Child = tuple[tuple[str, ...], str, Any]  # tokens below the parent, kind, node


def children(node: Mapping[str, Any], fields: Mapping[str, str]) -> Iterator[Child]:
    """The objects right below `node`, boolean schemas included; what has the wrong type is passed over, the
    meta-schema complains about it."""
    for name, value in node.items():
        shape = fields.get(name)
        if shape is None:
            continue
        kind = shape.strip("[]{}<>")
        wanted = (dict, bool) if kind == "schema" else (dict,)
        for tokens, item in _members(name, shape, value):
            if isinstance(item, wanted):
                yield tokens, kind, item


def _members(name: str, shape: str, value: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """(tokens, item) for each item that a field's value holds."""
    if shape[0] not in "[{<":
        yield (name,), value
    elif shape[0] == "[" and isinstance(value, list):
        for index, item in enumerate(value):
            yield (name, str(index)), item
    elif shape[0] != "[" and isinstance(value, dict):
        for key, item in value.items():
            if not (shape[0] == "<" and key.startswith("x-")):
                yield (name, key), item

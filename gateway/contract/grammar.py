"""Which object stands where in an OpenAPI document, per version.

Loading and rewriting have to know structure: a property *named* `$ref` is no reference, and a `nullable` inside
an `example` is data. A grammar maps each kind of object to those of its fields that hold objects of a kind:
`kind` one of them, `[kind]` a list, `*kind` one or a list, `{kind}` a map; `<kind>` is a map that skips `x-` keys
(Paths, Responses).
Left out on purpose: links and callbacks, which nothing is enforced about (`ASIDE` has them), and webhooks.
"""

from collections.abc import Iterator, Mapping
from typing import Any

Grammar = Mapping[str, Mapping[str, str]]

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
FIXED_METHODS = frozenset(method.upper() for method in (*METHODS, "query"))  # those with a field of their own
ADDITIONAL = "additionalOperations"  # 3.2: operations under methods without a field of their own, as they are sent

_SCHEMA_20 = {
    "items": "schema",
    "allOf": "[schema]",
    "properties": "{schema}",
    "additionalProperties": "schema",
}
_SCHEMA_30 = _SCHEMA_20 | {"oneOf": "[schema]", "anyOf": "[schema]", "not": "schema"}
# What any of the dialects that a schema of 3.1 can be written in knows; which of it counts is for `drafts` to say.
_SCHEMA_31 = _SCHEMA_30 | {
    "items": "*schema",
    "additionalItems": "schema",
    "dependencies": "{schema}",
    "definitions": "{schema}",
    "contentSchema": "schema",
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
        "securityDefinitions": "{securityScheme}",
    },
    "pathItem": dict.fromkeys(METHODS, "operation") | {"parameters": "[parameter]"},
    "operation": {"parameters": "[parameter]", "responses": "<response>"},
    "securityScheme": {},
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
    "mediaType": {
        "schema": "schema",
        "examples": "{example}",
        "encoding": "{encoding}",
        "x-gateway": "mediaTypeBehaviour",
    },
    "mediaTypeBehaviour": {"item-schema": "schema"},
    "encoding": {"headers": "{header}"},
    "example": {},
    "securityScheme": {},
    "schema": _SCHEMA_30,
}

# What is described to consumers, and published, without being enforced.
ASIDE: Grammar = {
    "operation": {"callbacks": "{callback}"},
    "response": {"links": "{link}"},
    "components": {"links": "{link}", "callbacks": "{callback}"},
}
CALLBACK = {"callback": "<pathItem>"}  # a Callback Object is such a map itself

_ENCODINGS = {"encoding": "{encoding}", "prefixEncoding": "[encoding]", "itemEncoding": "encoding"}
_OPENAPI_32: Grammar = {
    **_OPENAPI,
    "components": {**_OPENAPI["components"], "mediaTypes": "{mediaType}"},
    "pathItem": {**_OPENAPI["pathItem"], "query": "operation", ADDITIONAL: "{operation}"},
    "mediaType": {**_OPENAPI["mediaType"], **_ENCODINGS, "itemSchema": "schema"},
    "encoding": {**_OPENAPI["encoding"], **_ENCODINGS},
    "schema": _SCHEMA_31,
}

GRAMMARS: Mapping[str, Grammar] = {
    "2.0": _SWAGGER,
    "3.0": _OPENAPI,
    "3.1": {**_OPENAPI, "schema": _SCHEMA_31},
    "3.2": _OPENAPI_32,
}

# Objects that a Reference Object (or a `$ref` of their own) may stand for; Media Type Objects since 3.2.
# fmt: off
REFERABLE = frozenset((
    "pathItem", "parameter", "response", "requestBody", "header", "example", "securityScheme", "mediaType", "schema",
))
# fmt: on

Child = tuple[tuple[str, ...], str, Any]  # tokens below the parent, kind, node


def operations(item: Any, dialect: str) -> Iterator[tuple[str, tuple[str, ...], Mapping[str, Any]]]:
    """(method as it is sent, tokens below the Path Item Object, Operation Object) of each operation of `item`."""
    for tokens, kind, node in children(item, GRAMMARS[dialect]["pathItem"]) if isinstance(item, dict) else ():
        if kind == "operation":
            yield tokens[1] if len(tokens) == 2 else tokens[0].upper(), tokens, node


def children(node: Mapping[str, Any], fields: Mapping[str, str]) -> Iterator[Child]:
    """The objects right below `node`, boolean schemas included; what has the wrong type is passed over, the
    meta-schema complains about it."""
    for name, value in node.items():
        shape = fields.get(name)
        if shape is None:
            continue
        kind = shape.strip("[]{}<>*")
        wanted = (dict, bool) if kind == "schema" else (dict,)
        for tokens, item in _members(name, shape, value):
            if isinstance(item, wanted):
                yield tokens, kind, item


def _members(name: str, shape: str, value: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """(tokens, item) for each item that a field's value holds."""
    if shape[0] not in "[{<" and not (shape[0] == "*" and isinstance(value, list)):
        yield (name,), value
    elif shape[0] in "[*" and isinstance(value, list):
        for index, item in enumerate(value):
            yield (name, str(index)), item
    elif shape[0] != "[" and isinstance(value, dict):
        for key, item in value.items():
            if not (shape[0] == "<" and key.startswith("x-")):
                yield (name, key), item

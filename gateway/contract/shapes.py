"""What stands where in a published document: the fields of each kind of object that hold others, and its sections."""

from collections.abc import Mapping
from typing import Any

from gateway.contract.grammar import ADDITIONAL, FIXED_METHODS

ONE, LIST, MAP = "one", "list", "map"

_CONTENT = {"schema": (ONE, "schema"), "content": (MAP, "media"), "examples": (MAP, "example")}
_ENCODINGS = {"encoding": (MAP, "encoding"), "prefixEncoding": (LIST, "encoding"), "itemEncoding": (ONE, "encoding")}
SHAPES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "operation": {
        "parameters": (LIST, "parameter"),
        "requestBody": (ONE, "requestBody"),
        "responses": (MAP, "response"),
        "callbacks": (MAP, "callback"),
    },
    "parameter": _CONTENT,
    "header": _CONTENT,
    "requestBody": {"content": (MAP, "media")},
    "response": {"headers": (MAP, "header"), "content": (MAP, "media"), "links": (MAP, "link")},
    "media": {
        "schema": (ONE, "schema"),
        "itemSchema": (ONE, "schema"),
        "examples": (MAP, "example"),
        **_ENCODINGS,
        "x-gateway": (ONE, "mediaBehaviour"),  # before 3.2 nothing else says what the items of a stream are
    },
    "mediaBehaviour": {"item-schema": (ONE, "schema")},
    "encoding": {"headers": (MAP, "header"), **_ENCODINGS},
    "securityScheme": {"flows": (MAP, "flow")},
    "schema": {
        **dict.fromkeys(("properties", "patternProperties", "$defs", "dependentSchemas"), (MAP, "schema")),
        **dict.fromkeys(("definitions", "dependencies"), (MAP, "schema")),  # of older drafts
        **dict.fromkeys(("allOf", "anyOf", "oneOf", "prefixItems"), (LIST, "schema")),
        **dict.fromkeys(
            (
                "items",
                "additionalItems",
                "additionalProperties",
                "unevaluatedItems",
                "unevaluatedProperties",
                "propertyNames",
            ),
            (ONE, "schema"),
        ),
        **dict.fromkeys(("not", "if", "then", "else", "contains", "contentSchema"), (ONE, "schema")),
    },
}
SECTIONS = {
    "schema": "schemas",
    "response": "responses",
    "parameter": "parameters",
    "example": "examples",
    "requestBody": "requestBodies",
    "header": "headers",
    "securityScheme": "securitySchemes",
    "link": "links",
    "callback": "callbacks",
    "media": "mediaTypes",
}


def put_operation(item: dict[str, Any], method: str, node: Any) -> None:
    """Put an Operation Object where a Path Item Object has it."""
    if method in FIXED_METHODS:
        item[method.lower()] = node
    else:
        item.setdefault(ADDITIONAL, {})[method] = node

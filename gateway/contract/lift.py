"""Objects of an older OpenAPI version written in a newer one: 2.0 in the words of 3.0, 3.0 in those of 3.1.

Every function takes one object as it stands in a document and gives a new one; none looks below its own object
(the walk in `gateway.contract.bundle` visits the children), and none changes what it was given.

Sources: OpenAPI 2.0, 3.0.3 and 3.1.0; for schemas the migration notes of 3.1.0 (JSON Schema draft 2020-12).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Node = Mapping[str, Any]

# Dialect to the `openapi` that a published document declares.
TARGETS = {"3.0": "3.0.3", "3.1": "3.1.0", "3.2": "3.2.0"}
FORM, MULTIPART, JSON = "application/x-www-form-urlencoded", "multipart/form-data", "application/json"

_COLLECTION_STYLES = {
    "csv": {"style": "form", "explode": False},
    "multi": {"style": "form", "explode": True},
    "ssv": {"style": "spaceDelimited", "explode": False},
    "pipes": {"style": "pipeDelimited", "explode": False},
}
_SCHEMA_KEYS_2 = (
    *("type", "format", "items", "default", "enum", "multipleOf", "pattern", "uniqueItems"),
    *("maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum"),
    *("maxLength", "minLength", "maxItems", "minItems"),
)
_FILLED: dict[str, dict[str, Any]] = {"string": {"minLength": 1}, "array": {"not": {"enum": [[""]]}}}
_FLOWS_2 = {
    "implicit": "implicit",
    "password": "password",
    "application": "clientCredentials",
    "accessCode": "authorizationCode",
}
_FLOW_URLS = ("authorizationUrl", "tokenUrl")


def schema_lift(dialect: str, target: str) -> Callable[[Node], Node]:
    """The function that brings one Schema Object from `dialect` to `target` (3.0, 3.1 or 3.2)."""
    steps: list[Callable[[Node], Node]] = []
    if dialect == "2.0":
        steps.append(schema_from_2)
    if dialect in ("2.0", "3.0") and target != "3.0":
        steps.append(schema_from_30)

    def lift(node: Node) -> Node:
        for step in steps:
            node = step(node)
        return node

    return lift


def schema_from_2(node: Node) -> Node:
    """2.0 to 3.0: the discriminator becomes an object, `type: file` a binary string."""
    lifted = {key: value for key, value in node.items() if key != "collectionFormat"}
    if isinstance(node.get("discriminator"), str):
        lifted["discriminator"] = {"propertyName": node["discriminator"]}
    if node.get("type") == "file":
        lifted |= {"type": "string", "format": "binary"}
    return lifted


def schema_from_30(node: Node) -> Node:
    """3.0 to 3.1: `nullable` becomes a type, boolean exclusive bounds become numbers."""
    lifted = {key: value for key, value in node.items() if key != "nullable"}
    if node.get("nullable") is True and isinstance(node.get("type"), str):
        lifted["type"] = [node["type"], "null"]
        if "enum" in node and None not in node["enum"]:
            lifted["enum"] = [*node["enum"], None]
    for inclusive, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if lifted.get(exclusive) is True and inclusive in lifted:
            lifted[exclusive] = lifted.pop(inclusive)
        elif isinstance(lifted.get(exclusive), bool):
            del lifted[exclusive]
    return lifted


def parameter_from_2(node: Node) -> Node:
    """A 2.0 path, query or header parameter: the type goes into `schema`, `collectionFormat` into `style`."""
    lifted = {key: node[key] for key in ("name", "in", "description", "required") if key in node}
    lifted |= {"required": True} if node.get("in") == "path" else {}
    if node.get("allowEmptyValue") is True and node.get("in") == "query":
        lifted["allowEmptyValue"] = True
    formats = _COLLECTION_STYLES if node.get("in") == "query" else ("csv",)
    if node.get("type") == "array" and node.get("collectionFormat", "csv") not in formats:
        return lifted | _as_text(node) | _extensions(node)
    if node.get("type") == "array" and node.get("in") == "query":
        lifted |= _collected(node)
    return lifted | {"schema": _or_empty(node)} | _extensions(node)


def _as_text(node: Node) -> dict[str, Any]:
    """A list whose separator no style of 3.x has: a text, and a word about what stands in it."""
    word = f"A list, in the notation that OpenAPI 2.0 calls `{node.get('collectionFormat')}`."
    given = node.get("description")
    return {"description": f"{given}\n\n{word}" if isinstance(given, str) else word, "schema": {"type": "string"}}


def body_from_2(parameters: Sequence[Node], consumes: Sequence[str]) -> Node | None:
    """The Request Body Object for 2.0 parameters in `body` or `formData`; None when there is none of them."""
    whole = next((node for node in parameters if node.get("in") == "body"), None)
    fields = [node for node in parameters if node.get("in") == "formData"]
    if whole is not None:
        kept = {key: whole[key] for key in ("description", "required") if key in whole}
        media = {"schema": whole.get("schema", {})}
        return kept | {"content": dict.fromkeys(consumes or (JSON,), media)} | _extensions(whole)
    if not fields:
        return None
    form: dict[str, Any] = {"type": "object", "properties": {field["name"]: _described(field) for field in fields}}
    required = [field["name"] for field in fields if field.get("required") is True]
    if required:
        form["required"] = required
    kinds = [kind for kind in consumes if kind in (FORM, MULTIPART)] or [FORM]
    if any(field.get("type") == "file" for field in fields):
        kinds = [MULTIPART]
    arrays = {field["name"]: _collected(field) for field in fields if field.get("type") == "array"}
    content = {"schema": form} | ({"encoding": arrays} if arrays else {})
    return {"required": bool(required), "content": dict.fromkeys(kinds, content)}


def _collected(node: Node) -> dict[str, Any]:
    """`collectionFormat` as `style` and `explode`."""
    return dict(_COLLECTION_STYLES.get(node.get("collectionFormat", "csv"), _COLLECTION_STYLES["csv"]))


def response_from_2(node: Node, produces: Sequence[str]) -> Node:
    """A 2.0 response: schema and examples move under the media types of `produces`, header types into `schema`."""
    lifted: dict[str, Any] = {"description": node.get("description", "")} | _extensions(node)
    if node.get("headers"):
        lifted["headers"] = {name: header_from_2(header) for name, header in node["headers"].items()}
    examples: Node = node.get("examples") or {}
    if "schema" in node or examples:
        content: dict[str, dict[str, Any]] = {kind: {} for kind in (*(produces or (JSON,)), *examples)}
        for kind, media in content.items():
            media |= {"schema": node["schema"]} if "schema" in node else {}
            media |= {"example": examples[kind]} if kind in examples else {}
        lifted["content"] = content
    return lifted


def header_from_2(node: Node) -> Node:
    """A 2.0 response header: its type goes into `schema`."""
    return {key: node[key] for key in ("description",) if key in node} | {"schema": _typed(node)} | _extensions(node)


def scheme_from_2(node: Node) -> Node:
    """A 2.0 Security Scheme Object: `basic` becomes http, the OAuth 2 flow gets its own object."""
    kept = {key: node[key] for key in ("description",) if key in node} | _extensions(node)
    if node.get("type") == "basic":
        return {"type": "http", "scheme": "basic"} | kept
    if node.get("type") == "apiKey":
        return {"type": "apiKey", "name": node.get("name"), "in": node.get("in")} | kept
    flow = {key: node[key] for key in _FLOW_URLS if key in node} | {"scopes": dict(node.get("scopes") or {})}
    return {"type": "oauth2", "flows": {_FLOWS_2.get(node.get("flow", ""), "implicit"): flow}} | kept


def _typed(node: Node) -> dict[str, Any]:
    """The schema that a 2.0 parameter, header or item spells out in place."""
    return {key: node[key] for key in _SCHEMA_KEYS_2 if key in node}


def _described(field: Node) -> dict[str, Any]:
    return _or_empty(field) | {key: field[key] for key in ("description",) if key in field}


def _or_empty(node: Node) -> dict[str, Any]:
    """The schema of a 2.0 parameter, with what `allowEmptyValue` says: see `gateway.contract.swagger`."""
    place, allowed, typed = node.get("in"), node.get("allowEmptyValue"), _typed(node)
    if place == "formData" and allowed is True and node.get("type") not in ("string", "file"):
        return {"anyOf": [typed, {"type": "string", "enum": [""]}]}
    if place in ("query", "formData") and allowed is False:
        return typed if typed.get("minLength") else typed | _FILLED.get(node.get("type", ""), {})
    return typed


def _extensions(node: Node) -> dict[str, Any]:
    return {key: value for key, value in node.items() if key.startswith("x-")}

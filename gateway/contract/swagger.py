"""How OpenAPI 2.0 (Swagger) says what a contract consists of."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gateway.contract.cursor import Cursor
from gateway.contract.model import Body, Encoding, Header, MediaType, Parameter, Response, SecurityScheme
from gateway.contract.rewrite import SchemaStore
from gateway.contract.servers import path_of
from gateway.wire.media import range_name

_JSON = "application/json"
_FORM = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data"
_PLAIN: Mapping[str, Encoding] = {}  # no Encoding Objects
_BODY_PLACES = ("body", "formData")
_EMPTY = {"const": ""}
_FILLED = {"minLength": 1, "not": {"const": [""]}}  # no empty text, and no array that an empty text is read as

# Parameter and Header Objects describe their value by schema keywords of their own.
# fmt: off
_VALUE_KEYWORDS = frozenset((
    "type", "format", "items", "enum", "pattern", "multipleOf",
    "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength", "minLength",
    "maxItems", "minItems", "uniqueItems",
))
# fmt: on
# `collectionFormat` as (style, explode) of OpenAPI 3; a place's own style for `csv`.
_FORMATS = {
    "multi": ("form", True),
    "ssv": ("spaceDelimited", False),
    "tsv": ("tabDelimited", False),
    "pipes": ("pipeDelimited", False),
}


def server_path(levels: Sequence[Cursor]) -> str:
    """`basePath` of the last of `levels`, the root."""
    return path_of(levels[-1].read("basePath", str, ""))


def schemes(root: Cursor) -> Iterator[SecurityScheme]:
    """Security Scheme Objects; `basic` is what later versions call `http` with scheme `basic`."""
    for name, scheme in root.members("securityDefinitions"):
        type_ = scheme.read("type", str, "")
        kind, http = ("http", "basic") if type_ == "basic" else (type_, "")
        yield SecurityScheme(
            name, kind, http, "", scheme.where, scheme.read("in", str, ""), scheme.read("name", str, "")
        )


def parameters(given: Sequence[Cursor], store: SchemaStore) -> Iterator[Parameter]:
    """Parameter Objects that are not part of the body."""
    for node in given:
        place = node.read("in", str, "")
        if place in _BODY_PLACES:
            continue
        base = "form" if place == "query" else "simple"
        style, explode = _collection(node, base)
        yield Parameter(
            name=node.read("name", str, ""),
            place=place,
            required=place == "path" or node.read("required", bool, False),
            schema=_value_schema(node, store),
            style=style,
            explode=explode,
            content="",
            allow_empty=node.read("allowEmptyValue", bool, False),
            deprecated=False,
            where=node.where,
        )


def body(operation: Cursor, given: Sequence[Cursor], store: SchemaStore) -> Body | None:
    """The `body` parameter, or the `formData` parameters as one object."""
    for node in given:
        if node.read("in", str) == "body":
            schema = node.child("schema")
            uri = store.uri(schema.uri, schema.pointer) if schema and schema.value != {} else None
            return _body(node.read("required", bool, False), _media(operation, "consumes") or [_JSON], uri, node)
    fields = [node for node in given if node.read("in", str) == "formData"]
    if not fields:
        return None
    required = [node.read("name", str, "") for node in fields if node.read("required", bool, False)]
    schema_uri = store.add_object({node.read("name", str, ""): _value_schema(node, store) for node in fields}, required)
    has_file = any(node.read("type", str) == "file" for node in fields)
    given_media = [media for media in _media(operation, "consumes") if media.startswith((_FORM, _MULTIPART))]
    encoding = {node.read("name", str, ""): _encoding(node) for node in fields if node.read("type", str) == "array"}
    media = given_media or [_MULTIPART if has_file else _FORM]
    return _body(bool(required), media, schema_uri, fields[0], encoding)


def _collection(node: Cursor, base: str) -> tuple[str, bool]:
    """Style and explode of what `collectionFormat` says; `base` is the style that `csv` has."""
    return _FORMATS.get(node.read("collectionFormat", str, ""), (base, False))


def _encoding(node: Cursor) -> Encoding:
    style, explode = _collection(node, "form")
    return Encoding("", (), style, explode, None, node.where)


def response(status: str, node: Cursor, operation: Cursor, store: SchemaStore) -> Response:
    """Response Object; without a schema it has no content, with `type: file` any content."""
    headers = tuple(
        Header(name, False, _value_schema(header, store), False, "", header.where, _collection(header, "simple")[0])
        for name, header in node.members("headers")
    )
    schema = node.child("schema")
    if schema is None:
        return Response(status, headers, (), node.where)
    is_file = schema.follow().read("type", str) == "file"
    uri = None if is_file or schema.value == {} else store.uri(schema.uri, schema.pointer)
    media = _media(operation, "produces") or ["*/*" if is_file else _JSON]
    return Response(status, headers, tuple(MediaType(each, uri, schema.where) for each in media), node.where)


def _body(
    required: bool, media: list[str], schema: str | None, node: Cursor, encoding: Mapping[str, Encoding] = _PLAIN
) -> Body:
    return Body(required, tuple(MediaType(each, schema, node.where, encoding=encoding) for each in media), node.where)


def _media(operation: Cursor, key: str) -> list[str]:
    """`consumes` or `produces` of the operation, or of the document when the operation has none."""
    given: list[Any] = operation.read(key, list, operation.source.root.get(key))
    return [range_name(each) for each in given if isinstance(each, str)] if isinstance(given, list) else []


def _value_schema(node: Cursor, store: SchemaStore) -> str:
    schema = {key: value for key, value in node.value.items() if key in _VALUE_KEYWORDS}
    return _or_empty(node, store.add(schema, node.uri, node.pointer), store)


def _or_empty(node: Cursor, uri: str, store: SchemaStore) -> str:
    """The schema at `uri` with what `allowEmptyValue` says of a text without characters (Parameter Object). Left out it
    says nothing: a string may be empty. In a query, `true` counts for all types: see `parameters`."""
    place, allowed = node.read("in", str, ""), node.read("allowEmptyValue", bool)
    if place == "formData" and allowed is True and node.read("type", str) not in ("string", "file"):
        return store.add_written({"if": _EMPTY, "then": _EMPTY, "else": {"$ref": uri}})
    if place in ("query", "formData") and allowed is False:
        return store.add_written({"allOf": [{"$ref": uri}], **_FILLED})
    return uri

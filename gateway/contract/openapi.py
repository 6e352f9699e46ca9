"""How OpenAPI 3.0 and 3.1 say what a contract consists of."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from gateway.contract.cursor import Cursor
from gateway.contract.model import Body, Encoding, Header, MediaType, Parameter, Response, SecurityScheme
from gateway.contract.rewrite import SchemaStore
from gateway.wire.media import range_name

# Parameter Object, `style`: the default per place.
_STYLES = {"path": "simple", "header": "simple", "query": "form", "cookie": "form"}
# Parameter Object, `in: header`: these names are ignored, other parts of the document describe them.
_IGNORED_HEADERS = frozenset(("accept", "content-type", "authorization"))


def schemes(root: Cursor) -> Iterator[SecurityScheme]:
    """Security Scheme Objects."""
    components = root.child("components")
    for name, scheme in components.members("securitySchemes") if components else ():
        yield SecurityScheme(
            name=name,
            type=scheme.read("type", str, ""),
            scheme=scheme.read("scheme", str, "").lower(),
            discovery=scheme.read("openIdConnectUrl", str, "") or scheme.read("oauth2MetadataUrl", str, ""),
            where=scheme.where,
            place=scheme.read("in", str, ""),
            parameter=scheme.read("name", str, ""),
        )


def parameters(given: Sequence[Cursor], store: SchemaStore) -> Iterator[Parameter]:
    """Parameter Objects."""
    for node in given:
        name, place = node.read("name", str, ""), node.read("in", str, "")
        if place == "header" and name.lower() in _IGNORED_HEADERS:
            continue
        content, schema = _described(node, store)
        style = "" if content else node.read("style", str, _STYLES.get(place, ""))
        yield Parameter(
            name=name,
            place=place,
            required=place == "path" or node.read("required", bool, False),
            schema=schema,
            style=style,
            explode=node.read("explode", bool, style in ("form", "cookie")),
            content=content,
            allow_empty=node.read("allowEmptyValue", bool, False),
            deprecated=node.read("deprecated", bool, False),
            where=node.where,
            allow_reserved=node.read("allowReserved", bool, False),
            encoding=_encodings(next((entry for _, entry in node.members("content")), None), store),
        )


def body(operation: Cursor, _: Sequence[Cursor], store: SchemaStore) -> Body | None:
    """Request Body Object."""
    node = operation.followed("requestBody")
    if node is None or not isinstance(node.value, dict):
        return None
    return Body(node.read("required", bool, False), tuple(_content(node, store)), node.where)


def response(status: str, node: Cursor, _: Cursor, store: SchemaStore) -> Response:
    """Response Object."""
    headers = tuple(
        _header(name, header, store) for name, header in node.members("headers") if name.lower() != "content-type"
    )
    return Response(
        status.upper() if status != "default" else status, headers, tuple(_content(node, store)), node.where
    )


def _header(name: str, node: Cursor, store: SchemaStore) -> Header:
    content, schema = _described(node, store)
    required = node.read("required", bool, False)
    return Header(name, required, schema, node.read("explode", bool, False), content, node.where)


def _described(node: Cursor, store: SchemaStore) -> tuple[str, str | None]:
    """(media type, schema) of a parameter or header: by `schema`, or by the one entry of `content`."""
    schema = node.child("schema")
    if schema:
        return "", store.uri(schema.uri, schema.pointer)
    for media, entry in node.members("content"):
        inner = entry.child("schema")
        return range_name(media), store.uri(inner.uri, inner.pointer) if inner else None
    return "", None


def _content(node: Cursor, store: SchemaStore) -> Iterator[MediaType]:
    for range_, entry in node.members("content"):
        schema = entry.child("schema")
        judged = schema is not None and schema.value not in ({}, True)
        yield MediaType(
            range_name(range_),
            store.uri(schema.uri, schema.pointer) if judged and schema else None,
            entry.where,
            item_schema=_item_schema(entry, store),
            encoding=_by_name(range_, entry, store),
            prefix_encoding=_prefix(entry, store),
            item_encoding=_item(entry, store),
        )


def _item_schema(entry: Cursor, store: SchemaStore) -> str | None:
    """`itemSchema`, or before 3.2 what stands for it."""
    behaviour = entry.child("x-gateway")
    schema = _since_3_2(entry).child("itemSchema") or (behaviour.child("item-schema") if behaviour else None)
    return store.uri(schema.uri, schema.pointer) if schema and schema.value not in ({}, True) else None


def _encodings(media: Cursor | None, store: SchemaStore) -> dict[str, Encoding]:
    return {name: _encoding(each, store) for name, each in media.members("encoding")} if media else {}


def _by_name(range_: str, media: Cursor, store: SchemaStore) -> dict[str, Encoding]:
    """In 3.0 `style` and its companions "SHALL be ignored" in all types but forms (3.0.4, Encoding Object)."""
    encodings = _encodings(media, store)
    if media.source.dialect != "3.0" or range_name(range_).startswith("application/x-www-form-urlencoded"):
        return encodings
    silent: dict[str, Any] = {"style": None, "explode": None, "allow_reserved": None}
    return {name: replace(each, **silent) for name, each in encodings.items()}


def _encoding(node: Cursor, store: SchemaStore) -> Encoding:
    return Encoding(
        content_type=node.read("contentType", str, ""),
        headers=tuple(
            _header(name, header, store) for name, header in node.members("headers") if name.lower() != "content-type"
        ),
        style=node.read("style", str),
        explode=node.read("explode", bool),
        allow_reserved=node.read("allowReserved", bool),
        where=node.where,
        encoding={name: _encoding(each, store) for name, each in _since_3_2(node).members("encoding")},
        prefix_encoding=_prefix(node, store),
        item_encoding=_item(node, store),
    )


def _since_3_2(node: Cursor) -> Cursor:
    """The node in which fields that 3.2 added are looked up; in older documents they say nothing."""
    return node if node.source.dialect == "3.2" else Cursor(node.source, node.uri, node.pointer, {})


def _prefix(node: Cursor, store: SchemaStore) -> tuple[Encoding, ...]:
    return tuple(_encoding(each, store) for each in _since_3_2(node).items("prefixEncoding"))


def _item(node: Cursor, store: SchemaStore) -> Encoding | None:
    item = _since_3_2(node).child("itemEncoding")
    return _encoding(item, store) if item and isinstance(item.value, dict) else None

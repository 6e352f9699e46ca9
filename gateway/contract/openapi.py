"""How OpenAPI 3.0 and 3.1 say what a contract consists of."""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from gateway.contract.cursor import Cursor
from gateway.contract.model import Body, Encoding, Header, MediaType, Parameter, Response, SecurityScheme
from gateway.contract.rewrite import SchemaStore

# Parameter Object, `style`: the default per place.
_STYLES = {"path": "simple", "header": "simple", "query": "form", "cookie": "form"}
# Parameter Object, `in: header`: these names are ignored, other parts of the document describe them.
_IGNORED_HEADERS = frozenset(("accept", "content-type", "authorization"))
_VARIABLE = re.compile(r"\{([^{}]*)\}")


def server_path(root: Cursor) -> str:
    """The path of the first server, its variables replaced by their defaults."""
    server = next(root.items("servers"), None)
    if server is None:
        return ""
    variables = {name: str(each.read("default", str, "")) for name, each in server.members("variables")}
    return path_of(_VARIABLE.sub(lambda found: variables.get(found[1], found[0]), server.read("url", str, "/")))


def path_of(url: str) -> str:
    """The path of a URL or relative reference: "" or "/v1", without a slash at the end."""
    try:
        path = urlsplit(url).path.strip("/")
    except ValueError:
        return ""
    return f"/{path}" if path else ""


def schemes(root: Cursor) -> Iterator[SecurityScheme]:
    """Security Scheme Objects."""
    components = root.child("components")
    for name, scheme in components.members("securitySchemes") if components else ():
        yield SecurityScheme(
            name=name,
            type=scheme.read("type", str, ""),
            scheme=scheme.read("scheme", str, "").lower(),
            discovery=scheme.read("openIdConnectUrl", str, ""),
            where=scheme.where,
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
            explode=node.read("explode", bool, style == "form"),
            content=content,
            allow_empty=node.read("allowEmptyValue", bool, False),
            deprecated=node.read("deprecated", bool, False),
            where=node.where,
            allow_reserved=node.read("allowReserved", bool, False),
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
        return media.lower(), store.uri(inner.uri, inner.pointer) if inner else None
    return "", None


def _content(node: Cursor, store: SchemaStore) -> Iterator[MediaType]:
    for range_, entry in node.members("content"):
        schema = entry.child("schema")
        judged = schema is not None and schema.value not in ({}, True)
        yield MediaType(
            range_.lower(),
            store.uri(schema.uri, schema.pointer) if judged and schema else None,
            entry.where,
            encoding={name: _encoding(each, store) for name, each in entry.members("encoding")},
        )


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
    )

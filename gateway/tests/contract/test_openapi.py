"""What OpenAPI 3 says a contract consists of."""

from typing import Any

import pytest

from gateway.contract.model import MediaType, Operation, Parameter, Response, SecurityScheme
from gateway.contract.normalise import normalise
from gateway.tests.contract.sources import openapi, source_of
from gateway.validate.schema import SchemaSet

REF = "$ref"
BASE = "urn:contract:test:0#"


def parameter(**node: Any) -> Parameter:
    paths = {"/a": {"get": {"parameters": [{"name": "p", **node}], "responses": {}}}}
    [operation] = normalise(source_of(openapi(paths=paths)), "test").operations
    [found] = operation.parameters
    return found


@pytest.mark.parametrize(
    ("place", "style", "explode"),
    [("path", "simple", False), ("header", "simple", False), ("query", "form", True), ("cookie", "form", True)],
)
def test_styles_by_place(place: str, style: str, explode: bool) -> None:
    """Parameter Object: the defaults of `style` and `explode`."""
    found = parameter(**{"in": place, "schema": {"type": "string"}})
    assert (found.place, found.style, found.explode) == (place, style, explode)
    assert found.required is (place == "path")
    assert found.schema == BASE + "/paths/~1a/get/parameters/0/schema"


@pytest.mark.parametrize(
    ("style", "given", "explode"), [("form", False, False), ("deepObject", None, False), ("pipeDelimited", True, True)]
)
def test_given_styles(style: str, given: bool | None, explode: bool) -> None:
    """`explode` defaults to true for `form` only."""
    node = {"in": "query", "style": style, "schema": {}} | ({} if given is None else {"explode": given})
    found = parameter(**node, required=True, allowEmptyValue=True, deprecated=True)
    assert (found.style, found.explode) == (style, explode)
    assert found.required
    assert found.allow_empty
    assert found.deprecated


def test_parameters_by_content() -> None:
    """The media type decides, there is no style."""
    found = parameter(**{"in": "query", "content": {"Application/JSON": {"schema": {"type": "object"}}}})
    assert (found.content, found.style, found.explode) == ("application/json", "", False)
    assert found.schema == BASE + "/paths/~1a/get/parameters/0/content/Application~1JSON/schema"


@pytest.mark.parametrize("name", ["Accept", "content-type", "AUTHORIZATION"])
def test_headers_that_other_parts_describe(name: str) -> None:
    """They are ignored as header parameters only."""
    paths = {
        "/a": {"get": {"parameters": [{"name": name, "in": "header"}, {"name": name, "in": "query"}], "responses": {}}}
    }
    [operation] = normalise(source_of(openapi(paths=paths)), "test").operations
    assert [each.place for each in operation.parameters] == ["query"]


def test_bodies() -> None:
    """Through references; a media type without a schema, or with one that allows anything, needs no judging."""
    content = {
        "application/json": {"schema": {REF: "#/components/schemas/S"}},
        "Text/Plain": {},
        "a/b": {"schema": {}},
        "a/c": {"schema": True},
        "a/d": {"schema": False},
    }
    document = openapi(
        "3.1.0",
        paths={"/a": {"post": {"requestBody": {REF: "#/components/requestBodies/B"}, "responses": {}}}},
        components={"requestBodies": {"B": {"content": content}}, "schemas": {"S": {"type": "object"}}},
    )
    [operation] = normalise(source_of(document), "test").operations
    assert operation.body is not None
    assert operation.body.required is False
    here = BASE + "/components/requestBodies/B/content/"
    assert [(media.range, media.schema) for media in operation.body.content] == [
        ("application/json", here + "application~1json/schema"),
        ("text/plain", None),
        ("a/b", None),
        ("a/c", None),
        ("a/d", here + "a~1d/schema"),
    ]


def responses(**given: Any) -> dict[str, Response]:
    paths = {"/a": {"get": {"responses": given}}}
    headers = {"H": {"required": True, "schema": {"type": "array"}, "explode": True}}
    document = openapi(paths=paths, components={"headers": headers, "responses": {"R": {"description": "r"}}})
    [operation] = normalise(source_of(document), "test").operations
    return {response.status: response for response in operation.responses}


def test_responses() -> None:
    """Codes, ranges in capitals, `default`; extensions are none; Content-Type is no header of its own."""
    headers = {
        "X-One": {REF: "#/components/headers/H"},
        "content-type": {"schema": {}},
        "X-Two": {"content": {"a/b": {}}},
    }
    found = responses(
        **{"200": {"headers": headers}, "4xx": {REF: "#/components/responses/R"}, "default": {}, "x-note": {"a": 1}}
    )
    assert list(found) == ["200", "4XX", "default"]
    one, two = found["200"].headers
    assert (one.name, one.required, one.explode, one.schema) == (
        "X-One",
        True,
        True,
        BASE + "/components/headers/H/schema",
    )
    assert (two.name, two.required, two.content, two.schema) == ("X-Two", False, "a/b", None)
    assert found["4XX"].where.pointer == "/components/responses/R"


def test_security_schemes() -> None:
    """The scheme of `http` compares in lower case; an issuer's metadata are named in two ways."""
    schemes = {
        "bearer": {"type": "http", "scheme": "Bearer"},
        "oidc": {"type": "openIdConnect", "openIdConnectUrl": "https://a.example/.well-known/openid-configuration"},
        "oauth": {"type": "oauth2", "oauth2MetadataUrl": "https://a.example/.well-known/oauth-authorization-server"},
        "same": {REF: "#/components/securitySchemes/bearer"},
    }
    found = normalise(source_of(openapi(components={"securitySchemes": schemes})), "test").schemes
    assert list(found) == ["bearer", "oidc", "oauth", "same"]
    where = found["bearer"].where
    assert found["bearer"] == SecurityScheme("bearer", "http", "bearer", "", where)
    assert found["oidc"].discovery == "https://a.example/.well-known/openid-configuration"
    assert found["oauth"].discovery == "https://a.example/.well-known/oauth-authorization-server"
    assert found["same"] == SecurityScheme("same", "http", "bearer", "", where)


def operation_of(version: str, **node: Any) -> Operation:
    """The only operation of a document of this version."""
    media = {"Lines": {"itemSchema": {"type": "integer"}}}
    document = openapi(version, paths={"/a": {"post": {"responses": {}, **node}}}, components={"mediaTypes": media})
    [operation] = normalise(source_of(document), "test").operations
    return operation


def media_of(version: str, **node: Any) -> MediaType:
    body = operation_of(version, requestBody={"content": {"application/x": node}}).body
    assert body is not None
    return body.content[0]


HERE = BASE + "/paths/~1a/post/requestBody/content/application~1x/"


def test_the_whole_query() -> None:
    """3.2: `in: querystring` is always given by content."""
    content = {"application/json": {"schema": {"type": "object"}}}
    [found] = operation_of("3.2.0", parameters=[{"name": "q", "in": "querystring", "content": content}]).parameters
    assert (found.place, found.style, found.content) == ("querystring", "", "application/json")
    assert found.schema == BASE + "/paths/~1a/post/parameters/0/content/application~1json/schema"


@pytest.mark.parametrize(
    ("version", "node", "schema", "item"),
    [
        ("3.2.0", {"itemSchema": {"type": "integer"}}, None, HERE + "itemSchema"),
        (
            "3.2.0",
            {"schema": {"type": "array"}, "itemSchema": {"type": "integer"}},
            HERE + "schema",
            HERE + "itemSchema",
        ),
        ("3.2.0", {REF: "#/components/mediaTypes/Lines"}, None, BASE + "/components/mediaTypes/Lines/itemSchema"),
        ("3.2.0", {"itemSchema": {}}, None, None),
        ("3.1.1", {"itemSchema": {"type": "integer"}}, None, None),
        ("3.1.1", {"x-gateway": {"item-schema": {"type": "integer"}}}, None, HERE + "x-gateway/item-schema"),
        ("3.0.4", {"x-gateway": {"item-schema": {"type": "integer"}}}, None, HERE + "x-gateway/item-schema"),
    ],
)
def test_items_of_streams(version: str, node: dict[str, Any], schema: str | None, item: str | None) -> None:
    """`itemSchema` since 3.2, before that what `x-gateway` says in its place."""
    found = media_of(version, **node)
    assert (found.schema, found.item_schema) == (schema, item)


def test_the_schema_of_items_is_rewritten() -> None:
    """With all that it refers to, as any other schema is."""
    node = {"x-gateway": {"item-schema": {REF: "#/components/schemas/S"}}}
    document = openapi(
        paths={"/a": {"post": {"requestBody": {"content": {"application/x": node}}, "responses": {}}}},
        components={"schemas": {"S": {"type": "integer", "nullable": True}}},
    )
    found = normalise(source_of(document), "test")
    schemas = SchemaSet(found.request_schemas)
    [media] = found.operations[0].body.content if found.operations[0].body else []
    assert media.item_schema is not None
    check = schemas.check(media.item_schema)
    assert [check.is_valid(value) for value in (1, None, "a")] == [True, True, False]


def test_encodings() -> None:
    """By name in every version; by position and nested since 3.2."""
    nested = {"contentType": "multipart/mixed", "prefixEncoding": [{"contentType": "a/b"}], "itemEncoding": {}}
    headers = {"Content-Type": {"schema": {}}, "X-A": {"schema": {"type": "integer"}}}
    node = {"encoding": {"a": {"style": "form", "explode": False, "headers": headers, **nested}}}
    for version, known in (("3.2.0", True), ("3.1.1", False)):
        found = media_of(version, **node).encoding["a"]
        assert (found.content_type, found.style, found.explode) == ("multipart/mixed", "form", False)
        assert [header.name for header in found.headers] == ["X-A"]
        assert [each.content_type for each in found.prefix_encoding] == ["a/b"] * known
        assert (found.item_encoding is not None) is known


@pytest.mark.parametrize(
    ("version", "type_", "style"),
    [
        ("3.0.4", "multipart/form-data", None),
        ("3.0.4", "application/x-www-form-urlencoded", "deepObject"),
        ("3.1.0", "multipart/form-data", "deepObject"),
        ("3.2.0", "multipart/form-data", "deepObject"),
    ],
)
def test_styles_of_parts(version: str, type_: str, style: str | None) -> None:
    """Only since 3.1; before, a style says something in forms alone."""
    node = {"encoding": {"a": {"style": "deepObject", "explode": True, "contentType": "a/b"}}}
    body = operation_of(version, requestBody={"content": {type_: node}}).body
    assert body is not None
    found = body.content[0].encoding["a"]
    assert (found.style, found.explode is not None, found.content_type) == (style, style is not None, "a/b")


def test_encodings_by_position() -> None:
    """3.2: those of the first parts, and that of all others."""
    found = media_of("3.2.0", prefixEncoding=[{"contentType": "a/b"}, {}], itemEncoding={"encoding": {"x": {}}})
    assert [each.content_type for each in found.prefix_encoding] == ["a/b", ""]
    assert found.item_encoding is not None and list(found.item_encoding.encoding) == ["x"]
    older = media_of("3.1.1", prefixEncoding=[{}], itemEncoding={})
    assert (older.prefix_encoding, older.item_encoding) == ((), None)

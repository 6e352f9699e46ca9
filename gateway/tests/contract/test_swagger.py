"""What OpenAPI 2.0 says a contract consists of."""

from typing import Any

import jsonschema_rs
import pytest

from gateway.contract.model import Contract, Operation
from gateway.contract.normalise import normalise
from gateway.tests.contract.sources import source_of, swagger

REF = "$ref"


def contract(operation: dict[str, Any], **parts: Any) -> tuple[Contract, Operation]:
    document = swagger(paths={"/a": {"post": {"responses": {}, **operation}}}, **parts)
    found = normalise(source_of(document), "test")
    return found, found.operations[0]


def judge(found: Contract, uri: str | None, value: object) -> bool:
    registry = jsonschema_rs.Registry(list(found.request_schemas.items()), draft=jsonschema_rs.Draft202012)
    return jsonschema_rs.Draft202012Validator({REF: uri}, registry=registry, offline=True).is_valid(value)


@pytest.mark.parametrize(("base", "path"), [({}, ""), ({"basePath": "/"}, ""), ({"basePath": "/v1/"}, "/v1")])
def test_the_base_path(base: dict[str, Any], path: str) -> None:
    """`basePath`, whatever `host` and `schemes` say."""
    assert contract({}, host="a.example", schemes=["https"], **base)[0].server_path == path


@pytest.mark.parametrize(
    ("place", "format_", "style", "explode"),
    [
        ("query", None, "form", False),
        ("query", "csv", "form", False),
        ("query", "multi", "form", True),
        ("query", "ssv", "spaceDelimited", False),
        ("query", "tsv", "tabDelimited", False),
        ("query", "pipes", "pipeDelimited", False),
        ("path", "csv", "simple", False),
        ("header", None, "simple", False),
    ],
)
def test_collection_formats(place: str, format_: str | None, style: str, explode: bool) -> None:
    """Each as the style of OpenAPI 3 that means the same; tabs have none there."""
    node = {"name": "p", "in": place, "type": "array", "items": {"type": "integer", "format": "int32"}, "maxItems": 2}
    found, operation = contract({"parameters": [node | ({"collectionFormat": format_} if format_ else {})]})
    [parameter] = operation.parameters
    assert (parameter.style, parameter.explode, parameter.required) == (style, explode, place == "path")
    assert judge(found, parameter.schema, [1, 2])
    assert not judge(found, parameter.schema, [1, 2, 3])
    assert not judge(found, parameter.schema, [2**31])


def test_a_parameters_own_keywords_are_its_schema() -> None:
    """`required: true` is the parameter's, not the schema's."""
    node = {"name": "p", "in": "query", "required": True, "type": "integer", "minimum": 1, "exclusiveMinimum": True}
    found, operation = contract({"parameters": [{REF: "#/parameters/P"}]}, parameters={"P": node})
    [parameter] = operation.parameters
    assert parameter.required
    assert not judge(found, parameter.schema, 1)
    assert judge(found, parameter.schema, 2)


@pytest.mark.parametrize(
    ("root", "own", "media"),
    [
        (None, None, ["application/json"]),
        (["application/vnd.a+JSON"], None, ["application/vnd.a+json"]),
        (["a/b"], ["c/d", "e/f"], ["c/d", "e/f"]),
        (["a/b"], [], ["application/json"]),
    ],
)
def test_body_parameters(root: list[str] | None, own: list[str] | None, media: list[str]) -> None:
    """`consumes` of the operation, else of the document, else JSON."""
    operation = {"parameters": [{"name": "b", "in": "body", "required": True, "schema": {REF: "#/definitions/S"}}]}
    parts: dict[str, Any] = {"definitions": {"S": {"type": "object"}}} | ({} if root is None else {"consumes": root})
    found, normal = contract(operation | ({} if own is None else {"consumes": own}), **parts)
    assert normal.body is not None
    assert not normal.parameters
    assert normal.body.required
    assert [each.range for each in normal.body.content] == media
    assert judge(found, normal.body.content[0].schema, {})
    assert not judge(found, normal.body.content[0].schema, 1)


FIELD = {"name": "a", "in": "formData", "type": "integer"}
FILE = {"name": "f", "in": "formData", "type": "file"}


@pytest.mark.parametrize(
    ("fields", "consumes", "media"),
    [
        ([FIELD], [], ["application/x-www-form-urlencoded"]),
        ([FIELD], ["application/json"], ["application/x-www-form-urlencoded"]),
        ([FIELD, FILE], [], ["multipart/form-data"]),
        (
            [FIELD],
            ["multipart/form-data", "application/x-www-form-urlencoded"],
            ["multipart/form-data", "application/x-www-form-urlencoded"],
        ),
    ],
)
def test_forms(fields: list[Any], consumes: list[str], media: list[str]) -> None:
    """`formData` parameters are one object; files make it multipart."""
    found, operation = contract({"parameters": fields, "consumes": consumes})
    assert operation.body is not None
    assert [each.range for each in operation.body.content] == media
    assert operation.body.required is False
    assert judge(found, operation.body.content[0].schema, {"a": 1, "f": "x"})
    assert not judge(found, operation.body.content[0].schema, {"a": "x"})


def test_a_required_field_requires_the_body() -> None:
    """And itself."""
    found, operation = contract({"parameters": [{**FIELD, "required": True}]})
    assert operation.body is not None
    assert operation.body.required
    assert not judge(found, operation.body.content[0].schema, {})


TEXTS = {"type": "array", "items": {"type": "string"}}


@pytest.mark.parametrize("place", ["query", "formData"])
@pytest.mark.parametrize(
    ("typed", "filled", "empty"),
    [
        ({"type": "string"}, "a", ""),
        ({"type": "string", "minLength": 2}, "ab", "a"),
        (TEXTS, ["a"], [""]),
        (TEXTS, ["", ""], [""]),
        ({"type": "integer"}, 1, ""),
    ],
)
def test_values_that_must_not_be_empty(place: str, typed: dict[str, Any], filled: object, empty: object) -> None:
    """An explicit `allowEmptyValue: false` refuses the empty text, and what an array reads it as."""
    found, uri = emptied({"name": "p", "in": place, **typed, "allowEmptyValue": False})
    assert judge(found, uri, filled)
    assert not judge(found, uri, empty)


@pytest.mark.parametrize("typed", [{"type": "integer"}, {"type": "boolean"}, TEXTS])
def test_fields_that_may_be_empty(typed: dict[str, Any]) -> None:
    """`allowEmptyValue: true` lets the empty text stand for a form field of any type; other texts stay wrong."""
    node = {"name": "p", "in": "formData", **typed}
    assert judge(*emptied({**node, "allowEmptyValue": True}), "")
    assert not judge(*emptied({**node, "allowEmptyValue": True}), "x")
    assert not judge(*emptied(node), "")


def test_an_empty_string_may_stand_where_nothing_is_said() -> None:
    """Generators leave `allowEmptyValue` out everywhere, so its default says nothing about strings."""
    assert judge(*emptied({"name": "p", "in": "formData", "type": "string"}), "")


def emptied(node: dict[str, Any]) -> tuple[Contract, str | None]:
    """The schema of one parameter's value."""
    found, operation = contract({"parameters": [node]})
    if operation.parameters:
        return found, operation.parameters[0].schema
    assert operation.body is not None
    document, _, pointer = (operation.body.content[0].schema or "").partition("#")
    form = found.request_schemas[document]
    for step in pointer.split("/")[1:]:
        form = form[step]
    return found, form["properties"]["p"][REF]


def test_responses() -> None:
    """No schema, no content; a file is any content; headers describe themselves."""
    found, operation = contract(
        {
            "produces": ["application/json", "Application/XML"],
            "responses": {
                "200": {"schema": {"type": "string"}, "headers": {"X-Rate": {"type": "integer"}}},
                "204": {"description": "none"},
                "default": {"schema": {"type": "file"}},
            },
        }
    )
    ok, none, file = operation.responses
    assert [media.range for media in ok.content] == ["application/json", "application/xml"]
    assert judge(found, ok.content[0].schema, "x")
    assert judge(found, ok.headers[0].schema, 1)
    assert not judge(found, ok.headers[0].schema, "x")
    assert none.content == ()
    assert [media.schema for media in file.content] == [None, None]


@pytest.mark.parametrize(("schema", "media"), [({"type": "string"}, "application/json"), ({"type": "file"}, "*/*")])
def test_responses_without_produces(schema: dict[str, Any], media: str) -> None:
    """JSON is assumed, for a file anything."""
    _, operation = contract({"responses": {"200": {"schema": schema}}})
    assert [each.range for each in operation.responses[0].content] == [media]


def test_security_definitions() -> None:
    """`basic` is `http` with scheme `basic`."""
    definitions = {
        "b": {"type": "basic"},
        "k": {"type": "apiKey", "name": "X-Key", "in": "header"},
        "o": {"type": "oauth2", "flow": "implicit"},
    }
    found, operation = contract({"security": [{"o": ["read"]}]}, securityDefinitions=definitions)
    assert {name: (each.type, each.scheme) for name, each in found.schemes.items()} == {
        "b": ("http", "basic"),
        "k": ("apiKey", ""),
        "o": ("oauth2", ""),
    }
    assert operation.security == ((("o", frozenset({"read"})),),)

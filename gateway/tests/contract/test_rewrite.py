"""Schemas of OpenAPI to draft 2020-12."""

from typing import Any

import jsonschema_rs
import pytest

from gateway.contract.load import Source
from gateway.contract.model import Document
from gateway.contract.rewrite import SchemaStore
from gateway.tests.contract.sources import openapi, source_of, swagger

REF = "$ref"
HERE = "#/components/schemas/"
URI = "urn:contract:test:0#/components/schemas/"


def written(source: Source) -> tuple[dict[str, Document], dict[str, Document]]:
    requests, responses = SchemaStore(source, "test").documents()
    return dict(requests), dict(responses)


def rewritten(schema: Any, version: str = "3.0.3", **others: Any) -> tuple[Any, Any]:
    """A component `S` for requests and for responses."""
    source = source_of(openapi(version, components={"schemas": {"S": schema, **others}}))
    return tuple(each["urn:contract:test:0"]["components"]["schemas"]["S"] for each in written(source))  # type: ignore


def judge(documents: dict[str, Document], uri: str, value: object) -> bool:
    registry = jsonschema_rs.Registry(list(documents.items()), draft=jsonschema_rs.Draft202012)
    validator = jsonschema_rs.Draft202012Validator({REF: uri}, registry=registry, offline=True, validate_formats=True)
    return validator.is_valid(value)


INT32 = {"minimum": -(2**31), "maximum": 2**31 - 1}
INT64 = {"minimum": -(2**63), "maximum": 2**63 - 1}

GOLDEN_30: list[tuple[Any, Any]] = [
    ({}, {}),
    ({"type": "string"}, {"type": "string"}),
    # nullable
    ({"type": "string", "nullable": True}, {"type": ["string", "null"]}),
    ({"type": "string", "nullable": False}, {"type": "string"}),
    ({"nullable": True}, {}),
    ({"nullable": True, "enum": ["a"]}, {"enum": ["a"]}),
    ({"type": "string", "nullable": True, "enum": ["a"]}, {"type": ["string", "null"], "enum": ["a"]}),
    ({"type": "string", "nullable": True, "enum": ["a", None]}, {"type": ["string", "null"], "enum": ["a", None]}),
    ({"nullable": True, "allOf": [{"type": "string"}]}, {"allOf": [{"type": "string"}]}),
    # exclusive bounds
    ({"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
    ({"minimum": 1, "exclusiveMinimum": False}, {"minimum": 1}),
    ({"maximum": 9, "exclusiveMaximum": True, "minimum": 0}, {"exclusiveMaximum": 9, "minimum": 0}),
    ({"exclusiveMaximum": True}, {}),
    # integer formats
    ({"type": "integer", "format": "int32"}, {"type": "integer", **INT32}),
    ({"type": "integer", "format": "int64"}, {"type": "integer", **INT64}),
    ({"type": "integer", "format": "int32", "minimum": 1}, {"type": "integer", "minimum": 1, "maximum": 2**31 - 1}),
    ({"type": "integer", "format": "int32", "maximum": 2**40}, {"type": "integer", **INT32}),
    (
        {"type": "integer", "format": "int32", "minimum": 0, "exclusiveMinimum": True},
        {"type": "integer", "exclusiveMinimum": 0, **INT32},
    ),
    (
        {"type": "integer", "format": "int32", "nullable": True},
        {"type": ["integer", "null"], **INT32},
    ),
    ({"type": "string", "format": "int64"}, {"type": "string", "format": "int64"}),
    ({"type": "string", "format": "date"}, {"type": "string", "format": "date"}),
    # annotations and what 3.0 does not know
    (
        {"type": "string", "title": "T", "description": "d", "example": "x", "deprecated": True, "x-y": 1},
        {"type": "string"},
    ),
    ({"type": "string", "xml": {"name": "n"}}, {"type": "string", "xml": {"name": "n"}}),
    ({"type": "string", "const": "a", "if": {}, "$id": "x", "$defs": {}}, {"type": "string"}),
    # only schemas are rewritten
    (
        {"properties": {"nullable": {"type": "string", "nullable": True}, REF: {"type": "integer"}}},
        {"properties": {"nullable": {"type": ["string", "null"]}, REF: {"type": "integer"}}},
    ),
    (
        {"enum": [{"nullable": True, "type": "string", REF: "#/nope"}], "default": {REF: "#/nope"}},
        {"enum": [{"nullable": True, "type": "string", REF: "#/nope"}]},
    ),
    # everything that holds schemas
    (
        {
            "items": {"example": 1},
            "not": {"example": 1},
            "additionalProperties": False,
            "oneOf": [{"example": 1}],
            "anyOf": [{"nullable": True, "type": "string"}],
        },
        {
            "items": {},
            "not": {},
            "additionalProperties": False,
            "oneOf": [{}],
            "anyOf": [{"type": ["string", "null"]}],
        },
    ),
    ({"additionalProperties": {"type": "integer", "example": 1}}, {"additionalProperties": {"type": "integer"}}),
    # references
    ({REF: HERE + "T"}, {REF: URI + "T"}),
    ({REF: HERE + "T", "nullable": True, "maxLength": 3}, {REF: URI + "T"}),
]


@pytest.mark.parametrize(("schema", "expected"), GOLDEN_30)
def test_3_0(schema: Any, expected: Any) -> None:
    """Each keyword of 3.0 as draft 2020-12 says it, the same in both directions."""
    assert rewritten(schema, T={"type": "string"}) == (expected, expected)


GOLDEN_31: list[tuple[Any, Any]] = [
    ({REF: HERE + "T", "maxLength": 3, "description": "d"}, {REF: URI + "T", "maxLength": 3}),
    ({"type": ["string", "null"], "const": "a", "examples": ["b"]}, {"type": ["string", "null"], "const": "a"}),
    ({"type": "string", "nullable": True}, {"type": "string"}),
    ({"exclusiveMinimum": 1}, {"exclusiveMinimum": 1}),
    ({"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
    ({"type": ["integer", "null"], "format": "int32"}, {"type": ["integer", "null"], **INT32}),
    (
        {
            "if": {"$comment": "c"},
            "then": True,
            "else": False,
            "prefixItems": [{"title": "t"}],
            "$defs": {"a": {"title": "t"}},
        },
        {"if": {}, "then": True, "else": False, "prefixItems": [{}], "$defs": {"a": {}}},
    ),
    (
        {
            "patternProperties": {"^x-": {"title": "t"}},
            "unevaluatedProperties": False,
            "dependentRequired": {"a": ["b"]},
        },
        {"patternProperties": {"^x-": {}}, "unevaluatedProperties": False, "dependentRequired": {"a": ["b"]}},
    ),
    ({"$schema": "https://json-schema.org/draft/2020-12/schema", "$anchor": "a"}, {}),
    (True, True),
    (False, False),
]


@pytest.mark.parametrize(("schema", "expected"), GOLDEN_31)
def test_3_1(schema: Any, expected: Any) -> None:
    """3.1 is draft 2020-12 already; siblings of `$ref` count, `nullable` means nothing."""
    assert rewritten(schema, "3.1.0", T={"type": "string"}) == (expected, expected)


def test_2_0() -> None:
    """No `oneOf`, no `nullable`; a file is anything."""
    definitions = {
        "A": {"type": "object", "oneOf": [{"type": "string"}], "nullable": True, "discriminator": "kind"},
        "B": {"type": "file", "description": "d"},
        "C": {"type": "integer", "format": "int32", "minimum": 0, "exclusiveMinimum": True},
    }
    requests, _ = written(source_of(swagger(definitions=definitions)))
    assert requests["urn:contract:test:0"]["definitions"] == {
        "A": {"type": "object"},
        "B": {},
        "C": {"type": "integer", "exclusiveMinimum": 0, **INT32},
    }


READ_ONLY = {"type": "integer", "readOnly": True}
WRITE_ONLY = {"type": "string", "writeOnly": True}


def test_marks_work_by_direction() -> None:
    """A readOnly property is neither required nor allowed in a request, a writeOnly one not in a response."""
    schema = {
        "type": "object",
        "required": ["id", "secret", "name"],
        "properties": {"id": READ_ONLY, "secret": WRITE_ONLY, "name": {"type": "string"}},
    }
    request, response = rewritten(schema)
    assert request["required"] == ["secret", "name"]
    assert request["properties"] == {"id": False, "secret": {"type": "string"}, "name": {"type": "string"}}
    assert response["required"] == ["id", "name"]
    assert response["properties"] == {"id": {"type": "integer"}, "secret": False, "name": {"type": "string"}}


@pytest.mark.parametrize(
    "schema",
    [
        {"required": ["id"], "properties": {"id": {REF: HERE + "Id"}}},
        {"required": ["id"], "properties": {"id": {REF: HERE + "Alias"}}},
        {"required": ["id"], "allOf": [{"properties": {"id": READ_ONLY}}]},
        {"required": ["id"], "allOf": [{REF: HERE + "Base"}]},
        {"required": ["id"], "allOf": [{"allOf": [{REF: HERE + "Base"}]}]},
        {"allOf": [{"required": ["id"]}, {REF: HERE + "Base"}]},
        {"allOf": [{"required": ["id"]}], "properties": {"id": READ_ONLY}},
        {"allOf": [{"allOf": [{"required": ["id"]}]}, {REF: HERE + "Base"}]},
        {"required": ["id"], "allOf": [{REF: HERE + "S"}, {REF: HERE + "Base"}]},
    ],
)
def test_marks_are_found_wherever_the_property_is(schema: Any) -> None:
    """Behind references and in any branch of `allOf`; a response must have it all the same."""
    base = {"properties": {"id": READ_ONLY}}
    components = {"S": schema, "Id": READ_ONLY, "Alias": {REF: HERE + "Id"}, "Base": base}
    requests, responses = written(source_of(openapi(components={"schemas": components})))
    assert judge(requests, URI + "S", {})
    assert not judge(requests, URI + "S", {"id": 1})
    assert not judge(responses, URI + "S", {})
    assert judge(responses, URI + "S", {"id": 1})


def test_a_mark_matters_to_properties_only() -> None:
    """A schema marked as a whole may still be a body or a parameter."""
    requests, _ = written(source_of(openapi(components={"schemas": {"S": READ_ONLY, "L": {"items": READ_ONLY}}})))
    assert judge(requests, URI + "S", 1)
    assert judge(requests, URI + "L", [1])


@pytest.mark.parametrize(("mark", "in_request"), [("readOnly", False), ("writeOnly", True)])
def test_one_mark_in_a_document_tells_directions_apart(mark: str, in_request: bool) -> None:
    """Whichever it is, and however few there are: each direction has its own verdict."""
    schema = {"properties": {"id": {"type": "integer", mark: True}}}
    requests, responses = written(source_of(openapi(components={"schemas": {"S": schema}})))
    assert judge(requests, URI + "S", {"id": 1}) is in_request
    assert judge(responses, URI + "S", {"id": 1}) is not in_request


def test_directions_share_documents_when_nothing_is_marked() -> None:
    """The usual document is rewritten once."""
    store = SchemaStore(source_of(openapi(components={"schemas": {"S": {"type": "string"}}})), "test")
    requests, responses = store.documents()
    assert requests is responses


PETS = {
    "Cat": {"type": "object", "properties": {"kind": {"type": "string"}, "lives": {"type": "integer"}}},
    "Dog": {"type": "object", "required": ["bark"], "properties": {"kind": {"type": "string"}}},
}


@pytest.mark.parametrize("keyword", ["oneOf", "anyOf"])
@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
@pytest.mark.parametrize(
    ("value", "valid"),
    [
        ({"kind": "Cat", "lives": 9}, True),
        ({"kind": "Cat", "lives": "many"}, False),
        ({"kind": "cat"}, True),
        ({"kind": "kitty"}, True),
        ({"kind": "Dog", "bark": 1}, True),
        ({"kind": "Dog"}, False),
        ({"kind": "Bird"}, False),
        ({"kind": 1}, False),
        ({"lives": 9}, False),
        ({}, False),
        (None, False),
        ("Cat", False),
    ],
)
def test_a_discriminator_chooses_one_schema(keyword: str, version: str, value: object, valid: bool) -> None:
    """By mapped value or by the schema's own name; the value is required, an unknown one refused."""
    choice = {
        keyword: [{REF: HERE + "Cat"}, {REF: HERE + "Dog"}],
        "discriminator": {"propertyName": "kind", "mapping": {"cat": "Cat", "kitty": HERE + "Cat"}},
    }
    requests, _ = written(source_of(openapi(version, components={"schemas": {"S": choice, **PETS}})))
    assert judge(requests, URI + "S", value) is valid


def test_a_name_mapped_elsewhere_no_longer_means_itself() -> None:
    """An explicit mapping wins over the implicit name."""
    choice = {
        "oneOf": [{REF: HERE + "Cat"}, {REF: HERE + "Dog"}],
        "discriminator": {"propertyName": "kind", "mapping": {"Cat": HERE + "Dog"}},
    }
    requests, _ = written(source_of(openapi(components={"schemas": {"S": choice, **PETS}})))
    assert not judge(requests, URI + "S", {"kind": "Cat"})
    assert judge(requests, URI + "S", {"kind": "Cat", "bark": 1})


@pytest.mark.parametrize(
    "schema",
    [
        {"oneOf": [{"type": "string"}], "discriminator": {"propertyName": "kind"}},
        {"oneOf": [{"type": "string"}], "discriminator": {}},
        {"oneOf": [{"type": "string"}], "discriminator": "kind"},
        {"type": "string", "discriminator": {"propertyName": "kind"}},
    ],
)
def test_a_discriminator_without_named_schemas_is_an_annotation(schema: Any) -> None:
    """Inline schemas have no names to choose by."""
    plain = {key: value for key, value in schema.items() if key != "discriminator"}
    assert rewritten(schema)[0] == plain


def test_a_parent_that_dispatches_to_its_children() -> None:
    """The children include the parent by `allOf`: a circle at one and the same value, which has to end."""
    parent = {
        "type": "object",
        "required": ["kind"],
        "oneOf": [{REF: HERE + "Kid"}],
        "discriminator": {"propertyName": "kind"},
    }
    kid = {"allOf": [{REF: HERE + "S"}, {"required": ["toy"]}]}
    requests, _ = written(source_of(openapi(components={"schemas": {"S": parent, "Kid": kid}})))
    for name in ("S", "Kid"):
        assert judge(requests, URI + name, {"kind": "Kid", "toy": 1})
        assert not judge(requests, URI + name, {"kind": "Kid"})


def test_references_into_schemas_and_other_files() -> None:
    """A schema inside another, whether it moved or not, in a file that is a schema or holds some."""
    source = source_of(
        openapi(
            components={
                "schemas": {
                    "S": {"properties": {"a": {REF: "parts.yaml#/defs/A/properties/x"}, "b": {REF: "whole.yaml"}}},
                    "T": {REF: HERE + "U/oneOf/0"},
                    "U": {"oneOf": [{"type": "integer", "nullable": True}]},
                    "V": {REF: "whole.yaml#/items"},
                }
            }
        ),
        parts_yaml={"note": {"type": 5}, "defs": {"A": {"properties": {"x": {"type": "string", "nullable": True}}}}},
        whole_yaml={"type": "array", "items": {"type": "string", "nullable": True}},
    )
    requests, _ = written(source)
    uri = "urn:contract:test:files#/0/components/schemas/"
    assert judge(requests, uri + "S", {"a": None, "b": ["x", None]})
    assert not judge(requests, uri + "S", {"a": 1})
    assert not judge(requests, uri + "S", {"b": [1]})
    assert judge(requests, uri + "T", None)
    assert not judge(requests, uri + "T", "x")
    assert judge(requests, uri + "V", None)
    assert not judge(requests, uri + "V", 1)


def test_references_to_what_does_not_stay_where_it_was() -> None:
    """The branches of a discriminator move; what stands beside a `$ref` of 3.0 is dropped."""
    components = {
        **PETS,
        "Pet": {"oneOf": [{REF: HERE + "Cat"}], "discriminator": {"propertyName": "kind"}},
        "Branch": {REF: HERE + "Pet/oneOf/0"},
        "Alias": {REF: HERE + "Cat", "properties": {"a": {"type": "integer"}}},
        "Beside": {REF: HERE + "Alias/properties/a"},
    }
    requests, _ = written(source_of(openapi(components={"schemas": components})))
    assert judge(requests, URI + "Branch", {"lives": 9})
    assert not judge(requests, URI + "Branch", {"lives": "many"})
    assert judge(requests, URI + "Beside", 1)
    assert not judge(requests, URI + "Beside", "x")


@pytest.mark.parametrize("name", ["a/b", "a~b", "a b", "a%b", "{id}", "é", "a#b", 'a"b'])
@pytest.mark.parametrize("api", ["test", "my api", "a/b:c#d", "é%"])
def test_uris_are_safe(name: str, api: str) -> None:
    """Whatever a schema or an API is called, its URI is one and finds it."""
    source = source_of(openapi(components={"schemas": {name: {"type": "integer"}}}))
    store = SchemaStore(source, api)
    uri = store.uri(source.uri, "/components/schemas/" + name.replace("~", "~0").replace("/", "~1"))
    assert uri.isascii()
    assert " " not in uri
    assert judge(dict(store.documents()[0]), uri, 1)
    assert not judge(dict(store.documents()[0]), uri, "x")


def test_schemas_that_no_file_holds() -> None:
    """Made-up schemas get a place too; their references are relative to the file they were made from."""
    source = source_of(openapi(components={"schemas": {"S": {"type": "integer"}}}))
    store = SchemaStore(source, "test")
    one = store.add({"type": "array", "items": {REF: HERE + "S"}, "collectionFormat": "csv"}, source.uri, "")
    two = store.add_object({"a": one, "b": URI + "S"}, ["a"])
    requests = dict(store.documents()[0])
    assert judge(requests, two, {"a": [1], "b": 2})
    assert not judge(requests, two, {"a": ["x"]})
    assert not judge(requests, two, {"b": 2})


@pytest.mark.parametrize("schema", [{"properties": 5}, {"allOf": {}}, {"not": [{}]}, {"type": 5}, {"required": "a"}])
def test_what_is_no_schema_is_refused_by_the_engine(schema: Any) -> None:
    """Rewriting neither fails nor hides it."""
    source = source_of(openapi(components={"schemas": {"S": schema}}))
    with pytest.raises(ValueError, match="not"):
        judge(written(source)[0], URI + "S", {})


def test_anchors_where_there_are_no_schemas() -> None:
    """What stands there was never followed; nothing fails because of it."""
    data = {"$id": "urn:x:data", "$dynamicAnchor": "a", "not": {REF: "#/components/schemas/None"}}
    source = source_of(openapi("3.1.0", components={"schemas": {"S": {"type": "object", "x-data": data}}}))
    requests, _ = written(source)
    assert judge(requests, URI + "S", {})


@pytest.mark.parametrize(
    "schema",
    [
        {"anyOf": {REF: "nowhere"}},
        {"allOf": 5, "discriminator": "a", "dependencies": {"a": 1}, "dependentSchemas": {}},
        {"type": [{}], "format": "int32"},
        {"required": [["a"]], "properties": {"a": {"readOnly": True}}},
        {"$defs": [], "properties": {"a": {REF: "#/components/schemas/S/properties/b"}, "b": {}}},
        {"contentSchema": 5, "contentMediaType": "application/json"},
        {"oneOf": [5, {}], "discriminator": {"propertyName": "a", "mapping": []}},
        {"$schema": 5, "$id": 5, "$anchor": 5, "$dynamicAnchor": 5, "$recursiveRef": 5},
    ],
)
@pytest.mark.parametrize("version", ["3.0.3", "3.1.0", "3.2.0"])
def test_no_schema_is_too_wrong(schema: Any, version: str) -> None:
    """The rules say what is wrong with it; rewriting it fails in no way of its own."""
    requests, responses = rewritten(schema, version)
    assert isinstance(requests, dict)
    assert isinstance(responses, dict)

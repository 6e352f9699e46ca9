"""Objects of older versions in the words of newer ones."""

from typing import Any

import pytest

from gateway.contract import lift


@pytest.mark.parametrize(
    ("dialect", "target", "given", "lifted"),
    [
        ("3.0", "3.0", {"type": "string", "nullable": True}, {"type": "string", "nullable": True}),
        ("3.1", "3.1", {"type": ["string", "null"]}, {"type": ["string", "null"]}),
        ("3.0", "3.1", {"type": "string", "nullable": True}, {"type": ["string", "null"]}),
        ("3.0", "3.1", {"type": "string", "nullable": False}, {"type": "string"}),
        ("3.0", "3.1", {"nullable": True}, {}),  # without a type it allows nothing more
        (
            "3.0",
            "3.1",
            {"type": "string", "enum": ["a"], "nullable": True},
            {"type": ["string", "null"], "enum": ["a", None]},
        ),
        (
            "3.0",
            "3.1",
            {"type": "string", "enum": ["a", None], "nullable": True},
            {"type": ["string", "null"], "enum": ["a", None]},
        ),
        ("3.0", "3.1", {"minimum": 1, "exclusiveMinimum": True}, {"exclusiveMinimum": 1}),
        ("3.0", "3.1", {"maximum": 1, "exclusiveMaximum": False}, {"maximum": 1}),
        ("3.0", "3.1", {"exclusiveMaximum": True}, {}),
        ("2.0", "3.0", {"discriminator": "kind"}, {"discriminator": {"propertyName": "kind"}}),
        ("2.0", "3.0", {"type": "file"}, {"type": "string", "format": "binary"}),
        ("2.0", "3.1", {"minimum": 1, "exclusiveMinimum": True, "type": "file"}, None),
    ],
)
def test_schemas(dialect: str, target: str, given: dict[str, Any], lifted: dict[str, Any] | None) -> None:
    """Each version's own words become those of the target; what was given stays as it was."""
    expected = {"exclusiveMinimum": 1, "type": "string", "format": "binary"} if lifted is None else lifted
    before = dict(given)
    assert lift.schema_lift(dialect, target)(given) == expected
    assert given == before


@pytest.mark.parametrize(
    ("given", "style"),
    [
        ({"in": "query", "type": "array"}, {"style": "form", "explode": False}),
        ({"in": "query", "type": "array", "collectionFormat": "csv"}, {"style": "form", "explode": False}),
        ({"in": "query", "type": "array", "collectionFormat": "multi"}, {"style": "form", "explode": True}),
        ({"in": "query", "type": "array", "collectionFormat": "ssv"}, {"style": "spaceDelimited", "explode": False}),
        ({"in": "query", "type": "array", "collectionFormat": "pipes"}, {"style": "pipeDelimited", "explode": False}),
        ({"in": "query", "type": "string"}, {}),
        ({"in": "header", "type": "array", "collectionFormat": "csv"}, {}),  # `simple` is the default there
    ],
)
def test_collection_formats_become_styles(given: dict[str, Any], style: dict[str, Any]) -> None:
    """`collectionFormat` of 2.0 says what `style` and `explode` say in 3.x."""
    lifted = lift.parameter_from_2({"name": "a", **given})
    assert {key: lifted[key] for key in ("style", "explode") if key in lifted} == style


def test_parameters_keep_what_is_theirs() -> None:
    """Name, place and description stay; type and constraints move into the schema, extensions are kept."""
    given = {"name": "a", "in": "query", "required": True, "description": "A", "type": "integer", "maximum": 9}
    assert lift.parameter_from_2(given | {"allowEmptyValue": True, "x-mine": 1}) == {
        "name": "a",
        "in": "query",
        "required": True,
        "description": "A",
        "allowEmptyValue": True,
        "schema": {"type": "integer", "maximum": 9},
        "x-mine": 1,
    }


FILE = {"name": "f", "in": "formData", "type": "file"}
NOTE = {"name": "n", "in": "formData", "type": "string", "required": True, "description": "N"}


@pytest.mark.parametrize(
    ("parameters", "consumes", "types", "required"),
    [
        ([{"name": "b", "in": "body", "schema": {}}], [], ["application/json"], None),
        ([{"name": "b", "in": "body", "schema": {}, "required": True}], ["a/b", "c/d"], ["a/b", "c/d"], True),
        ([NOTE], [], [lift.FORM], True),
        ([NOTE], ["application/json"], [lift.FORM], True),
        ([NOTE], [lift.FORM, lift.MULTIPART], [lift.FORM, lift.MULTIPART], True),
        ([FILE], [lift.FORM, lift.MULTIPART], [lift.MULTIPART], False),
    ],
)
def test_bodies(parameters: list[Any], consumes: list[str], types: list[str], required: bool | None) -> None:
    """A body parameter takes the types of `consumes`; forms are forms, with a file multipart."""
    body = lift.body_from_2(parameters, consumes)
    assert body is not None
    assert (list(body["content"]), body.get("required")) == (types, required)


def test_form_fields_become_properties() -> None:
    """Each form parameter is a property of one object."""
    body = lift.body_from_2([FILE, NOTE], [])
    assert body is not None
    assert body["content"][lift.MULTIPART]["schema"] == {
        "type": "object",
        "properties": {"f": {"type": "file"}, "n": {"type": "string", "description": "N"}},
        "required": ["n"],
    }
    assert lift.body_from_2([], ["application/json"]) is None


@pytest.mark.parametrize(
    ("given", "style", "explode"),
    [(None, "form", False), ("csv", "form", False), ("multi", "form", True), ("pipes", "pipeDelimited", False)],
)
def test_collections_in_forms(given: str | None, style: str, explode: bool) -> None:
    """`collectionFormat` of a field becomes its Encoding Object; 3.x would repeat the field by default."""
    field = {"name": "a", "in": "formData", "type": "array", "items": {"type": "string"}}
    body = lift.body_from_2([field | ({"collectionFormat": given} if given else {}), NOTE], [])
    assert body is not None
    assert body["content"][lift.FORM]["encoding"] == {"a": {"style": style, "explode": explode}}


def test_responses() -> None:
    """The schema goes below every media type of `produces`, an example below its own."""
    given = {
        "description": "OK",
        "schema": {"type": "object"},
        "examples": {"a/b": 1, "c/d": 2},
        "headers": {"X": {"type": "integer", "description": "How many"}},
        "x-mine": 1,
    }
    assert lift.response_from_2(given, ["a/b", "e/f"]) == {
        "description": "OK",
        "x-mine": 1,
        "headers": {"X": {"description": "How many", "schema": {"type": "integer"}}},
        "content": {
            "a/b": {"schema": {"type": "object"}, "example": 1},
            "e/f": {"schema": {"type": "object"}},
            "c/d": {"schema": {"type": "object"}, "example": 2},
        },
    }
    assert lift.response_from_2({"description": "Gone"}, ["a/b"]) == {"description": "Gone"}


@pytest.mark.parametrize(
    ("given", "schema"),
    [
        ({"type": "string"}, {"type": "string"}),
        ({"type": "string", "allowEmptyValue": False}, {"type": "string", "minLength": 1}),
        ({"type": "string", "minLength": 2, "allowEmptyValue": False}, {"type": "string", "minLength": 2}),
        ({"type": "array", "allowEmptyValue": False}, {"type": "array", "not": {"enum": [[""]]}}),
        ({"type": "string", "allowEmptyValue": True}, {"type": "string"}),
        (
            {"type": "integer", "allowEmptyValue": True},
            {"anyOf": [{"type": "integer"}, {"type": "string", "enum": [""]}]},
        ),
    ],
)
def test_empty_values_of_form_fields(given: dict[str, Any], schema: dict[str, Any]) -> None:
    """What 2.0 says of them stands in the schema, as later versions have no word for it in forms."""
    body = lift.body_from_2([{"name": "p", "in": "formData", **given}], [])
    assert body is not None
    assert body["content"][lift.FORM]["schema"]["properties"]["p"] == schema


@pytest.mark.parametrize(
    ("given", "lifted"),
    [
        ({"type": "basic", "description": "B"}, {"type": "http", "scheme": "basic", "description": "B"}),
        ({"type": "apiKey", "name": "k", "in": "header"}, {"type": "apiKey", "name": "k", "in": "header"}),
        (
            {"type": "oauth2", "flow": "application", "tokenUrl": "/t", "scopes": {"a": "A"}},
            {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "/t", "scopes": {"a": "A"}}}},
        ),
        (
            {"type": "oauth2", "flow": "accessCode", "tokenUrl": "/t", "authorizationUrl": "/a"},
            {
                "type": "oauth2",
                "flows": {"authorizationCode": {"authorizationUrl": "/a", "tokenUrl": "/t", "scopes": {}}},
            },
        ),
    ],
)
def test_security_schemes(given: dict[str, Any], lifted: dict[str, Any]) -> None:
    """Every scheme and flow of 2.0 has its form in 3.x."""
    assert lift.scheme_from_2(given) == lifted


@pytest.mark.parametrize(("place", "collection"), [("query", "tsv"), ("header", "ssv"), ("path", "pipes")])
def test_lists_that_no_style_can_write_are_texts(place: str, collection: str) -> None:
    """With commas they would be refused; the description says what they are."""
    node = {"name": "a", "in": place, "type": "array", "items": {}, "collectionFormat": collection, "description": "D"}
    lifted = lift.parameter_from_2(node)
    assert lifted["schema"] == {"type": "string"}
    assert lifted["description"] == f"D\n\nA list, in the notation that OpenAPI 2.0 calls `{collection}`."
    assert lifted.get("required") == (True if place == "path" else None)

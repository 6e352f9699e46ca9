"""readOnly and writeOnly in every place that applies to the same object."""

from typing import Any

import pytest

from gateway.contract.drafts import DRAFT_2020, OPENAPI_3
from gateway.contract.marks import REQUEST, RESPONSE, Marks
from gateway.tests.contract.schemas import HERE, REF, both
from gateway.tests.contract.sources import openapi, source_of

ID = {"type": "integer", "readOnly": True}
BASE = {"properties": {"id": ID}}
NEEDS = {"required": ["id"]}


@pytest.mark.parametrize(
    "schema",
    [
        {**NEEDS, **BASE},
        {**NEEDS, "properties": {"id": {REF: HERE + "Id"}}},
        {**NEEDS, "properties": {"id": {REF: HERE + "Alias"}}},
        {**NEEDS, "properties": {"id": {"allOf": [{REF: HERE + "Id"}], "description": "d"}}},
        {**NEEDS, "properties": {"id": {"oneOf": [{REF: HERE + "Id"}, {"type": "string", "readOnly": True}]}}},
        {**NEEDS, "allOf": [BASE]},
        {**NEEDS, "anyOf": [BASE, {"properties": {"other": {}}, "required": ["other"]}]},
        {**NEEDS, "oneOf": [{"type": "string"}, BASE]},
        {**NEEDS, "if": {"required": ["x"]}, "then": {}, "else": BASE},
        {**NEEDS, REF: HERE + "Base"},
        {**BASE, "allOf": [NEEDS]},
        {**BASE, "oneOf": [NEEDS, {"type": "string"}]},
        {**BASE, "allOf": [{REF: HERE + "Needs"}]},
        {**BASE, "allOf": [{REF: HERE + "NeedsBehind"}]},
        {**BASE, REF: HERE + "Needs"},
        {"allOf": [{REF: HERE + "Needs"}, {REF: HERE + "Base"}]},
        {"allOf": [{REF: HERE + "S"}, NEEDS, {"anyOf": [{REF: HERE + "Base"}]}]},
        {**NEEDS, "patternProperties": {"^i": ID}, "properties": {"id": ID}},
    ],
)
def test_a_request_neither_needs_nor_may_have_it(schema: Any) -> None:
    """Wherever the property is described and wherever it is asked for; a response must have it all the same."""
    others: dict[str, Any] = {
        "Id": ID,
        "Alias": {REF: HERE + "Id"},
        "Base": BASE,
        "Needs": NEEDS,
        "NeedsBehind": {"allOf": [{REF: HERE + "Needs"}]},
    }
    request, response = both(schema, **others)
    assert request.is_valid({})
    assert not request.is_valid({"id": 1})
    assert not response.is_valid({})
    assert response.is_valid({"id": 1})


def test_a_shared_schema_is_relaxed_only_where_it_is_hidden() -> None:
    """The same component elsewhere still asks for the property."""
    schema = {"properties": {"a": {**BASE, "allOf": [{REF: HERE + "Needs"}]}, "b": {REF: HERE + "Needs"}}}
    request, _ = both(schema, Needs=NEEDS)
    assert request.is_valid({"a": {}})
    assert not request.is_valid({"b": {}})


def test_properties_without_a_name_are_hidden_too() -> None:
    """By `additionalProperties` and `patternProperties`."""
    request, response = both({"properties": {"a": {}}, "patternProperties": {"^x": ID}, "additionalProperties": ID})
    assert request.is_valid({"a": 1})
    assert not request.is_valid({"x": 1})
    assert not request.is_valid({"b": 1})
    assert response.is_valid({"x": 1, "b": 1})


def test_items_of_arrays_have_their_own_marks() -> None:
    """An object in an array is a message's object like any other."""
    request, response = both({"type": "array", "items": {**NEEDS, **BASE}})
    assert request.is_valid([{}])
    assert not request.is_valid([{"id": 1}])
    assert not response.is_valid([{}])


def test_dependent_properties_are_not_asked_for() -> None:
    """`dependentRequired` asks for properties as `required` does."""
    request, response = both({**BASE, "required": ["id"], "dependentRequired": {"a": ["id", "b"]}})
    assert request.is_valid({"a": 1, "b": 1})
    assert not request.is_valid({"a": 1})
    assert not response.is_valid({"a": 1, "b": 1})


def test_one_marked_alternative_hides_nothing() -> None:
    """A property is marked when every one of its alternatives is."""
    request, _ = both({"properties": {"id": {"anyOf": [ID, {"type": "string"}]}}})
    assert request.is_valid({"id": "a"})


def test_what_stands_beside_a_reference_of_3_0_marks_nothing() -> None:
    """It is ignored there; in 3.1 it counts."""
    schema = {"properties": {"id": {REF: HERE + "Plain", "readOnly": True}}}
    assert both(schema, "3.0.3", Plain={})[0].is_valid({"id": 1})
    assert not both(schema, "3.1.0", Plain={})[0].is_valid({"id": 1})


def test_circles_end() -> None:
    """A property, or a part, that leads back to where it came from."""
    source = source_of(openapi("3.1.0", components={"schemas": {"S": {"allOf": [{REF: HERE + "S"}], **BASE, **NEEDS}}}))
    node = source.root["components"]["schemas"]["S"]
    marks = Marks(source, REQUEST)
    assert marks.hidden(node, source.uri, "/components/schemas/S", DRAFT_2020) == {"id"}
    assert marks.required(node, source.uri, "/components/schemas/S", DRAFT_2020) == {"id"}
    assert not marks.marked(node, source.uri, "/components/schemas/S", DRAFT_2020)
    assert not Marks(source, RESPONSE).hidden(node, source.uri, "/components/schemas/S", OPENAPI_3)

"""Members of objects and arrays, read from schemas."""

import pytest

from gateway.tests.validate.build import URI, at, ref, schema_set
from gateway.validate.outline import converter_of, kinds_of, outline
from gateway.validate.text import BadText

SCHEMAS = schema_set(
    Base={"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}}},
    Child={"allOf": [ref("Base")], "properties": {"x": {"type": "string"}}, "additionalProperties": {"minLength": 1}},
    Union={"oneOf": [ref("Base"), {"properties": {"id": {"type": "string"}}}]},
    Tagged={"allOf": [{"if": {"required": ["t"]}, "then": ref("Base")}]},
    List={"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "integer"}},
    Self={"type": "object", "properties": {"child": ref("Self")}, "allOf": [ref("Self")]},
    Integer={"type": "integer", "maximum": 5},
    Text={"type": "string"},
    Either={"type": ["string", "integer"]},
    Bound={"minimum": 3},
    Object={"type": "object"},
    Never=False,
)


def test_members_of_all_alternatives_are_found() -> None:
    """Behind references, in `allOf`, `anyOf`, `oneOf`, `then` and `else`."""
    child = outline(SCHEMAS, (at("Child"),))
    assert child.properties == {"x": (at("Child") + "/properties/x",), "id": (at("Base") + "/properties/id",)}
    assert child.required == {"id"} and child.additional == (at("Child") + "/additionalProperties",)
    assert outline(SCHEMAS, (at("Union"),)).properties["id"] == (
        at("Union") + "/oneOf/1/properties/id",
        at("Base") + "/properties/id",
    )
    assert list(outline(SCHEMAS, (at("Tagged"),)).properties) == ["id"]
    assert list(outline(SCHEMAS, (at("Self"), at("Never"))).properties) == ["child"]


def test_items_have_positions_or_not() -> None:
    """`prefixItems` and `items`."""
    found = outline(SCHEMAS, (at("List"),))
    assert found.positions == [(at("List") + "/prefixItems/0",)] and found.items == (at("List") + "/items",)


@pytest.mark.parametrize(
    ("names", "text", "expected"),
    [
        (["Integer"], "7", 7),
        (["Text"], "7", "7"),
        (["Either"], "7", 7),
        (["Either"], "x", "x"),
        (["Integer", "Text"], "7", "7"),
        (["Integer", "Text"], "4", 4),
        (["Text", "Integer"], "4", "4"),
        (["Bound"], "7", "7"),
        (["Bound", "Integer"], "4", 4),
        (["Object"], "x", "x"),
        ([], "x", "x"),
    ],
)
def test_texts_get_the_type_of_the_first_schema_that_they_satisfy(
    names: list[str], text: str, expected: object
) -> None:
    """A schema that names no type does not make a string of it when another one does."""
    assert converter_of(SCHEMAS, tuple(map(at, names)))(text) == expected


def test_texts_that_satisfy_none_say_why() -> None:
    """By the first."""
    with pytest.raises(BadText, match="an integer"):
        converter_of(SCHEMAS, (at("Integer"),))("x")


def test_types_are_joined() -> None:
    """None where nothing is said."""
    assert kinds_of(SCHEMAS, (at("Integer"), at("Text"))) == {"integer", "string"}
    assert kinds_of(SCHEMAS, (at("Bound"),)) == frozenset() and URI in at("Bound")

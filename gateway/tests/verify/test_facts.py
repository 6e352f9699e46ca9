"""What a schema says as a whole."""

from gateway.validate.schema import SchemaSet
from gateway.verify.facts import facts_of

DOCUMENT = {
    "whole": {
        "$ref": "#/base",
        "required": ["b", "a"],
        "allOf": [{"$ref": "#/bounded"}, {"properties": {"b": {"type": "string"}}, "additionalProperties": False}],
        "anyOf": [{"type": "object"}, {"required": ["c"]}],
        "minProperties": 1,
    },
    "base": {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}, "minProperties": 2},
    "bounded": {"maxProperties": 9, "additionalProperties": {"type": "integer"}},
    "list": {"items": {"type": "integer"}},
    "nothing": True,
    "loop": {"allOf": [{"$ref": "#/loop"}, {"minimum": 1}]},
}
SCHEMAS = SchemaSet({"urn:test": DOCUMENT})


def test_parts_that_hold_together_are_put_together() -> None:
    """References and `allOf` looked through, required names once, the tightest of several bounds."""
    facts = facts_of(SCHEMAS, "urn:test#/whole")
    assert facts.required == ["b", "a"]
    assert (facts.keywords["minProperties"], facts.keywords["maxProperties"]) == (2, 9)
    assert facts.kinds == {"object"}
    assert facts.properties == {
        "a": "urn:test#/base/properties/a",
        "b": "urn:test#/whole/allOf/1/properties/b",
    }
    assert facts.additional is False
    assert facts.branches == [[("urn:test#/whole/anyOf/0",), ("urn:test#/whole/anyOf/1",)]]


def test_all_that_holds_for_a_property_is_known() -> None:
    """Parts may speak of the same one."""
    schemas = SchemaSet({"urn:t": {"s": {"properties": {"a": {}}, "allOf": [{"properties": {"a": {}, "b": {}}}]}}})
    facts = facts_of(schemas, "urn:t#/s")
    assert facts.stated == {
        "a": ("urn:t#/s/properties/a", "urn:t#/s/allOf/0/properties/a"),
        "b": ("urn:t#/s/allOf/0/properties/b",),
    }


def test_a_condition_is_satisfied_together_with_what_follows() -> None:
    """Or else what else follows is."""
    schemas = SchemaSet({"urn:t": {"s": {"if": {}, "then": {}, "else": {}, "dependentSchemas": {"a": {}}}}})
    assert facts_of(schemas, "urn:t#/s").branches == [
        [("urn:t#/s/then", "urn:t#/s/if"), ("urn:t#/s/else",)],
        [("urn:t#/s/dependentSchemas/a",)],
    ]


def test_schemas_within_are_named_by_place() -> None:
    """Items and additional properties."""
    assert facts_of(SCHEMAS, "urn:test#/list").items == "urn:test#/list/items"
    assert facts_of(SCHEMAS, "urn:test#/bounded").additional == "urn:test#/bounded/additionalProperties"


def test_a_schema_that_says_nothing_has_no_facts() -> None:
    """`true` admits everything."""
    facts = facts_of(SCHEMAS, "urn:test#/nothing")
    assert (facts.keywords, facts.kinds, facts.additional) == ({}, None, True)


def test_a_schema_that_contains_itself_is_read_once() -> None:
    """A loop ends."""
    assert facts_of(SCHEMAS, "urn:test#/loop").keywords["minimum"] == 1

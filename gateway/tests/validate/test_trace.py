"""Which keyword of which schema a violation comes from."""

import pytest

from gateway.validate.schema import SchemaSet
from gateway.validate.trace import keywords

BASE = "urn:contract:a:0"
SCHEMAS = {
    "Pet": {
        "type": "object",
        "required": ["name"],
        "additionalProperties": False,
        "properties": {
            "name": {"$ref": "#/Name"},
            "tag": {"oneOf": [{"$ref": "#/Name"}, {"type": "object", "required": ["a~b/c"]}]},
        },
    },
    "Name": {"type": "string", "minLength": 3},
}
CHECK = SchemaSet({BASE: SCHEMAS}).check(f"{BASE}#/Pet")


@pytest.mark.parametrize(
    ("value", "place"),
    [
        (3, "/Pet/type"),
        ({}, "/Pet/required"),
        ({"name": "ab"}, "/Name/minLength"),
        ({"name": "abc", "x": 1}, "/Pet/additionalProperties"),
        ({"name": "abc", "tag": {}}, "/Pet/properties/tag/oneOf/1/required"),
        ({"name": "abc", "tag": 3}, "/Pet/properties/tag/oneOf"),
    ],
)
def test_the_place_is_that_of_the_keyword(value: object, place: str) -> None:
    """Across references and into the branch that was meant."""
    with keywords() as found:
        [violation] = CHECK.violations(value, "body")
    assert found == {violation: f"{BASE}#{place}"}


def test_each_violation_has_its_own() -> None:
    """In the order in which they are found."""
    with keywords() as found:
        violations = CHECK.violations({"name": 1, "x": 2}, "body")
    assert list(found) == violations
    assert sorted(uri.rpartition("#")[2] for uri in found.values()) == ["/Name/type", "/Pet/additionalProperties"]


def test_nothing_is_collected_without_asking() -> None:
    """Nor after the question is answered."""
    with keywords() as found:
        pass
    assert CHECK.violations(3, "body") and found == {}

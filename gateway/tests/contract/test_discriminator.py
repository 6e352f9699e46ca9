"""Which value of a discriminator's property chooses which schema, and what that means for values."""

from typing import Any

import pytest

from gateway.contract.discriminator import Discriminators, is_named
from gateway.tests.contract.schemas import HERE, REF, accepts, both
from gateway.tests.contract.sources import openapi, source_of, swagger

KIND = {"propertyName": "kind"}
CAT = {"type": "object", "properties": {"kind": {"type": "string"}, "lives": {"type": "integer"}}}
DOG = {"type": "object", "required": ["bark"], "properties": {"kind": {"type": "string"}}}
BIRD = {"type": "object", "required": ["wings"], "properties": {"kind": {"const": "bird"}}}
OWL = {"allOf": [{"properties": {"kind": {"enum": ["owl", "eagle owl"]}}}, {"required": ["eyes"]}]}


@pytest.mark.parametrize(
    ("schema", "value", "valid"),
    [
        ({"oneOf": [BIRD, OWL], "discriminator": KIND}, {"kind": "bird", "wings": 2}, True),
        ({"oneOf": [BIRD, OWL], "discriminator": KIND}, {"kind": "bird"}, False),
        ({"oneOf": [BIRD, OWL], "discriminator": KIND}, {"kind": "eagle owl", "eyes": 2}, True),
        ({"oneOf": [BIRD, OWL], "discriminator": KIND}, {"kind": "owl"}, False),
        ({"oneOf": [BIRD, OWL], "discriminator": KIND}, {"kind": "crow"}, False),
        ({"oneOf": [BIRD, {REF: HERE + "Cat"}], "discriminator": KIND}, {"kind": "Cat", "lives": 9}, True),
        ({"oneOf": [BIRD, {REF: HERE + "Cat"}], "discriminator": KIND}, {"kind": "Cat", "lives": "x"}, False),
        ({"oneOf": [{REF: HERE + "Cat"}, {"type": "null"}], "discriminator": KIND}, None, True),
        ({"oneOf": [{REF: HERE + "Cat"}, {"type": "null"}], "discriminator": KIND}, {"kind": "Cat"}, True),
        ({"oneOf": [{REF: HERE + "Cat"}, {"type": "null"}], "discriminator": KIND}, {"kind": "Dog"}, False),
        ({"oneOf": [{REF: HERE + "Cat"}, {"type": "null"}], "discriminator": KIND}, "Cat", False),
        ({"anyOf": [{REF: HERE + "Cat"}, {"required": ["x"]}], "discriminator": KIND}, {"x": 1}, True),
        ({"oneOf": [{REF: HERE + "Bird"}, {REF: HERE + "Owl"}], "discriminator": KIND}, {"kind": "bird"}, False),
        (
            {"oneOf": [{REF: HERE + "Bird"}, {REF: HERE + "Owl"}], "discriminator": KIND},
            {"kind": "owl", "eyes": 2},
            True,
        ),
        (
            {"oneOf": [{REF: HERE + "Bird"}, {REF: HERE + "Owl"}], "discriminator": KIND},
            {"kind": "Owl", "eyes": 2},
            False,
        ),
    ],
)
def test_branches(schema: Any, value: Any, valid: bool) -> None:
    """Inline ones by the constants that they ask for; those without a name leave the choice to `oneOf` itself."""
    assert accepts(schema, value, Cat=CAT, Dog=DOG, Bird=BIRD, Owl=OWL) is valid


@pytest.mark.parametrize("via", ["Cat", "Tom"])
def test_a_branch_that_is_a_part_of_itself(via: str) -> None:
    """Directly or through another: it asks for no more than its other parts do."""
    cat = {"allOf": [{REF: HERE + via}, {"properties": {"kind": {"const": "tom"}}}]}
    choice = {"oneOf": [{REF: HERE + "Cat"}], "discriminator": KIND}
    schemas = {"S": choice, "Cat": cat, "Tom": {"allOf": [{REF: HERE + "Cat"}]}}
    source = source_of(openapi("3.1.0", components={"schemas": schemas}))
    found = Discriminators(source).choice(choice, source.uri, "/components/schemas/S")
    assert found and found.names == [["tom"]]


def test_errors_are_those_of_the_chosen_branch() -> None:
    """Not those of all branches."""
    choice = {"oneOf": [{REF: HERE + "Cat"}, {REF: HERE + "Dog"}], "discriminator": KIND}
    check, _ = both(choice, Cat=CAT, Dog=DOG)
    assert [(v.pointer, v.keyword) for v in check.violations({"kind": "Cat", "lives": "x"}, "body")] == [
        ("/lives", "type")
    ]
    assert [(v.pointer, v.keyword) for v in check.violations({"kind": "Dog"}, "body")] == [("/bark", "required")]
    (unknown,) = check.violations({"kind": "Bird"}, "body")
    assert (unknown.pointer, unknown.keyword, unknown.message) == ("/kind", "enum", 'must be one of "Cat", "Dog"')


@pytest.mark.parametrize(
    ("value", "valid"),
    [
        ({"kind": "cat", "lives": "x"}, False),
        ({"kind": "cat", "lives": 9}, True),
        ({"kind": "lion", "bark": 1}, True),
        ({"kind": "lion"}, False),
        ({"bark": 1}, True),
        ({}, False),
        (None, False),
    ],
)
def test_the_default_of_3_2(value: Any, valid: bool) -> None:
    """It judges objects without the property, and those with a value that nothing else has."""
    discriminator = {**KIND, "mapping": {"cat": "Cat"}, "defaultMapping": "Dog"}
    choice = {"oneOf": [{REF: HERE + "Cat"}, {REF: HERE + "Dog"}], "discriminator": discriminator}
    assert accepts(choice, value, "3.2.0", Cat=CAT, Dog=DOG) is valid


def test_a_default_may_be_any_schema() -> None:
    """Also one that only the discriminator refers to, in another file."""
    discriminator = {**KIND, "defaultMapping": "other.yaml#/Other"}
    choice = {"oneOf": [{REF: HERE + "Cat"}], "discriminator": discriminator}
    document = openapi("3.2.0", components={"schemas": {"S": choice, "Cat": CAT}})
    source = source_of(document, other_yaml={"Other": {"required": ["x"]}})
    found = Discriminators(source).choice(choice, source.uri, "/components/schemas/S")
    assert found and found.default and found.default[1] == "/Other"


def test_a_hidden_property_chooses_nothing() -> None:
    """Where no branch may have it, `oneOf` is what it is without a discriminator."""
    cat = {**CAT, "required": ["kind"], "properties": {"kind": {"type": "string", "readOnly": True}}}
    request, response = both({"oneOf": [{REF: HERE + "Cat"}], "discriminator": KIND}, Cat=cat)
    assert request.is_valid({})
    assert not request.is_valid({"kind": "Cat"})
    assert not response.is_valid({})
    assert response.is_valid({"kind": "Cat"})


PET = {"type": "object", "discriminator": "kind", "required": ["kind"], "properties": {"kind": {"type": "string"}}}
FAMILY = {
    "Cat": {"allOf": [{REF: "#/definitions/S"}, {"required": ["lives"]}]},
    "Lion": {"allOf": [{REF: "#/definitions/Cat"}, {"required": ["mane"]}]},
    "Dog": {"x-ms-discriminator-value": "dog", "allOf": [{REF: "#/definitions/S"}, {"required": ["bark"]}]},
}


@pytest.mark.parametrize(
    ("value", "valid"),
    [
        ({"kind": "S"}, True),
        ({"kind": "Cat", "lives": 1}, True),
        ({"kind": "Cat"}, False),
        ({"kind": "Lion", "lives": 1, "mane": 1}, True),
        ({"kind": "Lion", "lives": 1}, False),
        ({"kind": "dog", "bark": 1}, True),
        ({"kind": "Dog", "bark": 1}, False),
        ({"kind": "Bird"}, False),
        ({}, False),
    ],
)
def test_a_parent_of_2_0_stands_for_its_children(value: Any, valid: bool) -> None:
    """By their names, over generations; an unknown value is refused."""
    assert accepts(PET, value, "2.0", **FAMILY) is valid


def test_an_inline_extension_is_no_child() -> None:
    """`allOf` around a single reference is how 2.0 puts a description beside it: the choice remains."""
    family = {"P": PET, "Cat": {"allOf": [{REF: "#/definitions/P"}, {"required": ["lives"]}]}}
    schema = {"properties": {"pet": {"allOf": [{REF: "#/definitions/P"}]}}}
    assert accepts(schema, {"pet": {"kind": "Cat", "lives": 1}}, "2.0", **family)
    assert not accepts(schema, {"pet": {"kind": "Cat"}}, "2.0", **family)


def test_children_of_2_0_include_the_parent_without_its_choice() -> None:
    """Otherwise a cat could not be judged as what it is, under whatever name."""
    assert accepts({"allOf": [{REF: "#/definitions/P"}]}, {"kind": "anything"}, "2.0", P=PET)


def test_a_parent_of_3_x_stands_for_itself() -> None:
    """The specification: it does not perform a search for child schemas."""
    parent = {**PET, "discriminator": KIND}
    kid = {"allOf": [{REF: HERE + "S"}, {"required": ["toy"]}]}
    for version in ("3.0.3", "3.1.0", "3.2.0"):
        assert accepts(parent, {"kind": "Kid"}, version, Kid=kid)


@pytest.mark.parametrize(
    ("pointer", "named"), [("/definitions/A", True), ("/definitions/A/allOf/0", False), ("", True), ("/A", True)]
)
def test_names(pointer: str, named: bool) -> None:
    """Only what has a name can be chosen by it."""
    assert is_named(pointer) is named


def test_nothing_is_chosen_where_nothing_can_be() -> None:
    """No discriminator, no property, nothing to choose from, nobody who inherits."""
    source = source_of(swagger(definitions={"S": PET}))
    discriminators = Discriminators(source)
    for node in ({}, {"oneOf": [BIRD]}, {"oneOf": [BIRD], "discriminator": {}}, {"discriminator": KIND}):
        assert discriminators.choice(node, source.uri, "/definitions/S") is None
    assert discriminators.family(PET, source.uri, "/definitions/S") is None

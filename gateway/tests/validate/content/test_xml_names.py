"""XML Objects: what a schema is in a document, and its names."""

from typing import Any

import pytest

from gateway.tests.validate.build import at, ref, schema_set
from gateway.validate.content.xml_names import Claims, Node, Wanted, node_of
from gateway.validate.content.xml_tree import Name
from gateway.validate.schema import SchemaError

OTHERS: dict[str, Any] = {
    "Pet": {"type": "object"},
    "Named": {"type": "object", "xml": {"name": "named"}},
    "Hidden": {"type": "object", "xml": {"nodeType": "none"}},
}


def node(schema: Any, inherited: str = "p") -> Node:
    """How a schema stands in a document."""
    return node_of(schema_set(X=schema, **OTHERS), (at("X") + "/properties/p",), inherited)


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({}, Node("", (Wanted("p"),), False)),
        ({"xml": {"name": "q"}}, Node("", (Wanted("q"),), True)),
        ({"xml": {"attribute": True}}, Node("attribute", (Wanted("p"),), True)),
        ({"xml": {"wrapped": True, "name": "q"}}, Node("element", (Wanted("q"),), True)),
        ({"xml": {"nodeType": "text"}}, Node("text", (Wanted("p"),), True)),
        ({"xml": {"nodeType": "attribute", "wrapped": True}}, Node("attribute", (Wanted("p"),), True)),
        ({"xml": {"namespace": "u", "prefix": "x"}}, Node("", (Wanted("p", "u", None),), True)),
        ({"xml": {"prefix": "x"}}, Node("", (Wanted("p", None, "x"),), True)),
        (ref("Pet"), Node("", (Wanted("p"), Wanted("Pet")), False)),
        (ref("Named"), Node("", (Wanted("named"),), True)),
        ({"allOf": [ref("Named")]}, Node("", (Wanted("named"),), True)),
        ({**ref("Named"), "xml": {"name": "q"}}, Node("", (Wanted("q"),), True)),
        ({**ref("Hidden"), "xml": {"nodeType": "element", "name": "q"}}, Node("element", (Wanted("q"),), True)),
    ],
)
def test_schemas_say_what_they_are(schema: Any, expected: Node) -> None:
    """What stands beside a reference goes before what it leads to; older keywords are said in the newer way."""
    assert node({"properties": {"p": schema}}) == expected


def test_a_component_has_its_own_name() -> None:
    """Where no property gives one."""
    schemas = schema_set(**OTHERS)
    assert node_of(schemas, (at("Pet"),), "").names == (Wanted("Pet"),)
    assert node_of(schema_set(X={"properties": {"p": {}}}), (at("X") + "/properties/p",), "").names == ()


def test_there_are_no_other_kinds_of_nodes() -> None:
    """Fail closed."""
    with pytest.raises(SchemaError, match="nodeType"):
        node({"properties": {"p": {"xml": {"nodeType": "comment"}}}})


@pytest.mark.parametrize(
    ("wanted", "name", "around", "expected"),
    [
        (Wanted("a"), Name("", "a"), "", True),
        (Wanted("a"), Name("u", "a"), "u", True),
        (Wanted("a"), Name("u", "a", "p"), "u", True),
        (Wanted("a"), Name("", "a"), "u", True),
        (Wanted("a"), Name("u", "a"), "", False),
        (Wanted("a"), Name("u", "a"), "v", False),
        (Wanted("a"), Name("", "b"), "", False),
        (Wanted("a", "u"), Name("u", "a"), "", True),
        (Wanted("a", "u"), Name("u", "a", "p"), "", True),
        (Wanted("a", "u"), Name("", "a"), "u", False),
        (Wanted("a", None, "p"), Name("u", "a", "p"), "", True),
        (Wanted("a", None, "p"), Name("u", "a", "q"), "u", False),
    ],
)
def test_names_match_by_namespace(wanted: Wanted, name: Name, around: str, expected: bool) -> None:
    """A prefix matters only where the document gives no namespace for it; what has no namespace may be in that of the
    element around it."""
    claims: Claims[str] = Claims()
    assert claims.add(wanted, "taker")
    assert (claims.find(name, around) == "taker") is expected


def test_a_name_has_one_taker() -> None:
    """The first."""
    claims: Claims[str] = Claims()
    assert claims.add(Wanted("a"), "x") and not claims.add(Wanted("a"), "y") and claims.add(Wanted("a"), "x")
    assert claims.lost(Wanted("a"), "y") and not claims.lost(Wanted("a"), "x")

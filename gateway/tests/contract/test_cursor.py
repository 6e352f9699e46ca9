"""Reading nodes with their places."""

from gateway.contract.cursor import Cursor
from gateway.tests.contract.sources import openapi, source_of

REF = "$ref"


def root() -> Cursor:
    document = openapi(
        components={
            "parameters": {"P": {"name": "p"}, "Q": {REF: "#/components/parameters/P"}, "R": {REF: "other.yaml#/R"}},
            "examples": {"wrong": 5},
        },
        tags=[{"name": "a"}, 7, {"name": "b"}],
    )
    source = source_of(document, other_yaml="x: 1\nR:\n  name: r\n")
    return Cursor(source, source.uri, "", source.root)


def test_references_are_followed_to_where_the_node_is() -> None:
    """Through chains and into other files; the place is that of the node, not of the reference."""
    components = root().child("components")
    assert components is not None
    found = dict(components.members("parameters"))
    assert {name: node.read("name", str) for name, node in found.items()} == {"P": "p", "Q": "p", "R": "r"}
    assert found["Q"].pointer == "/components/parameters/P"
    assert (found["R"].where.file, found["R"].where.line) == ("/contracts/other.yaml", 2)


def test_what_is_missing_or_of_another_type_reads_as_empty() -> None:
    """Documents with harmless flaws are read without failing."""
    node = root()
    assert node.read("info", list, []) == []
    assert node.child("nope") is None
    assert node.followed("nope") is None
    assert not list(node.members("tags"))
    assert not list(node.items("info"))
    assert [each.read("name", str) for each in node.items("tags")] == ["a", "b"]
    components = node.child("components")
    assert components is not None
    assert not list(components.members("examples"))

"""Reading documents of any shape without surprises."""

import pytest

from gateway.contract.rules.node import Node
from gateway.tests.contract.rules.reading import source

TEXT = """openapi: 3.0.3
info: {title: t, version: '1'}
paths: {}
x-list: [a, {b: c}]
x-odd: {a/b: {m~n: 1}}
x-ref: {$ref: '#/components/schemas/A'}
x-lost: {$ref: 'nowhere.yaml'}
components: {schemas: {A: {$ref: '#/components/schemas/B'}, B: {type: string}}}
"""


@pytest.fixture
def root() -> Node:
    loaded = source(TEXT)
    return Node(loaded, loaded.uri, loaded.root)


def test_absent_things_are_nothing(root: Node) -> None:
    """Questions about what is not there, or of another type, have empty answers."""
    title = root.at(["info", "title"])
    assert root.get("nothing") is None and title.get("x") is None
    assert root.text("paths") == "" and title.text("x") == ""
    assert not root.flag("openapi") and not title.flag("x")
    assert list(root.items("x-list")) == [] and list(title.items()) == []
    assert list(root.elements("info")) == [] and list(root.elements("nothing")) == []


def test_pointers_and_places(root: Node) -> None:
    """A pointer escapes its tokens, and leads to line and column."""
    node = root.at(["x-odd", "a/b", "m~n"])
    assert node.pointer == "/x-odd/a~1b/m~0n"
    assert (node.value, node.key, node.where.line) == (1, "m~n", 5)


@pytest.mark.parametrize(
    ("path", "pointer"),
    [
        (["x-list", 1, "b"], "/x-list/1/b"),
        (["x-list", "1"], "/x-list/1"),
        (["x-list", 7], "/x-list"),
        (["x-list", "b"], "/x-list"),
        (["info", "no", "where"], "/info"),
        ([], ""),
    ],
)
def test_paths_end_at_the_nearest_value(root: Node, path: list[str | int], pointer: str) -> None:
    """A path that leads nowhere ends above."""
    assert root.at(path).pointer == pointer


def test_references_are_followed_to_the_end(root: Node) -> None:
    """A chain gives every step; its end has its own place."""
    chain = root.at(["x-ref"]).chain()
    assert [node.pointer for node in chain] == ["/x-ref", "/components/schemas/A", "/components/schemas/B"]
    assert root.at(["x-ref"]).follow().text("type") == "string"
    assert root.at(["x-ref"]).follow().child("type").pointer == "/components/schemas/B/type"


def test_a_reference_that_was_not_loaded_is_an_end(root: Node) -> None:
    """Where the specification knows no reference, none is followed."""
    assert root.at(["x-lost"]).follow().pointer == "/x-lost"

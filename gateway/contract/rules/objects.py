"""Every object of a document, wherever it stands."""

from collections.abc import Iterator
from typing import NamedTuple

from gateway.contract.grammar import GRAMMARS, REFERABLE, children
from gateway.contract.rules.node import Node
from gateway.contract.rules.view import View


class Found(NamedTuple):
    """An object; `named` when a reference leads to it."""

    kind: str
    node: Node
    named: bool


def objects(view: View) -> Iterator[Found]:
    """All that the grammar knows, through all references; an object that is found in two ways comes twice."""
    grammar = GRAMMARS[view.dialect]
    todo, seen = [Found("openapi", view.root, False)], set()
    while todo:
        found = todo.pop()
        yield found
        if not isinstance(found.node.value, dict) or (found.kind, id(found.node.value)) in seen:
            continue
        seen.add((found.kind, id(found.node.value)))
        for tokens, kind, value in children(found.node.value, grammar[found.kind]):
            if not isinstance(value, dict):
                continue
            child = found.node.at(tokens)
            todo.append(Found(kind, child, False))
            if kind in REFERABLE and "$ref" in value:
                todo += (Found(kind, target, True) for target in child.chain()[1:])

"""How many ways a schema can branch into itself.

Explaining why a value fails `anyOf` or `oneOf` means trying every branch. Where branches lead back to the schema that
holds them, the tries multiply with each level of the value; whoever explains has to know the factor.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from gateway.validate.uris import absolute, anchors, at

_CONTAINERS = (dict, list)


class _Part(NamedTuple):
    """What one schema refers to: in all, and by each branch of each `anyOf` and `oneOf`."""

    references: frozenset[str]
    alternatives: list[list[frozenset[str]]]


class Branching:
    """Answers for the schemas of one set of documents. Each schema is read once: the whole is linear in their size."""

    def __init__(self, documents: Mapping[str, Any]) -> None:
        self._documents = documents
        self._dynamic: dict[str, set[str]] = {}  # what a dynamic reference of this name may mean
        for document in documents.values():
            for name, schema in anchors(document).items():
                self._dynamic.setdefault(name, set()).add(schema["$ref"])
        self._factors: dict[str, int] = {}

    def of(self, uri: str) -> int:
        """The greatest number of branches that lead back to where they start, in any schema reachable from `uri`."""
        if uri not in self._factors:
            self._visit(uri)
        return self._factors[uri]

    def _visit(self, root: str) -> None:
        """Tarjan's strongly connected components, without recursion; a component ends after all it leads to."""
        parts = {root: self._read(root)}
        lowest = {root: 0}
        order = {root: 0}
        pending = [root]
        walk = [(root, iter(parts[root].references))]
        while walk:
            current, references = walk[-1]
            for reference in references:
                if reference in self._factors:
                    continue
                if reference in order:
                    lowest[current] = min(lowest[current], order[reference])
                    continue
                parts[reference] = self._read(reference)
                order[reference] = lowest[reference] = len(order)
                pending.append(reference)
                walk.append((reference, iter(parts[reference].references)))
                break
            else:
                walk.pop()
                if walk:
                    parent = walk[-1][0]
                    lowest[parent] = min(lowest[parent], lowest[current])
                if lowest[current] == order[current]:
                    start = pending.index(current)
                    self._settle({uri: parts[uri] for uri in pending[start:]})
                    del pending[start:]

    def _settle(self, component: dict[str, _Part]) -> None:
        """Record the factor of schemas that all lead to each other."""
        factor = 1
        for references, alternatives in component.values():
            for branches in alternatives:
                factor = max(factor, sum(not branch.isdisjoint(component) for branch in branches))
            factor = max([factor, *(self._factors[uri] for uri in references if uri not in component)])
        self._factors.update(dict.fromkeys(component, factor))

    def _read(self, uri: str) -> _Part:
        nodes = list(objects(at(self._documents, uri)))
        alternatives = [
            [self._references(objects(branch), uri) for branch in node[keyword]]
            for node in nodes
            for keyword in ("anyOf", "oneOf")
            if isinstance(node.get(keyword), list)
        ]
        return _Part(self._references(nodes, uri), alternatives)

    def _references(self, nodes: Iterable[Mapping[str, Any]], uri: str) -> frozenset[str]:
        found: set[str] = set()
        for node in nodes:
            if isinstance(node.get("$ref"), str):
                found.add(absolute(node["$ref"], uri))
            if isinstance(node.get("$dynamicRef"), str):
                found |= self._dynamic.get(node["$dynamicRef"].partition("#")[2], set())
        return frozenset(found)


def objects(node: Any) -> Iterator[dict[str, Any]]:
    """The objects of a schema, itself included."""
    open_ = [node]
    for current in open_:
        if isinstance(current, dict):
            yield current
            open_ += [each for each in current.values() if isinstance(each, _CONTAINERS)]
        elif isinstance(current, list):
            open_ += current

"""`readOnly` and `writeOnly`: which properties have no business in the messages of a direction.

A mark may stand in the property's own schema, behind its `$ref`, or in what applies to the same value. The names that
an object schema hides are those that any schema applied to the same object marks.
"""

from collections.abc import Iterator
from typing import Any

from gateway.contract import pointer as pointers
from gateway.contract.drafts import Draft
from gateway.contract.load import Source

REQUEST = "request"
RESPONSE = "response"
_MARK = {REQUEST: "readOnly", RESPONSE: "writeOnly"}

# Keywords whose schemas apply to the same value: a list, a single one, a map of them.
APPLIED_ALL = ("allOf",)
_APPLIED_SOME = ("anyOf", "oneOf")
_LISTS = APPLIED_ALL + _APPLIED_SOME
_SINGLE = ("if", "then", "else")
_MAPS = ("dependentSchemas", "dependencies")
APPLIED = frozenset((*_LISTS, *_SINGLE, *_MAPS))

Node = tuple[str, str, Any]  # URI of the file, pointer, what stands there
NONE: frozenset[str] = frozenset()


class Marks:
    """Those of one source for one direction. `seen` tells whether a mark of either direction was met."""

    def __init__(self, source: Source, direction: str) -> None:
        self.seen = False
        self._source = source
        self._mark = _MARK[direction]
        self._telling = frozenset((self._mark, "$ref", "allOf", *_APPLIED_SOME))  # keywords that may bring a mark
        self._hidden: dict[tuple[str, str], frozenset[str]] = {}
        self._required: dict[tuple[str, str], frozenset[str]] = {}

    def marked(self, node: Any, uri: str, pointer: str, draft: Draft) -> bool:
        """Whether a property's schema is marked for the other direction."""
        if not isinstance(node, dict) or self._telling.isdisjoint(node):
            return False
        return self._marked(node, uri, pointer, draft, set())

    def _marked(self, node: dict[str, Any], uri: str, pointer: str, draft: Draft, passed: set[int]) -> bool:
        if id(node) in passed:
            return False
        passed.add(id(node))
        refers = isinstance(node.get("$ref"), str)
        if node.get(self._mark) is True and (draft.siblings or not refers):
            self.seen = True
            return True
        if refers:
            target = self._source.resolve(uri, pointer, node["$ref"])
            if isinstance(target[2], dict) and self._marked(target[2], target[0], target[1], draft, passed):
                return True
            if not draft.siblings:
                return False
        if any(self._branches(node, "allOf", uri, pointer, draft, passed)):
            return True
        some = [list(self._branches(node, keyword, uri, pointer, draft, passed)) for keyword in _APPLIED_SOME]
        return any(marks and all(marks) for marks in some)

    def _branches(
        self, node: dict[str, Any], keyword: str, uri: str, pointer: str, draft: Draft, passed: set[int]
    ) -> Iterator[bool]:
        branches = node.get(keyword)
        for index, branch in enumerate(branches if isinstance(branches, list) else ()):
            where = f"{pointer}/{keyword}/{index}"
            yield isinstance(branch, dict) and self._marked(branch, uri, where, draft, passed)

    def hidden(self, node: dict[str, Any], uri: str, pointer: str, draft: Draft) -> frozenset[str]:
        """Names of the marked properties of an object schema, in all that applies to the same object."""
        known = self._hidden.get((uri, pointer))
        if known is None:
            names: set[str] = set()
            for part_uri, part_pointer, part in self.parts((uri, pointer, node), draft):
                properties = part.get("properties")
                for name, item in properties.items() if isinstance(properties, dict) else ():
                    if self.marked(item, part_uri, pointers.join(part_pointer, "properties", name), draft):
                        names.add(name)
            known = self._hidden[uri, pointer] = frozenset(names) if names else NONE
        return known

    def required(self, node: dict[str, Any], uri: str, pointer: str, draft: Draft) -> frozenset[str]:
        """Names that an object schema asks for, in all that applies to the same object."""
        known = self._required.get((uri, pointer))
        if known is None:
            names: set[str] = set()
            for _, _, part in self.parts((uri, pointer, node), draft):
                required = part.get("required")
                names.update(name for name in (required if isinstance(required, list) else ()) if isinstance(name, str))
            known = self._required[uri, pointer] = frozenset(names)
        return known

    def parts(self, start: Node, draft: Draft) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """A schema and all that it applies to the same value, through references, each once."""
        todo, passed = [start], set[tuple[str, str]]()
        while todo:
            uri, pointer, node = todo.pop()
            if not isinstance(node, dict) or (uri, pointer) in passed:
                continue
            passed.add((uri, pointer))
            if isinstance(node.get("$ref"), str):
                todo.append(self._source.resolve(uri, pointer, node["$ref"]))
                if not draft.siblings:
                    continue
            yield uri, pointer, node
            if not APPLIED.isdisjoint(node):
                todo += _applied(node, uri, pointer)


def _applied(node: dict[str, Any], uri: str, pointer: str) -> Iterator[Node]:
    for keyword in APPLIED & node.keys():
        value, where = node[keyword], f"{pointer}/{keyword}"
        if keyword in _LISTS and isinstance(value, list):
            yield from ((uri, f"{where}/{index}", item) for index, item in enumerate(value))
        elif keyword in _SINGLE:
            yield uri, where, value
        elif keyword in _MAPS and isinstance(value, dict):
            yield from ((uri, pointers.join(where, name), item) for name, item in value.items())

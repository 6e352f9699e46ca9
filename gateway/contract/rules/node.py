"""A value of a document together with its place, read without trusting its shape.

Rules run on documents that may be wrong in any way; a question about something absent or of another type is
answered with None, "" or nothing, never with an exception.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from gateway.contract.load import Source
from gateway.contract.model import Location
from gateway.contract.references import ReferenceFlaw


class Node:
    """One value; its pointer is only written out when somebody asks for it."""

    __slots__ = ("_base", "_key", "_parent", "source", "uri", "value")

    def __init__(
        self,
        source: Source,
        uri: str,
        value: Any,
        parent: "Node | None" = None,
        key: str | int = "",
        base: str = "",
    ) -> None:
        self.source = source
        self.uri = uri
        self.value = value
        self._parent = parent
        self._key = key
        self._base = base

    @property
    def pointer(self) -> str:
        """The JSON Pointer (RFC 6901) of this value in its file."""
        tokens: list[str] = []
        node = self
        while node._parent is not None:
            tokens.append("/" + str(node._key).replace("~", "~0").replace("/", "~1"))
            node = node._parent
        return node._base + "".join(reversed(tokens))

    @property
    def where(self) -> Location:
        """File, line and column."""
        return self.source.locate(self.uri, self.pointer)

    @property
    def key(self) -> str:
        """The key or index under which the parent holds this value."""
        return str(self._key)

    def child(self, key: str | int) -> "Node":
        """The value under `key`, which must exist."""
        return Node(self.source, self.uri, self.value[key], self, key)

    def get(self, key: str) -> "Node | None":
        """The value under `key` of a mapping, None when there is none."""
        return self.child(key) if isinstance(self.value, dict) and key in self.value else None

    def text(self, key: str) -> str:
        """The string under `key`, "" when there is none."""
        value = self.value.get(key) if isinstance(self.value, dict) else None
        return value if isinstance(value, str) else ""

    def flag(self, key: str) -> bool:
        """True when `true` stands under `key`."""
        return isinstance(self.value, dict) and self.value.get(key) is True

    def items(self, key: str | None = None) -> Iterator[tuple[str, "Node"]]:
        """Keys and values of this mapping, or of the mapping under `key`; extensions (`x-...`) included."""
        node = self if key is None else self.get(key)
        if node is not None and isinstance(node.value, dict):
            for name in node.value:
                yield name, node.child(name)

    def elements(self, key: str | None = None) -> Iterator["Node"]:
        """Members of this list, or of the list under `key`."""
        node = self if key is None else self.get(key)
        if node is not None and isinstance(node.value, list):
            for index in range(len(node.value)):
                yield node.child(index)

    def at(self, path: Iterable[str | int]) -> "Node":
        """The value at the end of `path`, or the nearest one above it."""
        node = self
        for step in path:
            if isinstance(node.value, dict) and str(step) in node.value:
                node = node.child(str(step))
            elif isinstance(node.value, list) and str(step).isdecimal() and int(step) < len(node.value):
                node = node.child(int(step))
            else:
                break
        return node

    def follow(self) -> "Node":
        """The end of the chain of `$ref`s that starts here, as far as it leads; this node when it is no reference."""
        return self.chain()[-1]

    def chain(self) -> list["Node"]:
        """This node and, when it is a reference, those that it leads to."""
        nodes, passed = [self], set[int]()
        while isinstance(nodes[-1].value, dict) and isinstance(ref := nodes[-1].value.get("$ref"), str):
            if id(nodes[-1].value) in passed:
                break
            passed.add(id(nodes[-1].value))
            try:
                last = nodes[-1]
                pointer = last.pointer if self.source.resolver.scoped(last.uri) else ""
                uri, pointer, value = self.source.resolve(last.uri, pointer, ref)
            except ReferenceFlaw:
                break
            nodes.append(Node(self.source, uri, value, base=pointer))
        return nodes

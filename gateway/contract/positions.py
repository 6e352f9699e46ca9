"""Where the nodes of a document stand in its text.

A `Place` is a node's position together with a way to its children. Children are found when they are asked for,
so a document without findings pays only for the places that its contract records.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping

from gateway.contract import pointer as pointers


class Place(ABC):
    """Position of a node: of its key when it is a member of a mapping, of its first character otherwise."""

    __slots__ = ("_children", "column", "line")

    def __init__(self, line: int, column: int) -> None:
        self.line = line
        self.column = column
        self._children: dict[str, Place] | None = None

    @abstractmethod
    def members(self) -> Iterator[tuple[str, Place]]:
        """Children in the order of the text; a sequence names them "0", "1", ..."""

    def children(self) -> Mapping[str, Place]:
        """Children by key; of a repeated key the first."""
        if self._children is None:
            self._children = {}
            for key, place in self.members():
                self._children.setdefault(key, place)
        return self._children

    def find(self, pointer: str) -> Place:
        """The place that `pointer` names, or of its nearest parent that exists."""
        place = self
        for token in pointers.split(pointer):
            child = place.children().get(token)
            if child is None:
                return place
            place = child
        return place

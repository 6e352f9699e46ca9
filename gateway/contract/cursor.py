"""A node of a source together with where it stands: what reading a document of any version is written with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gateway.contract import pointer as pointers
from gateway.contract.load import Source
from gateway.contract.model import Location
from gateway.contract.references import ReferenceFlaw


@dataclass(frozen=True, slots=True)
class Cursor:
    """`value` at `pointer` of the file `uri`. What is missing or has the wrong type reads as empty."""

    source: Source
    uri: str
    pointer: str
    value: Any

    @property
    def where(self) -> Location:
        """The node's place in its file."""
        return self.source.locate(self.uri, self.pointer)

    def read(self, key: str, kind: type, default: Any = None) -> Any:
        """A member's value when it has the type `kind`, else `default`."""
        value = self.value.get(key) if isinstance(self.value, dict) else None
        return value if isinstance(value, kind) else default

    def child(self, key: str) -> Cursor | None:
        """The member `key`, references not followed."""
        if isinstance(self.value, dict) and key in self.value:
            return Cursor(self.source, self.uri, pointers.join(self.pointer, key), self.value[key])
        return None

    def followed(self, key: str) -> Cursor | None:
        """The member `key`, references followed."""
        child = self.child(key)
        return child.follow() if child else None

    def follow(self) -> Cursor:
        """The node at the end of a chain of references; this one where the chain has none, as no operation's does."""
        try:
            return Cursor(self.source, *self.source.follow(self.uri, self.pointer, self.value))
        except ReferenceFlaw:
            return self

    def members(self, key: str) -> Iterator[tuple[str, Cursor]]:
        """(name, node) of each member of the map `key`, references followed."""
        child = self.child(key)
        for name in child.value if child and isinstance(child.value, dict) else ():
            member = child.followed(name) if child else None
            if member and isinstance(member.value, dict):
                yield name, member

    def items(self, key: str) -> Iterator[Cursor]:
        """Each item of the list `key`, references followed."""
        for index, item in enumerate(self.read(key, list, [])):
            pointer = pointers.join(self.pointer, key, index)
            found = Cursor(self.source, self.uri, pointer, item).follow()
            if isinstance(found.value, dict):
                yield found

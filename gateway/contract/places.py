"""Where schemas stand in the rewritten documents of a contract, and the URIs of these places.

A schema stands in the document of its file, under the pointer that it has there. One that does not stay where it was,
or is needed in a further form, stands in the same document under `$nested`. A schema with `$id` is a resource, and a
dynamic reference asks which resources a value went through: so each resource is a document of its own. All files
without any share one document: the time that the engine takes for references that lead in circles grows with the third
power of the number of documents that they pass.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, unquote

from gateway.contract import pointer as pointers

if TYPE_CHECKING:
    from gateway.contract.load import Source

_FRAGMENT_SAFE = "/~!$&'()*+,;=:@?-._"
_NESTED = "$nested"
_SHARED = "files"  # the document of several files, each under its number
RECURSIVE = "recursive"  # the dynamic anchor that stands for `$recursiveAnchor` of draft 2019-09


class Anchor(NamedTuple):
    """A dynamic anchor of a resource, and the schema that has it."""

    document: str  # URI of the resource's document
    name: str
    uri: str
    pointer: str


class Places:
    """Those of the schemas of one source; `api` keeps them apart from those of others."""

    def __init__(self, source: Source, api: str) -> None:
        self._source = source
        self._schemas = source.schemas
        self.base = f"urn:contract:{quote(api, safe='')}:"
        self._number = {uri: str(index) for index, uri in enumerate(source.files)}
        plain = [uri for uri, file in source.files.items() if not (source.resolver.scoped(uri) or _is_anchor(file))]
        self._shared = frozenset(plain if len(plain) > 1 else ())
        self.nested = tuple(
            (uri, pointer)
            for uri, schemas in source.schemas.items()
            for pointer in schemas
            if _has_parent(pointer, schemas)
        )
        self._apart = frozenset(self.nested)

    def file(self, uri: str) -> str:
        """The URI of the document that a file's schemas stand in."""
        return self.base + (_SHARED if uri in self._shared else self._number[uri])

    def top(self, uri: str) -> str:
        """The pointer in that document under which they stand: "" when it is the file's own."""
        return f"/{self._number[uri]}" if uri in self._shared else ""

    def stays(self, uri: str, pointer: str) -> bool:
        """Whether the schema is written as one that stands where it stood in its file."""
        return pointer in self._schemas.get(uri, ()) and (uri, pointer) not in self._apart

    def is_resource(self, uri: str, pointer: str) -> bool:
        """Whether the schema is the root of a resource inside of its file."""
        return pointer != "" and self.resource(uri, pointer) == pointer

    def resource(self, uri: str, pointer: str) -> str:
        """The pointer of the innermost resource around a schema; "" for the whole file."""
        return self._source.resolver.resource(uri, pointer)

    def document(self, uri: str, pointer: str) -> str:
        """The URI of the document of the resource around a schema."""
        resource = self.resource(uri, pointer)
        return f"{self.file(uri)};{quote(resource, safe='/~')}" if resource else self.file(uri)

    def schema(self, uri: str, pointer: str) -> str:
        """The URI of a schema for all who are not schemas themselves."""
        return self.moved(uri, pointer) if (uri, pointer) in self._apart else self._at(self.file(uri), uri, pointer)

    def target(self, uri: str, pointer: str, form: str = "") -> str:
        """The URI of a schema for a reference to it, in one of its forms; "" is the usual one."""
        if form:
            return self._at(self.document(uri, pointer), uri, pointers.join("", _NESTED, form, pointer))
        if self.is_resource(uri, pointer):
            return self.document(uri, pointer)
        return self._at(self.file(uri), uri, pointer) if self.stays(uri, pointer) else self.moved(uri, pointer)

    def moved(self, uri: str, pointer: str) -> str:
        """The URI of a schema that is written apart from the one that it stands in."""
        if self.is_resource(uri, pointer):
            return self.document(uri, pointer)
        return self._at(self.document(uri, pointer), uri, pointers.join("", _NESTED, pointer))

    def anchors(self) -> Iterator[Anchor]:
        """The dynamic anchors of all resources."""
        for uri, document in self._source.files.items():
            if _is_anchor(document):
                yield Anchor(self.file(uri), RECURSIVE, uri, "")
            for root, name, pointer in self._source.resolver.anchors(uri):
                node = pointers.walk(document, pointers.split(pointer))
                if name == "" and root and _is_anchor(node):
                    yield Anchor(self.document(uri, root), RECURSIVE, uri, root)
                elif name and node.get("$dynamicAnchor") == name:
                    yield Anchor(self.document(uri, root), name, uri, pointer)

    def _at(self, document: str, uri: str, pointer: str) -> str:
        return f"{document}#{quote(self.top(uri) + pointer, safe=_FRAGMENT_SAFE)}"


def filed(uri: str) -> tuple[int, str, str] | None:
    """The number of the file, the pointer of the resource in it, and the pointer below that, of the schema at a URI;
    None for one that no file holds."""
    document, _, fragment = uri.partition("#")
    number, _, resource = document.rpartition("urn:contract:")[2].partition(":")[2].partition(";")
    pointer = unquote(fragment)
    if number == _SHARED:
        number, slash, rest = pointer[1:].partition("/")
        pointer = slash + rest
    return (int(number), unquote(resource), pointer) if number.isdecimal() else None


def origin(uri: str) -> tuple[int, str] | None:
    """The number of the file, and the pointer in it, of what stands at a URI; None where no file holds the schema."""
    found = filed(uri)
    if found is None:
        return None
    number, resource, pointer = found
    tokens = pointers.split(pointer)
    if tokens[:1] != [_NESTED]:
        return number, resource + pointer
    start = 1 if tokens[1][:1] in ("", "/") else 2  # a form stands before the pointer
    return number, pointers.join(tokens[start], *tokens[start + 1 :])


def _is_anchor(schema: Any) -> bool:
    return isinstance(schema, dict) and schema.get("$recursiveAnchor") is True


def _has_parent(pointer: str, schemas: Mapping[str, Any]) -> bool:
    """Whether one of the schemas contains the one at `pointer`."""
    while pointer:
        pointer = pointer.rpartition("/")[0]
        if pointer in schemas:
            return True
    return False

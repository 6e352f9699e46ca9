"""Every object that the grammar knows, reached through all references; files are read as they turn up.

References into files that are not read yet wait until all others have been looked through: one of these may hold the
resource that is meant, under a URI of its own. Remote files wait longest.

What operations consist of comes first. Only then come examples and the components that no operation uses, and at last
links and callbacks: a flaw there is one of the document, but endangers nothing.
"""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import quote

from gateway.contract import pointer as pointers
from gateway.contract.grammar import ASIDE, CALLBACK, GRAMMARS, REFERABLE, Child, children
from gateway.contract.identity import IDENTIFYING
from gateway.contract.references import ReferenceFlaw, Resolver, Target, is_remote

Node = tuple[str, str]  # (URI of the file, JSON Pointer)
Visit = tuple[str, str, str, Any, bool]  # URI of the file, JSON Pointer, kind, node, whether inside of a schema


USED, SPARE, ASIDE_ONLY = range(3)  # by operations; by nothing that is enforced; only described
_REFERABLE = REFERABLE | {"link", "callback"}
_PHASES = {"example": SPARE, "link": ASIDE_ONLY, "callback": ASIDE_ONLY}


class Reference(NamedTuple):
    """`ref`, written at `where` in the file `uri`, names an object of `kind`; it means what it would in the object at
    `pointer`."""

    uri: str
    pointer: str
    where: str
    ref: str
    kind: str
    wanted: tuple[str, ...] = ()  # URIs that may have to be read


@dataclass(slots=True)
class Survey:
    """`obtain` reads one of a reference's `wanted` files and raises `ReferenceFlaw` when it cannot be had; `report`
    takes each flaw with the file and the pointer of the reference that has it. Both may ask `phase` what the reference
    is part of: from `SPARE` on of nothing that is enforced."""

    resolver: Resolver
    dialect: str
    obtain: Callable[[tuple[str, ...], str], None]
    report: Callable[[str, str, ReferenceFlaw], None]
    schemas: dict[str, dict[str, Any]] = field(default_factory=dict)  # see `load.Source`
    used: set[Node] = field(default_factory=set)
    phase: int = USED
    _root: str = ""
    _later: tuple[list[Visit], ...] = field(default_factory=lambda: ([], [], []))
    _named_later: list[Reference] = field(default_factory=list)
    _links: dict[Node, Node] = field(default_factory=dict)
    _todo: list[Visit] = field(default_factory=list)
    _near: deque[Reference] = field(default_factory=deque)
    _far: deque[Reference] = field(default_factory=deque)

    def run(self, root: str) -> None:
        """Look through everything that the document `root` consists of."""
        self._root = root
        self._later[USED].append((root, "", "openapi", self.resolver.files[root], False))
        seen: set[tuple[str, str, str]] = set()
        for self.phase in (USED, SPARE, ASIDE_ONLY):
            self._todo = self._later[self.phase]
            if self.phase == SPARE:
                self.used = {(uri, entry(pointer)) for uri, pointer, _ in seen} | {(uri, "") for uri, _, _ in seen}
                for reference in self._named_later:
                    self._refer(reference)
            self._exhaust(seen)

    def _exhaust(self, seen: set[tuple[str, str, str]]) -> None:
        while self._todo or self._near or self._far:
            while self._todo:
                self._visit(*self._todo.pop(), seen)
            if self._near or self._far:
                self._obtain((self._near or self._far).popleft())
        self._loops()

    def _visit(
        self, uri: str, pointer: str, kind: str, node: Any, nested: bool, seen: set[tuple[str, str, str]]
    ) -> None:
        if kind == "schema" and not nested and self.phase != ASIDE_ONLY:
            self.schemas.setdefault(uri, {})[pointer] = node
        if not isinstance(node, dict) or (uri, pointer, kind) in seen:
            return
        seen.add((uri, pointer, kind))
        if "$ref" in node and kind in _REFERABLE:
            self._refer(Reference(uri, pointer, f"{pointer}/$ref", node["$ref"], kind))
            if kind != "pathItem" and not (kind == "schema" and self.dialect in IDENTIFYING):
                return
        if kind == "schema":
            self._named(uri, pointer, node)
        elif kind in ("openapi", "operation"):
            self._secured(node)
        for tokens, child_kind, child in self._children(kind, node):
            spare = kind == "openapi" and tokens[0] != "paths"
            phase = max(self.phase, SPARE if spare else USED, _PHASES.get(child_kind, USED))
            todo = self._todo if phase == self.phase else self._later[phase]
            todo.append((uri, pointers.join(pointer, *tokens), child_kind, child, kind == "schema"))

    def _children(self, kind: str, node: dict[str, Any]) -> Iterator[Child]:
        if kind == "callback":
            for tokens, child_kind, child in children({kind: node}, CALLBACK):
                yield tokens[1:], child_kind, child
        else:
            yield from children(node, GRAMMARS[self.dialect].get(kind, {}))
            yield from children(node, ASIDE.get(kind, {}))

    def _secured(self, node: dict[str, Any]) -> None:
        """The Security Schemes that the requirements of an operation, or of the document, name."""
        section = "/securityDefinitions" if self.dialect == "2.0" else "/components/securitySchemes"
        given = node.get("security")
        names = [name for each in given if isinstance(each, dict) for name in each] if isinstance(given, list) else []
        for pointer in (pointers.join(section, name) for name in dict.fromkeys(names)):
            with suppress(LookupError, ValueError):
                scheme = pointers.walk(self.resolver.files[self._root], pointers.split(pointer))
                self._todo.append((self._root, pointer, "securityScheme", scheme, False))

    def _named(self, uri: str, pointer: str, schema: dict[str, Any]) -> None:
        """What a schema refers to otherwise than by `$ref`. A discriminator of 2.0 stands for all that inherit it; one
        of 3.x that has nothing to choose between says nothing."""
        idle = not schema.keys() & {"oneOf", "anyOf"}
        for tokens, name in _mapped(schema, self.dialect):
            ref = mapping_reference(self.resolver.files[uri], name) if isinstance(name, str) else None
            where = pointers.join(pointer, "discriminator", *tokens)
            reference = Reference(uri, pointer if ref == name else "", where, ref or name, "schema")
            if idle and self.phase == USED:
                self._named_later.append(reference)
            else:
                self._refer(reference)
        if self.dialect == "2.0" and "discriminator" in schema and self.phase == USED:
            self._todo += [each for each in self._later[SPARE] if each[2] == "schema"]
        if self.dialect in IDENTIFYING and "$dynamicRef" in schema:
            self._refer(Reference(uri, pointer, f"{pointer}/$dynamicRef", schema["$dynamicRef"], "schema"))

    def _refer(self, reference: Reference) -> None:
        """Go on at the end of a reference, or remember it until its file is read."""
        uri, pointer, _, ref, _, _ = reference
        try:
            if not isinstance(ref, str):
                raise ReferenceFlaw("reference-invalid", "a reference has to be a string")
            wanted = () if ref.startswith("#") else self.resolver.wanted(uri, pointer, ref)
        except ReferenceFlaw as flaw:
            self._flaw(reference, flaw)
            return
        if wanted:
            (self._far if is_remote(wanted[-1]) else self._near).append(reference._replace(wanted=wanted))
        else:
            self._arrive(reference)

    def _obtain(self, reference: Reference) -> None:
        """Have the file of a reference read, unless that has happened since."""
        try:
            if self.resolver.wanted(*reference[:2], reference.ref):
                self.obtain(reference.wanted, reference.ref)
        except ReferenceFlaw as flaw:
            self._flaw(reference, _unnamed(reference) if _is_name(reference, flaw) else flaw)
            return
        self._arrive(reference)

    def _arrive(self, reference: Reference) -> None:
        uri, pointer, where, ref, kind, _ = reference
        try:
            target: Target = self.resolver.resolve(uri, pointer, ref)
            if not isinstance(target[2], dict) and not (kind == "schema" and isinstance(target[2], bool)):
                raise ReferenceFlaw("reference-invalid", f"`{ref}` leads to something that is no {kind} object")
        except ReferenceFlaw as flaw:
            self._flaw(reference, flaw)
            return
        if where == f"{pointer}/$ref":
            self._links[uri, pointer] = target[:2]
        self._todo.append((*target[:2], kind, target[2], False))

    def _flaw(self, reference: Reference, flaw: ReferenceFlaw) -> None:
        self.report(reference.uri, reference.where, flaw)

    def _loops(self) -> None:
        """References that lead to nothing but references."""
        flaw = ReferenceFlaw("reference-loop", "this reference leads back to itself", "let it end")
        for start in _endless(self._links):
            self.report(start[0], f"{start[1]}/$ref", flaw)
        self._links.clear()


def entry(pointer: str) -> str:
    """The component that the object at `pointer` of a document is or belongs to, or as much of the pointer."""
    depth = 3 if pointer.startswith("/components/") else 2
    return "/".join(pointer.split("/", depth + 1)[: depth + 1])


def _is_name(reference: Reference, flaw: ReferenceFlaw) -> bool:
    """Whether this is a discriminator's name for a schema, and not the file that nobody has found."""
    return flaw.rule == "document-unreadable" and "/discriminator/" in reference.where and reference.ref.isidentifier()


def _unnamed(reference: Reference) -> ReferenceFlaw:
    message = f"`{reference.ref}` names neither a schema under `components/schemas` nor a file"
    return ReferenceFlaw("reference-dangling", message, "correct the name, or add the schema")


def _endless(links: dict[Node, Node]) -> Iterator[Node]:
    ending: set[Node] = set()
    for start in links:
        passed: set[Node] = set()
        node = start
        while node in links and node not in passed and node not in ending:
            passed.add(node)
            node = links[node]
        if node in passed:
            yield start
        else:
            ending |= passed


def _mapped(schema: dict[str, Any], dialect: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The names of schemas in a Discriminator Object, and where in it they stand."""
    discriminator = schema.get("discriminator")
    if not isinstance(discriminator, dict):
        return
    mapping = discriminator.get("mapping")
    for value, name in mapping.items() if isinstance(mapping, dict) else ():
        yield ("mapping", value), name
    if dialect == "3.2" and "defaultMapping" in discriminator:
        yield ("defaultMapping",), discriminator["defaultMapping"]


def mapping_reference(document: Any, value: str) -> str:
    """A value of a discriminator's `mapping` as a reference: names of components win, and are those of the file."""
    components = document.get("components") if isinstance(document, dict) else None
    schemas = components.get("schemas") if isinstance(components, dict) else None
    if isinstance(schemas, dict) and value in schemas:
        return "#" + quote(pointers.join("/components/schemas", value))
    return value

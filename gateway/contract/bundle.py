"""One contract's published operations and everything they refer to, cut loose from their files.

The walk knows what every place of a document holds (`SHAPES`), so that examples, defaults and enums are never
mistaken for OpenAPI objects. Contracts were checked, so each `$ref` that matters leads somewhere; it becomes a
component, wherever its target was written. An example, link or callback that leads nowhere is left out. Components that
no published operation reaches are never visited. Every place that names a component is kept as a `Link`, because names
are settled later, when the components of all APIs are merged (`gateway.contract.merge`).
"""

import posixpath
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

from gateway.contract import lift, outright
from gateway.contract.grammar import operations
from gateway.contract.identity import IDENTIFYING
from gateway.contract.model import Contract, Operation
from gateway.contract.naming import candidates, component_name, last_token
from gateway.contract.pointer import escape
from gateway.contract.references import ReferenceFlaw, Resolver
from gateway.contract.servers import mount_of
from gateway.contract.shapes import LIST, MAP, SECTIONS, SHAPES, put_operation

Node = Mapping[str, Any]
Key = tuple[str, str]  # section below `components`, name
Levels = Sequence[tuple[str, Node]]  # Path Item Objects and their files

_ABOUT = ("summary", "description")
_ORDER = ("tags", "summary", "description", "operationId", "parameters", "requestBody", "responses")
_SECTIONS_2 = {"schema": "/definitions", "securityScheme": "/securityDefinitions"}
_OURS = frozenset(("x-gateway",))
# Every reference names a component: schemas need no other base, and no other name.
_DROPPED = {"schema": _OURS | {"$id", "$anchor", "$dynamicAnchor"}}
_NOWHERE: dict[str, Any] = {}  # the copy of a reference that leads nowhere


@dataclass(slots=True)
class Link:
    """`holder[key]` names the component `target`; `owner` is the component that `holder` is a part of, if any."""

    owner: Key | None
    holder: dict[str, Any]
    key: str
    target: Key


@dataclass(slots=True)
class Published:
    """One operation under its public path. `path_item` holds the summary and description of its path."""

    path: str
    method: str  # as it is sent
    node: dict[str, Any]
    operation: Operation
    path_item: dict[str, Any]


@dataclass(slots=True)
class Bundle:
    """What one contract gives to the published document. All dictionaries in it are its own."""

    api: str
    contract: Contract
    mount: str | None
    operations: list[Published] = field(default_factory=list)
    components: dict[Key, Any] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    requirements: list[dict[str, Any]] = field(default_factory=list)  # Security Requirement Objects, by scheme name
    follow_ups: list[dict[str, Any]] = field(default_factory=list)  # Link Objects, by operationId


def collect(contract: Contract, mount: str | None, target: str) -> Bundle:
    """The operations of `contract` that are not internal, in the words of `target` (3.0, 3.1 or 3.2): below `mount`, or
    each below the path of its own server."""
    return _Walk(contract, mount, target).run()


class _Walk:
    def __init__(self, contract: Contract, mount: str | None, target: str) -> None:
        self.contract = contract
        self.root = next(iter(contract.documents))
        self.resolver = Resolver.over(contract.documents, contract.dialect)
        self.document = contract.document
        self.old = contract.dialect == "2.0"
        self.siblings = contract.dialect in IDENTIFYING  # older versions ignore what stands beside a $ref
        self.lift = lift.schema_lift(contract.dialect, target)
        self.out = Bundle(contract.api, contract, mount)
        self.names: dict[tuple[str, str, str], Key] = {}  # (kind, file, pointer) of each component
        self.queue: list[tuple[Key, str, str, str, Any]] = []
        self.owner: Key | None = None
        self.pointer = ""  # of the component that is being copied

    def run(self) -> Bundle:
        published = {(op.method, op.template): op for op in self.contract.operations if not op.behaviour.internal}
        for template, item in self.document.get("paths", {}).items():
            levels = self.levels(item) if isinstance(item, Mapping) else []
            about = {key: level[key] for _, level in reversed(levels) for key in _ABOUT if key in level}
            for file, level in levels:
                for method, _, node in operations(level, self.contract.dialect):
                    operation = published.pop((method, template), None)
                    if operation is not None:
                        path = mount_of(operation, self.out.mount) + template
                        copy = self.operation(file, levels, node)
                        self.out.operations.append(Published(path, method, copy, operation, about))
        while self.queue:
            self.owner, kind, file, self.pointer, node = self.queue.pop()
            copy = self.copy(kind, self.resolver.around(file, self.pointer), node)
            self.out.components[self.owner] = self.spelled(copy, file, self.pointer) if kind == "schema" else copy
        return self.out

    # operations

    def operation(self, file: str, levels: Levels, node: Node) -> dict[str, Any]:
        """An Operation Object with all that it inherits from its path item written out."""
        parameters = self.inherited([*reversed(levels), (file, node)])
        if self.old:
            copy = self.operation_from_2(file, node, parameters)
        else:
            skipped = ("parameters", "security", "servers")
            copy = self.fields("operation", file, {k: v for k, v in node.items() if k not in skipped})
            copied = [self.copy("parameter", place, parameter) for place, parameter in parameters]
            copy |= {"parameters": copied} if copied else {}
        security = node.get("security", self.document.get("security"))
        if security is not None:
            copy["security"] = [self.requirement(requirement) for requirement in security]
        if not isinstance(copy.get("operationId"), str):
            copy.pop("operationId", None)  # a flaw that enforcement does not care about; consumers' tools do
        return {key: copy[key] for key in _ORDER if key in copy} | copy

    def inherited(self, levels: Levels) -> list[tuple[str, Node]]:
        """The parameters of all levels; of two with one name and place the last."""
        merged: dict[tuple[str, str], tuple[str, Node]] = {}
        for file, level in levels:
            for parameter in level.get("parameters", ()):
                place, found = self.follow(file, parameter)
                merged[found.get("name", ""), found.get("in", "")] = (place, found) if self.old else (file, parameter)
        return list(merged.values())

    def operation_from_2(self, file: str, node: Node, parameters: Sequence[tuple[str, Node]]) -> dict[str, Any]:
        skipped = ("parameters", "security", "responses", "consumes", "produces", "schemes")
        copy = {k: v for k, v in node.items() if k not in skipped and k != "x-gateway"}
        consumes, produces = (node.get(k, self.document.get(k, ())) for k in ("consumes", "produces"))
        body_places = ("body", "formData")
        copied = [
            self.copy("parameter", place, lift.parameter_from_2(parameter))
            for place, parameter in parameters
            if parameter.get("in") not in body_places
        ]
        copy |= {"parameters": copied} if copied else {}
        in_body = [(place, parameter) for place, parameter in parameters if parameter.get("in") in body_places]
        body = lift.body_from_2([parameter for _, parameter in in_body], consumes)
        if body is not None:
            copy["requestBody"] = self.copy("requestBody", in_body[0][0], body)
        copy["responses"] = {}
        for status, response in node.get("responses", {}).items():
            if isinstance(response, Mapping):
                place, response = self.follow(file, response)
                copy["responses"][status] = self.copy("response", place, lift.response_from_2(response, produces))
        return copy

    def requirement(self, node: Node) -> dict[str, Any]:
        copy: dict[str, Any] = {}
        section = _SECTIONS_2["securityScheme"] if self.old else "/components/securitySchemes"
        for name, scopes in node.items():
            copy[self.intern("securityScheme", self.root, f"#{section}/{escape(name)}")[1]] = scopes
        self.out.requirements.append(copy)
        return copy

    # objects

    def copy(self, kind: str, file: str, node: Any) -> Any:
        """`node`, an object of `kind` that stands in `file`, with every reference leading to a component."""
        if not isinstance(node, Mapping):
            return node
        if kind == "schema":
            file = self.resolver.inside(file, node)
        if kind == "callback" and "$ref" not in node:
            items = {key: self.path_item(file, value) for key, value in node.items()}
            return {key: item for key, item in items.items() if item is not _NOWHERE}
        if kind == "schema" and self.siblings and isinstance(node.get("$dynamicRef"), str):
            return self.dynamic(file, node)
        if isinstance(node.get("$ref"), str) and kind in SECTIONS:
            return self.reference(kind, file, node)
        return self.fields(kind, file, node)

    def reference(self, kind: str, file: str, node: Node) -> dict[str, Any]:
        copy: dict[str, Any] = {"$ref": ""}
        if self.siblings:
            copy |= self.fields(kind, file, {key: value for key, value in node.items() if key != "$ref"})
        try:
            self.link(copy, "$ref", self.intern(kind, file, node["$ref"]))
        except ReferenceFlaw:
            return _NOWHERE
        return copy

    def dynamic(self, file: str, node: Node) -> dict[str, Any]:
        """A schema with a `$dynamicRef`, which asks for resources that are not published: a plain reference where it
        can mean one schema only, else nothing is said."""
        ref = node["$dynamicRef"]
        meant = outright.bound(self.resolver, self.contract.documents, ref)
        rest = {key: value for key, value in node.items() if key not in ("$dynamicRef", "$id")}
        copy: dict[str, Any] = self.copy("schema", file, rest)
        if len(meant) <= 1:
            key = self.intern("schema", *((meant[0][0], f"#{quote(meant[0][1])}") if meant else (file, ref)))
            plain: dict[str, Any] = {} if copy else copy
            self.link(plain, "$ref", key)
            copy |= {"allOf": [*copy.get("allOf", ()), plain]} if plain is not copy else {}
        return copy

    def spelled(self, copy: Any, uri: str, pointer: str) -> Any:
        """A schema that stands in no other, with the dialect that it is written in."""
        name = outright.dialect(self.contract.documents, self.contract.dialect, uri, pointer)
        if name and isinstance(copy, dict) and copy.keys() - {"$ref"}:
            copy.setdefault("$schema", name)
        return copy

    def fields(self, kind: str, file: str, node: Node) -> dict[str, Any]:
        if kind == "schema":
            node = self.lift(node)
        elif kind == "securityScheme" and self.old:
            node = lift.scheme_from_2(node)
        shape = SHAPES.get(kind, {})
        copy: dict[str, Any] = {}
        for key, value in node.items():
            if key in shape:
                copied = self.children(*shape[key], file, value)
                if kind != "schema" and shape[key][1] == "schema":
                    copied = self.spelled(copied, self.resolver.file(file), "")
                copy |= {} if copied is _NOWHERE else {key: copied}
            elif key not in _DROPPED.get(kind, _OURS):
                copy[key] = value
        if kind == "schema" and isinstance(copy.get("discriminator"), Mapping):
            copy["discriminator"] = self.discriminator(file, node)
        elif kind == "parameter" and node.get("in") == "path":
            copy["required"] = True  # as it is taken, whatever the document says
        elif kind == "link":
            self.out.follow_ups.append(copy)
        return copy

    def children(self, how: str, kind: str, file: str, value: Any) -> Any:
        if how == MAP and isinstance(value, Mapping):
            copied = {key: self.copy(kind, file, child) for key, child in value.items()}
            return {key: child for key, child in copied.items() if child is not _NOWHERE}
        if how != MAP and isinstance(value, Sequence) and not isinstance(value, str):
            return [child for each in value if (child := self.copy(kind, file, each)) is not _NOWHERE]
        return self.copy(kind, file, value)

    def path_item(self, file: str, node: Any) -> Any:
        """A Path Item Object of a callback; it is described to consumers, never routed."""
        if not isinstance(node, Mapping):
            return node
        try:
            file, node = self.follow(file, node)
        except ReferenceFlaw:
            return _NOWHERE
        copy = (
            {"parameters": self.children(LIST, "parameter", file, node["parameters"])} if "parameters" in node else {}
        )
        for method, _, operation in operations(node, self.contract.dialect):
            put_operation(copy, method, self.operation(file, [], operation))
        return copy

    def discriminator(self, file: str, schema: Node) -> dict[str, Any]:
        """With every value mapped by reference: implicit names would change with the names of the components."""
        given = schema["discriminator"]
        section = _SECTIONS_2["schema"] if self.old else "/components/schemas"
        document = self.resolver.file(file)
        named = self.section(document, section)
        targets = {
            value: (document, f"#{section}/{escape(target)}") if target in named else (file, target)
            for value, target in given.get("mapping", {}).items()
        }
        branches = [*schema.get("oneOf", ()), *schema.get("anyOf", ())]
        implicit = [(file, branch["$ref"]) for branch in branches if isinstance(branch, Mapping) and "$ref" in branch]
        if not branches:  # a base type: the types that extend it are known by their allOf alone
            implicit = [(document, f"#{section}/{escape(name)}") for name, node in named.items() if self.extends(node)]
        for target in implicit:
            if target not in targets.values() and not self.known_by_constants(target, given.get("propertyName", "")):
                targets[unquote(target[1].rpartition("/")[2])] = target
        mapping: dict[str, Any] = {}
        for value, target in targets.items():
            with suppress(ReferenceFlaw):  # where there is nothing to choose between, it matters to nobody
                self.link(mapping, value, self.intern("schema", *target))
        return {**given, "mapping": mapping} if mapping else dict(given)

    def known_by_constants(self, target: tuple[str, str], name: str) -> bool:
        """Whether a branch asks the property for constants that are not its own name: then they choose it."""
        with suppress(ReferenceFlaw, AttributeError, LookupError, TypeError):
            place, node = self.follow(target[0], {"$ref": target[1]})
            schema = self.follow(place, node["properties"][name])[1]
            values = [schema["const"]] if "const" in schema else schema["enum"]
            return unquote(target[1].rpartition("/")[2]) not in values
        return False

    def extends(self, node: Any) -> bool:
        """Whether a schema is an extension (`allOf`) of the component that is being copied."""
        parts = node.get("allOf", ()) if isinstance(node, Mapping) else ()
        return any(isinstance(part, Mapping) and part.get("$ref") == f"#{self.pointer}" for part in parts)

    # references

    def link(self, holder: dict[str, Any], key: str, target: Key) -> None:
        holder[key] = target[1]
        self.out.links.append(Link(self.owner, holder, key, target))

    def intern(self, kind: str, file: str, ref: str) -> Key:
        """The component for what `ref` in `file` leads to; its copy is made later, so recursion ends here."""
        place, pointer, node = self.resolver.resolve(file, "", ref)
        identity = (kind, place, pointer)
        if identity not in self.names:
            key = self.free(kind, place, pointer)
            self.names[identity] = key
            self.queue.append((key, kind, place, pointer, node))
        return self.names[identity]

    def free(self, kind: str, file: str, pointer: str) -> Key:
        """A name for a new component. Those of the root document keep theirs."""
        section = SECTIONS[kind]
        home = _SECTIONS_2.get(kind, "") if self.old else f"/components/{section}"
        last = last_token(pointer)
        if file == self.root and pointer == f"{home}/{escape(last)}" and component_name(last) == last:
            return section, last
        taken = {name for key, name in self.names.values() if key == section} | set(self.section(self.root, home))
        stem = posixpath.splitext(posixpath.basename(file))[0]
        return section, next(name for name in candidates(last, stem) if name not in taken)

    def section(self, file: str, pointer: str) -> Node:
        try:
            node = self.resolver.resolve(file, "", f"#{pointer}")[2]
        except ReferenceFlaw:
            return {}
        return node if isinstance(node, Mapping) else {}

    def levels(self, item: Node) -> Levels:
        """A Path Item Object of the root document and those that its `$ref` leads to, the nearest first."""
        levels = [(self.root, item)]
        while isinstance(levels[-1][1].get("$ref"), str):
            file, pointer, node = self.resolver.resolve(levels[-1][0], "", levels[-1][1]["$ref"])
            levels.append((self.resolver.base(file, pointer), node))
        return levels

    def follow(self, file: str, node: Node) -> tuple[str, Node]:
        """The object behind a chain of references, and its file."""
        while isinstance(node.get("$ref"), str):
            file, pointer, node = self.resolver.resolve(file, "", node["$ref"])
            file = self.resolver.base(file, pointer)
        return file, node

"""Bytes to documents: every file a contract consists of is read once, and every `$ref` is known to lead somewhere.

All flaws are collected; `load` raises one `LoadError` with all of them.
"""

import hashlib
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import requests

from gateway.config import References
from gateway.contract import collector
from gateway.contract import pointer as pointers
from gateway.contract.document import TOP, parse, version_flaw
from gateway.contract.findings import Finding, LoadError, Severity
from gateway.contract.grammar import GRAMMARS, REFERABLE, children
from gateway.contract.json_text import RepeatedKeys, TextFlaw
from gateway.contract.model import Location
from gateway.contract.positions import Place
from gateway.contract.references import ReferenceFlaw, Resolver, Target, file_of, is_remote, permit

MAX_BYTES = 64 * 1024 * 1024
FETCH_TIMEOUT = 10.0  # seconds

Reader = Callable[[str, int], bytes]  # (path or URL, limit) -> bytes; raises OSError or TooLarge
Node = tuple[str, str]  # (URI of the file, JSON Pointer)


class TooLarge(Exception):
    """The file is larger than the limit."""


@dataclass(frozen=True, slots=True)
class Source:
    """The files of one contract as written, and the way between them."""

    uri: str  # of the root file: an absolute path
    files: Mapping[str, Any]  # URI -> document; the root first
    dialect: str  # 2.0, 3.0, 3.1
    digest: str  # SHA-256 (hex) over the bytes of all files
    names: Mapping[str, str]  # URI -> the file's name in findings
    schemas: Mapping[str, Mapping[str, Any]]  # URI -> pointer -> Schema Object in use that has no schema above it
    # or is named by a reference
    places: Mapping[str, Callable[[], Place]]
    resolver: Resolver

    @property
    def root(self) -> dict[str, Any]:
        """The root document."""
        document: dict[str, Any] = self.files[self.uri]
        return document

    def locate(self, uri: str, pointer: str) -> Location:
        """Where a node stands in its file; the nearest parent when there is no such node."""
        place = self.places[uri]().find(pointer)
        return Location(self.names[uri], place.line, place.column, pointer)

    def resolve(self, uri: str, pointer: str, ref: str) -> Target:
        """One step along `ref`, written in the object at `pointer` of file `uri`: (uri, pointer, node). Raises
        `ReferenceFlaw` for one that `load` has not seen because it stands where the specification knows none."""
        return self.resolver.resolve(uri, pointer, ref)

    def follow(self, uri: str, pointer: str, node: Any) -> Target:
        """The end of a chain of references; the node itself when it is none."""
        while isinstance(node, dict) and isinstance(node.get("$ref"), str):
            uri, pointer, node = self.resolve(uri, pointer, node["$ref"])
        return uri, pointer, node

    def mapped(self, uri: str, pointer: str, value: str) -> Target:
        """The schema that a value of a discriminator's `mapping` in the schema at `pointer` names: a component's name
        or a reference."""
        return self.resolve(uri, pointer, mapping_reference(self.files[uri], value))


def mapping_reference(document: Any, value: str) -> str:
    """A value of a discriminator's `mapping` as a reference: names of components win."""
    components = document.get("components") if isinstance(document, dict) else None
    schemas = components.get("schemas") if isinstance(components, dict) else None
    if isinstance(schemas, dict) and value in schemas:
        return "#" + quote(pointers.join("/components/schemas", value))
    return value


def read_file(path: str, limit: int) -> bytes:
    """The bytes of a regular file; raises OSError, or `TooLarge` before anything is read."""
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise OSError("not a regular file")
        if status.st_size > limit:
            raise TooLarge
        return file.read(limit + 1)


def fetch_url(url: str, limit: int) -> bytes:
    """The body of a 200 answer, redirects not followed; raises OSError or `TooLarge`."""
    with requests.get(url, timeout=FETCH_TIMEOUT, allow_redirects=False, stream=True) as answer:
        if answer.status_code != 200:
            raise OSError(f"answered with status {answer.status_code}")
        body = b""
        for piece in answer.iter_content(65536):
            body += piece
            if len(body) > limit:
                raise TooLarge
        return body


def load(
    path: str, references: References | None = None, read: Reader = read_file, fetch: Reader = fetch_url
) -> Source:
    """Read the document at `path` and every file it refers to; raises `LoadError` with every flaw found."""
    with collector.paused():
        return _Loader(path, references or References(), read, fetch).source()


@dataclass(slots=True)
class _Loader:
    path: str
    allowed: References
    read: Reader
    fetch: Reader
    findings: list[Finding] = field(default_factory=list)
    files: dict[str, Any] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    places: dict[str, Callable[[], Place]] = field(default_factory=dict)
    schemas: dict[str, dict[str, Any]] = field(default_factory=dict)
    links: dict[Node, Node] = field(default_factory=dict)
    sha: Any = field(default_factory=hashlib.sha256)

    def source(self) -> Source:
        root = os.path.abspath(self.path)
        try:
            self._read(root)
        except ReferenceFlaw as flaw:
            self._flaw(Location(self.path, 1, 1, ""), flaw.rule, flaw.message, flaw.hint)
        dialect = "" if self.findings else self._dialect(root)
        resolver = Resolver(self.files)
        if not self.findings:
            self._survey(root, dialect, resolver)
            self._loops()
        if self.findings:
            raise LoadError(self.findings)
        digest = self.sha.hexdigest()
        return Source(root, self.files, dialect, digest, self.names, self.schemas, self.places, resolver)

    # Files

    def _read(self, uri: str) -> None:
        """Read and parse one file. What is wrong inside it is a finding there and leaves the document None; raises
        `ReferenceFlaw` when its bytes cannot be had."""
        data = self._bytes(uri)
        self.names[uri] = name = self._name(uri)
        self.files[uri] = None
        self.places[uri] = lambda: TOP
        self.sha.update(len(data).to_bytes(8, "big") + data)
        try:
            self.files[uri], self.places[uri] = parse(data, name)
        except TextFlaw as flaw:
            self._flaw(Location(name, flaw.line, flaw.column, ""), flaw.rule, flaw.message, flaw.hint)
        except RepeatedKeys as error:
            for repeat in error.repeats:
                key = pointers.split(repeat.pointer)[-1]
                where = Location(name, repeat.line, repeat.column, repeat.pointer)
                message = f"key `{key}` is written twice, first on line {repeat.first_line}"
                self._flaw(where, "duplicate-key", message, "keep one of the two")

    def _bytes(self, uri: str) -> bytes:
        name = self._name(uri)
        try:
            data = (self.fetch if is_remote(uri) else self.read)(uri, MAX_BYTES)
            if len(data) > MAX_BYTES:
                raise TooLarge
        except TooLarge:
            message, hint = f"{name} is larger than {MAX_BYTES >> 20} MiB", "split it into files joined by `$ref`"
            raise ReferenceFlaw("document-too-large", message, hint) from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            message, hint = f"{name} cannot be read: {reason:.200}", "check the path and its rights"
            raise ReferenceFlaw("document-unreadable", message, hint) from None
        return data

    def _name(self, uri: str) -> str:
        if is_remote(uri):
            return uri
        beside = os.path.relpath(uri, os.path.dirname(os.path.abspath(self.path)))
        return os.path.join(os.path.dirname(self.path), beside)

    def _flaw(self, where: Location, rule: str, message: str, hint: str = "") -> None:
        self.findings.append(Finding(where, Severity.ERROR, rule, message, hint))

    def _dialect(self, uri: str) -> str:
        """The version of the root document; "" after a finding."""
        document = self.files[uri]
        flaw = version_flaw(document)
        if flaw:
            key, message, hint = flaw
            self._finding(uri, f"/{key}" if key else "", "document-version", message, hint)
            return ""
        return "2.0" if "swagger" in document else str(document["openapi"])[:3]

    # References

    def _survey(self, root: str, dialect: str, resolver: Resolver) -> None:
        """Visit every object the grammar knows, through all references, reading files as they turn up."""
        grammar = GRAMMARS[dialect]
        seen: set[tuple[str, str, str]] = set()
        todo: list[tuple[str, str, str, Any, bool]] = [(root, "", "openapi", self.files[root], False)]
        while todo:
            uri, pointer, kind, node, nested = todo.pop()
            if kind == "schema" and not nested:
                self.schemas.setdefault(uri, {})[pointer] = node
            if (uri, pointer, kind) in seen or not isinstance(node, dict):
                continue
            seen.add((uri, pointer, kind))
            if kind in REFERABLE and "$ref" in node:
                target = self._target(resolver, uri, pointers.join(pointer, "$ref"), node["$ref"], kind)
                if target:
                    self.links[uri, pointer] = target[:2]
                    todo.append((*target[:2], kind, target[2], False))
                if kind != "pathItem" and not (kind == "schema" and dialect == "3.1"):
                    continue
            if kind == "schema":
                for name in self._mapped(resolver, uri, pointer, node):
                    todo.append((*name[:2], kind, name[2], False))
                if dialect == "3.1":
                    self._identity(uri, pointer, node)
            for tokens, child_kind, child in children(node, grammar[kind]):
                todo.append((uri, pointers.join(pointer, *tokens), child_kind, child, kind == "schema"))

    def _target(self, resolver: Resolver, uri: str, where: str, ref: Any, kind: str) -> Target | None:
        try:
            if not isinstance(ref, str):
                raise ReferenceFlaw("reference-invalid", "a reference has to be a string")
            self._fetch(file_of(uri, ref), ref)
            target = resolver.resolve(uri, where.rpartition("/")[0], ref)
            if not isinstance(target[2], dict) and not (kind == "schema" and isinstance(target[2], bool)):
                raise ReferenceFlaw("reference-invalid", f"`{ref}` leads to something that is no {kind} object")
        except ReferenceFlaw as flaw:
            if flaw.rule:
                self._finding(uri, where, flaw.rule, flaw.message, flaw.hint)
            return None
        return target

    def _fetch(self, uri: str, ref: str) -> None:
        if uri not in self.files:
            permit(uri, ref, os.path.abspath(self.path), self.allowed)
            self._read(uri)
        if self.files[uri] is None:
            raise ReferenceFlaw("", "the file has findings of its own")

    def _mapped(self, resolver: Resolver, uri: str, pointer: str, schema: dict[str, Any]) -> Iterator[Target]:
        discriminator = schema.get("discriminator")
        mapping = discriminator.get("mapping") if isinstance(discriminator, dict) else None
        for value, name in mapping.items() if isinstance(mapping, dict) else ():
            where = pointers.join(pointer, "discriminator", "mapping", value)
            ref = mapping_reference(self.files[uri], name) if isinstance(name, str) else name
            target = self._target(resolver, uri, where, ref, "schema")
            if target:
                yield target

    def _identity(self, uri: str, pointer: str, schema: dict[str, Any]) -> None:
        for keyword in ("$id", "$dynamicRef"):
            if isinstance(schema.get(keyword), str):
                where = pointers.join(pointer, keyword)
                hint = "name the schema under `components/schemas` and refer to it with `$ref`"
                self._finding(uri, where, "reference-dynamic", f"`{keyword}` is not supported yet", hint)

    def _loops(self) -> None:
        """References that lead to nothing but references."""
        ending: set[Node] = set()
        for start in self.links:
            passed: set[Node] = set()
            node = start
            while node in self.links and node not in passed and node not in ending:
                passed.add(node)
                node = self.links[node]
            if node not in passed:
                ending |= passed
                continue
            where = pointers.join(start[1], "$ref")
            self._finding(start[0], where, "reference-loop", "this reference leads back to itself", "let it end")

    def _finding(self, uri: str, pointer: str, rule: str, message: str, hint: str) -> None:
        place = self.places[uri]().find(pointer)
        self._flaw(Location(self.names[uri], place.line, place.column, pointer), rule, message, hint)

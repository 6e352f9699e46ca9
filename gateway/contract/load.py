"""Bytes to documents: every file a contract consists of is read once, and every `$ref` is known to lead somewhere.

All flaws are collected; `load` raises one `LoadError` with all of them. Those in parts of the documents that no
operation uses are warnings.
"""

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any

from gateway.config import References
from gateway.contract import collector
from gateway.contract import pointer as pointers
from gateway.contract.document import TOP, parse, version_flaw
from gateway.contract.drafts import DRAFT_4, of_document
from gateway.contract.findings import Finding, LoadError, Severity, errors
from gateway.contract.identity import may_identify
from gateway.contract.json_text import RepeatedKeys, TextFlaw
from gateway.contract.lock import fetcher
from gateway.contract.model import Location
from gateway.contract.positions import Place
from gateway.contract.reading import MAX_BYTES, Reader, TooLarge, read_file
from gateway.contract.references import BROKEN, ReferenceFlaw, Resolver, Target, is_remote, permit
from gateway.contract.survey import USED, Survey, entry, mapping_reference

_COMPONENTS = ("/components/", "/definitions/", "/parameters/", "/responses/", "/securityDefinitions/")


@dataclass(frozen=True, slots=True)
class Source:
    """The files of one contract as written, and the way between them."""

    uri: str  # of the root file: an absolute path
    files: Mapping[str, Any]  # URI -> document; the root first
    dialect: str  # 2.0, 3.0, 3.1, 3.2
    digest: str  # SHA-256 (hex) over the bytes of all files
    names: Mapping[str, str]  # URI -> the file's name in findings
    schemas: Mapping[str, Mapping[str, Any]]  # URI -> pointer -> Schema Object in use that has no schema above it
    # or is named by a reference
    used: Set[tuple[str, str]]  # (URI, `survey.entry`) of what operations consist of
    findings: Sequence[Finding]  # warnings
    places: Mapping[str, Callable[[], Place]]
    resolver: Resolver

    @property
    def root(self) -> dict[str, Any]:
        """The root document."""
        document: dict[str, Any] = self.files[self.uri]
        return document

    def idle(self, uri: str, pointer: str) -> bool:
        """Whether no operation uses what stands there: a component, or a file that only such components refer to."""
        known = entry(pointer)
        is_component = known.count("/") == (3 if self.dialect != "2.0" else 2) and known.startswith(_COMPONENTS)
        if uri == self.uri:
            return is_component and (uri, known) not in self.used
        return (uri, "") not in self.used

    def locate(self, uri: str, pointer: str) -> Location:
        """Where a node stands in its file; the nearest parent when there is no such node."""
        place = self.places[uri]().find(pointer)
        return Location(self.names[uri], place.line, place.column, pointer)

    def resolve(self, uri: str, pointer: str, ref: str) -> Target:
        """One step along `ref`, written in the object at `pointer` of file `uri`: (uri, pointer, node). Raises
        `ReferenceFlaw` for one that `load` has not seen because it stands where the specification knows none."""
        return self.resolver.resolve(uri, pointer, ref)

    def follow(self, uri: str, pointer: str, node: Any) -> Target:
        """The end of a chain of references; the node itself when it is none. Raises `ReferenceFlaw` where no operation
        leads and the chain has no end."""
        passed: set[tuple[str, str]] = set()
        while isinstance(node, dict) and isinstance(node.get("$ref"), str):
            if (uri, pointer) in passed:
                raise ReferenceFlaw("reference-loop", "this reference leads back to itself")
            passed.add((uri, pointer))
            uri, pointer, node = self.resolve(uri, pointer, node["$ref"])
        return uri, pointer, node

    def mapped(self, uri: str, pointer: str, value: str) -> Target:
        """The schema that a value of a discriminator's `mapping` in the schema at `pointer` names: a component's name
        or a reference."""
        ref = mapping_reference(self.files[uri], value)
        return self.resolve(uri, pointer if ref == value else "", ref)


def load(
    path: str, references: References | None = None, read: Reader = read_file, fetch: Reader | None = None
) -> Source:
    """Read the document at `path` and every file it refers to; raises `LoadError` with every flaw found. URLs are read
    as the lock of `references` says, unless `fetch` is given."""
    references = references or References()
    with collector.paused():
        return _Loader(path, references, read, fetch or fetcher(references)).source()


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
    resolver: Resolver = field(init=False)
    dialect: str = ""  # unknown until the root is read
    survey: Survey | None = None
    sha: Any = field(default_factory=hashlib.sha256)

    def __post_init__(self) -> None:
        self.resolver = Resolver(self.files)

    def source(self) -> Source:
        root = os.path.abspath(self.path)
        identifying = False
        try:
            identifying = self._read(root)
        except ReferenceFlaw as flaw:
            self._flaw(Location(self.path, 1, 1, ""), flaw.rule, flaw.message, flaw.hint)
        self.dialect = "" if self.findings else self._dialect(root)
        survey = self.survey = Survey(self.resolver, self.dialect, self._obtain, self._report)
        if not self.findings:
            if identifying:
                self.resolver.learn(root, self.dialect)
            survey.run(root)
        if errors(self.findings):
            raise LoadError(self.findings)
        return Source(
            uri=root,
            files=self.files,
            dialect=self.dialect,
            digest=self.sha.hexdigest(),
            names=self.names,
            schemas=survey.schemas,
            used=survey.used,
            findings=self.findings,
            places=self.places,
            resolver=self.resolver,
        )

    # Files

    def _read(self, uri: str) -> bool:
        """Read and parse one file; whether it may hold identities. What is wrong inside it is a finding there and
        leaves the document `BROKEN`; raises `ReferenceFlaw` when its bytes cannot be had."""
        data = self._bytes(uri)
        self.names[uri] = name = self._name(uri)
        self.files[uri] = BROKEN
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
        return may_identify(data) or of_document(next(iter(self.files.values())), self.dialect) is DRAFT_4

    def _bytes(self, uri: str) -> bytes:
        name = self._name(uri)
        try:
            data = (self.fetch if is_remote(uri) else self.read)(uri, MAX_BYTES)
            if len(data) > MAX_BYTES:
                raise TooLarge
        except TooLarge:
            message, hint = f"{name} is larger than {MAX_BYTES >> 20} MiB", "split it into files joined by `$ref`"
            raise ReferenceFlaw("document-too-large", message, hint) from None
        except ReferenceFlaw:
            raise
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
        severity = Severity.WARNING if self.survey and self.survey.phase > USED else Severity.ERROR
        self.findings.append(Finding(where, severity, rule, message, hint))

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

    def _obtain(self, uris: tuple[str, ...], ref: str) -> None:
        """Read the first of these files that may be read. One that may not be fetched gives way to the next."""
        root = os.path.abspath(self.path)
        first: ReferenceFlaw | None = None
        for uri in uris:
            try:
                permit(uri, ref, root, self.allowed)
                if uri not in self.files and self._read(uri):
                    self.resolver.learn(uri, self.dialect)
                return
            except ReferenceFlaw as flaw:
                if is_remote(uri) and flaw.rule != "reference-remote":
                    raise
                first = first or flaw
        if first:
            raise first

    def _report(self, uri: str, pointer: str, flaw: ReferenceFlaw) -> None:
        if flaw.rule:
            self._finding(uri, pointer, flaw.rule, flaw.message, flaw.hint)

    def _finding(self, uri: str, pointer: str, rule: str, message: str, hint: str) -> None:
        place = self.places[uri]().find(pointer)
        self._flaw(Location(self.names[uri], place.line, place.column, pointer), rule, message, hint)

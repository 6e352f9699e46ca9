"""Where a `$ref` leads (RFC 3986 section 5), and whether it may.

URIs of local files are plain absolute paths. A schema with `$id` and a document with `$self` are resources: their URI
is the base of the references inside them, and others may refer to them by it, wherever they were read from. Nothing is
read here except symbolic links.
"""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from gateway.config import References
from gateway.contract import pointer as pointers
from gateway.contract.drafts import of_document
from gateway.contract.identity import identities

Target = tuple[str, str, Any]  # URI of the file, JSON Pointer, node

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_REMOTE = re.compile(r"https?://", re.IGNORECASE)


BROKEN = object()  # stands for a document whose text has findings of its own


class ReferenceFlaw(ValueError):
    """A `$ref` that cannot or may not be followed; one without a rule has been reported already."""

    def __init__(self, rule: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.rule, self.message, self.hint = rule, message, hint


def is_remote(uri: str) -> bool:
    """Whether `uri` is an http or https URL."""
    return _REMOTE.match(uri) is not None


def absolute(base: str, ref: str) -> str:
    """The URI, without fragment, that `ref` names where `base` is in force; raises `ReferenceFlaw`."""
    path = ref.partition("#")[0]
    if not path:
        return base
    if _SCHEME.match(base) or is_remote(path):
        try:
            uri = urljoin(base, path)
        except ValueError:
            uri = ""
        if _SCHEME.match(uri):
            return uri
        raise ReferenceFlaw("reference-invalid", f"`{ref}` is no URL below `{base:.200}`", "correct the reference")
    if _SCHEME.match(path):
        return path
    if "\0" in unquote(path):
        raise ReferenceFlaw("reference-outside", f"`{ref}` is no relative file reference", _RELATIVE)
    return os.path.normpath(os.path.join(os.path.dirname(base), unquote(path)))


_RELATIVE = "write a path relative to this file, below the folder of the root document"


def permit(uri: str, ref: str, root: str, allowed: References) -> None:
    """Raise `ReferenceFlaw` unless `uri` may be read for the document `root`."""
    if is_remote(uri):
        if not any(_starts_with(uri, prefix) for prefix in allowed.remote):
            raise ReferenceFlaw(
                "reference-remote",
                f"`{ref}` would be fetched over the network",
                "copy the file beside the document, or allow its prefix in `references.remote`",
            )
        return
    if _SCHEME.match(uri):
        raise ReferenceFlaw("reference-outside", f"`{ref}` is no relative file reference", _RELATIVE)
    if is_remote(root) or allowed.outside:
        return
    folder = os.path.realpath(os.path.dirname(root))
    if os.path.commonpath([folder, os.path.realpath(uri)]) != folder:
        hint = f"{_RELATIVE}; or set `references.outside: true`"
        raise ReferenceFlaw("reference-outside", f"`{ref}` leads out of the document's folder", hint)


def _starts_with(url: str, prefix: str) -> bool:
    """Whether `prefix` covers `url`, ending at a border: `https://a.example` does not cover `https://a.example.org`."""
    if "\\" in url or "@" in urlsplit(url).netloc or "%2e" in url.lower() or not url.startswith(prefix):
        return False
    return prefix.endswith("/") or url[len(prefix) : len(prefix) + 1] in ("", "/", "?", "#")


@dataclass(frozen=True, slots=True)
class Scope:
    """A resource: the base URI of the references in the object at `pointer` of a file, and its anchors."""

    uri: str
    pointer: str
    anchors: dict[str, str]  # name -> pointer in the file


@dataclass(slots=True)
class Resolver:
    """Resolves references among documents that are in memory already; remembers every answer."""

    files: Mapping[str, Any]
    _scopes: dict[str, dict[str, Scope]] = field(default_factory=dict)  # file -> pointer; of files with identities
    _homes: dict[str, tuple[str, str] | None] = field(default_factory=dict)  # URI -> (file, pointer); None: of several
    _known: dict[tuple[str, str, str], Target] = field(default_factory=dict)

    @classmethod
    def over(cls, documents: Mapping[str, Any], dialect: str) -> "Resolver":
        """A resolver that knows all resources of these documents."""
        resolver = cls(documents)
        for uri in documents:
            resolver.learn(uri, dialect)
        return resolver

    def learn(self, file: str, dialect: str) -> None:
        """Take note of the resources in a file. Not needed for one in which `identity.may_identify` sees none."""
        scopes: dict[str, Scope] = {}
        root = next(iter(self.files.values()))
        for identity in identities(self.files[file], dialect, of_document(root, dialect)):
            scopes = scopes or {"": Scope(file, "", {})}
            outer = _innermost(scopes, identity.pointer)
            if identity.keyword in ("$id", "$self"):
                name, anchor = self._settle(scopes, outer, file, identity.pointer, identity.value)
            else:
                name, anchor = outer, identity.value
            if anchor:
                name.anchors[anchor] = identity.pointer
        if scopes:
            self._scopes[file] = scopes

    def _settle(self, scopes: dict[str, Scope], outer: Scope, file: str, pointer: str, value: str) -> tuple[Scope, str]:
        """The scope that a `$id` opens, and the anchor in it, which drafts before 2019-09 allow as its fragment."""
        try:
            uri = absolute(outer.uri, value)
        except ReferenceFlaw:
            return outer, ""
        anchor = value.partition("#")[2]
        if uri == outer.uri and value.startswith("#"):
            return outer, anchor
        scopes[pointer] = scope = Scope(uri, pointer, outer.anchors if outer.pointer == pointer else {})
        if uri != file or pointer:
            self._homes[uri] = (file, pointer) if self._homes.get(uri, (file, pointer)) == (file, pointer) else None
        return scope, anchor

    def scoped(self, uri: str) -> bool:
        """Whether it matters where in the file `uri` a reference stands."""
        return uri in self._scopes or uri not in self.files

    def base(self, uri: str, pointer: str) -> str:
        """The base URI of the object at `pointer` of the file `uri`: of the nearest resource around it."""
        scopes = self._scopes.get(uri)
        return _innermost(scopes, pointer).uri if scopes else uri

    def around(self, uri: str, pointer: str) -> str:
        """The base URI in force around the object at `pointer`: its own `$id` does not count."""
        return self.base(uri, pointer.rpartition("/")[0]) if pointer else uri

    def inside(self, base: str, schema: Mapping[str, Any]) -> str:
        """The base URI inside a schema, given the one around it."""
        own = schema.get("$id") if self._homes else None
        inner = absolute(base, own) if isinstance(own, str) else base
        return inner if inner in self._homes else base

    def file(self, base: str) -> str:
        """The file in which a base URI is in force."""
        return (self._homes.get(base) or (base, ""))[0]

    def resource(self, uri: str, pointer: str) -> str:
        """The pointer of the innermost resource around the object at `pointer`; "" for the whole file."""
        scopes = self._scopes.get(uri)
        return _innermost(scopes, pointer).pointer if scopes else ""

    def anchors(self, uri: str) -> Iterator[tuple[str, str, str]]:
        """(pointer of the resource, name, pointer) of each anchor in a file; the resource itself has the name ""."""
        for root, scope in self._scopes.get(uri, {}).items():
            yield root, "", root
            yield from ((root, name, pointer) for name, pointer in scope.anchors.items())

    def wanted(self, uri: str, pointer: str, ref: str) -> tuple[str, ...]:
        """URIs of which one has to be read before `resolve` can answer, the better first; none when it can."""
        base = self.base(uri, pointer)
        target = absolute(base, ref)
        if not ref.partition("#")[0] or target in self._homes or target in self.files:
            return ()
        beside = absolute(uri, ref)
        return () if beside in self.files else tuple(dict.fromkeys((target, beside)))

    def resolve(self, uri: str, pointer: str, ref: str) -> Target:
        """One step, as `ref` in the object at `pointer` of the file (or of the resource) `uri` says; raises
        `ReferenceFlaw`."""
        if uri in self.files:
            scope = None if (scopes := self._scopes.get(uri)) is None else _innermost(scopes, pointer)
        else:
            uri, pointer = self._homes.get(uri) or (uri, "")
            scope = self._scopes[uri][pointer] if uri in self._scopes else None
        key = (uri, scope.pointer if scope else "", ref)
        target = self._known.get(key)
        if target is None:
            target = self._known[key] = self._resolve(uri, scope, ref)
        return target

    def _resolve(self, uri: str, scope: Scope | None, ref: str) -> Target:
        if scope and self._homes.get(scope.uri, ()) is None:
            raise _ambiguous(scope.uri)
        file, top = self._home(uri, scope, ref)
        if self.files.get(file) is BROKEN:
            raise ReferenceFlaw("", "the file has findings of its own")
        fragment = unquote(ref.partition("#")[2])
        if fragment and fragment[0] != "/":
            anchors = self._scopes[file][top].anchors if top in self._scopes.get(file, ()) else {}
            pointer = anchors.get(fragment, f"/$anchor/{fragment}")
        else:
            pointer = top + fragment
        try:
            tokens = pointers.split(pointer)
            node = pointers.walk(self.files[file], tokens)
        except (LookupError, ValueError):
            raise ReferenceFlaw(
                "reference-dangling", f"`{ref}` leads to nothing", "correct the reference, or add what it names"
            ) from None
        return file, pointers.join("", *tokens), node

    def _home(self, uri: str, scope: Scope | None, ref: str) -> tuple[str, str]:
        """File and pointer of the resource that `ref` names. A relative reference to a resource that nobody has read
        names the file beside this one: documents are kept in one folder before they are published below one URL."""
        if not ref.partition("#")[0]:
            return uri, scope.pointer if scope else ""
        target = absolute(scope.uri if scope else uri, ref)
        home = self._homes.get(target, (target, ""))
        if home is None or (target in self.files and home != (target, "")):
            raise _ambiguous(target)
        if home[0] not in self.files:
            home = absolute(uri, ref), ""
        if home[0] not in self.files:
            raise ReferenceFlaw("reference-dangling", f"`{ref}`: file was not loaded")
        return home


def _ambiguous(uri: str) -> ReferenceFlaw:
    message = f"`{uri:.200}` is the `$id` or `$self` of several schemas or documents"
    return ReferenceFlaw("reference-ambiguous", message, "give each a URI of its own")


def _innermost(scopes: Mapping[str, Scope], pointer: str) -> Scope:
    """The scope of the object at `pointer`; there is one for the whole file."""
    while pointer not in scopes:
        pointer = pointer.rpartition("/")[0]
    return scopes[pointer]

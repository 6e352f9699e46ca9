"""Where a `$ref` leads (RFC 3986 section 5), and whether it may.

URIs of local files are plain absolute paths. Nothing is read here except symbolic links.
"""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from gateway.config import References
from gateway.contract import pointer as pointers

Target = tuple[str, str, Any]  # URI of the file, JSON Pointer, node

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_REMOTE = re.compile(r"https?://", re.IGNORECASE)


class ReferenceFlaw(ValueError):
    """A `$ref` that cannot or may not be followed."""

    def __init__(self, rule: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.rule, self.message, self.hint = rule, message, hint


def is_remote(uri: str) -> bool:
    """Whether `uri` is an http or https URL."""
    return _REMOTE.match(uri) is not None


def file_of(base: str, ref: str) -> str:
    """URI of the file that `ref`, written in file `base`, names; raises `ReferenceFlaw`."""
    path = ref.partition("#")[0]
    if not path:
        return base
    if is_remote(base) or is_remote(path):
        try:
            return urljoin(base, path)
        except ValueError:
            raise ReferenceFlaw("reference-invalid", f"`{ref}` is no URL", "correct the reference") from None
    if _SCHEME.match(path) or "\0" in unquote(path):
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


@dataclass(slots=True)
class Resolver:
    """Resolves references among documents that are in memory already; remembers every answer."""

    files: Mapping[str, Any]
    _known: dict[tuple[str, str], Target] = field(default_factory=dict)
    _anchors: dict[str, dict[str, str]] = field(default_factory=dict)

    def resolve(self, base: str, pointer: str, ref: str) -> Target:
        """One step, as `ref` in the object at `pointer` of file `base` says; raises `ReferenceFlaw`."""
        target = self._known.get((base, ref))
        if target is None:
            target = self._known[base, ref] = self._resolve(base, ref)
        return target

    def _resolve(self, base: str, ref: str) -> Target:
        uri = file_of(base, ref)
        if uri not in self.files:
            raise ReferenceFlaw("reference-dangling", f"`{ref}`: file was not loaded")
        document = self.files[uri]
        fragment = unquote(ref.partition("#")[2])
        pointer = self._anchor(uri, fragment) if fragment and fragment[0] != "/" else fragment
        try:
            node = pointers.walk(document, pointers.split(pointer))
        except (LookupError, ValueError):
            raise ReferenceFlaw(
                "reference-dangling", f"`{ref}` leads to nothing", "correct the reference, or add what it names"
            ) from None
        return uri, pointers.join("", *pointers.split(pointer)), node

    def _anchor(self, uri: str, name: str) -> str:
        if uri not in self._anchors:
            self._anchors[uri] = dict(_find_anchors(self.files[uri]))
        return self._anchors[uri].get(name, f"/$anchor/{name}")


def _find_anchors(document: Any) -> Iterator[tuple[str, str]]:
    """(name, pointer) of each `$anchor` and `$dynamicAnchor`."""
    todo: list[tuple[str, Any]] = [("", document)]
    while todo:
        pointer, node = todo.pop()
        if isinstance(node, list):
            todo.extend((pointers.join(pointer, index), item) for index, item in enumerate(node))
        elif isinstance(node, dict):
            for key, item in node.items():
                if key in ("$anchor", "$dynamicAnchor") and isinstance(item, str):
                    yield item, pointer
                else:
                    todo.append((pointers.join(pointer, key), item))

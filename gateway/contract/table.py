"""The route table: from a raw path to the one path item that the documents mean.

A trie over path segments. At each segment a literal beats a segment that mixes literals and variables, which beats a
lone variable; a branch that dies is backed out of (OpenAPI: concrete paths match before templated ones). Each node is
visited at most once per look-up, so the cost depends on the length of the path and not on the number of paths.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from urllib.parse import unquote_to_bytes

from gateway.wire.path import decoded_segments

T = TypeVar("T")

# A template segment: literals and variables in turn, starting and ending with a (possibly empty) literal. ("a", "b") is
# `a{x}b`; ("a",) is the literal `a`; ("", "") is `{x}`.
Segment = tuple[str, ...]


def parse_template(template: str) -> tuple[list[Segment], list[str]]:
    """`/files/{name}.{ext}` -> ([("files",), ("", ".", "")], ["name", "ext"]).

    Literals are percent-decoded. The template must have passed the rules of the compile line.
    """
    segments: list[Segment] = []
    names: list[str] = []
    for text in template[1:].split("/"):
        if "{" not in text and "%" not in text:
            segments.append((text,))
            continue
        parts = []
        rest = text
        while "{" in rest:
            literal, _, rest = rest.partition("{")
            name, _, rest = rest.partition("}")
            parts.append(literal)
            names.append(name)
        parts.append(rest)
        segments.append(tuple(unquote_to_bytes(part).decode("utf-8", "surrogateescape") for part in parts))
    return segments, names


def match_segment(parts: Segment, text: str) -> list[str] | None:
    """The values of a mixed segment's variables, none of them empty; the first ones take as much as they can.

    Linear: separators are looked for from the right, which finds a match whenever there is one.
    """
    first, *middle, last = parts
    if not text.startswith(first) or not text.endswith(last) or len(text) < len(first) + len(last) + 1:
        return None
    end = len(text) - len(last)
    values: list[str] = []
    for literal in reversed(middle):
        at = text.rfind(literal, len(first) + 1, end - 1)
        if at == -1:
            return None
        values.append(text[at + len(literal) : end])
        end = at
    values.append(text[len(first) : end])
    values.reverse()
    return values


_UNITS = re.compile(rb"%..|.", re.DOTALL)


def raw_values(template: str, path: bytes) -> list[str]:
    """The values of a template's variables as they stand in a raw path that matches it."""
    values: list[str] = []
    for parts, raw in zip(parse_template(template)[0], path[1:].split(b"/"), strict=True):
        if len(parts) == 1:
            continue
        units = _UNITS.findall(raw)
        texts = [raw] if parts == ("", "") else _cut(parts, units)
        values += [text.decode() for text in texts]
    return values


def _cut(parts: Segment, units: Sequence[bytes]) -> Iterator[bytes]:
    """The values of a mixed segment, each as many units (octets or their escapes) long as it has octets decoded."""
    octets = [part.encode("utf-8", "surrogateescape").decode("latin-1") for part in parts]
    found = match_segment(tuple(octets), unquote_to_bytes(b"".join(units)).decode("latin-1"))
    position = 0
    for literal, value in zip(octets, found or (), strict=False):
        position += len(literal)
        yield b"".join(units[position : position + len(value)])
        position += len(value)


@dataclass(slots=True)
class PathItem(Generic[T]):
    """What stands behind one template: the operations by method, and the value of `Allow` for all others."""

    template: str
    names: tuple[str, ...]
    operations: dict[bytes, T]
    allow: bytes = b""


@dataclass(slots=True)
class _Node(Generic[T]):
    literals: dict[bytes, "_Node[T]"] = field(default_factory=dict)
    mixed: list[tuple[Segment, "_Node[T]"]] = field(default_factory=list)
    variable: "_Node[T] | None" = None
    item: PathItem[T] | None = None


class Router(Generic[T]):
    """An immutable look-up structure over path items; templates must be free of ambiguities."""

    def __init__(self, items: Iterable[PathItem[T]]) -> None:
        self._root: _Node[T] = _Node()
        for item in items:
            self._insert(item)

    def _insert(self, item: PathItem[T]) -> None:
        segments, _ = parse_template(item.template)
        node = self._root
        for segment in segments:
            node = _child(node, segment)
        if node.item is not None:
            raise ValueError(f"two path items for one shape: {node.item.template} and {item.template}")
        node.item = item

    def match(self, path: bytes) -> tuple[PathItem[T], Sequence[str]] | None:
        """The path item and the raw values of its variables in template order; None when nothing matches.

        Values stay percent-encoded: what is a delimiter in them shows only then. `path` is raw and has passed
        `gateway.wire.path.check_target`. Raises UnicodeDecodeError when a variable's value is not UTF-8.
        """
        segments = decoded_segments(path)
        values: list[str] = []
        item = _descend(self._root, segments, 0, values)
        if item is None:
            return None
        return item, raw_values(item.template, path) if values and b"%" in path else values


def _child(node: _Node[T], segment: Segment) -> _Node[T]:
    if len(segment) == 1:
        return node.literals.setdefault(segment[0].encode("utf-8", "surrogateescape"), _Node())
    if segment == ("", ""):
        if node.variable is None:
            node.variable = _Node()
        return node.variable
    for known, child in node.mixed:
        if known == segment:
            return child
    child = _Node()
    node.mixed.append((segment, child))
    # More literal text is more concrete; the text itself makes the order independent of the document's.
    node.mixed.sort(key=lambda entry: (-sum(map(len, entry[0])), entry[0]))
    return child


def _descend(node: _Node[T], segments: Sequence[bytes], at: int, values: list[str]) -> PathItem[T] | None:
    if at == len(segments):
        return node.item
    segment = segments[at]
    child = node.literals.get(segment)
    if child is not None:
        item = _descend(child, segments, at + 1, values)
        if item is not None:
            return item
    if not segment or (node.variable is None and not node.mixed):
        return None
    text = segment.decode()
    depth = len(values)
    for parts, child in node.mixed:
        found = match_segment(parts, text)
        if found is not None:
            values += found
            item = _descend(child, segments, at + 1, values)
            if item is not None:
                return item
            del values[depth:]
    if node.variable is None:
        return None
    values.append(text)
    item = _descend(node.variable, segments, at + 1, values)
    if item is None:
        del values[depth:]
    return item


def path_items(entries: Iterable[tuple[str, bytes, T | None]]) -> list[PathItem[T]]:
    """Group (public template, method, operation) by template, complete HEAD from GET, and compute `Allow`.

    An operation that is not served is None. Its template still takes part in matching, so that no other template
    answers in its place and leads to it.

    RFC 9110 section 9.1: servers support HEAD wherever they support GET; a document seldom says so.
    """
    items: dict[str, PathItem[T]] = {}
    for template, method, operation in entries:
        names = tuple(parse_template(template)[1])
        item = items.setdefault(template, PathItem(template, names, {}))
        if operation is not None:
            item.operations[method] = operation
    for item in items.values():
        if b"GET" in item.operations:
            item.operations.setdefault(b"HEAD", item.operations[b"GET"])
        item.allow = b", ".join(sorted(item.operations))
    return list(items.values())


def shape(template: str) -> str:
    """What two templates must differ in: `/a/{x}` and `/a/{y}` have one shape."""
    segments, _ = parse_template(template)
    return "/" + "/".join("{}".join(part.replace("{", "{{") for part in segment) for segment in segments)

"""YAML text to the values its author meant: the core schema of YAML 1.2 (chapter 10.3), keys always strings.

libyaml composes the node graph; turning nodes into values is done here because PyYAML's own loaders follow
YAML 1.1, where `on`, `no`, `012`, `1_000` and `2020-01-01` are not strings, and `200:` is not a string key.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from typing import Any

import yaml
from yaml.cyaml import CParser  # type: ignore[attr-defined]
from yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from gateway.contract import pointer as pointers
from gateway.contract.json_text import DEPTH, Repeat, RepeatedKeys, TextFlaw
from gateway.contract.positions import Place

EXPANDED = 5_000_000  # nodes, each alias counted as a copy of what it stands for

_CORE = "tag:yaml.org,2002:"
_NULL = frozenset(("", "~", "null", "Null", "NULL"))
_BOOL = {
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_DECIMAL = re.compile(r"[-+]?[0-9]+\Z")
_BASED = re.compile(r"0o[0-7]+\Z|0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?\Z")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)\Z|\.(?:nan|NaN|NAN)\Z")
_NUMERIC_START = frozenset("-+.0123456789")


class _Composer(CParser):
    """libyaml's composer; tags are left to `_Converter`, nesting is bounded."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0

    def resolve(self, kind: type[Node], value: Any, implicit: Any) -> str:
        return "plain" if kind is ScalarNode and implicit[0] else "quoted" if kind is ScalarNode else ""

    def descend_resolver(self, parent: Node | None, index: Any) -> None:
        self._depth += 1
        if self._depth > DEPTH:
            mark = parent.start_mark if parent else None
            raise yaml.MarkedYAMLError(problem=f"nested deeper than {DEPTH} levels", problem_mark=mark)

    def ascend_resolver(self) -> None:
        self._depth -= 1


def compose(text: str) -> Node | None:
    """The node graph of the one document in `text`, None when it is empty; raises `TextFlaw`."""
    try:
        node: Node | None = _Composer(text).get_single_node()
        return node
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        problem = error.problem or "not YAML"
        if "another document" in problem:
            raise TextFlaw(line, column, "a second document starts here", "keep one document per file") from None
        raise TextFlaw(line, column, f"not YAML: {problem}") from None
    except yaml.YAMLError as error:
        raise TextFlaw(1, 1, f"not YAML: {' '.join(str(error).split())}") from None
    except ValueError as error:
        raise TextFlaw(1, 1, f"not YAML: {error}") from None


def value_of(root: Node) -> Any:
    """The value of a node graph; raises `TextFlaw` or `RepeatedKeys`. What an anchor names is one shared object."""
    converter = _Converter()
    value = converter.value(root)
    if converter.repeats:
        raise RepeatedKeys(converter.repeats)
    if converter.aliased and _expanded(root, {}) > EXPANDED:
        raise _flaw(root, f"aliases expand to more than {EXPANDED} nodes")
    return value


def place(root: Node) -> Place:
    """The root's place."""
    return _YamlPlace(root, root)


def _flaw(node: Node, message: str, hint: str = "") -> TextFlaw:
    mark = node.start_mark
    return TextFlaw(mark.line + 1, mark.column + 1, message, hint)


def _scalar(node: ScalarNode) -> Any:
    tag, text = node.tag, str(node.value)
    if tag == "quoted" or tag == _CORE + "str":
        return text
    if tag == "plain":
        return _plain(node, text)
    plain = _plain(node, text)
    kinds = {"null": type(None), "bool": bool, "int": int, "float": (int, float)}
    kind = kinds.get(tag.removeprefix(_CORE)) if tag.startswith(_CORE) else None
    if kind is None:
        raise _flaw(node, f"tag {_shown(tag)} is not accepted", "plain YAML or JSON values only")
    if not isinstance(plain, kind):  # type: ignore[arg-type]
        raise _flaw(node, f"value does not fit its tag {_shown(tag)}")
    return plain


def _plain(node: Node, text: str) -> Any:
    if text[:1] in _NUMERIC_START:
        return _number(node, text)
    if text in _NULL:
        return None
    return _BOOL.get(text, text)


def _number(node: Node, text: str) -> Any:
    try:
        if _DECIMAL.match(text):
            return int(text)
        if _BASED.match(text):
            return int(text, 0)
    except ValueError:
        raise _flaw(node, "a number is too long") from None
    if _NOT_FINITE.match(text):
        raise _flaw(node, f"{text} is not a JSON value", "write null or a number")
    if not _FLOAT.match(text):
        return text
    number = float(text)
    if math.isinf(number):
        raise _flaw(node, "a number is too large")
    return number


def _shown(tag: str) -> str:
    return "!!" + tag.removeprefix(_CORE) if tag.startswith(_CORE) else tag


def _is_merge(key: Node) -> bool:
    return key.tag == "plain" and key.value == "<<"


def _key(node: Node) -> str:
    if not isinstance(node, ScalarNode):
        raise _flaw(node, "a key has to be a string")
    if node.tag not in ("plain", "quoted") and not node.tag.startswith(_CORE):
        raise _flaw(node, f"tag {_shown(node.tag)} is not accepted", "plain YAML or JSON values only")
    return str(node.value)


def _merged(node: Node) -> list[MappingNode]:
    """The mappings that a `<<` key brings in, those that win first."""
    nodes = node.value if isinstance(node, SequenceNode) else [node]
    for each in nodes:
        if not isinstance(each, MappingNode):
            raise _flaw(each, "`<<` merges mappings only", "name a mapping or a list of mappings")
    return list(nodes)


class _Converter:
    """Nodes to values, every node once."""

    def __init__(self) -> None:
        self.aliased = False
        self.repeats: list[Repeat] = []
        self._path: list[str] = []
        self._done: dict[int, Any] = {}
        self._open: set[int] = set()

    def value(self, node: Node) -> Any:
        if isinstance(node, ScalarNode):
            return _scalar(node)
        key = id(node)
        if key in self._done:
            self.aliased = True
            return self._done[key]
        if key in self._open:
            raise _flaw(node, "an alias stands for a value that contains it", "use `$ref` for recursion")
        expected = "map" if isinstance(node, MappingNode) else "seq"
        if node.tag and node.tag != _CORE + expected:
            raise _flaw(node, f"tag {_shown(node.tag)} is not accepted", "plain YAML or JSON values only")
        self._open.add(key)
        result = self._mapping(node) if isinstance(node, MappingNode) else self._sequence(node)
        self._open.discard(key)
        self._done[key] = result
        return result

    def _sequence(self, node: Node) -> list[Any]:
        result = []
        for index, item in enumerate(node.value):
            self._path.append(str(index))
            result.append(self.value(item))
            self._path.pop()
        return result

    def _mapping(self, node: MappingNode) -> dict[str, Any]:
        result: dict[str, Any] = {}
        inherited: dict[str, Any] = {}
        first: dict[str, Node] = {}
        for key_node, value_node in node.value:
            if _is_merge(key_node):
                for mapping in _merged(value_node):
                    inherited = {**self.value(mapping), **inherited}
                continue
            key = _key(key_node)
            if key in first:
                self._repeat(key, first[key], key_node)
            first[key] = key_node
            self._path.append(key)
            result[key] = self.value(value_node)
            self._path.pop()
        return {**inherited, **result} if inherited else result

    def _repeat(self, key: str, first: Node, again: Node) -> None:
        pointer = pointers.join("", *self._path, key)
        mark = again.start_mark
        self.repeats.append(Repeat(pointer, mark.line + 1, mark.column + 1, first.start_mark.line + 1))


def _expanded(node: Node, known: dict[int, int]) -> int:
    if not isinstance(node, CollectionNode):
        return 1
    if id(node) not in known:
        pairs = node.value if isinstance(node, MappingNode) else [(item,) for item in node.value]
        known[id(node)] = 1 + sum(_expanded(pair[-1], known) for pair in pairs)
    return known[id(node)]


class _YamlPlace(Place):
    __slots__ = ("_node",)

    def __init__(self, shown: Node, node: Node) -> None:
        super().__init__(shown.start_mark.line + 1, shown.start_mark.column + 1)
        self._node = node

    def members(self) -> Iterator[tuple[str, Place]]:
        if isinstance(self._node, SequenceNode):
            for index, item in enumerate(self._node.value):
                yield str(index), _YamlPlace(item, item)
        elif isinstance(self._node, MappingNode):
            yield from _member_places(self._node)


def _member_places(node: MappingNode) -> Iterator[tuple[str, Place]]:
    own: set[str] = set()
    for key, value in node.value:
        if not _is_merge(key):
            own.add(str(key.value))
            yield str(key.value), _YamlPlace(key, value)
    for key, value in node.value:
        if _is_merge(key):
            for mapping in _merged(value):
                for name, place_ in _member_places(mapping):
                    if name not in own:
                        own.add(name)
                        yield name, place_

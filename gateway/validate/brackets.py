"""Keys with brackets, `filter[price][gte]=5`: the style `deepObject`, as far as clients send it.

OpenAPI defines one level of properties. Deeper levels, `[]` and `[0]` are how PHP, Rails and the usual client libraries
write objects in objects and arrays; what these would read in different ways is refused.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from gateway.validate.styles import Member, Style, only
from gateway.validate.text import BadText

MAX_DEPTH = 10  # brackets in one key
_STEP = re.compile(rb"\[([^\[\]]*)\]")
_PATH = re.compile(rb"(?:\[[^\[\]]*\])+")
_INDEX = re.compile(r"0|[1-9][0-9]{0,4}")


class Branch:
    """The texts under one key, or what stands below it by step; or `alone`, one item of a repeated key. `known`
    remembers what it was read as, by schema: alternatives would otherwise multiply with each level."""

    __slots__ = ("alone", "known", "members", "raws")

    def __init__(self, raws: Iterable[bytes] = (), alone: bool = False) -> None:
        self.alone = alone
        self.raws: list[bytes] = list(raws)
        self.members: dict[str, Branch] = {}
        self.known: dict[Any, Any] = {}


def tree(name: bytes, given: Mapping[bytes, Sequence[bytes]]) -> Branch | None:
    """What the pairs hold under `name`; None when nothing. Raises BadText. Work is linear in the keys."""
    root = None
    prefix = name + b"["
    for key, raws in given.items():
        if key != name and not key.startswith(prefix):
            continue
        root = node = root or Branch()
        for step in _steps(key[len(name) :]):
            if node.raws:
                raise BadText(_BOTH)
            node = node.members.setdefault(step, Branch())
        if node.members:
            raise BadText(_BOTH)
        node.raws += raws
    return root


_BOTH = "is given both as a value and by its members"


def _steps(path: bytes) -> list[str]:
    if not path:
        return []
    if path.count(b"[") > MAX_DEPTH:
        raise BadText(f"has a key with more than {MAX_DEPTH} levels")
    if _PATH.fullmatch(path) is None:
        raise BadText("has a key whose brackets do not match")
    try:
        return [step.decode() for step in _STEP.findall(path)]
    except UnicodeDecodeError:
        raise BadText("has a key that is not valid UTF-8") from None


def _single(branch: Branch) -> bytes:
    if branch.members:
        raise BadText("must be a single value", "type")
    return only(branch.raws)


def _array(branch: Branch) -> Sequence[Branch]:
    """`a=1&a=2`, `a[]=1&a[]=2` or `a[0]=1&a[1]=2`; never two of them, and no index left out. An item of the first two
    is no array in turn: a schema of arrays in arrays would read it forever."""
    if branch.alone:
        raise BadText("must be an array", "type")
    if branch.raws:
        return _items(branch.raws)
    if branch.members.keys() == {""}:
        last = branch.members[""]
        if last.members:
            raise BadText("has '[]' before other brackets, which does not say where an item ends")
        return _items(last.raws)
    if not all(map(_INDEX.fullmatch, branch.members)):
        raise BadText("must be an array", "type")
    items = [branch.members.get(str(index)) for index in range(len(branch.members))]
    if None in items:
        raise BadText("has an index that does not follow on the others")
    return [item for item in items if item is not None]


def _items(raws: Iterable[bytes]) -> list[Branch]:
    return [Branch([raw], alone=True) for raw in raws]


def _object(branch: Branch) -> Iterable[Member]:
    if branch.raws:
        raise BadText("must be an object", "type")
    if "" in branch.members:
        raise BadText("must be an object, and '[]' names no property", "type")
    return branch.members.items()


def _untyped(decode: Callable[[bytes], str]) -> Callable[[Branch], object]:
    def read(branch: Branch) -> object:
        if branch.raws:
            texts = [decode(raw) for raw in branch.raws]
            return texts if len(texts) > 1 else texts[0]
        if all(step == "" or _INDEX.fullmatch(step) for step in branch.members):
            return [read(item) for item in _array(branch)]
        return {name: read(member) for name, member in _object(branch)}

    return read


def deep_object(decode: Callable[[bytes], str]) -> Style:
    """The style of a `Branch`."""
    return Style("deepObject", decode, _single, _array, _object, None, _untyped(decode))

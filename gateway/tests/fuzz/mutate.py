"""Strategies that start from what is valid: what is nearly right gets further than noise."""

import json
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.sampled_from([2**31, 2**63, 10**30, -1, 1e308, 0.1]),
    st.sampled_from(["", "string", "object", "array", "x-gateway", "$ref", "#/", "#/components/schemas/A", "é\ud800"]),
    st.text(max_size=8),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


def texts(seeds: Sequence[bytes], tokens: Sequence[bytes]) -> st.SearchStrategy[bytes]:
    """One of `seeds` with up to six pieces cut, doubled, replaced by noise or by one of `tokens`."""

    @st.composite
    def build(draw: st.DrawFn) -> bytes:
        data = draw(st.sampled_from(seeds))
        for _ in range(draw(st.integers(0, 6))):
            start = draw(st.integers(0, len(data)))
            end = min(len(data), start + draw(st.integers(0, 12)))
            new = draw(st.one_of(st.just(b""), st.sampled_from(tokens), st.binary(max_size=6)))
            data = data[:start] + (data[start:end] * 2 if draw(st.booleans()) else b"") + new + data[end:]
        return data

    return st.one_of(build(), st.binary(max_size=64))


def trees(seeds: Sequence[Any]) -> st.SearchStrategy[Any]:
    """One of the JSON values `seeds` with up to five of its nodes replaced, removed or moved."""

    @st.composite
    def build(draw: st.DrawFn) -> Any:
        tree = json.loads(json.dumps(draw(st.sampled_from(seeds))))
        for _ in range(draw(st.integers(1, 5))):
            places = _places(tree)
            if not places:
                break
            holder, key = draw(st.sampled_from(places))
            match draw(st.integers(0, 3)):
                case 0:
                    holder[key] = draw(VALUES)
                case 1:
                    del holder[key]
                case 2 if isinstance(holder, dict):
                    holder[draw(st.sampled_from(_names(tree)))] = holder.pop(key)
                case _:
                    other, name = draw(st.sampled_from(places))
                    holder[key] = json.loads(json.dumps(other[name])) if _has(other, name) else None
        return tree

    return build()


def _places(tree: Any) -> list[tuple[Any, Any]]:
    """(holder, key) of every node below `tree`."""
    found: list[tuple[Any, Any]] = []
    open_ = [tree]
    while open_:
        node = open_.pop()
        members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
        for key, value in members:
            found.append((node, key))
            open_.append(value)
    return found


def _names(tree: Any) -> list[str]:
    return sorted({key for _, key in _places(tree) if isinstance(key, str)}) or ["a"]


def _has(holder: Any, key: Any) -> bool:
    return key in holder if isinstance(holder, dict) else key < len(holder)

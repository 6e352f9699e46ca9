"""Candidates for invalid values: what breaks one keyword of a schema.

Some of them may be valid, or break more; whoever asks lets the compiled check decide.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.verify import patterns
from gateway.verify.facts import Facts

UNKNOWN = "unexpectedProperty"

_OF_KIND: Mapping[str, tuple[Any, ...]] = {
    "string": ("text",),
    "integer": (7,),
    "number": (0.5,),
    "boolean": (True,),
    "null": (None,),
    "object": ({},),
    "array": ([],),
}
_ODD_TEXTS = ("!", " ", "é", "a b", "@", "/", ".", "\u0001", "\u0000", "A", "a", "0")


def candidates(facts: Facts, value: Any) -> Iterator[tuple[str, list[Any]]]:
    """For each keyword values in place of `value`, which is valid, that might break it."""
    return _Break(facts, value).all()


class _Break:
    """One function for each type."""

    def __init__(self, facts: Facts, value: Any) -> None:
        self._facts = facts
        self._said = facts.keywords
        self._value = value

    def all(self) -> Iterator[tuple[str, list[Any]]]:
        if self._facts.kinds is not None:
            yield from self._types(self._facts.kinds)
        for keyword in ("enum", "const"):
            if keyword in self._said:
                yield keyword, self._strangers()
        if isinstance(self._value, str):
            yield from self._text(self._value)
        elif isinstance(self._value, dict):
            yield from self._object(self._value)
        elif isinstance(self._value, list):
            yield from self._array(self._value)
        elif isinstance(self._value, int | float) and not isinstance(self._value, bool):
            yield from self._number(self._value)

    def _types(self, kinds: frozenset[str]) -> Iterator[tuple[str, list[Any]]]:
        others = [value for kind, values in _OF_KIND.items() if kind not in kinds for value in values]
        yield "type", [value for value in others if value is not None]
        if "null" not in kinds:
            yield "type", [None]

    def _strangers(self) -> list[Any]:
        """Values that an enumeration is unlikely to hold, of the kind it holds first."""
        text = [f"not-{self._value}", "unlisted"] if isinstance(self._value, str) else []
        number = [self._value + 1000003] if isinstance(self._value, int | float) else []
        return [*text, *number, "unlisted", 1000003]

    def _number(self, value: Any) -> Iterator[tuple[str, list[Any]]]:
        step = self._said.get("multipleOf", 1)
        for keyword, shift in (("minimum", -step), ("maximum", step), ("exclusiveMinimum", 0), ("exclusiveMaximum", 0)):
            if keyword in self._said:
                yield keyword, [self._said[keyword] + shift]
        if "multipleOf" in self._said:
            yield "multipleOf", [value + step / 2]

    def _text(self, value: str) -> Iterator[tuple[str, list[Any]]]:
        least, most = self._said.get("minLength", 0), self._said.get("maxLength")
        if least:
            yield "minLength", [value[: least - 1]]
        if most is not None:
            pattern = self._said.get("pattern")
            grown = patterns.sample(pattern, most + 1) if pattern else None
            yield "maxLength", [*([grown] if grown else []), value + (value[-1:] or "a") * (most + 1 - len(value))]
        if "pattern" in self._said:
            odd = [text * max(1, least) for text in _ODD_TEXTS]
            yield "pattern", [*odd, *(value + text for text in _ODD_TEXTS), ""]
        if "format" in self._said:
            yield "format", [f"{value}x"[: most or None], "?" * max(1, least), f"not a {self._said['format']}"]

    def _array(self, value: list[Any]) -> Iterator[tuple[str, list[Any]]]:
        least, most = self._said.get("minItems", 0), self._said.get("maxItems")
        if least:
            yield "minItems", [value[: least - 1]]
        if most is not None and value:
            yield "maxItems", [(value * (most // len(value) + 2))[: most + 1]]
        if self._said.get("uniqueItems") and value:
            yield "uniqueItems", [[value[0], *value]]

    def _object(self, value: dict[str, Any]) -> Iterator[tuple[str, list[Any]]]:
        for name in self._facts.required:
            yield "required", [{other: inner for other, inner in value.items() if other != name}]
        if self._facts.additional is False:
            yield "additionalProperties", [{**value, UNKNOWN: "a"}]
        if "minProperties" in self._said:
            names = list(value)[: self._said["minProperties"] - 1]
            yield "minProperties", [{name: value[name] for name in names}]
        if "maxProperties" in self._said and value:
            inner = next(iter(value.values()))
            more = {str(number): inner for number in range(1, self._said["maxProperties"] + 2)}
            yield "maxProperties", [value | more]

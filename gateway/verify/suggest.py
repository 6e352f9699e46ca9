"""Candidates for valid values: what the keywords of a schema suggest, the bounds first.

Some of them may be invalid; whoever asks lets the compiled check decide.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from gateway.verify import patterns
from gateway.verify.facts import Facts

LARGEST_ARRAY = 200  # items; longer ones are left to schemas that demand them
LONGEST_TEXT = 20_000  # characters

Valid = Callable[[str], list[Any]]  # URI of a schema within -> valid values for it; none when it is nested too deep

_FORMATS: Mapping[str, tuple[str, ...]] = {
    "date-time": ("2026-02-01T18:00:00Z", "2024-02-29T23:59:59.5+01:00"),
    "date": ("2026-02-01", "2024-02-29"),
    "time": ("18:00:00Z",),
    "email": ("ada@example.com", "a@b.co"),
    "uri": ("http://example.com/a?b=c",),
    "uri-reference": ("/a?b=c",),
    "uuid": ("5f0c5d2e-9b6a-4f7f-8a3c-1d2e3f405162",),
    "hostname": ("example.com",),
    "ipv4": ("192.0.2.1",),
    "ipv6": ("2001:db8::1",),
    "byte": ("YQ==",),
}
_TEXTS = ("a", "Zátopek 1952 ✓", "0")


def candidates(facts: Facts, valid: Valid) -> Iterator[Any]:
    """What might be valid; the most telling first."""
    if "const" in facts.keywords:
        yield facts.keywords["const"]
    elif "enum" in facts.keywords:
        yield from facts.keywords["enum"]
    else:
        yield from _Suggest(facts, valid).all()


class _Suggest:
    """One function for each type."""

    def __init__(self, facts: Facts, valid: Valid) -> None:
        self._facts = facts
        self._said = facts.keywords
        self._valid = valid

    def all(self) -> Iterator[Any]:
        for branch in self._facts.branches:
            for value in self._valid(branch)[:2]:
                yield from self._joined(value) if isinstance(value, dict) else [value]
        kinds = self._facts.kinds
        if kinds is None:
            kinds = frozenset(["object"] if self._facts.properties or self._facts.required else ["string", "integer"])
        for kind, suggest in _SUGGESTIONS.items():
            if kind in kinds:
                yield from suggest(self)

    def _joined(self, value: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """A branch's object with what the schema around the branches asks for; it may know better values, too."""
        each = self._each()
        least = self._least(each)
        yield {**least, **value}
        yield {**least, **{name: each.get(name, inner) for name, inner in value.items()}}

    def integers(self) -> Iterator[int]:
        step = self._said.get("multipleOf", 1)
        for number in self.numbers():
            nearest = round(number / step) * step
            if float(nearest).is_integer():
                yield int(nearest)

    def numbers(self) -> Iterator[Any]:
        low, high = self._said.get("minimum"), self._said.get("maximum")
        above, below = self._said.get("exclusiveMinimum"), self._said.get("exclusiveMaximum")
        step = self._said.get("multipleOf", 1)
        yield from (bound for bound in (low, high) if bound is not None)
        yield from (bound + step for bound in (low, above) if bound is not None)
        yield from (bound - step for bound in (high, below) if bound is not None)
        yield from (number * step for number in (1, 0, -1, 20))

    def fractions(self) -> Iterator[Any]:
        yield from self.numbers()
        low, high = self._said.get("minimum"), self._said.get("maximum")
        yield low + 0.5 if low is not None else high - 0.5 if high is not None else 0.5

    def texts(self) -> Iterator[str]:
        least, most = self._said.get("minLength", 0), self._said.get("maxLength")
        pattern, format_ = self._said.get("pattern"), self._said.get("format")
        wanted = [least, *([most] if most is not None and most <= LONGEST_TEXT else [])]
        yield from _FORMATS.get(str(format_), ())
        if pattern is not None:
            yield from (text for length in wanted if (text := patterns.sample(pattern, length)) is not None)
        for length in wanted:
            yield "a" * length
        yield from _TEXTS
        yield from (text.ljust(least, "a") for text in _TEXTS)

    def arrays(self) -> Iterator[list[Any]]:
        least, most = self._said.get("minItems", 0), self._said.get("maxItems")
        items = self._valid(self._facts.items) if self._facts.items else ["a", "b"]
        sizes = [max(least, 1), least, *([most] if most is not None and most <= LARGEST_ARRAY else [])]
        for size in sizes:
            distinct = self._said.get("uniqueItems") or size <= len(items)
            yield items[:size] if distinct else (items * (size // max(1, len(items)) + 1))[:size]

    def objects(self) -> Iterator[dict[str, Any]]:
        each = self._each()
        least = self._least(each)
        for value in (each | least, least):
            yield self._filled(value)
        yield self._filled(least, self._said.get("maxProperties", 0))

    def _each(self) -> dict[str, Any]:
        """A value for each property that has one."""
        known = {name: self._valid(uri) for name, uri in self._facts.properties.items()}
        return {name: values[0] for name, values in known.items() if values}

    def _least(self, each: dict[str, Any]) -> dict[str, Any]:
        return {name: each.get(name, "a") for name in self._facts.required}

    def _filled(self, value: dict[str, Any], count: int = 0) -> dict[str, Any]:
        """The object with further properties, until it has as many as it must have."""
        other = self._facts.additional
        values = self._valid(other) if isinstance(other, str) else ["a"]
        count = max(count, self._said.get("minProperties", 0), 1 if isinstance(other, str) else 0)
        more = (str(number) for number in range(1, min(count, LARGEST_ARRAY) + 1))
        if other is False or not values:
            return value
        return value | {name: values[0] for name, _ in zip(more, range(count - len(value)), strict=False)}


_SUGGESTIONS: Mapping[str, Callable[[_Suggest], Iterable[Any]]] = {
    "object": _Suggest.objects,
    "array": _Suggest.arrays,
    "string": _Suggest.texts,
    "integer": _Suggest.integers,
    "number": _Suggest.fractions,
    "boolean": lambda _: (True, False),
    "null": lambda _: (None,),
}

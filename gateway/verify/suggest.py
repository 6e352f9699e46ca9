"""Candidates for valid values: what the keywords of a schema suggest, the bounds first.

Some of them may be invalid; whoever asks lets the compiled check decide.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice, product
from typing import Any

from gateway.verify import patterns
from gateway.verify.facts import Facts
from gateway.verify.texts import of_format

LARGEST_ARRAY = 200  # items; longer ones are left to schemas that demand them
LONGEST_TEXT = 20_000  # characters
COMBINATIONS = 64  # of branches

# URIs of schemas that hold together for a value within -> valid values; none when it is nested too deep
Valid = Callable[..., list[Any]]

_TEXTS = ("a", "Zátopek 1952 ✓", "0")


def candidates(facts: Facts, valid: Valid, lean: bool = False) -> Iterator[Any]:
    """What might be valid; the most telling first. `lean`: no more than what must be there."""
    if "const" in facts.keywords:
        yield facts.keywords["const"]
    elif "enum" in facts.keywords:
        yield from facts.keywords["enum"]
    else:
        yield from _Suggest(facts, valid, lean).all()


class _Suggest:
    """One function for each type."""

    def __init__(self, facts: Facts, valid: Valid, lean: bool) -> None:
        self._facts = facts
        self._said = facts.keywords
        self._valid = valid
        self._lean = lean

    def all(self) -> Iterator[Any]:
        yield from self._branched()
        kinds = self._facts.kinds
        if kinds is None:
            kinds = frozenset(["object"] if self._facts.properties or self._facts.required else ["string", "integer"])
        for kind, suggest in _SUGGESTIONS.items():
            if kind in kinds:
                yield from suggest(self)

    def _branched(self) -> Iterator[Any]:
        """A value of one branch of each group; objects are put together."""
        groups = [[value for uris in group for value in self._together(uris)] for group in self._facts.branches]
        for values in islice(product(*(group for group in groups if group)), COMBINATIONS if any(groups) else 0):
            objects = [value for value in values if isinstance(value, dict)]
            yield from (value for value in values if not isinstance(value, dict))
            if objects:
                yield from self._joined({name: inner for each in objects for name, inner in each.items()})

    def _together(self, uris: tuple[str, ...]) -> list[Any]:
        first, *others = uris
        values = self._valid(first)[:2]
        for uri in others:
            more = next((value for value in self._valid(uri) if isinstance(value, dict)), {})
            values = [{**value, **more} for value in values if isinstance(value, dict)]
        return values

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
        low = self._said.get("minimum", self._said.get("exclusiveMinimum"))
        high = self._said.get("maximum", self._said.get("exclusiveMaximum"))
        yield low + 0.5 if low is not None else high - 0.5 if high is not None else 0.5
        if low is not None and high is not None:
            yield (low + high) / 2

    def texts(self) -> Iterator[str]:
        least, most = self._said.get("minLength", 0), self._said.get("maxLength")
        pattern, format_ = self._said.get("pattern"), self._said.get("format")
        wanted = [least, *([most] if most is not None and most <= LONGEST_TEXT else [])]
        if self._facts.content is not None:
            yield from (json.dumps(value) for value in self._valid(self._facts.content))
        for length in wanted:
            yield from of_format(str(format_ or self._said.get("contentEncoding", "")), length)
        if pattern is not None:
            yield from (text for length in wanted for text in patterns.samples(pattern, length))
        for length in wanted:
            yield "a" * length
        yield from _TEXTS
        yield from (text.ljust(least, "a") for text in _TEXTS)

    def arrays(self) -> Iterator[list[Any]]:
        least, most = self._said.get("minItems", 0), self._said.get("maxItems")
        first = self._first_items()
        least = max(least, len(first)) if self._facts.contained else least
        if self._lean and least <= len(first):
            yield first[:least]
            return
        items = self._valid(self._facts.items) if self._facts.items else ["a", "b"]
        preferred = max(least, len(first), 0 if self._facts.items is None and first else 1)
        for size in (preferred, least, *([most] if most is not None and most <= LARGEST_ARRAY else [])):
            count = max(0, size - len(first))
            if count <= len(items):
                yield (first + items)[:size]
            elif not self._said.get("uniqueItems"):
                yield (first + items * (count // max(1, len(items)) + 1))[:size]
            else:
                yield from (first + more for more in [*_grown(items, count), items])

    def _first_items(self) -> list[Any]:
        """What stands at fixed positions, and what the array has to contain."""
        fixed = [values[0] for uri in self._facts.positions if (values := self._valid(uri))]
        if self._facts.contained is not None:
            values = self._valid(self._facts.contained)
            fixed += values[:1] * int(self._said.get("minContains", 1))
        return fixed

    def objects(self) -> Iterator[dict[str, Any]]:
        each = self._each()
        least = self._least(each)
        if not self._lean:
            yield self._filled(self._completed(each | least, each))
        yield self._filled(least)
        yield self._filled(least, self._said.get("maxProperties", 0))

    def _each(self) -> dict[str, Any]:
        """A value for each property that has one."""
        wanted = self._facts.required if self._lean else self._facts.properties
        places = {**{name: (uri,) for name, uri in self._facts.properties.items()}, **self._facts.stated}
        known = {name: self._valid(*uris) for name, uris in places.items() if name in wanted}
        return {name: values[0] for name, values in known.items() if values}

    def _least(self, each: dict[str, Any]) -> dict[str, Any]:
        return self._completed({name: self._any(name, each) for name in self._facts.required}, each)

    def _completed(self, value: dict[str, Any], each: dict[str, Any]) -> dict[str, Any]:
        """With what other properties ask for (`dependentRequired`)."""
        dependent = self._said.get("dependentRequired", {})
        waiting = list(value)
        for name in waiting:
            waiting += [other for other in dependent.get(name, ()) if other not in waiting]
        return {**value, **{name: self._any(name, each) for name in waiting if name not in value}}

    def _any(self, name: str, each: dict[str, Any]) -> Any:
        """A value for a property, which the schema may not name."""
        if name in each or name in self._facts.properties or not isinstance(self._facts.additional, str):
            return each.get(name, "a")
        return next(iter(self._valid(self._facts.additional)), "a")

    def _filled(self, value: dict[str, Any], count: int = 0) -> dict[str, Any]:
        """The object with further properties, until it has as many as it must have."""
        other = self._facts.additional
        least = self._said.get("minProperties", 0)
        count = max(count, least, 0 if self._lean else 1 if isinstance(other, str) or self._facts.patterned else 0)
        more = islice(self._others(), max(0, min(count, LARGEST_ARRAY) - len(value)))
        return value | {name: inner for name, inner in more if name not in value}

    def _others(self) -> Iterator[tuple[str, Any]]:
        """Properties that are not named, with values."""
        for pattern, uri in self._facts.patterned:
            values = self._valid(uri)
            yield from ((name, values[0]) for name in patterns.samples(pattern, 0) if values)
        other = self._facts.additional
        values = self._valid(other) if isinstance(other, str) else ["a"] if other else []
        names: Iterable[Any] = (str(number) for number in range(1, LARGEST_ARRAY + 1))
        if self._facts.names is not None:
            names = self._valid(self._facts.names)
        yield from ((name, values[0]) for name in names if values and isinstance(name, str))


def _grown(items: list[Any], count: int) -> Iterator[list[Any]]:
    """`count` different items: those that there are, and variations of the first in several ways."""
    if not items:
        return
    numbers = range(1000, 1000 + count)
    first = items[0]
    ways: list[list[Any]] = []
    if isinstance(first, int | float):
        ways.append([first + number for number in numbers])
    elif isinstance(first, str):
        ways += [[first[:-4] + str(number) for number in numbers], [f"{first}{number}" for number in numbers]]
    elif isinstance(first, dict):
        inner = [(name, more) for name, value in first.items() for more in _grown([value], count)]
        ways += [[{**first, name: value} for value in more] for name, more in inner]
    yield from (way[:count] for way in ways)


_SUGGESTIONS: Mapping[str, Callable[[_Suggest], Iterable[Any]]] = {
    "object": _Suggest.objects,
    "array": _Suggest.arrays,
    "string": _Suggest.texts,
    "integer": _Suggest.integers,
    "number": _Suggest.fractions,
    "boolean": lambda _: (True, False),
    "null": lambda _: (None,),
}

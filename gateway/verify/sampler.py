"""Values for a schema: valid ones at the edges of what it allows, and ones that break a single keyword.

Keywords only suggest candidates; the compiled check, the same that serves requests, has the last word on each.
Nothing is drawn at random here, so two runs send the same.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from gateway.errors import Violation
from gateway.validate import shape
from gateway.validate.schema import SchemaCheck, SchemaSet
from gateway.validate.uris import absolute, child
from gateway.verify import patterns

Steps = tuple[str | int, ...]

DEPTH = 6  # of nested values; recursive schemas end here
VALUES = 12  # per schema
LARGEST_ARRAY = 200  # items; longer ones are left to schemas that demand them
LONGEST_TEXT = 20_000  # characters
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
_TIGHTER: Mapping[str, Callable[[Any, Any], Any]] = {
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"), min),
}
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
_ODD_TEXTS = ("!", " ", "é", "a b", "@", "/", ".", "\u0001", "\u0000", "A", "a", "0")


class Place(NamedTuple):
    """A value within a value, and the schema it has to satisfy."""

    steps: Steps
    uri: str
    value: Any


class Wrong(NamedTuple):
    """A value to put at `steps` so that `keyword`, and if possible nothing else, is broken at `pointer`."""

    steps: Steps
    keyword: str
    value: Any
    pointer: str


class Facts(NamedTuple):
    """The keywords of all schema objects that have to hold together; of bounds the tightest."""

    keywords: dict[str, Any]
    properties: dict[str, str]
    required: list[str]
    additional: str | bool  # the URI of the schema of other properties, or whether there may be any
    branches: list[str]  # URIs under `anyOf` and `oneOf`


class Sampler:
    """Samples of the schemas of one set."""

    def __init__(self, schemas: SchemaSet) -> None:
        self._schemas = schemas
        self._known: dict[str, list[Any]] = {}
        self._facts: dict[str, Facts] = {}

    def values(self, uri: str, depth: int = 0) -> list[Any]:
        """Valid values, all different, the most telling first; empty when none was found."""
        if uri not in self._known:
            if depth > DEPTH:
                return []
            check = self._schemas.check(uri)
            valid = (value for value in _Suggest(self, uri, depth).all() if check.is_valid(value))
            self._known[uri] = _different(valid)[:VALUES]
        return self._known[uri]

    def places(self, uri: str, value: Any, steps: Steps = ()) -> Iterator[Place]:
        """`value` and what it is made of, as far as the schema at `uri` speaks of it."""
        yield Place(steps, uri, value)
        if len(steps) > DEPTH:
            return
        if isinstance(value, dict):
            known = shape.properties(self._schemas, uri)
            other = self.facts(uri).additional
            for name, inner in value.items():
                if name in known:
                    yield from self.places(known[name], inner, (*steps, name))
                elif isinstance(other, str):
                    yield from self.places(other, inner, (*steps, name))
        item = shape.items(self._schemas, uri)
        if isinstance(value, list) and value and item is not None:
            yield from self.places(item, value[0], (*steps, 0))

    def variations(self, uri: str, value: Any) -> Iterator[tuple[Steps, Any]]:
        """Other valid values for each place within `value`."""
        for place in self.places(uri, value):
            for other in self.values(place.uri):
                if not _same(other, place.value):
                    yield place.steps, other

    def wrongs(self, uri: str, value: Any) -> Iterator[Wrong]:
        """For each place within `value` and each clause there: a value that breaks it."""
        for place in self.places(uri, value):
            check = self._schemas.check(place.uri)
            for keyword, candidates in _Break(self, place).all():
                chosen = _breaking(check, keyword, candidates)
                if chosen is not None:
                    value, pointer = chosen
                    above = "".join(f"/{step}" for step in place.steps)
                    yield Wrong(place.steps, keyword, value, above + pointer)

    def facts(self, uri: str) -> Facts:
        """What the schema at `uri` says, `$ref` and `allOf` looked through."""
        if uri not in self._facts:
            self._facts[uri] = self._merge(uri)
        return self._facts[uri]

    def _merge(self, uri: str) -> Facts:
        keywords: dict[str, Any] = {}
        required: list[str] = []
        additional: str | bool = True
        branches: list[str] = []
        for place, schema in self._parts(uri):
            for keyword, said in schema.items():
                tighter = _TIGHTER.get(keyword)
                keywords[keyword] = tighter(keywords.get(keyword, said), said) if tighter else said
            required += schema.get("required", ())
            if "additionalProperties" in schema and additional is not False:
                said = schema["additionalProperties"]
                additional = child(place, "additionalProperties") if isinstance(said, dict) else bool(said)
            for keyword in ("anyOf", "oneOf"):
                branches += [child(place, keyword, n) for n in range(len(schema.get(keyword, ())))]
        own = shape.properties(self._schemas, uri)
        return Facts(keywords, own, list(dict.fromkeys(required)), additional, branches)

    def _parts(self, uri: str) -> Iterator[tuple[str, dict[str, Any]]]:
        waiting, seen = [uri], set()
        while waiting:
            place = waiting.pop(0)
            schema = self._schemas.lookup(place)
            if place in seen or isinstance(schema, bool):
                continue
            seen.add(place)
            yield place, schema
            if isinstance(schema.get("$ref"), str):
                waiting.append(absolute(schema["$ref"], place))
            waiting += [child(place, "allOf", n) for n in range(len(schema.get("allOf", ())))]

    def kinds(self, uri: str) -> frozenset[str] | None:
        """See `shape.kinds`."""
        return shape.kinds(self._schemas, uri)

    def item(self, uri: str) -> str | None:
        """See `shape.items`."""
        return shape.items(self._schemas, uri)


class _Suggest:
    """Candidates that a schema's keywords suggest; some of them may be invalid."""

    def __init__(self, sampler: Sampler, uri: str, depth: int) -> None:
        self._sampler = sampler
        self._uri = uri
        self._depth = depth
        self._facts = sampler.facts(uri)
        self._said = self._facts.keywords

    def all(self) -> Iterator[Any]:
        if "const" in self._said:
            yield self._said["const"]
        elif "enum" in self._said:
            yield from self._said["enum"]
        else:
            yield from self._by_kind()

    def _by_kind(self) -> Iterator[Any]:
        for branch in self._facts.branches:
            for value in self._sampler.values(branch, self._depth + 1)[:2]:
                yield self._joined(value)
        kinds = self._sampler.kinds(self._uri)
        if kinds is None:
            kinds = frozenset(["object"] if self._facts.properties else ["string", "integer"])
        for kind, suggest in _SUGGESTIONS.items():
            if kind in kinds:
                yield from suggest(self)

    def _joined(self, value: Any) -> Any:
        """A branch's value with what the schema around the branches asks for."""
        base = next(self.objects(), None) if isinstance(value, dict) and self._facts.required else None
        return {**base, **value} if isinstance(base, dict) else value

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
        uri = self._sampler.item(self._uri)
        items = self._sampler.values(uri, self._depth + 1) if uri else ["a", "b"]
        sizes = [max(least, 1), least, *([most] if most is not None and most <= LARGEST_ARRAY else [])]
        for size in sizes:
            distinct = self._said.get("uniqueItems") or size <= len(items)
            yield items[:size] if distinct else (items * (size // max(1, len(items)) + 1))[:size]

    def objects(self) -> Iterator[dict[str, Any]]:
        if self._depth >= DEPTH:
            return
        each: dict[str, Any] = {}
        for name, uri in self._facts.properties.items():
            values = self._sampler.values(uri, self._depth + 1)
            if values:
                each[name] = values[0]
        least = {name: each.get(name, "a") for name in self._facts.required}
        for value in (each | least, least):
            yield self._filled(value)
        yield self._filled(least, self._said.get("maxProperties", 0))

    def _filled(self, value: dict[str, Any], count: int = 0) -> dict[str, Any]:
        """The object with further properties, until it has as many as it must have."""
        other = self._facts.additional
        values = self._sampler.values(other, self._depth + 1) if isinstance(other, str) else ["a"]
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


class _Break:
    """Candidates that break one keyword of a place; some of them may be valid all the same."""

    def __init__(self, sampler: Sampler, place: Place) -> None:
        self._facts = sampler.facts(place.uri)
        self._said = self._facts.keywords
        self._kinds = sampler.kinds(place.uri)
        self._value = place.value

    def all(self) -> Iterator[tuple[str, list[Any]]]:
        if self._kinds is not None:
            yield from self._types(self._kinds)
        for keyword in ("enum", "const"):
            if keyword in self._said:
                yield keyword, self._strangers
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

    @cached_property
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


def _breaking(check: SchemaCheck, keyword: str, candidates: list[Any]) -> tuple[Any, str] | None:
    """The first candidate that breaks the keyword alone, and where; else the first that breaks it among others."""
    second = None
    for value in candidates:
        found = check.violations(value, "body")
        pointers = [violation.pointer for violation in found if violation.keyword == keyword]
        if _only(found, keyword):
            return value, pointers[0]
        if second is None and pointers:
            second = value, pointers[0]
    return second


def _only(found: list[Violation], keyword: str) -> bool:
    return {violation.keyword for violation in found} == {keyword} and len({item.pointer for item in found}) == 1


def _different(values: Iterable[Any]) -> list[Any]:
    seen: dict[str, Any] = {}
    for value in values:
        seen.setdefault(json.dumps(value, sort_keys=True), value)
    return list(seen.values())


def _same(one: Any, other: Any) -> bool:
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)

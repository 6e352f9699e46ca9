"""Values for a schema: valid ones at the edges of what it allows, and ones that break a single keyword.

Keywords only suggest candidates; the compiled check, the same that serves requests, has the last word on each.
Nothing is drawn at random here, so two runs send the same.
"""

import json
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any, NamedTuple

from gateway.errors import Violation
from gateway.validate.schema import SchemaCheck, SchemaSet
from gateway.verify import breaking, suggest
from gateway.verify.facts import Facts, facts_of

Steps = tuple[str | int, ...]

DEPTH = 6  # of nested values; below there is only what must be
DEEPEST = 16  # recursive schemas end here
VALUES = 12  # per schema


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


class Sampler:
    """Samples of the schemas of one set."""

    def __init__(self, schemas: SchemaSet) -> None:
        self.schemas = schemas
        self._known: dict[tuple[str, int], list[Any]] = {}  # by depth: the deeper, the fewer of a recursive schema
        self._facts: dict[str, Facts] = {}

    def values(self, uri: str, depth: int = 0) -> list[Any]:
        """Valid values, all different, the most telling first; empty when none was found."""
        key = (uri, depth)
        if key not in self._known:
            if depth > DEEPEST:
                return []
            check = self.schemas.check(uri)
            candidates = suggest.candidates(self.facts(uri), partial(self._together, depth + 1), depth > DEPTH)
            self._known[key] = _different(value for value in candidates if check.is_valid(value))[:VALUES]
        return self._known[key]

    def _together(self, depth: int, *uris: str) -> list[Any]:
        """Values that are valid for several schemas."""
        found = [value for uri in uris for value in self.values(uri, depth)]
        if len(uris) == 1:
            return found
        checks = [self.schemas.check(uri) for uri in uris]
        return [value for value in found if all(check.is_valid(value) for check in checks)] or found

    def places(self, uri: str, value: Any, steps: Steps = ()) -> Iterator[Place]:
        """`value` and what it is made of, as far as the schema at `uri` speaks of it."""
        yield Place(steps, uri, value)
        if len(steps) > DEPTH:
            return
        if isinstance(value, dict):
            known, other = self.facts(uri).properties, self.facts(uri).additional
            for name, inner in value.items():
                if name in known:
                    yield from self.places(known[name], inner, (*steps, name))
                elif isinstance(other, str):
                    yield from self.places(other, inner, (*steps, name))
        item = next(iter(self.facts(uri).positions), self.facts(uri).items)
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
            check = self.schemas.check(place.uri)
            for keyword, candidates in breaking.candidates(self.facts(place.uri), place.value):
                chosen = _breaking(check, keyword, candidates)
                if chosen is not None:
                    value, pointer = chosen
                    above = "".join(f"/{step}" for step in place.steps)
                    yield Wrong(place.steps, keyword, value, above + pointer)

    def facts(self, uri: str) -> Facts:
        """What the schema at `uri` says."""
        if uri not in self._facts:
            self._facts[uri] = facts_of(self.schemas, uri)
        return self._facts[uri]


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

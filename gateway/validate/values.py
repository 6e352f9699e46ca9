"""The pieces of a style to the value that a schema judges.

The schema decides the types. Where it has alternatives, each reads the text in its own way, and the first value that is
valid counts: single values before arrays before objects, and the branches of `oneOf` and `anyOf` in their order.
"""

from collections.abc import Callable, Sequence
from typing import Any

import jsonschema_rs

from gateway.validate.brackets import Branch
from gateway.validate.explain import pointer_of
from gateway.validate.primitives import single_converter
from gateway.validate.schema import SchemaCheck, SchemaError, SchemaSet
from gateway.validate.styles import Style
from gateway.validate.text import BadText
from gateway.validate.views import Items, Members, array_views, object_views, shapes

MAX_MEMBERS = 10_000  # of one array or object

Read = Callable[[Any], object]  # a source of the style to a value; raises BadText


def compile_read(schemas: SchemaSet, uri: str, style: Style) -> Read:
    """The function from what stands on the wire to a value of the schema at `uri`. Raises SchemaError when the style
    has no notation for any value that the schema admits, or for one of its items or properties."""
    return _Compiler(schemas).read(uri, style)


def compile_members(schemas: SchemaSet, members: Members, style: Style) -> Callable[[str], Read]:
    """From the name of a property to the reader of its value. Raises SchemaError."""
    return _Compiler(schemas).members(members, style)


class _Compiler:
    def __init__(self, schemas: SchemaSet) -> None:
        self._schemas = schemas
        self._reads: dict[tuple[str, int], Read] = {}  # by schema and style

    def read(self, uri: str, style: Style) -> Read:
        """The reader of one schema in one style; schemas may contain themselves."""
        key = (uri, id(style))
        if key not in self._reads:
            self._reads[key] = lambda source: self._reads[key](source)
            self._reads[key] = self._compile(uri, style)
        return self._reads[key]

    def _compile(self, uri: str, style: Style) -> Read:
        admitted = shapes(self._schemas, uri)
        if not admitted:
            return style.untyped
        readings: list[Read] = []
        if style.single and "single" in admitted:
            readings.append(self._single(uri, style.decode, style.single))
        if style.array and "array" in admitted:
            readings += [self._array(items, style, style.array) for items in array_views(self._schemas, uri)]
        if style.mapping and "object" in admitted:
            readings += [self._object(members, style) for members in object_views(self._schemas, uri)]
        if style.whole and admitted - {"single"} - ({"array"} if style.array else set()):
            readings.append(style.whole)
        if not readings:
            named = " or ".join(f"an {shape}" if shape != "single" else "a single value" for shape in sorted(admitted))
            raise SchemaError(uri, f"{named} cannot be written in {style.name}")
        if len(readings) == 1:
            return readings[0]
        read = first_valid(readings, self._schemas.check(uri))
        return _remembered(read) if style.members is None else read

    def _single(self, uri: str, decode: Callable[[bytes], str], single: Callable[[Any], bytes]) -> Read:
        convert = single_converter(self._schemas, uri)
        return lambda source: convert(decode(single(source)))

    def _array(self, items: Items, style: Style, split: Callable[[Any], Sequence[Any]]) -> Read:
        inner = style.members or style
        first = [self.read(each, inner) for each in items.first]
        rest = self.read(items.rest, inner) if items.rest else inner.untyped

        def read(source: Any) -> list[object]:
            pieces = split(source)
            _bound(len(pieces))
            values = []
            for index, piece in enumerate(pieces):
                values.append(_below(index, first[index] if index < len(first) else rest, piece))
            return values

        return read

    def _object(self, members: Members, style: Style) -> Read:
        split = style.mapping
        assert split is not None
        reader = self.members(members, style.members or style)

        def read(source: Any) -> dict[str, object]:
            value: dict[str, object] = {}
            for name, piece in split(source):
                if name in value:
                    raise BadText("gives a property more than once")
                value[name] = _below(name, reader(name), piece)
                _bound(len(value))
            return value

        return read

    def members(self, members: Members, style: Style) -> Callable[[str], Read]:
        """From the name of a property to the reader of its value."""
        named = {name: self.read(uri, style) for name, uri in members.named.items()}
        patterns = [(_pattern(pattern), self.read(uri, style)) for pattern, uri in members.patterns]
        rest = self.read(members.rest, style) if members.rest else style.untyped

        def reader(name: str) -> Read:
            known = named.get(name)
            if known is not None:
                return known
            return next((read for matches, read in patterns if matches(name)), rest)

        return reader


def _pattern(pattern: str) -> Callable[[str], bool]:
    """Whether a name matches, as the schema engine sees it: in its dialect, and within bounds."""
    options = jsonschema_rs.FancyRegexOptions(backtrack_limit=100_000)
    return jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=options).is_valid


def _bound(count: int) -> None:
    if count > MAX_MEMBERS:
        raise BadText(f"has more than {MAX_MEMBERS} members")


def _below(step: str | int, read: Read, piece: Any) -> object:
    try:
        return read(piece)
    except BadText as error:
        raise BadText(error.message, error.keyword, pointer_of([step]) + error.pointer) from None


def first_valid(readings: Sequence[Read], check: SchemaCheck) -> Read:
    """The reading whose value is valid, in this order; or else the first that gives a value; or the innermost flaw."""

    def read(source: Any) -> object:
        values: list[object] = []
        failure: BadText | None = None
        for reading in readings:
            try:
                value = reading(source)
            except BadText as error:
                if failure is None or error.pointer.count("/") > failure.pointer.count("/"):
                    failure = error
                continue
            if check.is_valid(value):
                return value
            values.append(value)
        if not values:
            assert failure is not None
            raise failure
        return values[0]

    return read


def _remembered(read: Read) -> Read:
    """One reading for each place of a tree, however many alternatives above come by."""

    def recall(source: Branch) -> object:
        if read not in source.known:
            try:
                source.known[read] = (read(source), None)
            except BadText as error:
                source.known[read] = (None, error)
        value, failure = source.known[read]
        if failure is not None:
            raise failure
        return value

    return recall

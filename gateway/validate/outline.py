"""What a schema says about the members of objects and arrays, all its alternatives taken together, read at load.

Formats without types are decoded by it: the names lead to the schemas that give the texts their types. Whether the
decoded value is valid is the check's business.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from gateway.validate.primitives import Convert, boolean, integer, number, string
from gateway.validate.schema import SchemaCheck, SchemaSet
from gateway.validate.shape import kinds
from gateway.validate.text import BadText
from gateway.validate.uris import absolute, child

Uris = tuple[str, ...]  # of all schemas that a value may have to satisfy, those that count first in front


@dataclass
class Outline:
    """Members by name and position, and the URIs of their schemas."""

    properties: dict[str, Uris] = field(default_factory=dict)
    required: set[str] = field(default_factory=set)
    additional: Uris = ()  # schemas of properties without a name
    positions: list[Uris] = field(default_factory=list)
    items: Uris = ()  # schemas of items behind these positions
    parts: list[tuple[str, dict[str, Any]]] = field(default_factory=list)  # the schema objects this was read from


_ONE = ("then", "else")
_SEVERAL = ("allOf", "oneOf", "anyOf")


def outline(schemas: SchemaSet, uris: Uris) -> Outline:
    """Read the schemas at `uris`, and those behind their `$ref`s and in their alternatives."""
    found = Outline()
    for uri, schema in _parts(schemas, uris):
        found.parts.append((uri, schema))
        for name in schema.get("properties", ()):
            found.properties[name] = (*found.properties.get(name, ()), child(uri, "properties", name))
        for name in schema.get("patternProperties", ()):
            found.additional += (child(uri, "patternProperties", name),)
        for keyword in ("additionalProperties", "unevaluatedProperties"):
            if isinstance(schema.get(keyword), dict):
                found.additional += (child(uri, keyword),)
        found.required.update(schema.get("required", ()))
        for n in range(len(schema.get("prefixItems", ()))):
            if n == len(found.positions):
                found.positions.append(())
            found.positions[n] += (child(uri, "prefixItems", n),)
        if isinstance(schema.get("items"), dict):
            found.items += (child(uri, "items"),)
    return found


def _parts(schemas: SchemaSet, uris: Uris) -> Iterator[tuple[str, dict[str, Any]]]:
    open_, seen = list(uris), set[str]()
    while open_:
        uri = open_.pop(0)
        if uri in seen:
            continue
        seen.add(uri)
        schema = schemas.lookup(uri)
        if isinstance(schema, bool):
            continue
        yield uri, schema
        if isinstance(schema.get("$ref"), str):
            open_.append(absolute(schema["$ref"], uri))
        open_ += [child(uri, keyword) for keyword in _ONE if isinstance(schema.get(keyword), dict)]
        for keyword in _SEVERAL:
            open_ += [child(uri, keyword, n) for n in range(len(schema.get(keyword, ())))]


def kinds_of(schemas: SchemaSet, uris: Uris) -> frozenset[str]:
    """The JSON Schema types that the schemas at `uris` admit between them; none when none of them says."""
    return frozenset().union(*(kinds(schemas, uri) or () for uri in uris))


_CONVERT: dict[str, Convert] = {"integer": integer, "number": number, "boolean": boolean, "string": string}


def converter_of(schemas: SchemaSet, uris: Uris) -> Convert:
    """From text to the value that one of the schemas at `uris` admits: the first that is valid, or else the first.

    Integer, number, boolean and string are tried in this order. Any text is a string where no schema says what it
    is, and where it can only be wrong.
    """
    alternatives = [(name, uri) for uri in uris for name in _CONVERT if name in (kinds(schemas, uri) or ())]
    names = {name for name, _ in alternatives}
    if len(names) <= 1:
        return _CONVERT[names.pop()] if names else string
    return _first_valid([(_CONVERT[name], schemas.check(uri)) for name, uri in alternatives])


def _first_valid(alternatives: list[tuple[Convert, SchemaCheck]]) -> Convert:
    def convert(text: str) -> object:
        values, problem = [], None
        for alternative, check in alternatives:
            try:
                value = alternative(text)
            except BadText as error:
                problem = problem or error
                continue
            if check.is_valid(value):
                return value
            values.append(value)
        if not values and problem:
            raise problem
        return values[0]

    return convert

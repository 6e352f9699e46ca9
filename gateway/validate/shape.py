"""What kind of values a schema admits, read at load: this decides how text is decoded.

Text on the wire carries no types, so the schema has to say whether `7` is a number or a string. `$ref`, `allOf`,
`anyOf` and `oneOf` are looked through; whether the decoded value is valid is the check's business, not decided here.
"""

from collections.abc import Iterator
from typing import Any

from gateway.validate.schema import Schema, SchemaError, SchemaSet
from gateway.validate.uris import absolute, child

_JSON_TYPES = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "number"),
    (str, "string"),
    (list, "array"),
    (dict, "object"),
)


def kinds(schemas: SchemaSet, uri: str) -> frozenset[str] | None:
    """The JSON Schema types that the schema at `uri` admits; None when it does not restrict them."""
    return schemas.found(_admitted, uri)


def _admitted(schemas: SchemaSet, uri: str) -> frozenset[str] | None:
    return _kinds(schemas, uri, ())


def _kinds(schemas: SchemaSet, uri: str, above: tuple[str, ...]) -> frozenset[str] | None:
    found: frozenset[str] | None = None
    for place, schema in _parts(schemas, uri, above):
        for admitted in _stated(schemas, place, schema, (*above, uri)):
            found = admitted if found is None else _common(found, admitted)
    return found


def _stated(schemas: SchemaSet, uri: str, schema: dict[str, Any], above: tuple[str, ...]) -> Iterator[frozenset[str]]:
    """The sets of types that single keywords of one schema object admit."""
    if "type" in schema:
        types = schema["type"]
        yield frozenset([types] if isinstance(types, str) else types)
    elif "enum" in schema or "const" in schema:
        yield frozenset(map(_type_of, schema["enum"] if "enum" in schema else [schema["const"]]))
    for choice in choices(uri, schema):
        branches = [_kinds(schemas, branch, above) for branch in choice]
        stated = [branch for branch in branches if branch is not None]
        if stated and len(stated) == len(branches):
            yield frozenset().union(*stated)


def choices(uri: str, schema: dict[str, Any]) -> Iterator[list[str]]:
    """The alternatives of a schema object, one list of URIs for each keyword that makes some: a value satisfies at
    least one of each list."""
    for keyword in ("oneOf", "anyOf"):
        if schema.get(keyword):
            yield [child(uri, keyword, n) for n in range(len(schema[keyword]))]
    if schema.keys() >= {"if", "then", "else"}:
        yield [child(uri, "then"), child(uri, "else")]


def _common(one: frozenset[str], other: frozenset[str]) -> frozenset[str]:
    """What both admit; an integer is a number."""
    both = one & other
    if ("integer" in one and "number" in other) or ("integer" in other and "number" in one):
        both |= {"integer"}
    return both


def _type_of(value: object) -> str:
    return next((name for type_, name in _JSON_TYPES if isinstance(value, type_)), "null")


def conjuncts(schemas: SchemaSet, uri: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The schema objects that all have to hold, with their URIs: the schema, behind its `$ref`, in its `allOf`."""
    return _parts(schemas, uri, ())


def items(schemas: SchemaSet, uri: str) -> str | None:
    """The URI of the schema that the items of an array satisfy."""
    for place, schema in _parts(schemas, uri, ()):
        if "items" in schema:
            return child(place, "items")
    return None


def properties(schemas: SchemaSet, uri: str) -> dict[str, str]:
    """The named properties of an object, those of all its branches included: name to schema URI."""
    return _properties(schemas, uri, ())


def _properties(schemas: SchemaSet, uri: str, above: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for place, schema in _parts(schemas, uri, above):
        for name in schema.get("properties", ()):
            found.setdefault(name, child(place, "properties", name))
        for branch in _branches(place, schema):
            found = _properties(schemas, branch, (*above, uri)) | found
    return found


def _branches(uri: str, schema: dict[str, Any]) -> Iterator[str]:
    """The schemas that hold for some values; a discriminator's are behind `then` and `else`."""
    for keyword in ("anyOf", "oneOf"):
        yield from (child(uri, keyword, n) for n in range(len(schema.get(keyword, ()))))
    yield from (child(uri, keyword) for keyword in ("then", "else") if "if" in schema and keyword in schema)


def _parts(schemas: SchemaSet, uri: str, above: tuple[str, ...]) -> Iterator[tuple[str, dict[str, Any]]]:
    """The schema objects that all have to hold: the schema itself, behind its `$ref`, in its `allOf`."""
    open_, seen = [uri], set(above)
    while open_:
        place = open_.pop(0)
        if place in seen:
            continue
        seen.add(place)
        schema: Schema = schemas.lookup(place)
        if isinstance(schema, bool):
            continue
        yield place, schema
        if isinstance(schema.get("$ref"), str):
            open_.append(absolute(schema["$ref"], place))
        open_ += [child(place, "allOf", n) for n in range(len(schema.get("allOf", ())))]


def primitives(schemas: SchemaSet, uri: str) -> frozenset[str]:
    """The types of a single text: any string when nothing else is said. Raises SchemaError for objects and arrays."""
    admitted = kinds(schemas, uri)
    if admitted is None:
        return frozenset(["string"])
    if compound := admitted & {"object", "array"}:
        raise SchemaError(uri, f"text cannot be decoded to {' or '.join(sorted(compound))} here")
    return admitted

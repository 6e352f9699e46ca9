"""What a schema says as a whole: the keywords of its parts, put together."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from gateway.validate import shape
from gateway.validate.schema import SchemaSet
from gateway.validate.uris import absolute, child

_COMBINED: Mapping[str, Callable[[Any, Any], Any]] = {
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"), min),
    "dependentRequired": lambda one, other: {**one, **other},
    "enum": lambda one, other: [value for value in one if value in other] or one,
}


class Facts(NamedTuple):
    """The keywords of all schema objects that have to hold together; of bounds the tightest."""

    keywords: dict[str, Any]
    kinds: frozenset[str] | None  # the types admitted; None when all are
    properties: dict[str, str]  # name -> URI
    stated: dict[str, tuple[str, ...]]  # name -> URIs of all that has to hold for it
    required: list[str]
    additional: str | bool  # the URI of the schema of other properties, or whether there may be any
    items: str | None  # URI
    branches: list[
        list[tuple[str, ...]]
    ]  # of each `anyOf`, `oneOf` and condition the ways to satisfy it: URIs that hold
    # together
    positions: list[str]  # URIs under `prefixItems`
    contained: str | None  # URI
    patterned: list[tuple[str, str]]  # pattern of names -> URI
    names: str | None  # URI of the schema of property names
    content: str | None  # URI of the schema of what a string holds


def facts_of(schemas: SchemaSet, uri: str) -> Facts:
    """What the schema at `uri` says, `$ref` and `allOf` looked through."""
    keywords: dict[str, Any] = {}
    required: list[str] = []
    additional: str | bool = True
    branches: list[list[tuple[str, ...]]] = []
    stated: dict[str, tuple[str, ...]] = {}
    within: dict[str, str] = {}
    positions: list[str] = []
    patterned: list[tuple[str, str]] = []
    for place, schema in _parts(schemas, uri):
        for keyword, said in schema.items():
            combine = _COMBINED.get(keyword)
            keywords[keyword] = combine(keywords[keyword], said) if combine and keyword in keywords else said
        required += schema.get("required", ())
        if "additionalProperties" in schema and additional is not False:
            said = schema["additionalProperties"]
            additional = child(place, "additionalProperties") if isinstance(said, dict) else bool(said)
        branches += _branches(place, schema)
        for name in schema.get("properties", ()):
            stated[name] = (*stated.get(name, ()), child(place, "properties", name))
        within |= {keyword: child(place, keyword) for keyword in _WITHIN if keyword in schema}
        positions = positions or [child(place, "prefixItems", n) for n in range(len(schema.get("prefixItems", ())))]
        patterned += [(name, child(place, "patternProperties", name)) for name in schema.get("patternProperties", ())]
    return Facts(
        keywords,
        shape.kinds(schemas, uri),
        shape.properties(schemas, uri),
        stated,
        list(dict.fromkeys(required)),
        additional,
        shape.items(schemas, uri),
        branches,
        positions,
        within.get("contains"),
        patterned,
        within.get("propertyNames"),
        within.get("contentSchema"),
    )


_WITHIN = ("contains", "propertyNames", "contentSchema")


def _branches(place: str, schema: dict[str, Any]) -> Iterator[list[tuple[str, ...]]]:
    for keyword in ("anyOf", "oneOf"):
        if schema.get(keyword):
            yield [(child(place, keyword, n),) for n in range(len(schema[keyword]))]
    if "if" in schema:
        conditional = {"then": (child(place, "then"), child(place, "if")), "else": (child(place, "else"),)}
        yield [uris for keyword, uris in conditional.items() if isinstance(schema.get(keyword), dict)]
    for name in schema.get("dependentSchemas", ()):
        yield [(child(place, "dependentSchemas", name),)]


def _parts(schemas: SchemaSet, uri: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The schema objects that all have to hold."""
    waiting, seen = [uri], set()
    while waiting:
        place = waiting.pop(0)
        schema = schemas.lookup(place)
        if place in seen or isinstance(schema, bool):
            continue
        seen.add(place)
        yield place, schema
        if isinstance(schema.get("$ref"), str):
            waiting.append(absolute(schema["$ref"], place))
        waiting += [child(place, "allOf", n) for n in range(len(schema.get("allOf", ())))]

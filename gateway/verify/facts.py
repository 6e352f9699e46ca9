"""What a schema says as a whole: the keywords of its parts, put together."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from gateway.validate import shape
from gateway.validate.schema import SchemaSet
from gateway.validate.uris import absolute, child

_TIGHTER: Mapping[str, Callable[[Any, Any], Any]] = {
    **dict.fromkeys(("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"), max),
    **dict.fromkeys(("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"), min),
}


class Facts(NamedTuple):
    """The keywords of all schema objects that have to hold together; of bounds the tightest."""

    keywords: dict[str, Any]
    kinds: frozenset[str] | None  # the types admitted; None when all are
    properties: dict[str, str]  # name -> URI
    required: list[str]
    additional: str | bool  # the URI of the schema of other properties, or whether there may be any
    items: str | None  # URI
    branches: list[str]  # URIs under `anyOf` and `oneOf`


def facts_of(schemas: SchemaSet, uri: str) -> Facts:
    """What the schema at `uri` says, `$ref` and `allOf` looked through."""
    keywords: dict[str, Any] = {}
    required: list[str] = []
    additional: str | bool = True
    branches: list[str] = []
    for place, schema in _parts(schemas, uri):
        for keyword, said in schema.items():
            tighter = _TIGHTER.get(keyword)
            keywords[keyword] = tighter(keywords.get(keyword, said), said) if tighter else said
        required += schema.get("required", ())
        if "additionalProperties" in schema and additional is not False:
            said = schema["additionalProperties"]
            additional = child(place, "additionalProperties") if isinstance(said, dict) else bool(said)
        for keyword in ("anyOf", "oneOf"):
            branches += [child(place, keyword, n) for n in range(len(schema.get(keyword, ())))]
    return Facts(
        keywords,
        shape.kinds(schemas, uri),
        shape.properties(schemas, uri),
        list(dict.fromkeys(required)),
        additional,
        shape.items(schemas, uri),
        branches,
    )


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

"""The alternatives of a schema, read at load: each is a view of what the members of its objects and arrays are.

`oneOf`, `anyOf` and `then` with `else` make alternatives, `$ref` and `allOf` add to one. Text on the wire carries no
types, so each alternative may read the same text as another value.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from gateway.validate.primitives import NUMERIC
from gateway.validate.schema import SchemaSet
from gateway.validate.shape import choices, conjuncts, kinds, properties
from gateway.validate.uris import child

MAX_VIEWS = 32  # of one schema; beyond, alternatives are read as one
_OBJECT = frozenset(("properties", "additionalProperties", "patternProperties", "required", "minProperties"))
_ARRAY = frozenset(("items", "prefixItems", "minItems", "maxItems", "uniqueItems", "contains"))
_SINGLE = NUMERIC | {"minLength", "maxLength", "pattern", "format", "contentEncoding", "contentMediaType"}
_CONDITIONAL = ("if", "then", "else")

_TELLING = (("object", _OBJECT), ("array", _ARRAY), ("single", _SINGLE))  # where no `type` does

Place = tuple[str, dict[str, Any]]  # URI and schema object
View = tuple[Place, ...]  # the schema objects that hold together


class Members(NamedTuple):
    """The schemas of an object's properties. `rest` is that of properties without a name or pattern of their own; None
    where nothing is said of them. `open`: the schema speaks of such properties, and allows them."""

    named: Mapping[str, str]
    patterns: tuple[tuple[str, str], ...]
    rest: str | None
    open: bool


class Items(NamedTuple):
    """The schemas of an array's items: the first ones by position, and that of all others; None if unknown."""

    first: tuple[str, ...]
    rest: str | None


def shapes(schemas: SchemaSet, uri: str) -> frozenset[str]:
    """Which of `single`, `array` and `object` a value may be; empty when the schema says nothing about it.

    `null` has no notation (RFC 6570 section 2.3: an undefined value is left out)."""
    return schemas.found(_noted, uri)


def _noted(schemas: SchemaSet, uri: str) -> frozenset[str]:
    found = frozenset().union(*(_shapes(schemas, view) for view in _views(schemas, uri, ())))
    return found - {"null"} or (frozenset(["single"]) if found else found)


def object_views(schemas: SchemaSet, uri: str) -> list[Members]:
    """What the alternatives that admit objects say of their properties. What only another alternative names is read as
    that says: a value could satisfy both."""
    elsewhere = properties(schemas, uri)
    found: list[Members] = []
    for view in _views(schemas, uri, ()):
        admitted = _shapes(schemas, view)
        if "object" in admitted or not admitted:
            members = _members(view, elsewhere)
            if members not in found:
                found.append(members)
    return found


def array_views(schemas: SchemaSet, uri: str) -> list[Items]:
    """What the alternatives that admit arrays say of their items."""
    found: list[Items] = []
    for view in _views(schemas, uri, ()):
        admitted = _shapes(schemas, view)
        if "array" in admitted or not admitted:
            items = _items(view)
            if items not in found:
                found.append(items)
    return found


def _views(schemas: SchemaSet, uri: str, above: tuple[str, ...]) -> list[View]:
    if uri in above:
        return [()]
    own = tuple(conjuncts(schemas, uri))
    views: list[View] = [own]
    for place, schema in own:
        for branches in choices(place, schema):
            options = [view for branch in branches for view in _views(schemas, branch, (*above, uri))]
            if len(views) * len(options) > MAX_VIEWS:
                options = [tuple(each for option in options for each in option)]
            views = [view + option for view in views for option in options] or views
    options = [view for branch in _conditions(own) for view in _views(schemas, branch, (*above, uri))]
    if len(options) > 1 and len(views) * (len(options) + 1) <= MAX_VIEWS:
        views = [option + view for view in views for option in options] + views
    return views


def _conditions(view: View) -> list[str]:
    """Schemas that hold under a condition without alternative, as those that a discriminator chooses between. Each is
    one by itself; and as several may hold at once, all are another one."""
    return [
        child(place, then)
        for place, schema in view
        for then, other in (("then", "else"), ("else", "then"))
        if "if" in schema and then in schema and other not in schema
    ]


def _shapes(schemas: SchemaSet, view: View) -> frozenset[str]:
    """What all parts of a view admit; what no `type` says, other keywords tell."""
    stated = [kinds(schemas, place) for place, _ in view]
    found = [frozenset(map(_shape, kind - {"null"} or kind)) for kind in stated if kind is not None]
    if found:
        return frozenset.intersection(*found)
    keywords = frozenset(key for _, schema in view for key in schema)
    return frozenset(shape for shape, own in _TELLING if own & keywords)


def _shape(kind: str) -> str:
    return kind if kind in ("array", "object", "null") else "single"


def _members(view: View, elsewhere: Mapping[str, str]) -> Members:
    named: dict[str, str] = {}
    patterns: list[tuple[str, str]] = []
    rest: str | None = None
    said: list[bool] = []
    for place, schema in view:
        for at, part in ((place, schema), *_conditional(place, schema)):
            for name in part.get("properties", ()):
                named.setdefault(name, child(at, "properties", name))
        patterns += [(each, child(place, "patternProperties", each)) for each in schema.get("patternProperties", ())]
        for keyword in ("additionalProperties", "unevaluatedProperties"):
            if keyword in schema:
                said.append(schema[keyword] is not False)
                if rest is None and isinstance(schema[keyword], dict):
                    rest = child(place, keyword)
    open_ = bool(patterns) or (all(said) if said else not named)
    return Members({**elsewhere, **named}, tuple(patterns), rest, open_)


def _conditional(place: str, schema: Mapping[str, Any]) -> Iterator[Place]:
    """Schemas that hold under a condition: they describe properties, too."""
    for keyword in _CONDITIONAL:
        if isinstance(schema.get(keyword), dict):
            yield child(place, keyword), schema[keyword]
    for name, each in schema.get("dependentSchemas", {}).items():
        if isinstance(each, dict):
            yield child(place, "dependentSchemas", name), each


def _items(view: View) -> Items:
    for place, schema in view:
        if "items" in schema or "prefixItems" in schema:
            first = tuple(child(place, "prefixItems", n) for n in range(len(schema.get("prefixItems", ()))))
            return Items(first, child(place, "items") if "items" in schema else None)
    return Items((), None)

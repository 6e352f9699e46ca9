"""Multipart bodies against their schema: `multipart/form-data`, `multipart/mixed` and all others.

An object describes parts by their names, an array or an `itemSchema` by their order (OpenAPI 3.2.0, "Encoding Usage and
Restrictions"). Where a part may be a file the body is judged while it passes, else as a whole.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import NamedTuple

from gateway.contract.model import Encoding, MediaType
from gateway.errors import Violation
from gateway.validate.assembly import Layout, Member, Named, PartsJudge, Positional
from gateway.validate.items import whole_of
from gateway.validate.media import Bind, Decode, MediaCheck, PieceJudge
from gateway.validate.multipart import boundary_of
from gateway.validate.parts import Context, PartReader, compile_part, styled
from gateway.validate.schema import SchemaCheck, SchemaError, SchemaSet
from gateway.validate.shape import conjuncts, items, kinds, properties
from gateway.validate.styled import Styled, compile_styled
from gateway.validate.terms import Terms
from gateway.validate.text import BadText
from gateway.validate.uris import child
from gateway.wire.media import Media

_ARRAY = frozenset(["array", "null"])
_NO_OBJECT = "parts make an object or an array"
_ALIKE = "whether two files are the same is not judged; leave out uniqueItems"
_TWO_WAYS = "may be one value or several; parts carry that only where both are read alike"


class _Plan(NamedTuple):
    """`layout` says where the parts of a body of this type belong; `check` judges the whole. `streams`: parts may be
    files, or are judged one by one."""

    layout: Callable[[Media], Layout]
    check: SchemaCheck | None
    streams: bool


def compile_multipart(documented: MediaType, schemas: SchemaSet, terms: Terms) -> Bind:
    """The judge of multipart content. Raises SchemaError for what parts cannot carry."""
    plan = _plan(documented, Context(schemas, terms, partial(_nested, schemas, terms)))

    def bind(media: Media) -> MediaCheck | None:
        boundary = boundary_of(media)
        if boundary is None:
            return None

        def open_() -> PieceJudge:
            return PartsJudge(boundary, plan.layout(media), plan.check, terms.limits)

        def judge(data: bytes) -> list[Violation]:
            pieces = open_()
            return pieces.feed(data) or pieces.end()

        return MediaCheck(None, open_) if plan.streams else MediaCheck(judge, slow=True)

    return bind


def _nested(schemas: SchemaSet, terms: Terms, uri: str, encoding: Encoding) -> Callable[[Media], Decode]:
    """The reader of a part that is multipart itself (3.2.0, Encoding Object, "Nested Encoding")."""
    inner = MediaType(
        encoding.content_type,
        uri,
        encoding.where,
        encoding=encoding.encoding,
        prefix_encoding=encoding.prefix_encoding,
        item_encoding=encoding.item_encoding,
    )
    plan = _plan(inner, Context(schemas, terms, partial(_nested, schemas, terms)))

    def bound(media: Media) -> Decode:
        boundary = boundary_of(media)
        if boundary is None:
            raise BadText("has no boundary", "media-type")

        def decode(data: bytes) -> object:
            layout = plan.layout(media)
            judge = PartsJudge(boundary, layout, plan.check, terms.limits)
            for flaw in judge.feed(data) or judge.end():
                raise BadText(flaw.message, flaw.keyword, flaw.pointer)
            return layout.value()

        return decode

    return bound


def _plan(documented: MediaType, context: Context) -> _Plan:
    uri = documented.schema
    if uri is None or documented.item_schema is not None or _is_list(uri, context.schemas):
        return _positional(documented, context)
    return _named(uri, documented, context)


def _is_list(uri: str, schemas: SchemaSet) -> bool:
    admitted = kinds(schemas, uri)
    if admitted is None:
        return any("items" in schema or "prefixItems" in schema for _, schema in conjuncts(schemas, uri))
    return "array" in admitted and "object" not in admitted


def _named(uri: str, documented: MediaType, context: Context) -> _Plan:
    schemas = context.schemas
    if "object" not in (kinds(schemas, uri) or ("object",)):
        raise SchemaError(uri, _NO_OBJECT)
    places = properties(schemas, uri)
    schemas.build(places.values())
    by_style = _styles(documented, places, schemas)
    own = {name: place for name, place in places.items() if name not in by_style}
    members = {name: _member(place, documented.encoding.get(name), context) for name, place in own.items()}
    rest, said = _rest(uri, context)
    judged = [*members.values(), rest] if rest and (said or not places) else members.values()
    streams = any(member.reader.file for member in judged)
    if streams:
        members |= _early(uri, members, schemas)
    check = schemas.check(uri)
    styled_ = tuple(by_style.values())
    return _Plan(lambda media: Named(members, rest, media.subtype == "form-data", styled_), check, streams)


def _styles(documented: MediaType, places: Mapping[str, str], schemas: SchemaSet) -> dict[str, Styled]:
    """The properties that a style writes: "SHALL be ignored" in other types than `multipart/form-data`."""
    said = documented.encoding if documented.range.startswith("multipart/form-data") else {}
    chosen = {name: each for name, each in said.items() if name in places and styled(each)}
    return {name: compile_styled(name, places[name], each, schemas) for name, each in chosen.items()}


def _member(uri: str, encoding: Encoding | None, context: Context) -> Member:
    """How the parts of one property are read: those of an array are its items."""
    if context.schemas.resolve(uri)[1] is False:  # the whole is going to be refused for it
        return Member(compile_part(None, None, context)._replace(file=None), False, _first)
    admitted = kinds(context.schemas, uri)
    if admitted is None or "array" not in admitted or "object" in admitted:
        return Member(compile_part(uri, encoding, context), False, _first)
    if admitted <= _ARRAY:
        reader = compile_part(items(context.schemas, uri), encoding, context)
        _comparable(uri, (reader,), context.schemas)
        return Member(reader, True, list)
    return _one_or_several(uri, encoding, context)


def _comparable(uri: str, readers: Iterable[PartReader], schemas: SchemaSet) -> None:
    """Of files nothing is kept to compare them by."""
    unique = any(schema.get("uniqueItems") is True for _, schema in conjuncts(schemas, uri))
    if unique and any(reader.file for reader in readers):
        raise SchemaError(uri, _ALIKE)


def _first(values: list[object]) -> object:
    return values[0]


def _first_or_all(values: list[object]) -> object:
    return values[0] if len(values) == 1 else values


def _one_or_several(uri: str, encoding: Encoding | None, context: Context) -> Member:
    """`anyOf` or `oneOf` of a value and an array of such values."""
    branches = [
        child(place, keyword, n)
        for place, schema in conjuncts(context.schemas, uri)
        for keyword in ("anyOf", "oneOf")
        for n in range(len(schema.get(keyword, ())))
    ]
    arrays = [branch for branch in branches if (kinds(context.schemas, branch) or _ARRAY) <= _ARRAY]
    single = [branch for branch in branches if branch not in arrays]
    item = items(context.schemas, arrays[0]) if len(arrays) == 1 else None
    if len(single) != 1 or item is None or kinds(context.schemas, single[0]) != kinds(context.schemas, item):
        raise SchemaError(uri, _TWO_WAYS)
    reader, other = (compile_part(place, encoding, context) for place in (single[0], item))
    if bool(reader.file) != bool(other.file):
        raise SchemaError(uri, _TWO_WAYS)
    _comparable(arrays[0], (other,), context.schemas)
    check = context.schemas.check(uri)

    def collect(values: list[object]) -> object:
        return values[0] if len(values) == 1 and check.is_valid(values[0]) else values

    return Member(reader, True, collect)


def _rest(uri: str, context: Context) -> tuple[Member | None, bool]:
    """How parts are read that no property describes, None where there must be none; and whether the schema says it."""
    unjudged = Member(compile_part(None, None, context), True, _first_or_all)
    for place, schema in conjuncts(context.schemas, uri):
        if schema.get("patternProperties"):
            patterns = [child(place, "patternProperties", pattern) for pattern in schema["patternProperties"]]
            return _patterned(patterns, context), True
        if schema.get("additionalProperties") is False:
            return None, True
        if isinstance(schema.get("additionalProperties"), dict):
            return _member(child(place, "additionalProperties"), None, context), True
    return unjudged, False


def _patterned(places: list[str], context: Context) -> Member:
    """Names that are told by patterns: all values have to be read alike."""
    if any(kinds(context.schemas, place) != kinds(context.schemas, places[0]) for place in places):
        raise SchemaError(places[0], "parts named by patterns cannot be read in more than one way")
    return _member(places[0], None, context)


def _early(uri: str, members: dict[str, Member], schemas: SchemaSet) -> Iterator[tuple[str, Member]]:
    """Those members that hold in every branch of the schema, with the check of each single part."""
    for place, schema in conjuncts(schemas, uri):
        for name in schema.get("properties", ()):
            if name not in members:
                continue
            member = members[name]
            own = child(place, "properties", name)
            own_item = items(schemas, own) if member.collect is list else own
            if not member.reader.file and own_item and member.collect in (list, _first):
                yield name, member._replace(reader=member.reader._replace(check=schemas.check(own_item)))


def _positional(documented: MediaType, context: Context) -> _Plan:
    schemas = context.schemas
    whole, item = whole_of(documented, schemas), documented.item_schema
    fixed: list[str | None] = []
    following = item
    if whole is not None:
        for place, schema in conjuncts(schemas, whole):
            fixed = fixed or [child(place, "prefixItems", n) for n in range(len(schema.get("prefixItems", ())))]
        following = items(schemas, whole) or item
    count = max(len(fixed), len(documented.prefix_encoding))
    places = [fixed[n] if n < len(fixed) else following for n in range(count)]
    encodings = [*documented.prefix_encoding, *[documented.item_encoding] * count][:count]
    prefix = tuple(_item(place, encoding, item, context) for place, encoding in zip(places, encodings, strict=True))
    rest = _item(following, documented.item_encoding, item, context)
    if whole is not None:
        _comparable(whole, (*prefix, rest), schemas)
    check = schemas.check(whole) if whole else None
    streams = item is not None or any(reader.file for reader in (*prefix, rest))
    return _Plan(lambda media: Positional(prefix, rest, check is not None), check, streams)


def _item(uri: str | None, encoding: Encoding | None, item: str | None, context: Context) -> PartReader:
    reader = compile_part(uri, encoding, context)
    if reader.file or uri is None:
        return reader
    return reader._replace(check=context.schemas.check(item or uri))

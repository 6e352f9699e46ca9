"""`application/x-www-form-urlencoded` content, judged as the object that its pairs make.

Each property is written as the Encoding Object says (OpenAPI 3.2.0, "Encoding the `x-www-form-urlencoded` Media Type"):
in a style, as query parameters are, or as content of a media type; by default primitives as they are, arrays by
repeating their key, and objects as JSON. The schema decides the types.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from gateway.contract.model import Encoding
from gateway.errors import Violation
from gateway.validate import ambiguity
from gateway.validate.decoders import decode_json, decoder_of
from gateway.validate.explain import pointer_of
from gateway.validate.keyed import Keys, Pairs, keys_of
from gateway.validate.media import Decode
from gateway.validate.schema import SchemaCheck, SchemaError, SchemaSet
from gateway.validate.shape import kinds
from gateway.validate.styles import REPEATED, Raws, Style, decoder, only, piece_style, repeated, style_of
from gateway.validate.terms import Terms
from gateway.validate.text import SEMICOLON, BadText, pairs, printable
from gateway.validate.values import Read, compile_members, compile_read, first_valid
from gateway.validate.views import Members, array_views, object_views, shapes
from gateway.wire.media import parse

MAX_FIELDS = 10_000

_text = decoder("query", "form")


def _json(raw: bytes) -> object:
    return decode_json(_text(raw).encode())


# What is written as it is by default, and what as JSON (OpenAPI 3.2.0, Encoding Object, `contentType`).
_ITEM = piece_style(_text)._replace(name="a form field", whole=_json)
_FIELD = repeated(_text)._replace(name="a form field", members=_ITEM, whole=lambda raws: _json(only(raws)))


class _View(NamedTuple):
    """How the fields of a form are read, in one alternative of its schema."""

    named: Mapping[bytes, tuple[str, Read]]  # by key
    keyed: Sequence[tuple[str, Keys, Read]]
    others: Callable[[str], Read]  # by name
    reserved: frozenset[str]  # the names of properties with `allowReserved`

    def read(self, given: Pairs, semicolons: Sequence[bytes]) -> tuple[dict[str, object], list[BadText]]:
        """The object that the pairs make, and what of them does not decode. `semicolons` are the keys that hold one."""
        form: dict[str, object] = {}
        flaws = [_flaw(key, ambiguity.SEMICOLON) for key in semicolons if not self._may_hold_any(key)]
        for name, read, source in self._sources(given, flaws):
            try:
                form[name] = read(source)
            except BadText as error:
                flaws.append(_below(name, error))
        return form, flaws

    def _sources(self, given: Pairs, flaws: list[BadText]) -> Iterator[tuple[str, Read, Any]]:
        for name, keys, read in self.keyed:
            try:
                source = keys.collect(given, ())
            except BadText as error:
                flaws.append(_below(name, error))
                continue
            if source is not None:
                yield name, read, source
        for key, raws in given.items():
            if key in self.named:
                yield *self.named[key], raws
            elif self._owner(key) is None:
                try:
                    name = key.decode()
                except UnicodeDecodeError:
                    flaws.append(BadText("has a field name that is not valid UTF-8"))
                    continue
                if self._owner(ambiguity.bracketed(key)) is None:
                    yield name, self.others(name), raws
                else:
                    flaws.append(_flaw(key, ambiguity.BRACKETS))

    def _may_hold_any(self, key: bytes) -> bool:
        """Whether `allowReserved` counts for a key. What follows a raw "&" in such a value looks like a name."""
        return self._owner(key) in self.reserved if key else bool(self.reserved)

    def _owner(self, key: bytes) -> str | None:
        """The property that a key belongs to."""
        if key in self.named:
            return self.named[key][0]
        return next((name for name, keys, _ in self.keyed if keys.names(key)), None)


def _flaw(key: bytes, message: str) -> BadText:
    return BadText(message, pointer=pointer_of([printable(key.decode(errors="ignore"))]) if key else "")


def _below(name: str, error: BadText) -> BadText:
    return BadText(error.message, error.keyword, pointer_of([name]) + error.pointer)


class Form:
    """A form whose object satisfies one schema."""

    __slots__ = ("_check", "_views")

    def __init__(self, check: SchemaCheck, views: Sequence[_View]) -> None:
        self._check = check
        self._views = views

    def read(self, data: bytes) -> tuple[dict[str, object], list[BadText]]:
        """The object, and what does not decode: by the first alternative that gives a valid object, or else by the one
        with the fewest flaws."""
        if data.count(b"&") >= MAX_FIELDS:
            return {}, [BadText(f"has more than {MAX_FIELDS} fields")]
        given = pairs(data)
        semicolons = ambiguity.semicolons(data, given) if SEMICOLON in data else []
        best = None
        for view in self._views:
            form, flaws = view.read(given, semicolons)
            if len(self._views) == 1 or (not flaws and self._check.is_valid(form)):
                return form, flaws
            if best is None or len(flaws) < len(best[1]):
                best = form, flaws
        assert best is not None
        return best

    def value(self, data: bytes) -> dict[str, object]:
        """The object. Raises BadText."""
        form, flaws = self.read(data)
        if flaws:
            raise flaws[0]
        return form

    def violations(self, data: bytes) -> list[Violation]:
        """What is wrong with a body."""
        form, flaws = self.read(data)
        found = [Violation("body", "", flaw.pointer, flaw.keyword, flaw.message) for flaw in flaws]
        return found or self._check.violations(form, "body")


def compile_form(uri: str, encoding: Mapping[str, Encoding], schemas: SchemaSet, terms: Terms) -> Form:
    """Forms whose object satisfies the schema at `uri`. Raises SchemaError.

    Fields that the schema does not describe are strings, or arrays of strings when repeated.
    """
    views = [_view(members, encoding, schemas, terms) for members in object_views(schemas, uri)]
    if not views:
        raise SchemaError(uri, "a form is an object")
    return Form(schemas.check(uri), views)


def _view(members: Members, encoding: Mapping[str, Encoding], schemas: SchemaSet, terms: Terms) -> _View:
    named: dict[bytes, tuple[str, Read]] = {}
    keyed: list[tuple[str, Keys, Read]] = []
    for name, uri in members.named.items():
        said = encoding.get(name)
        if said is None or (said.style is None and said.explode is None and said.allow_reserved is None):
            named[name.encode()] = name, _by_content(uri, said.content_type if said else "", schemas, terms)
            continue
        style = said.style or "form"
        explode = style == "form" if said.explode is None else said.explode
        scattered = keys_of(schemas, uri, style, explode, name, _text, open=False) if style in _STYLES else None
        if scattered is not None:
            keyed.append((name, scattered[0], compile_read(schemas, uri, scattered[1])))
        else:
            named[name.encode()] = name, compile_read(schemas, uri, _style(uri, style, explode, name))
    reserved = frozenset(name for name, said in encoding.items() if said.allow_reserved)
    return _View(named, keyed, compile_members(schemas, members._replace(named={}), _FIELD), reserved)


_STYLES = REPEATED | {"deepObject"}


def _style(uri: str, style: str, explode: bool, name: str) -> Style:
    found = style_of("query", style, explode, name)
    if found is None:
        raise SchemaError(uri, f"style {style} is not one of a form field")
    return found


def _by_content(uri: str, content_type: str, schemas: SchemaSet, terms: Terms) -> Read:
    """A field in the media types that its Encoding Object names. Of an array, each item is a field of its own (OpenAPI
    3.2.0, "Encoding By Name"); many clients write the whole array into one."""
    types = [each.strip() for each in content_type.split(",") if each.strip()]
    if not types or _is_text(schemas, uri, types):
        return compile_read(schemas, uri, _FIELD)
    whole = [_decode(uri, each, schemas, terms) for each in types]
    reads: list[Read] = [_one(decode) for decode in whole if decode]
    if "array" in shapes(schemas, uri):
        items = next(iter(array_views(schemas, uri))).rest
        reads = [_each(decode) for each in types if items and (decode := _decode(items, each, schemas, terms))] + reads
    if not reads:
        raise SchemaError(uri, f"a form field cannot be decoded from {content_type}")
    return reads[0] if len(reads) == 1 else first_valid(reads, schemas.check(uri))


def _is_text(schemas: SchemaSet, uri: str, types: Sequence[str]) -> bool:
    """Plain text; or a text that no schema looks into, such as an image in base64."""
    if all(each.lower().startswith("text/plain") for each in types):
        return True
    return kinds(schemas, uri) == frozenset(["string"]) and not any(_decodable(each) for each in types)


def _decodable(content_type: str) -> bool:
    media = parse(content_type.encode())
    return media is not None and decoder_of(media) is not None


def _decode(uri: str, content_type: str, schemas: SchemaSet, terms: Terms) -> Decode | None:
    media = parse(content_type.encode())
    decoder = decoder_of(media) if media else None
    try:
        return decoder.compile(uri, schemas, terms)(media) if decoder and media else None
    except SchemaError:  # a format without a notation for this schema: another of the types may have one
        return None


def _one(decode: Decode) -> Read:
    return lambda raws: decode(_text(only(raws)).encode())


def _each(decode: Decode) -> Read:
    def read(raws: Raws) -> list[object]:
        return [decode(_text(raw).encode()) for raw in raws]

    return read

"""How one part of a multipart body is read: which media types it may have, and what value its content stands for.

OpenAPI's Encoding Object says it, or the type of the value does (3.2.0, Encoding Object, "contentType"). A *file* is
content that no schema can look into: it is counted, and a marker stands for it in the value that the schema judges.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, NamedTuple

from gateway.contract.model import Encoding
from gateway.errors import Violation
from gateway.validate.content.charsets import codec, text_of
from gateway.validate.content.plain import compile_text
from gateway.validate.decoders import DECODERS, decoder_of
from gateway.validate.media import Decode
from gateway.validate.parameter import TextCheck, compile_header
from gateway.validate.schema import Schema, SchemaCheck, SchemaError, SchemaSet, constraints
from gateway.validate.shape import conjuncts, kinds, properties
from gateway.validate.terms import Terms
from gateway.validate.text import BadText
from gateway.wire.media import Media, charset, is_range, matches, parse, specificity

_PRIMITIVES = frozenset(["string", "integer", "number", "boolean", "null"])
_OF_FILES = frozenset(["type", "format", "minLength", "maxLength", "contentMediaType", "contentEncoding"])
_LONGEST_MARKER = 10_000
_TEXT = Media("text", "plain")
_JSON = Media("application", "json")
_OCTETS = Media("application", "octet-stream")
_ANY = Media("*", "*")
_PLAIN_TRANSFER = ("7bit", "8bit", "binary")  # RFC 2045 section 6.2: the content is what it is
_NOT_PLAIN = "cannot tell how it stands in a multipart body; give it one type, or a contentType in `encoding`"

Fields = Mapping[bytes, bytes]
Bound = Callable[[Media], Decode | None]  # None: a file. Raises BadText for a charset that is not understood


class File(NamedTuple):
    """`marker` stands for the content in the judged value. Its length is in octets; `most` is None for any."""

    marker: str
    least: int
    most: int | None


class Context(NamedTuple):
    """What parts are compiled with. `nested` makes the reader of parts that are multipart themselves."""

    schemas: SchemaSet
    terms: Terms
    nested: Callable[[str, Encoding], Bound]


class PartReader(NamedTuple):
    """How the parts of one name, or at one position, are read. `check` judges each value by itself."""

    accepts: tuple[tuple[Media, Bound], ...]  # the most specific first
    absent: Media  # what a part without Content-Type is
    transfer: str  # the Content-Transfer-Encoding that the value has (contentEncoding); "" for none
    headers: tuple[TextCheck, ...]
    file: File | None
    check: SchemaCheck | None = None

    def decode(self, fields: Fields) -> Decode | None:
        """What decodes a part with these header fields; None for a file. Raises BadText when they are not allowed."""
        transfer = fields.get(b"content-transfer-encoding", b"binary").decode("latin-1").lower()
        if transfer not in _PLAIN_TRANSFER and transfer != self.transfer:
            raise BadText("has a Content-Transfer-Encoding that is not documented", "media-type")
        if fields.get(b"content-encoding", b"identity").lower() != b"identity":
            raise BadText("is compressed by itself", "media-type")
        raw = fields.get(b"content-type")
        media = self.absent if raw is None else parse(raw)
        for range_, bound in self.accepts:
            if media is not None and matches(range_, media):
                return bound(media)
        raise BadText("has a media type that is not documented", "media-type")

    def judge_fields(self, fields: Fields, pointer: str) -> list[Violation]:
        """What is wrong with the documented header fields of a part."""
        found: list[Violation] = []
        for check in self.headers:
            raw = fields.get(check.key)
            if raw is not None:
                found += check.violations([raw])
            elif check.required:
                found.append(check.missing())
        return [
            Violation("body", "", pointer, flaw.keyword, f"its header field {flaw.name} {flaw.message}")
            for flaw in found
        ]


def _opaque(media: Media) -> Decode | None:
    return None


def compile_part(uri: str | None, encoding: Encoding | None, context: Context) -> PartReader:
    """The reader of parts whose value is at `uri` (None: nothing is said about it).

    Raises SchemaError for a value that parts cannot carry.
    """
    schemas, terms, _ = context
    headers = tuple(_headers(encoding, schemas, terms))
    ranges = _ranges(encoding)
    transfer = _transfer(schemas, uri) if uri else ""
    file = None if transfer else _file(schemas, uri)
    absent = _TEXT
    bounds: list[tuple[Media, Bound]]
    if uri is None or (file is not None and _is_binary(schemas, uri)):
        bounds = [(range_, _opaque) for range_ in ranges or [_ANY]]
        absent = _TEXT if ranges else _OCTETS
    elif transfer:
        text = _text(uri, schemas, terms)
        bounds = [(range_, text) for range_ in ranges or [_ANY]]
    elif ranges and encoding is not None:
        bounds = [(range_, _bound(range_, uri, encoding, file, context)) for range_ in ranges]
        file = None if all(_decodable(range_) for range_ in ranges) else file
        # Clients leave out the type of what they do not hold for a file, as `curl -F` and FormData do.
        absent = ranges[0] if len(ranges) == 1 and decoder_of(ranges[0]) and not is_range(ranges[0]) else _TEXT
    else:
        bounds, absent = _default(uri, schemas, terms)
        file = None
    return PartReader(_sorted(bounds), absent, transfer, headers, file)


def _sorted(bounds: Iterable[tuple[Media, Bound]]) -> tuple[tuple[Media, Bound], ...]:
    return tuple(sorted(bounds, key=lambda bound: specificity(bound[0]), reverse=True))


def _headers(encoding: Encoding | None, schemas: SchemaSet, terms: Terms) -> Iterator[TextCheck]:
    for header in encoding.headers if encoding else ():
        if header.name.lower() != "content-type":  # "SHALL be ignored in this section"
            yield compile_header(header, schemas, terms)


def _ranges(encoding: Encoding | None) -> list[Media]:
    """The media types that the document names; none where it says nothing."""
    if encoding is None or not encoding.content_type:
        return []
    ranges = [parse(text.encode()) for text in encoding.content_type.split(",")]
    if None in ranges:
        raise SchemaError(encoding.where.pointer, f"'{encoding.content_type}' is no list of media types")
    return [range_ for range_ in ranges if range_]


def styled(encoding: Encoding) -> bool:
    """Whether a style of RFC 6570 writes the value, and not a media type (3.2.0, Encoding Object)."""
    return not (encoding.style is None and encoding.explode is None and encoding.allow_reserved is None)


def _default(uri: str, schemas: SchemaSet, terms: Terms) -> tuple[list[tuple[Media, Bound]], Media]:
    """By the type of the value (3.2.0, Encoding Object, "default values for contentType")."""
    admitted = kinds(schemas, uri)
    if admitted is None and properties(schemas, uri):
        admitted = frozenset(["object"])
    if admitted is not None and admitted <= _PRIMITIVES:
        range_ = _ANY if _says(schemas, uri, "format") == "byte" else _TEXT
        return [(range_, _text(uri, schemas, terms))], _TEXT
    if admitted is None or (admitted & _PRIMITIVES) - {"null", "string"}:
        raise SchemaError(uri, _NOT_PLAIN)
    json = _decoded(_JSON, uri, schemas, terms)
    as_json = [(_JSON, json), (Media("application", "*+json"), json)]
    if "string" in admitted:  # the part says which it is, and nothing said is text (RFC 7578 section 4.4)
        return [(_TEXT, _understood(_plain_text)), *as_json], _TEXT
    return as_json, _JSON


def _bound(range_: Media, uri: str, encoding: Encoding, file: File | None, context: Context) -> Bound:
    """How content of a documented media type or range is decoded."""
    schemas, terms, nested = context
    if range_.type == "multipart":
        return nested(uri, encoding)
    if is_range(range_):
        return _ranged(uri, file, schemas, terms)
    admitted = kinds(schemas, uri)
    if range_.type == "text" and admitted is not None and admitted <= _PRIMITIVES:
        return _text(uri, schemas, terms)
    if _decodable(range_):
        return _decoded(range_, uri, schemas, terms)
    if file is None:
        raise SchemaError(uri, f"parts of type {range_.type}/{range_.subtype} cannot be judged by this schema")
    return _opaque


def _decodable(range_: Media) -> bool:
    return range_.type in ("text", "multipart") or (decoder_of(range_) is not None and not is_range(range_))


def _ranged(uri: str, file: File | None, schemas: SchemaSet, terms: Terms) -> Bound:
    """Under a range the part's own type decides."""
    bounds: dict[str, Bound] = {}
    for decoder in DECODERS:
        try:
            bounds[decoder.name] = _understood(decoder.compile(uri, schemas, terms))
        except SchemaError:
            continue

    def bound(media: Media) -> Decode | None:
        decoder = decoder_of(media)
        if decoder is not None and decoder.name in bounds:
            return bounds[decoder.name](media)
        if file is None:
            raise BadText("has a media type that the schema cannot judge", "media-type")
        return None

    return bound


def _decoded(range_: Media, uri: str, schemas: SchemaSet, terms: Terms) -> Bound:
    decoder = decoder_of(range_)
    if decoder is None:
        raise SchemaError(uri, f"parts of type {range_.type}/{range_.subtype} cannot be judged by this schema")
    return _understood(decoder.compile(uri, schemas, terms))


def _understood(decode: Callable[[Media], Decode | None]) -> Bound:
    def bound(media: Media) -> Decode | None:
        function = decode(media)
        if function is None:
            raise BadText("has a charset that is not understood", "media-type")
        return function

    return bound


def _text(uri: str, schemas: SchemaSet, terms: Terms) -> Bound:
    """A primitive value in the notation that a query has for it, without escapes."""
    return _understood(compile_text(uri, schemas, terms))


def _plain_text(media: Media) -> Decode | None:
    name = codec(charset(media))
    return None if name is None else partial(text_of, name=name)


def _says(schemas: SchemaSet, uri: str, keyword: str) -> Any:
    return next((schema[keyword] for _, schema in conjuncts(schemas, uri) if keyword in schema), None)


def _transfer(schemas: SchemaSet, uri: str) -> str:
    said = _says(schemas, uri, "contentEncoding")
    return said.lower() if isinstance(said, str) else ""


def _is_binary(schemas: SchemaSet, uri: str) -> bool:
    """Octets, not text: `format: binary`, no type at all, or a media type that is no text (and is not in base64)."""
    if _says(schemas, uri, "format") == "binary" or kinds(schemas, uri) is None:
        return True
    said = _says(schemas, uri, "contentMediaType")
    media = parse(said.encode()) if isinstance(said, str) else None
    return media is not None and not _decodable(media) and not _transfer(schemas, uri)


def _file(schemas: SchemaSet, uri: str | None) -> File | None:
    """What may be said about a file: its length in octets. None when the schema says more than that."""
    if uri is None or schemas.resolve(uri)[1] is True:
        return File("", 0, None)
    admitted = kinds(schemas, uri)
    stated: list[Schema] = [schema for _, schema in conjuncts(schemas, uri)]
    plain = all(constraints(schema) <= _OF_FILES | {"$ref", "allOf"} for schema in stated)
    if not plain or (admitted is not None and not admitted <= {"string", "null"}):
        return None
    if schemas.resolve(uri)[1] is False:
        return None
    least = max((schema.get("minLength", 0) for _, schema in conjuncts(schemas, uri)), default=0)
    most = [schema["maxLength"] for _, schema in conjuncts(schemas, uri) if "maxLength" in schema]
    if least > _LONGEST_MARKER:
        raise SchemaError(uri, f"a file of at least {least} octets cannot be demanded; at most {_LONGEST_MARKER} can")
    marker = "x" * int(least)
    if not schemas.check(uri).is_valid(marker):
        return None
    return File(marker, int(least), int(min(most)) if most else None)

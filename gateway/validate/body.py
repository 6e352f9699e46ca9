"""Bodies: the `Content-Type` selects a check, the check judges the bytes.

Content without a schema, text and binary content whose schema says no more than "a string", and what the document
passes on purpose is not judged and may stream.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from gateway.contract.model import Body, MediaType
from gateway.validate.decoders import DECODERS, Decoder
from gateway.validate.forms import compile_form
from gateway.validate.media import OPAQUE, Bind, Family, MediaCheck, decoded
from gateway.validate.schema import SchemaError, SchemaSet, constraints
from gateway.validate.shape import kinds
from gateway.validate.terms import Terms
from gateway.wire.media import Media, is_form, is_range, is_utf8, matches, parse, specificity

_REMEMBERED = 64  # content types per body, so that clients cannot fill memory
_REMEMBERED_LENGTH = 128  # bytes of each
_UNTYPED = Media("application", "octet-stream")  # what content without a type may be taken for (RFC 9110 section 8.3)


def _by_decoder(decoder: Decoder) -> Family:
    """Content that is decoded as a whole."""

    def compile_(documented: MediaType, schemas: SchemaSet, terms: Terms) -> Bind:
        assert documented.schema is not None
        check = schemas.check(documented.schema)
        decode = decoder.compile(documented.schema, schemas, terms)
        checks: dict[Callable[[bytes], object], MediaCheck] = {}

        def bind(media: Media) -> MediaCheck | None:
            function = decode(media)
            return None if function is None else checks.setdefault(function, decoded(check, function))

        return bind

    return Family(decoder.name, decoder.covers, compile_)


def _form(documented: MediaType, schemas: SchemaSet, terms: Terms) -> Bind:
    assert documented.schema is not None
    check = MediaCheck(compile_form(documented.schema, schemas))
    return lambda media: check if is_utf8(media) else None


FAMILIES: tuple[Family, ...] = (*map(_by_decoder, DECODERS), Family("form", is_form, _form))


class _Entry(NamedTuple):
    """One documented media type or range, and what binds each family of content that it admits."""

    range: Media
    binds: Mapping[str, Bind]  # by name of the family
    other: MediaCheck | None  # for content of no family; None refuses


class ContentCheck:
    """A Content Object: media types to checks, the most specific range first (RFC 9110 section 12.5.1)."""

    __slots__ = ("_entries", "_known", "_untyped")

    def __init__(self, entries: Iterable[_Entry], untyped: Media | None) -> None:
        self._entries = sorted(entries, key=lambda entry: specificity(entry.range), reverse=True)
        self._untyped = untyped
        self._known: dict[bytes | None, MediaCheck | None] = {}

    def media(self, content_type: bytes | None) -> MediaCheck | None:
        """The check for a `Content-Type` field value (None: no such field); None when it is not documented."""
        if content_type in self._known:
            return self._known[content_type]
        check, lasting = self._select(content_type)
        if lasting and len(self._known) < _REMEMBERED and len(content_type or b"") <= _REMEMBERED_LENGTH:
            self._known[content_type] = check
        return check

    def _select(self, content_type: bytes | None) -> tuple[MediaCheck | None, bool]:
        """The check, and whether it is the same for every message with this field value."""
        media = self._untyped if content_type is None else parse(content_type)
        if media is None:
            return None, True
        entry = next((entry for entry in self._entries if matches(entry.range, media)), None)
        if entry is None:
            return None, True
        family = next((family for family in FAMILIES if family.covers(media)), None)
        bind = entry.binds.get(family.name) if family else None
        if family is None or bind is None:
            return entry.other, True
        return bind(media), not family.varies


class BodyCheck(ContentCheck):
    """The body of a request. Of a type that is not documented, or in a charset that is not understood: 415."""

    __slots__ = ("required",)

    def __init__(self, required: bool, entries: Iterable[_Entry]) -> None:
        super().__init__(entries, _UNTYPED)
        self.required = required


def compile_body(body: Body, schemas: SchemaSet, terms: Terms) -> BodyCheck:
    """The check of a request body. Raises SchemaError.

    A range with a schema admits only what can be judged by it.
    """
    return BodyCheck(body.required, [_entry(media, schemas, terms, None) for media in body.content])


def compile_content(content: Iterable[MediaType], schemas: SchemaSet, terms: Terms) -> ContentCheck:
    """The check of a response's content. Raises SchemaError.

    Content that no family covers goes through a range with a schema, since ranges are mostly written by tools.
    """
    return ContentCheck([_entry(media, schemas, terms, OPAQUE) for media in content], None)


def _entry(documented: MediaType, schemas: SchemaSet, terms: Terms, other_in_range: MediaCheck | None) -> _Entry:
    range_ = parse(documented.range.encode())
    if range_ is None:
        raise SchemaError(documented.schema or "", f"'{documented.range}' is not a media type")
    uri = documented.schema
    if uri is None or f"media:{documented.range}" in terms.passes or _says_nothing(schemas, uri):
        return _Entry(range_, {}, OPAQUE)
    if is_range(range_) and _is_any_string(schemas, uri):
        return _Entry(range_, dict(_judged(documented, schemas, terms)), OPAQUE)
    if is_range(range_):
        return _Entry(range_, dict(_judged(documented, schemas, terms)), other_in_range)
    family = next((family for family in FAMILIES if family.covers(range_)), None)
    if family is not None:
        return _Entry(range_, {family.name: family.compile(documented, schemas, terms)}, None)
    if _is_any_string(schemas, uri):
        return _Entry(range_, {}, OPAQUE)
    raise SchemaError(uri, f"content of type {documented.range} cannot be judged by a schema")


def _judged(documented: MediaType, schemas: SchemaSet, terms: Terms) -> Iterable[tuple[str, Bind]]:
    """The families that can judge content of a range by its schema."""
    for family in FAMILIES:
        try:
            yield family.name, family.compile(documented, schemas, terms)
        except SchemaError:
            continue


def _says_nothing(schemas: SchemaSet, uri: str) -> bool:
    _, schema = schemas.resolve(uri)
    return schema is True or (isinstance(schema, dict) and not constraints(schema))


def _is_any_string(schemas: SchemaSet, uri: str) -> bool:
    """A schema that every text satisfies; `format` of binary and text content says how it is written, not what."""
    _, schema = schemas.resolve(uri)
    kind = kinds(schemas, uri)
    return kind is not None and kind <= {"string", "null"} and constraints(schema) <= {"type", "format"}

"""Bodies: the `Content-Type` selects a check, the check judges the bytes.

Content without a schema, content whose schema says no more than "a string" (JSON, MessagePack and CBOR aside, where
that is a value), and what the document passes on purpose is not judged and may stream.
"""

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import NamedTuple

from gateway.contract.model import Body, MediaType
from gateway.validate.content.binary import compile_binary
from gateway.validate.decoders import DECODERS, Decoder
from gateway.validate.formdata import compile_multipart
from gateway.validate.forms import compile_form
from gateway.validate.items import STREAMS
from gateway.validate.media import OPAQUE, Bind, Family, MediaCheck, decoded, whole
from gateway.validate.multipart import is_multipart
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
        uri = whole(documented)
        check = schemas.check(uri)
        decode = decoder.compile(uri, schemas, terms)
        checks: dict[Callable[[bytes], object], MediaCheck] = {}

        def bind(media: Media) -> MediaCheck | None:
            function = decode(media)
            return None if function is None else checks.setdefault(function, decoded(check, function, decoder.slow))

        return bind

    return Family(decoder.name, decoder.covers, compile_, typed=decoder.typed)


def _form(documented: MediaType, schemas: SchemaSet, terms: Terms) -> Bind:
    check = MediaCheck(compile_form(whole(documented), documented.encoding, schemas, terms).violations)
    return lambda media: check if is_utf8(media) else None


# The first that covers a type counts: `text/*` and binary content come last.
FAMILIES: tuple[Family, ...] = (
    Family("form", is_form, _form),
    Family("multipart", is_multipart, compile_multipart, varies=True),
    *STREAMS,
    *map(_by_decoder, DECODERS),
    Family("binary", lambda media: True, compile_binary),
)


def family_of(media: Media) -> Family:
    """The family of a media type that is no range."""
    return next(family for family in FAMILIES if family.covers(media))


class Raw(Enum):
    """What a schema stands for that says no more than "a string"."""

    TEXT = "text"
    BINARY = "binary"


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
        family = family_of(media)
        bind = entry.binds.get(family.name)
        if bind is None:
            return entry.other, True
        return bind(media), not family.varies


class BodyCheck(ContentCheck):
    """The body of a request. Of a type that is not documented, or in a charset that is not understood: 415."""

    __slots__ = ("accept", "required")

    def __init__(self, required: bool, entries: Iterable[_Entry], accept: bytes) -> None:
        """`accept` is the value of the `Accept` field that goes with 415 (RFC 9110 section 15.5.16)."""
        super().__init__(entries, _UNTYPED)
        self.required = required
        self.accept = accept


def compile_body(body: Body, schemas: SchemaSet, terms: Terms) -> BodyCheck:
    """The check of a request body. Raises SchemaError.

    A range with a schema admits only what can be judged by it.
    """
    entries = [_entry(media, schemas, terms, None) for media in body.content]
    return BodyCheck(body.required, entries, ", ".join(media.range for media in body.content).encode())


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
    if f"media:{documented.range}" in terms.passes or _says_nothing(documented, schemas):
        return _Entry(range_, {}, OPAQUE)
    raw = _raw(schemas, uri) if uri and documented.item_schema is None else None
    if is_range(range_):
        binds = {} if raw is Raw.BINARY else dict(_judged(documented, schemas, terms, raw))
        return _Entry(range_, binds, OPAQUE if raw else other_in_range)
    family = family_of(range_)
    if raw and not family.typed:
        return _Entry(range_, {}, OPAQUE)
    return _Entry(range_, {family.name: family.compile(documented, schemas, terms)}, None)


def _judged(documented: MediaType, schemas: SchemaSet, terms: Terms, raw: Raw | None) -> Iterable[tuple[str, Bind]]:
    """The families that can judge content of a range by its schema."""
    for family in FAMILIES:
        if raw and not family.typed:
            continue
        try:
            yield family.name, family.compile(documented, schemas, terms)
        except SchemaError:
            continue


def _says_nothing(documented: MediaType, schemas: SchemaSet) -> bool:
    if documented.item_schema is not None:
        return False
    if documented.schema is None:
        return True
    _, schema = schemas.resolve(documented.schema)
    return schema is True or (isinstance(schema, dict) and not constraints(schema))


def _raw(schemas: SchemaSet, uri: str) -> Raw | None:
    """Whether every text satisfies the schema; and whether it says that this is binary content."""
    _, schema = schemas.resolve(uri)
    admitted = kinds(schemas, uri)
    if isinstance(schema, bool) or constraints(schema) - {"type", "format", "contentMediaType"}:
        return None
    if admitted is None:
        return Raw.BINARY if schema.keys() & {"contentMediaType"} or schema.get("format") == "binary" else None
    if not admitted <= {"string", "null"}:
        return None
    return {None: Raw.TEXT, "binary": Raw.BINARY}.get(schema.get("format"))

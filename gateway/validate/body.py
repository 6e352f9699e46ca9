"""Bodies: the `Content-Type` selects a check, the check judges the bytes.

Judged are JSON (`application/json`, `+json`) and urlencoded forms. Content without a schema, text and binary content
whose schema says no more than "a string", and what the document passes on purpose is not judged and may stream.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from gateway.contract.model import Body, MediaType
from gateway.errors import Violation
from gateway.validate.forms import compile_form
from gateway.validate.schema import SchemaCheck, SchemaError, SchemaSet, constraints
from gateway.validate.shape import kinds
from gateway.validate.strict_json import NotJson, loads
from gateway.wire.media import Media, is_form, is_json, is_range, is_utf8, matches, parse, specificity

_REMEMBERED = 64  # content types per body, so that clients cannot fill memory
_REMEMBERED_LENGTH = 128  # bytes of each
_UNTYPED = Media("application", "octet-stream")  # what content without a type may be taken for (RFC 9110 section 8.3)


class MediaCheck:
    """How content of one media type is judged. `streams`: there is nothing to judge, pass it on in pieces."""

    __slots__ = ("_judge", "streams")

    def __init__(self, judge: Callable[[bytes], list[Violation]] | None) -> None:
        self.streams = judge is None
        self._judge = judge

    def violations(self, data: bytes) -> list[Violation]:
        """What is wrong with the whole content; empty when nothing is."""
        return self._judge(data) if self._judge else []


_OPAQUE = MediaCheck(None)


def json_check(check: SchemaCheck) -> MediaCheck:
    """JSON content that satisfies a schema."""

    def judge(data: bytes) -> list[Violation]:
        try:
            value = loads(data)
        except NotJson as error:
            if not data:
                return [Violation("body", "", "", "required", "must not be empty")]
            return [Violation("body", "", "", "syntax", str(error))]
        return check.violations(value, "body")

    return MediaCheck(judge)


class _Entry(NamedTuple):
    """One documented media type or range, and the check for each kind of content it admits; None refuses."""

    range: Media
    json: MediaCheck | None
    form: MediaCheck | None
    other: MediaCheck | None

    def check(self, media: Media) -> MediaCheck | None:
        check = self.json if is_json(media) else self.form if is_form(media) else self.other
        return check if check is None or check.streams or is_utf8(media) else None


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
        check = self._select(content_type)
        if len(self._known) < _REMEMBERED and len(content_type or b"") <= _REMEMBERED_LENGTH:
            self._known[content_type] = check
        return check

    def _select(self, content_type: bytes | None) -> MediaCheck | None:
        media = self._untyped if content_type is None else parse(content_type)
        if media is None:
            return None
        entry = next((entry for entry in self._entries if matches(entry.range, media)), None)
        return entry.check(media) if entry else None


class BodyCheck(ContentCheck):
    """The body of a request. Of a type that is not documented, or in a charset other than UTF-8: 415."""

    __slots__ = ("required",)

    def __init__(self, required: bool, entries: Iterable[_Entry]) -> None:
        super().__init__(entries, _UNTYPED)
        self.required = required


def compile_body(body: Body, schemas: SchemaSet, passes: frozenset[str]) -> BodyCheck:
    """The check of a request body. `passes` holds `media:TYPE` for what goes through unjudged. Raises SchemaError.

    A range with a schema admits only what can be judged by it: JSON and forms.
    """
    return BodyCheck(body.required, [_entry(media, schemas, passes, None) for media in body.content])


def compile_content(content: Iterable[MediaType], schemas: SchemaSet, passes: frozenset[str]) -> ContentCheck:
    """The check of a response's content. Raises SchemaError.

    A range with a schema judges JSON; other content goes through, since ranges are mostly written by tools.
    """
    return ContentCheck([_entry(media, schemas, passes, _OPAQUE) for media in content], None)


def _entry(
    documented: MediaType, schemas: SchemaSet, passes: frozenset[str], other_in_range: MediaCheck | None
) -> _Entry:
    range_ = parse(documented.range.encode())
    if range_ is None:
        raise SchemaError(documented.schema or "", f"'{documented.range}' is not a media type")
    uri = documented.schema
    if uri is None or f"media:{documented.range}" in passes or _says_nothing(schemas, uri):
        return _Entry(range_, _OPAQUE, _OPAQUE, _OPAQUE)
    json = json_check(schemas.check(uri))
    if is_json(range_):
        return _Entry(range_, json, None, None)
    if is_form(range_):
        return _Entry(range_, None, MediaCheck(compile_form(uri, schemas)), None)
    if _is_any_string(schemas, uri):
        return _Entry(range_, json, _OPAQUE, _OPAQUE)
    if not is_range(range_):
        raise SchemaError(uri, f"content of type {documented.range} cannot be judged by a schema")
    return _Entry(range_, json, other_in_range, other_in_range)


def _says_nothing(schemas: SchemaSet, uri: str) -> bool:
    _, schema = schemas.resolve(uri)
    return schema is True or (isinstance(schema, dict) and not constraints(schema))


def _is_any_string(schemas: SchemaSet, uri: str) -> bool:
    """A schema that every text satisfies; `format` of binary and text content says how it is written, not what."""
    _, schema = schemas.resolve(uri)
    kind = kinds(schemas, uri)
    return kind is not None and kind <= {"string", "null"} and constraints(schema) <= {"type", "format"}

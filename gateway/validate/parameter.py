"""One parameter or header: text in the path, query, a header field or a cookie against its documented schema.

Nothing is filled in or changed: what is judged here is forwarded as it came.
"""

from collections.abc import Callable, Iterable
from typing import Any

from gateway.contract.model import Header, Parameter
from gateway.errors import Violation
from gateway.validate.decoders import decode_json, decoder_of
from gateway.validate.forms import compile_form
from gateway.validate.keyed import Keys, Pairs, keys_of
from gateway.validate.primitives import certain
from gateway.validate.schema import SchemaCheck, SchemaError, SchemaSet
from gateway.validate.styles import REPEATED, Raws, decoder, only, style_of
from gateway.validate.terms import Terms
from gateway.validate.text import BadText, percent_decode
from gateway.validate.values import Read, compile_read
from gateway.validate.views import shapes
from gateway.wire.media import is_form, is_json, parse

_NO_TERMS = Terms()
PLACES = ("path", "query", "querystring", "header", "cookie")


class TextCheck:
    """A parameter or header whose text stands under its name, decided at load. Several raw texts are what a repeated
    name gives."""

    __slots__ = ("_certain", "_check", "_read", "allow_empty", "allow_reserved", "key", "name", "place", "required")

    def __init__(self, parameter: Parameter, read: Read, check: SchemaCheck | None) -> None:
        self.place = "query" if parameter.place == "querystring" else parameter.place
        self.name = parameter.name
        self.key = parameter.name.lower().encode() if parameter.place == "header" else parameter.name.encode()
        self.required = parameter.required
        self.allow_empty = parameter.allow_empty
        self.allow_reserved = parameter.allow_reserved
        self._read = read
        self._check = check
        self._certain: Callable[[Any], bool] = lambda raw: False

    def prefer(self, test: Callable[[Any], bool]) -> None:
        """Use a faster test before the exact one; where it says yes, the exact one must say so too."""
        self._certain = test

    def holds(self, raw: bytes) -> bool:
        """Whether a single raw text is fine; for the common kinds without decoding it."""
        return self._certain(raw) or not self.violations([raw])

    def certainly(self, raw: str) -> bool:
        """Whether a raw path segment is fine, as far as that is seen without decoding it."""
        return self._certain(raw)

    def violations(self, raws: Raws) -> list[Violation]:
        """What is wrong with the raw texts; empty when nothing is."""
        try:
            value = self.value(raws)
        except BadText as error:
            return [Violation(self.place, self.name, error.pointer, error.keyword, error.message)]
        if self._check is None or (self.allow_empty and not any(raws)):
            return []
        return self._check.violations(value, self.place, self.name)

    def value(self, raws: Raws) -> object:
        """The decoded value. Raises BadText."""
        return "" if self.allow_empty and not any(raws) else self._read(raws)

    def missing(self) -> Violation:
        """The violation of a required parameter that is not there."""
        return Violation(self.place, self.name, "", "required", "is required")


class KeyedCheck:
    """A parameter whose members have keys of their own in the query or the `Cookie` field."""

    __slots__ = ("_allow_empty", "_check", "_key", "_read", "_required", "allow_reserved", "keys", "name", "place")

    def __init__(self, parameter: Parameter, keys: Keys, read: Read, check: SchemaCheck) -> None:
        self.place = parameter.place
        self.name = parameter.name
        self.keys = keys
        self.allow_reserved = parameter.allow_reserved
        self._key = parameter.name.encode()
        self._allow_empty = parameter.allow_empty
        self._required = parameter.required
        self._read = read
        self._check = check

    def violations(self, given: Pairs, free: Iterable[bytes]) -> list[Violation]:
        """What is wrong with this parameter's share of the pairs.

        An exploded object without properties leaves no trace, so that a required one may be empty.
        """
        if self._allow_empty and self._is_empty(given):
            return []
        try:
            source = self.keys.collect(given, free)
            if source is None and not self._required:
                return []
            if source is None and not self.keys.traceless:
                return [Violation(self.place, self.name, "", "required", "is required")]
            value = {} if source is None else self._read(source)
        except BadText as error:
            return [Violation(self.place, self.name, error.pointer, error.keyword, error.message)]
        return self._check.violations(value, self.place, self.name)

    def _is_empty(self, given: Pairs) -> bool:
        """Whether the name stands there with an empty text, and nothing else of the parameter does."""
        own = [key for key in given if self.keys.names(key)]
        return own == [self._key] and not any(given[self._key])

    def value(self, given: Pairs, free: Iterable[bytes]) -> object:
        """The decoded value; None when nothing of it is given. Raises BadText."""
        source = self.keys.collect(given, free)
        return None if source is None else self._read(source)


def compile_parameter(parameter: Parameter, schemas: SchemaSet, terms: Terms) -> TextCheck | KeyedCheck:
    """The check of one parameter. Raises SchemaError for what has no notation in its style."""
    place, uri, style = parameter.place, parameter.schema, parameter.style
    if parameter.content or uri is None or place not in ("query", "cookie"):
        return compile_text(parameter, schemas, terms)
    if style in REPEATED or (style == "deepObject" and place == "query"):
        decode = decoder(place, style)
        keyed = keys_of(schemas, uri, style, parameter.explode, parameter.name, decode, open=place == "query")
        if keyed is not None:
            keys, notation = keyed
            return KeyedCheck(parameter, keys, compile_read(schemas, uri, notation), schemas.check(uri))
    return compile_text(parameter, schemas, terms)


def compile_text(parameter: Parameter, schemas: SchemaSet, terms: Terms) -> TextCheck:
    """The check of a parameter that stands under its own name. Raises SchemaError."""
    place, uri = parameter.place, parameter.schema
    check = schemas.check(uri) if uri else None
    if parameter.content:
        return TextCheck(parameter, _content_read(parameter, schemas, terms), check)
    style = style_of(place, parameter.style, parameter.explode, parameter.name)
    if style is None:
        raise SchemaError(uri or parameter.name, f"style {parameter.style} is not one of a {place} parameter")
    if uri is None:
        return TextCheck(parameter, style.untyped, None)
    compiled = TextCheck(parameter, compile_read(schemas, uri, style), check)
    if shapes(schemas, uri) <= {"single"} and parameter.style in ("simple", "form"):
        compiled.prefer(_fast_test(compiled, schemas, uri))
    return compiled


def _fast_test(compiled: TextCheck, schemas: SchemaSet, uri: str) -> Callable[[Any], bool]:
    if compiled.place == "path":
        in_path: Callable[[str], bool] = lambda raw: not compiled.violations([raw.encode()])  # noqa: E731
        return certain(schemas, uri, str, in_path)
    exact: Callable[[bytes], bool] = lambda raw: not compiled.violations([raw])  # noqa: E731
    test = certain(schemas, uri, bytes, exact)
    return (lambda raw: test(raw.strip(b" \t"))) if compiled.place == "header" else test


def compile_header(header: Header, schemas: SchemaSet, terms: Terms = _NO_TERMS) -> TextCheck:
    """The check of a response header, which is a header parameter but for its name. Raises SchemaError."""
    parameter = Parameter(
        name=header.name,
        place="header",
        required=header.required,
        schema=header.schema,
        style="" if header.content else header.style,
        explode=header.explode,
        content=header.content,
        allow_empty=False,
        deprecated=False,
        where=header.where,
    )
    return compile_text(parameter, schemas, terms)


def _content_read(parameter: Parameter, schemas: SchemaSet, terms: Terms) -> Read:
    """Text to the value that it is in a media type. A whole query that is no form is percent-encoded like any part of
    a URL (OpenAPI 3.2.0 Appendix E): "+" is no space in it."""
    place, uri = parameter.place, parameter.schema
    media = parse(parameter.content.encode())
    if media is None:
        raise SchemaError(uri or parameter.name, f"'{parameter.content}' is not a media type")
    whole = place == "querystring"
    text = (lambda raw: percent_decode(raw, plus=False)) if whole else decoder(place, "form")
    if uri is None:
        return (lambda raws: decode_json(text(only(raws)).encode())) if is_json(media) else lambda raws: None
    if is_form(media):
        fields = compile_form(uri, parameter.encoding, schemas, terms)
        return lambda raws: fields.value(only(raws) if whole else text(only(raws)).encode())
    found = decoder_of(media)
    decode = found.compile(uri, schemas, terms)(media) if found else None
    if decode is None:
        raise SchemaError(uri, f"a parameter cannot be decoded from {parameter.content}")
    return lambda raws: decode(text(only(raws)).encode())

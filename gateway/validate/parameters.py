"""Parameters of a request: text in the path, query, header fields and cookies against the documented schemas.

Decoded are the styles `simple` (path, header) and `form` (query, cookie), exploded or not, for single values and arrays
of them (OpenAPI Parameter Object, "Style Values"), and JSON given by `content`. Nothing is filled in or changed: what
is judged here is forwarded as it came.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from gateway.contract.model import Header, Parameter
from gateway.errors import Violation
from gateway.validate.primitives import certain, converter
from gateway.validate.schema import SchemaCheck, SchemaError, SchemaSet
from gateway.validate.shape import items, kinds
from gateway.validate.strict_json import NotJson, loads
from gateway.validate.terms import Terms
from gateway.validate.text import BadText, pairs, percent_decode, printable
from gateway.wire.media import is_json, parse

Raw = str | bytes  # path values arrive decoded, everything else raw
_STYLES = {"path": "simple", "header": "simple", "query": "form", "cookie": "form"}


class TextCheck:
    """One parameter or header, decided at load. Several raw values are what a repeated key gives."""

    __slots__ = ("_certain", "_check", "_read", "_several", "allow_empty", "key", "name", "place", "required")

    def __init__(
        self,
        place: str,
        name: str,
        required: bool,
        allow_empty: bool,
        several: bool,
        read: Callable[[Any], object],
        check: SchemaCheck | None,
    ) -> None:
        self.place = place
        self.name = name
        self.key = name.lower().encode() if place == "header" else name.encode()
        self.required = required
        self.allow_empty = allow_empty
        self._several = several  # `read` takes the list of raw values; otherwise exactly one
        self._read = read
        self._check = check
        self._certain: Callable[[Any], bool] = lambda raw: False

    def prefer(self, test: Callable[[Any], bool]) -> None:
        """Use a faster test before the exact one; where it says yes, the exact one must say so too."""
        self._certain = test

    def holds(self, raw: Raw) -> bool:
        """Whether a single raw value is fine; for the common kinds without decoding it."""
        return self._certain(raw) or (not self._several and not self.violations([raw]))

    def violations(self, raws: Sequence[Raw]) -> list[Violation]:
        """What is wrong with the raw values; empty when nothing is."""
        try:
            value = self.value(raws)
        except BadText as error:
            return [Violation(self.place, self.name, error.pointer, error.keyword, error.message)]
        if self._check is None or (self.allow_empty and value == ""):
            return []
        return self._check.violations(value, self.place, self.name)

    def value(self, raws: Sequence[Raw]) -> object:
        """The decoded value. Raises BadText."""
        if self.allow_empty and not any(raws):
            return ""
        if self._several:
            return self._read(raws)
        if len(raws) > 1:
            raise BadText("is given more than once")
        return self._read(raws[0])

    def missing(self) -> Violation:
        """The violation of a required parameter that is not there."""
        return Violation(self.place, self.name, "", "required", "is required")


def compile_text(parameter: Parameter, schemas: SchemaSet) -> TextCheck:
    """The check of one parameter. Raises SchemaError for what cannot be decoded to a single value."""
    place, uri = parameter.place, parameter.schema
    decode = _decoder(place)
    if parameter.content:
        _require_json(parameter)
        read: Callable[[Any], object] = lambda raw: _json(decode(raw))  # noqa: E731
        return _text_check(parameter, False, read, schemas.check(uri) if uri else None)
    if parameter.style != _STYLES[place]:
        raise SchemaError(uri or parameter.name, f"style {parameter.style} is not supported for a {place} parameter")
    if uri is None:
        return _text_check(parameter, False, decode, None)
    check = schemas.check(uri)
    if kinds(schemas, uri) in _ARRAYS:
        several = parameter.explode and place in ("query", "cookie")
        return _text_check(parameter, several, _array_reader(parameter, schemas, uri, several), check)
    convert = converter(schemas, uri)
    compiled = _text_check(parameter, False, lambda raw: convert(decode(raw)), check)
    exact: Callable[[Any], bool] = lambda raw: not compiled.violations([raw])  # noqa: E731
    compiled.prefer(certain(schemas, uri, str if place == "path" else bytes, exact))
    return compiled


_ARRAYS = (frozenset(["array"]), frozenset(["array", "null"]))


def _text_check(
    parameter: Parameter, several: bool, read: Callable[[Any], object], check: SchemaCheck | None
) -> TextCheck:
    return TextCheck(parameter.place, parameter.name, parameter.required, parameter.allow_empty, several, read, check)


def compile_header(header: Header, schemas: SchemaSet) -> TextCheck:
    """The check of a response header, which is a header parameter but for its name. Raises SchemaError."""
    return compile_text(
        Parameter(
            name=header.name,
            place="header",
            required=header.required,
            schema=header.schema,
            style="" if header.content else "simple",
            explode=header.explode,
            content=header.content,
            allow_empty=False,
            deprecated=False,
            where=header.where,
        ),
        schemas,
    )


def _require_json(parameter: Parameter) -> None:
    media = parse(parameter.content.encode())
    if media is None or not is_json(media):
        raise SchemaError(parameter.schema or parameter.name, f"a parameter cannot be decoded from {parameter.content}")


def _decoder(place: str) -> Callable[[Any], str]:
    """From one raw value to text. Only a query reads "+" as a space; header values are not percent-encoded."""
    if place == "query":
        return lambda raw: percent_decode(raw, plus=True)
    if place == "cookie":
        return lambda raw: percent_decode(raw, plus=False)
    return _field_text if place == "header" else str


def _field_text(raw: bytes) -> str:
    try:
        return raw.strip(b" \t").decode()
    except UnicodeDecodeError:
        raise BadText("is not valid UTF-8") from None


def _json(text: str) -> object:
    try:
        return loads(text.encode())
    except NotJson as error:
        raise BadText(str(error)) from None


def _array_reader(parameter: Parameter, schemas: SchemaSet, uri: str, several: bool) -> Callable[[Any], object]:
    """Split first, decode each item after: an escaped comma belongs to its item (RFC 6570 section 3.2.1)."""
    decode = _decoder(parameter.place)
    item = items(schemas, uri)
    convert = converter(schemas, item) if item else str
    comma = "," if parameter.place == "path" else b","

    def read(raw: Any) -> list[object]:
        values = []
        for index, piece in enumerate(raw if several else raw.split(comma)):
            try:
                values.append(convert(decode(piece)))
            except BadText as error:
                raise BadText(error.message, error.keyword, f"/{index}") from None
        return values

    return read


class ParameterCheck:
    """All parameters of one operation. Calling it gives the violations, empty when there are none."""

    __slots__ = ("_cookies", "_headers", "_path", "_prefixes", "_query", "_refuse", "_required")

    def __init__(
        self, checks: Iterable[TextCheck], path_names: Sequence[str], passed: Iterable[Parameter], refuse: bool
    ) -> None:
        by_place: dict[str, list[TextCheck]] = {place: [] for place in _STYLES}
        for check in checks:
            by_place[check.place].append(check)
        by_name = {check.name: check for check in by_place["path"]}
        self._path = [(n, by_name[name]) for n, name in enumerate(path_names) if name in by_name]
        self._headers = by_place["header"]
        self._cookies = by_place["cookie"]
        self._query: dict[bytes, TextCheck | None] = {check.key: check for check in by_place["query"]}
        self._required = [check for check in by_place["query"] if check.required]
        unjudged = [parameter.name.encode() for parameter in passed if parameter.place == "query"]
        self._query.update(dict.fromkeys(unjudged))
        self._prefixes = tuple(name + b"[" for name in unjudged)  # what `deepObject` makes of a name
        self._refuse = refuse

    def __call__(
        self, path_values: Sequence[str], query: bytes | None, lookup: Mapping[bytes, bytes]
    ) -> list[Violation]:
        """Judge decoded path values in template order, the raw query, and header fields by lower-case name."""
        found: list[Violation] = []
        for n, check in self._path:
            if not check.holds(path_values[n]):
                found += check.violations([path_values[n]])
        if query:
            found += self._judge_query(query)
        elif self._required:
            found += [check.missing() for check in self._required]
        for check in self._headers:
            raw = lookup.get(check.key)
            if raw is None:
                if check.required:
                    found.append(check.missing())
            elif not check.holds(raw):
                found += check.violations([raw])
        if self._cookies:
            found += self._judge_cookies(lookup.get(b"cookie", b""))
        return found

    def _judge_query(self, query: bytes) -> list[Violation]:
        found: list[Violation] = []
        given = pairs(query)
        for key, raws in given.items():
            check = self._query.get(key)
            if check is None:
                found += self._judge_name(key)
            elif len(raws) > 1 or not check.holds(raws[0]):
                found += check.violations(raws)
        for check in self._required:
            if check.key not in given:
                found.append(check.missing())
        return found

    def _judge_name(self, key: bytes) -> list[Violation]:
        """A query key without a check: passed on purpose, broken, or unknown."""
        if key in self._query or key.startswith(self._prefixes):
            return []
        name = printable(key.decode(errors="ignore"))
        if not _is_utf8(key):
            return [Violation("query", name, "", "syntax", "is not a name in percent-encoded UTF-8")]
        if self._refuse:
            return [Violation("query", name, "", "unknown", "is not a documented query parameter")]
        return []

    def _judge_cookies(self, field: bytes) -> list[Violation]:
        given = _cookies(field)
        found: list[Violation] = []
        for check in self._cookies:
            raws = given.get(check.key)
            if raws is not None:
                found += check.violations(raws)
            elif check.required:
                found.append(check.missing())
        return found

    def decode(
        self, path_values: Sequence[str], query: bytes | None, lookup: Mapping[bytes, bytes]
    ) -> list[tuple[str, str, object]]:
        """(place, name, value) of every documented parameter that is given and decodes; for explanations."""
        queries, cookies = pairs(query or b""), _cookies(lookup.get(b"cookie", b""))
        given: list[tuple[TextCheck, Sequence[Raw] | None]] = [(check, [path_values[n]]) for n, check in self._path]
        given += [(check, queries.get(check.key)) for check in self._query.values() if check]
        given += [(check, [lookup[check.key]]) for check in self._headers if check.key in lookup]
        given += [(check, cookies.get(check.key)) for check in self._cookies]
        decoded = []
        for check, raws in given:
            try:
                if raws is not None:
                    decoded.append((check.place, check.name, check.value(raws)))
            except BadText:
                continue
        return decoded


def _is_utf8(key: bytes) -> bool:
    try:
        key.decode()
    except UnicodeDecodeError:
        return False
    return True


def _cookies(field: bytes) -> dict[bytes, list[bytes]]:
    """The pairs of a `Cookie` field (RFC 6265 section 4.2.1); pieces without "=" are nobody's."""
    cookies: dict[bytes, list[bytes]] = {}
    for piece in field.split(b";"):
        key, equals, raw = piece.partition(b"=")
        if equals:
            cookies.setdefault(key.strip(b" \t"), []).append(raw.strip(b" \t"))
    return cookies


def compile_parameters(
    parameters: Iterable[Parameter],
    path_names: Sequence[str],
    schemas: SchemaSet,
    terms: Terms,
) -> ParameterCheck:
    """The check of an operation's parameters.

    The terms' `passes` name parameters that are known but not judged; one whose properties become
    query keys of their own (an exploded `form` object) makes every key possible. Raises SchemaError.
    """
    judged: list[TextCheck] = []
    passed: list[Parameter] = []
    for parameter in parameters:
        if f"parameter:{parameter.place}.{parameter.name}" in terms.passes:
            passed.append(parameter)
        else:
            judged.append(compile_text(parameter, schemas))
    refuse = terms.validate.unknown_query == "refuse" and not any(_spreads(parameter, schemas) for parameter in passed)
    return ParameterCheck(judged, path_names, passed, refuse)


def _spreads(parameter: Parameter, schemas: SchemaSet) -> bool:
    if parameter.place != "query" or parameter.style != "form" or not parameter.explode or parameter.schema is None:
        return False
    return "object" in (kinds(schemas, parameter.schema) or ())

"""A request as values, and the same request as bytes on the wire.

Cases are made of values; what is judged and sent is only ever the serialised form: a `false` in a query is the
string "false", and perfectly valid where a string is documented.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple
from urllib.parse import quote

from gateway.contract.model import Location, MediaType, Parameter
from gateway.verify import write_body
from gateway.verify import write_styles as styles
from gateway.verify.sampler import Sampler, Steps
from gateway.verify.subject import Subject
from gateway.wire.media import is_form, matches, parse, specificity

_TEMPLATE = "/{}%:@!$&'()*+,;=~"  # what stays as it is in the literal text of a path template

Key = tuple[str, str]  # (place, name); place is path, query, header, cookie, body or media
BODY: Key = ("body", "")
MEDIA: Key = ("media", "")
Values = Mapping[Key, Any]


class Absent:
    """In place of a value: there is none."""


ABSENT = Absent()


class Raw(NamedTuple):
    """In place of a body: these bytes, whatever they are."""

    data: bytes


class Edit(NamedTuple):
    """Put `value` at `steps` of the value under `key`."""

    key: Key
    value: Any
    steps: Steps = ()


class Request(NamedTuple):
    """What goes out. `path` and `query` are raw; `path` stands below the API's prefix."""

    method: str
    path: str
    query: str | None
    fields: tuple[tuple[str, bytes], ...]
    body: bytes | None

    def target(self, prefix: str) -> str:
        """The request target of the API that is served at `prefix`."""
        return f"{prefix}{self.path}" + (f"?{self.query}" if self.query is not None else "")

    @property
    def lookup(self) -> dict[bytes, bytes]:
        """Field values by lower-case name."""
        return {name.lower().encode(): value for name, value in self.fields}


class Reply(NamedTuple):
    """What came back; field values by lower-case name, repeated ones joined by ", "."""

    status: int
    lookup: Mapping[bytes, bytes]
    body: bytes


Send = Callable[[Subject, Request], Reply]


def edited(values: Values, edits: Sequence[Edit]) -> Values:
    """The values with changes; an edit whose steps lead nowhere is left out."""
    result = dict(values)
    for edit in edits:
        if not edit.steps:
            result[edit.key] = edit.value
        elif edit.key in result:
            result[edit.key] = _replaced(result[edit.key], edit.steps, edit.value)
    return {key: value for key, value in result.items() if value is not ABSENT}


def _replaced(value: Any, steps: Steps, new: Any) -> Any:
    step, *rest = steps
    if isinstance(value, dict):
        inner = _replaced(value[step], tuple(rest), new) if rest and step in value else new
        kept = {**value, str(step): inner} if not rest or step in value else value
        return {name: each for name, each in kept.items() if each is not ABSENT}
    if isinstance(value, list) and isinstance(step, int) and step < len(value):
        return [*value[:step], _replaced(value[step], tuple(rest), new) if rest else new, *value[step + 1 :]]
    return value


def serialise(subject: Subject, values: Values) -> Request:
    """The request that these values make."""
    operation, sampler = subject.operation, subject.sampler
    known = {(each.place, each.name): each for each in operation.parameters}
    path = quote(operation.template, safe=_TEMPLATE)
    query: list[str] = []
    fields: list[tuple[str, bytes]] = []
    cookies: list[str] = []
    for (place, name), value in values.items():
        parameter = known.get((place, name), _undocumented(place, name, operation.where))
        if place == "path":
            path = path.replace(quote(f"{{{name}}}", safe=_TEMPLATE), _segment(value, parameter, sampler))
        elif place in ("query", "querystring"):
            query += _query(value, parameter, sampler)
        elif place == "cookie":
            cookies += _cookies(value, parameter, sampler)
        elif place == "header":
            fields.append((name, _field(value, parameter, sampler).encode("utf-8", "surrogatepass")))
    if cookies:
        fields.append(("Cookie", "; ".join(cookies).encode("utf-8", "surrogatepass")))
    written = _body(subject, values)
    if written is not None and MEDIA in values:
        fields.append(("Content-Type", written.content_type.encode()))
    body = written.data if written is not None else None
    return Request(operation.method, path, "&".join(query) if query else None, tuple(fields), body)


_STYLES = {"path": "simple", "header": "simple"}  # what an undocumented parameter has; `form` elsewhere


def _undocumented(place: str, name: str, where: Location) -> Parameter:
    style = _STYLES.get(place, "form")
    return Parameter(name, place, False, None, style, style == "form", "", False, False, where)


def _segment(value: Any, parameter: Parameter, sampler: Sampler) -> str:
    if parameter.content:
        return styles.escaped(write_body.parameter_text(value, parameter, sampler))
    return styles.segment(parameter.name, parameter.style, parameter.explode, value)


def _field(value: Any, parameter: Parameter, sampler: Sampler) -> str:
    if parameter.content:
        return write_body.parameter_text(value, parameter, sampler)
    return styles.field(parameter.style, parameter.explode, value)


def _query(value: Any, parameter: Parameter, sampler: Sampler) -> list[str]:
    """A whole query that is a form is one already; all else is escaped like any text in a URL."""
    if parameter.place == "querystring":
        text = write_body.parameter_text(value, parameter, sampler)
        media = parse(parameter.content.encode())
        return [text if media is not None and is_form(media) else styles.escaped(text)]
    return _pairs(value, parameter, sampler, styles.escaped)


def _cookies(value: Any, parameter: Parameter, sampler: Sampler) -> list[str]:
    return _pairs(value, parameter, sampler, styles.as_it_is if parameter.style == "cookie" else styles.escaped)


def _pairs(value: Any, parameter: Parameter, sampler: Sampler, escape: styles.Escape) -> list[str]:
    if parameter.content:
        texts = [(escape(parameter.name), escape(write_body.parameter_text(value, parameter, sampler)))]
    else:
        texts = styles.pairs(parameter.name, parameter.style, parameter.explode, value, escape)
    return [f"{key}={text}" for key, text in texts]


def _body(subject: Subject, values: Values) -> write_body.Written | None:
    value, range_ = values.get(BODY, ABSENT), str(values.get(MEDIA, ""))
    if isinstance(value, Absent):
        return None
    if isinstance(value, Raw):
        return write_body.Written(value.data, range_)
    documented = _documented(subject, range_) or MediaType(range_, None, subject.operation.where)
    return write_body.body(value, replace(documented, range=range_), subject.sampler)


def _documented(subject: Subject, name: str) -> MediaType | None:
    """What the document says about a media type, under its name or as one of a range."""
    content = subject.operation.body.content if subject.operation.body else ()
    media = parse(name.encode())
    ranges = [(parse(each.range.encode()), each) for each in content]
    found = [(specificity(range_), each) for range_, each in ranges if range_ and media and matches(range_, media)]
    return max(found, key=lambda pair: pair[0])[1] if found else None

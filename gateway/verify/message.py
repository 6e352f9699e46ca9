"""A request as values, and the same request as bytes on the wire.

Cases are made of values; what is judged and sent is only ever the serialised form: a `false` in a query is the
string "false", and perfectly valid where a string is documented.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from gateway.contract.model import Parameter
from gateway.verify.sampler import Steps
from gateway.verify.subject import Subject
from gateway.wire.media import is_form, is_json, parse

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
    operation = subject.operation
    known = {(each.place, each.name): each for each in operation.parameters}
    path = quote(operation.template, safe=_TEMPLATE)
    query: list[str] = []
    fields: list[tuple[str, bytes]] = []
    cookies: list[str] = []
    for (place, name), value in values.items():
        parameter = known.get((place, name))
        if place == "path":
            path = path.replace(
                quote(f"{{{name}}}", safe=_TEMPLATE), _joined(value, parameter, lambda text: quote(text, safe=""))
            )
        elif place == "query":
            query += _pairs(name, value, parameter)
        elif place == "cookie":
            cookies += _pairs(name, value, parameter)
        elif place == "header":
            fields.append((name, _joined(value, parameter, str).encode()))
    if cookies:
        fields.append(("Cookie", "; ".join(cookies).encode()))
    body = _body(values)
    if body is not None and MEDIA in values:
        fields.append(("Content-Type", str(values[MEDIA]).encode()))
    return Request(operation.method, path, "&".join(query) if query else None, tuple(fields), body)


def _joined(value: Any, parameter: Parameter | None, encode: Callable[[str], str]) -> str:
    if isinstance(value, list) and not (parameter and parameter.content):
        return ",".join(encode(_text(item)) for item in value)
    return encode(_text(value))


def _pairs(name: str, value: Any, parameter: Parameter | None) -> list[str]:
    """A list is a repeated key, unless the parameter is documented otherwise."""
    key = quote(name, safe="")
    repeated = parameter is None or (parameter.explode and not parameter.content)
    if isinstance(value, list) and repeated:
        return [f"{key}={quote(_text(item), safe='')}" for item in value]
    return [f"{key}={_joined(value, parameter, lambda text: quote(text, safe=''))}"]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _body(values: Values) -> bytes | None:
    value = values.get(BODY, ABSENT)
    if value is ABSENT or isinstance(value, Raw):
        return value.data if isinstance(value, Raw) else None
    media = parse(str(values.get(MEDIA, "")).encode())
    if media and is_form(media) and isinstance(value, dict):
        pairs = [(name, item) for name, each in value.items() for item in (each if isinstance(each, list) else [each])]
        return urlencode([(name, _text(item)) for name, item in pairs]).encode()
    if media and is_json(media):
        return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return _text(value).encode("utf-8", "surrogatepass")

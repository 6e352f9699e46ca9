"""Values to text in the styles of OpenAPI (OpenAPI 3.2.0, "Style Values" and "Style Examples"; RFC 6570).

One small function per style. What a style has no notation for is written all the same, as JSON or with its delimiter
inside; whoever asks lets the compiled check decide whether that still says what it should.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

Escape = Callable[[str], str]
Pair = tuple[str, str]  # a key and its text, as they stand on the wire

DELIMITERS: Mapping[str, str] = {"spaceDelimited": " ", "tabDelimited": "\t", "pipeDelimited": "|"}


def text_of(value: Any) -> str:
    """A value in the notation of JSON, strings without their quotes."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def escaped(text: str) -> str:
    """RFC 6570 section 3.2.1: everything but the unreserved characters. Lone surrogates stay what they are."""
    return quote(text.encode("utf-8", "surrogatepass"), safe="")


def as_it_is(text: str) -> str:
    """Header fields, cookies of style `cookie` and parts of a form have no escapes."""
    return text


def _pieces(value: Any, escape: Escape) -> list[str]:
    """The items of an array; names and values of an object in turn."""
    pieces = [piece for pair in value.items() for piece in pair] if isinstance(value, dict) else value
    return [escape(text_of(piece)) for piece in pieces]


def _members(value: Mapping[str, Any], escape: Escape) -> list[str]:
    return [f"{escape(name)}={escape(text_of(member))}" for name, member in value.items()]


def listed(value: Any, delimiter: str, escape: Escape) -> str:
    """`blue,black`, `R,100,G,200`, or a single value."""
    return delimiter.join(_pieces(value, escape)) if isinstance(value, list | dict) else escape(text_of(value))


def simple(value: Any, explode: bool, escape: Escape) -> str:
    """`blue,black` and `R,100,G,200`, exploded `R=100,G=200`."""
    if explode and isinstance(value, dict):
        return ",".join(_members(value, escape))
    return listed(value, ",", escape)


def label(value: Any, explode: bool) -> str:
    """`.blue,black` and `.R,100`, exploded `.blue.black` and `.R=100`. A dot within a text is escaped, too."""

    def escape(text: str) -> str:
        return escaped(text).replace(".", "%2E")

    if explode and isinstance(value, dict):
        return "".join(f".{member}" for member in _members(value, escape))
    return "." + listed(value, "." if explode else ",", escape)


def matrix(name: str, value: Any, explode: bool) -> str:
    """`;color=blue,black`, exploded `;color=blue;color=black` and `;R=100`. Of an empty text there is no "="."""
    if explode and isinstance(value, dict):
        pairs = [(escaped(key), escaped(text_of(member))) for key, member in value.items()]
    elif explode and isinstance(value, list):
        pairs = [(escaped(name), escaped(text_of(item))) for item in value]
    else:
        pairs = [(escaped(name), listed(value, ",", escaped))]
    return "".join(f";{key}={text}" if text else f";{key}" for key, text in pairs)


def segment(name: str, style: str, explode: bool, value: Any) -> str:
    """What stands in a path."""
    if style == "label":
        return label(value, explode)
    if style == "matrix":
        return matrix(name, value, explode)
    if style in DELIMITERS:
        return listed(value, escaped(DELIMITERS[style]), escaped)
    return simple(value, explode, escaped)


def field(style: str, explode: bool, value: Any) -> str:
    """The value of a header field."""
    if style in DELIMITERS:
        return listed(value, DELIMITERS[style], as_it_is)
    return simple(value, explode, as_it_is)


def pairs(name: str, style: str, explode: bool, value: Any, escape: Escape = escaped) -> list[Pair]:
    """What stands in a query, a form or a `Cookie` field: an array is a repeated key when it is exploded, an object has
    a key for each member; else they are one text under the name."""
    if style == "deepObject":
        return _deep(escape(name), value, escape)
    if not explode or not isinstance(value, list | dict):
        return [(escape(name), listed(value, escape(DELIMITERS.get(style, "")) or ",", escape))]
    members = value.items() if isinstance(value, dict) else [(name, value)]
    return [
        (escape(key), escape(text_of(item)))
        for key, member in members
        for item in (member if isinstance(member, list) else [member])
    ]


def _deep(key: str, value: Any, escape: Escape) -> list[Pair]:
    """`filter[price][gte]=5`; OpenAPI defines one level, client libraries write deeper ones like this."""
    if isinstance(value, dict):
        inner = [(escape(f"[{name}]"), member) for name, member in value.items()]
    elif isinstance(value, list):
        inner = [(escape(f"[{index}]"), item) for index, item in enumerate(value)]
    else:
        return [(key, escape(text_of(value)))]
    return [pair for step, member in inner for pair in _deep(key + step, member, escape)]

"""A second implementation of the styles, in the other direction: values to text, after the tables of OpenAPI 3.2.0
("Style Examples") and the expansions of RFC 6570. Shares nothing with the decoders.
"""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

Encode = Callable[[str], str]


def primitive(value: object) -> str:
    """A single value in the notation of JSON, strings without their quotes."""
    return value if isinstance(value, str) else json.dumps(value)


def escape(text: str) -> str:
    """RFC 6570 section 3.2.1: everything but the unreserved characters."""
    return quote(text, safe="")


def as_it_is(text: str) -> str:
    """Header fields and cookies of style `cookie` are not escaped."""
    return text


def listed(value: Any, delimiter: str, encode: Encode) -> str:
    """`blue,black` or `R,100,G,200`."""
    parts = [each for pair in value.items() for each in pair] if isinstance(value, dict) else value
    return delimiter.join(encode(primitive(part)) for part in parts)


def named(value: Any, encode: Encode) -> list[str]:
    """`R=100` for each member."""
    return [f"{encode(name)}={encode(primitive(member))}" for name, member in value.items()]


def simple(value: Any, explode: bool, encode: Encode) -> str:
    """Style `simple`, exploded or not."""
    if isinstance(value, dict) and explode:
        return ",".join(named(value, encode))
    return listed(value, ",", encode) if isinstance(value, dict | list) else encode(primitive(value))


def label(value: Any, explode: bool) -> str:
    """Style `label`."""
    if isinstance(value, dict) and explode:
        return "".join("." + pair for pair in named(value, escape))
    if isinstance(value, dict | list):
        return "." + listed(value, "." if explode else ",", escape)
    return "." + escape(primitive(value))


def matrix(name: str, value: Any, explode: bool) -> str:
    """Style `matrix`; an empty text has no "="."""

    def pair(key: str, text: str) -> str:
        return f";{key}={text}" if text else f";{key}"

    if isinstance(value, dict) and explode:
        return "".join(pair(escape(key), escape(primitive(member))) for key, member in value.items())
    if isinstance(value, list) and explode:
        return "".join(pair(escape(name), escape(primitive(item))) for item in value)
    return pair(escape(name), simple(value, False, escape))


def form(name: str, value: Any, explode: bool, encode: Encode = escape) -> list[str]:
    """The pairs of style `form` in a query, of `form` and `cookie` in a cookie."""
    if isinstance(value, dict) and explode:
        return [
            f"{encode(key)}={encode(primitive(item))}"
            for key, member in value.items()
            for item in (member if isinstance(member, list) else [member])
        ]
    if isinstance(value, list) and explode:
        return [f"{encode(name)}={encode(primitive(item))}" for item in value]
    return [f"{encode(name)}={simple(value, False, encode)}"]


DELIMITERS = {"spaceDelimited": "%20", "pipeDelimited": "%7C", "tabDelimited": "%09"}


def delimited(name: str, style: str, value: Any) -> list[str]:
    """The styles whose delimiter is escaped itself."""
    return [f"{escape(name)}={listed(value, DELIMITERS[style], escape)}"]


def deep(key: str, value: Any) -> list[str]:
    """Style `deepObject`, with indexes for arrays."""
    if isinstance(value, dict):
        return [pair for name, member in value.items() for pair in deep(f"{key}%5B{escape(name)}%5D", member)]
    if isinstance(value, list):
        return [pair for index, item in enumerate(value) for pair in deep(f"{key}[{index}]", item)]
    return [f"{key}={escape(primitive(value))}"]


def pairs_of(place: str, style: str, explode: bool, name: str, value: Any) -> list[str]:
    """What of a query or `Cookie` field one parameter is."""
    if style == "deepObject":
        return deep(escape(name), value)
    if style in DELIMITERS and not explode:
        return delimited(name, style, value)
    return form(name, value, explode, as_it_is if style == "cookie" else escape)


def encoded(place: str, style: str, explode: bool, name: str, value: Any) -> str:
    """A path segment, query, header field value or `Cookie` field with this one parameter."""
    if place in ("query", "cookie"):
        return ("&" if place == "query" else "; ").join(pairs_of(place, style, explode, name, value))
    if style == "label":
        return label(value, explode)
    if style == "matrix":
        return matrix(name, value, explode)
    return simple(value, explode, as_it_is if place == "header" else escape)

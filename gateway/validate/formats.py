"""What `format` asserts: one table for the formats of JSON Schema draft 2020-12 and of OpenAPI's format registry
(https://spec.openapis.org/registry/format/).

A format says something about strings, about numbers or about both. For numbers it comes down to bounds, which become
keywords when a schema is rewritten; for strings the engine knows it, or a function here does. What is not in the table
is not judged.
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from ipaddress import IPv4Network, IPv6Network
from typing import NamedTuple

from gateway.validate.encodings import base64, base64url
from gateway.wire.media import parse

Check = Callable[[str], bool]

_SINGLE = 3.4028234663852886e38  # the greatest finite numbers of IEEE 754: binary32
_DOUBLE = 1.7976931348623157e308  # and binary64


class Bounds(NamedTuple):
    """The numbers of a format; `whole`: without a fractional part."""

    least: int | float
    most: int | float
    whole: bool


class Format(NamedTuple):
    """`check` judges strings; `engine` says that the schema engine does. With neither, and no `numbers`, the format is
    an annotation."""

    numbers: Bounds | None = None
    check: Check | None = None
    engine: bool = False


def _signed(bits: int) -> Bounds:
    return Bounds(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1, True)


def _unsigned(bits: int) -> Bounds:
    return Bounds(0, 2**bits - 1, True)


def _matching(pattern: str) -> Check:
    found = re.compile(pattern, re.ASCII).fullmatch
    return lambda text: found(text) is not None


def _integer_in(bounds: Bounds) -> Check:
    """An integer as JSON writes it; more than 20 characters cannot be one of 64 bits."""
    written = re.compile(r"-?(?:0|[1-9][0-9]{0,19})").fullmatch
    return lambda text: written(text) is not None and bounds.least <= int(text) <= bounds.most


def _timed(pattern: str, notation: str) -> Check:
    """Text of this form whose numbers are a date or a time that exists."""
    written = re.compile(pattern, re.ASCII).fullmatch

    def check(text: str) -> bool:
        found = written(text)
        if found is None:
            return False
        try:
            datetime.strptime(found[1], notation)
        except ValueError:
            return False
        return True

    return check


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_LONG_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_CLOCK = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)"
# IMF-fixdate, rfc850-date, asctime-date: RFC 9110 section 5.6.7
_HTTP_DATES = tuple(
    (re.compile(pattern, re.ASCII), notation, days)
    for pattern, notation, days in (
        (rf"(\w+), ([0-9]{{2}} (?:{_MONTHS}) [0-9]{{4}}) {_CLOCK} GMT", "%d %b %Y", _DAYS),
        (rf"(\w+), ([0-9]{{2}}-(?:{_MONTHS})-[0-9]{{2}}) {_CLOCK} GMT", "%d-%b-%y", _LONG_DAYS),
        (rf"(\w+) ((?:{_MONTHS}) [ 0-9][0-9]) {_CLOCK} ([0-9]{{4}})", "%b %d %Y", _DAYS),
    )
)


def _is_http_date(text: str) -> bool:
    """RFC 9110 section 5.6.7; the day of the week has to be that of the date, except where the century is unknown."""
    for pattern, notation, days in _HTTP_DATES:
        found = pattern.fullmatch(text)
        if found:
            day, *date = found.groups()
            try:
                weekday = datetime.strptime(" ".join(date), notation).weekday()
            except ValueError:
                return False
            return day in days if days is _LONG_DAYS else day == days[weekday]
    return False


def _network(kind: type[IPv4Network] | type[IPv6Network]) -> Check:
    """An address and the length of its prefix; bits may be set behind it."""
    written = re.compile(r"[0-9a-fA-F.:]+/(?:0|[1-9][0-9]{0,2})").fullmatch

    def check(text: str) -> bool:
        if written(text) is None:
            return False
        try:
            kind(text, strict=False)
        except ValueError:
            return False
        return True

    return check


def _is_media_range(text: str) -> bool:
    """RFC 9110 section 12.5.1."""
    return text.isascii() and text == text.strip() and parse(text.encode()) is not None


def _is_byte_sequence(text: str) -> bool:
    """RFC 8941 section 3.3.5."""
    return len(text) >= 2 and text[0] == text[-1] == ":" and base64(text[1:-1]) is not None


_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z:/-]"
_DATE = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = "[0-9]{2}:[0-9]{2}:[0-9]{2}"
_TAIL = r"(?:\.[0-9]+)?"
_LANGUAGE = (  # RFC 5646 section 2.1, without the irregular tags of old
    r"(?i:(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?"
    r"(?:-(?:[0-9a-z]{5,8}|[0-9][0-9a-z]{3}))*(?:-[0-9a-wy-z](?:-[0-9a-z]{2,8})+)*(?:-x(?:-[0-9a-z]{1,8})+)?"
    r"|x(?:-[0-9a-z]{1,8})+)"
)

_ENGINE = Format(engine=True)
_ANNOTATION = Format()

# fmt: off
FORMATS: Mapping[str, Format] = {
    **dict.fromkeys((
        "date-time", "date", "time", "duration", "email", "idn-email", "hostname", "idn-hostname", "ipv4", "ipv6",
        "uri", "uri-reference", "uri-template", "iri", "iri-reference", "uuid", "json-pointer",
        "relative-json-pointer", "regex",
    ), _ENGINE),
    **{f"int{bits}": Format(_signed(bits)) for bits in (8, 16, 32)},
    **{f"uint{bits}": Format(_unsigned(bits)) for bits in (8, 16, 32)},
    "int64": Format(_signed(64), _integer_in(_signed(64))),
    "uint64": Format(_unsigned(64), _integer_in(_unsigned(64))),
    "double-int": Format(Bounds(-(2**53) + 1, 2**53 - 1, True)),
    "float": Format(Bounds(-_SINGLE, _SINGLE, False)),
    "double": Format(Bounds(-_DOUBLE, _DOUBLE, False)),
    "sf-integer": Format(Bounds(-(10**15) + 1, 10**15 - 1, True)),  # RFC 8941 section 3.3.1
    "sf-decimal": Format(Bounds(-999999999999.999, 999999999999.999, False)),  # section 3.3.2
    "decimal": Format(check=_matching(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")),
    "decimal128": Format(check=_matching(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,4})?")),
    "byte": Format(check=lambda text: base64(text) is not None),
    "base64url": Format(check=lambda text: base64url(text) is not None),
    "char": Format(check=lambda text: len(text) == 1),
    "date-time-local": Format(check=_timed(rf"({_DATE}[Tt]{_TIME}){_TAIL}", "%Y-%m-%dT%H:%M:%S")),
    "time-local": Format(check=_timed(rf"({_TIME}){_TAIL}", "%H:%M:%S")),
    "http-date": Format(check=_is_http_date),
    "ipv4-cidr": Format(check=_network(IPv4Network)),
    "ipv6-cidr": Format(check=_network(IPv6Network)),
    "language": Format(check=_matching(_LANGUAGE)),
    "media-range": Format(check=_is_media_range),
    "sf-string": Format(check=_matching(r'"(?:[ !#-\[\]-~]|\\["\\])*"')),  # RFC 8941 section 3.3.3
    "sf-token": Format(check=_matching(rf"[A-Za-z*]{_TOKEN}*")),  # section 3.3.4
    "sf-binary": Format(check=_is_byte_sequence),
    "sf-boolean": Format(check=_matching(r"\?[01]")),  # section 3.3.6
    **dict.fromkeys(("binary", "password", "commonmark", "html", "unixtime"), _ANNOTATION),
}
# fmt: on

# For strings, by name, as the schema engine takes them.
CHECKS: dict[str, Check] = {name: format_.check for name, format_ in FORMATS.items() if format_.check}

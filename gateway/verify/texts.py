"""Texts of the formats that documents name: JSON Schema draft 2020-12 and the OpenAPI Format Registry."""

from collections.abc import Callable, Iterator, Mapping

_OF_FORMAT: Mapping[str, tuple[str, ...]] = {
    "date-time": ("2026-02-01T18:00:00Z", "2024-02-29T23:59:59.5+01:00"),
    "date": ("2026-02-01", "2024-02-29"),
    "time": ("18:00:00Z",),
    "date-time-local": ("2026-02-01T18:00:00",),
    "time-local": ("18:00:00",),
    "duration": ("P1D", "PT1H30M"),
    "http-date": ("Sun, 01 Feb 2026 18:00:00 GMT",),
    "email": ("ada@example.com", "a@b.co"),
    "idn-email": ("ada@example.com",),
    "uri": ("http://example.com/a?b=c", "a:b"),
    "uri-reference": ("/a?b=c",),
    "uri-template": ("/a/{b}",),
    "iri": ("http://example.com/é",),
    "iri-reference": ("/é",),
    "uuid": ("5f0c5d2e-9b6a-4f7f-8a3c-1d2e3f405162",),
    "hostname": ("example.com",),
    "idn-hostname": ("example.com",),
    "ipv4": ("192.0.2.1",),
    "ipv6": ("2001:db8::1",),
    "ipv4-cidr": ("192.0.2.0/24",),
    "ipv6-cidr": ("2001:db8::/32",),
    "json-pointer": ("/a/0",),
    "relative-json-pointer": ("0/a",),
    "regex": ("^a$",),
    "byte": ("YQ==",),
    "base64": ("YQ==",),
    "base64url": ("YQ",),
    "base32": ("ME======",),
    "base16": ("61",),
    "char": ("a",),
    "decimal": ("1.5",),
    "decimal128": ("1.5",),
    "language": ("en",),
    "media-range": ("text/plain",),
    "sf-string": ('"a"',),
    "sf-token": ("a",),
    "sf-binary": (":YQ==:",),
    "sf-boolean": ("?1",),
}
# Those that have room, for a length that is longer than theirs.
_GROWN: Mapping[str, Callable[[int], str]] = {
    "email": lambda length: "a" * min(64, length - len("@.co") - 1) + "@" + _labels(length) + ".co",
    "uri": lambda length: "http://example.com/".ljust(length, "a"),
    "uri-reference": lambda length: "/".ljust(length, "a"),
    "iri": lambda length: "http://example.com/".ljust(length, "a"),
    "json-pointer": lambda length: "/".ljust(length, "a"),
    "byte": lambda length: "YWFh" * -(-length // 4),
    "base64": lambda length: "YWFh" * -(-length // 4),
    "base64url": lambda length: "YWFh" * -(-length // 4),
    "decimal": lambda length: "1" * length,
    "date-time": lambda length: "2026-02-01T18:00:00." + "5" * max(1, length - 21) + "Z",
    "sf-string": lambda length: '"' + "a" * (length - 2) + '"',
}


def _labels(length: int) -> str:
    """A part of a domain for what of an address is left behind its longest local part."""
    rest = max(1, length - 64 - len("@.co"))
    return ".".join("a" * min(63, rest - start) for start in range(0, rest, 64))


def of_format(name: str, length: int) -> Iterator[str]:
    """Texts of a format, some of them of about `length` characters; none when the format is not known."""
    grow = _GROWN.get(name)
    usual = _OF_FORMAT.get(name, ())
    if grow is not None and length > max(map(len, usual)):
        yield grow(length)
    yield from usual

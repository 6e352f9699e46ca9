"""The names that a part of a multipart body gives itself: `Content-Disposition` (RFC 2183, RFC 7578 section 4.2)."""

import re
from typing import NamedTuple

from gateway.validate.text import BadText

_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_TYPE = re.compile(_TOKEN)
# A backslash escapes in RFC 2183 and is itself in what browsers send, so it is left out of the grammar.
_PARAMETER = re.compile(
    rb"[ \t]*;[ \t]*(" + _TOKEN + rb")=(?:(" + _TOKEN + rb')|"((?:[\t !#-\[\]-~\x80-\xff])*+)")', re.DOTALL
)
_ESCAPES = (("%22", '"'), ("%0D", "\r"), ("%0A", "\n"))  # WHATWG HTML, "multipart form data": these and no others


class Disposition(NamedTuple):
    """`type` is lower case; the others are None where they are not given."""

    type: str
    name: str | None
    filename: str | None


def parse_disposition(value: bytes) -> Disposition:
    """A field value, its names UTF-8. Raises BadText for what readers would not all read alike."""
    head = _TYPE.match(value)
    if head is None:
        raise BadText("has a part whose Content-Disposition is not well formed")
    given: dict[str, str] = {}
    at = head.end()
    while at < len(value):
        found = _PARAMETER.match(value, at)
        if found is None:
            raise BadText("has a part whose Content-Disposition is not well formed")
        at = found.end()
        key = found[1].decode().lower()
        if key in given or "*" in key:
            raise BadText("has a part whose Content-Disposition gives a parameter twice or in an extended notation")
        given[key] = _text(found[3] if found[2] is None else found[2])
    return Disposition(head[0].decode().lower(), given.get("name"), given.get("filename"))


def _text(raw: bytes) -> str:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise BadText("has a part with a name that is not valid UTF-8") from None
    for escape, character in _ESCAPES:
        text = text.replace(escape, character)
    return text

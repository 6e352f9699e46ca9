"""The name that a part of a multipart body gives itself: `Content-Disposition` (RFC 2183, RFC 7578 section 4.2).

Nothing is judged by the name of a file, so that of a file only has to end where all readers end it.
"""

import re
from typing import NamedTuple

from gateway.validate.text import BadText

_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_TYPE = re.compile(_TOKEN)
# A backslash escapes in RFC 2183 and is itself in what browsers send: before a quote it would move the end.
_PARAMETER = re.compile(
    rb"[ \t]*;[ \t]*(" + _TOKEN + rb")=(?:(" + _TOKEN + rb')|"((?:[\t !#-\[\]-~\x80-\xff]|\\(?!"))*+)")', re.DOTALL
)
_EXTENDED = re.compile(rb"[!#$%&+\-^_`{}~0-9A-Za-z]+'[0-9A-Za-z-]*'(?:[!#$&+\-.^_`|~0-9A-Za-z]|%[0-9A-Fa-f]{2})*")
_ESCAPES = (("%22", '"'), ("%0D", "\r"), ("%0A", "\n"))  # WHATWG HTML, "multipart form data": these and no others


class Disposition(NamedTuple):
    """`type` is lower case; `name` is None where none is given."""

    type: str
    name: str | None


def parse_disposition(value: bytes) -> Disposition:
    """A field value, its name in UTF-8. Raises BadText for what readers would not all read alike."""
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
        if key in given or ("*" in key and not (key == "filename*" and _EXTENDED.fullmatch(found[2] or b""))):
            raise BadText("has a part whose Content-Disposition gives a parameter twice or in an extended notation")
        given[key] = _name(found) if key == "name" else ""
    return Disposition(head[0].decode().lower(), given.get("name"))


def _name(found: "re.Match[bytes]") -> str:
    """Some readers undo RFC 2047 in names, take apostrophes for quotes, or a backslash for an escape."""
    quoted, token = found[3], found[2]
    if b"'" in (token or b"") or b"\\" in (quoted or b"") or b"=?" in (quoted or b""):
        raise BadText("has a part with a name that is encoded or escaped")
    try:
        name = (token if quoted is None else quoted).decode()
    except UnicodeDecodeError:
        raise BadText("has a part with a name that is not valid UTF-8") from None
    for escape, character in _ESCAPES:
        name = name.replace(escape, character)
    return name

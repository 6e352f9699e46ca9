"""Media types and media ranges (RFC 9110 sections 8.3.1 and 12.5.1): parsing, matching, precedence.

A name that a document gives to some content (`application/json`, `application/*+json`, `*/*`,
`text/csv; header=present`) is a range; what a `Content-Type` field carries is a media type.
"""

import re
from typing import NamedTuple

_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_TYPE = re.compile(rb"(" + _TOKEN + rb")/(" + _TOKEN + rb")")
_PARAMETER = re.compile(
    rb"[ \t]*;[ \t]*(?:(" + _TOKEN + rb")=(?:(" + _TOKEN + rb')|"((?:[\t !#-\[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*+)"))?'
)
_QUOTED_PAIR = re.compile(rb"\\(.)", re.DOTALL)

_JSON = frozenset((type_, "json") for type_ in ("application", "text"))
_XML = frozenset((("application", "xml"), ("text", "xml")))
_YAML = frozenset((type_, name) for type_ in ("application", "text") for name in ("yaml", "x-yaml", "vnd.yaml"))
_MESSAGE_PACK = frozenset(("application", name) for name in ("vnd.msgpack", "msgpack", "x-msgpack"))


class Media(NamedTuple):
    """A media type or range. Type, subtype and parameter names are lower case; so is the value of `charset`."""

    type: str
    subtype: str
    parameters: tuple[tuple[str, str], ...] = ()


def parse(value: bytes) -> Media | None:
    """A `Content-Type` field value, or a range written the same way; None when it breaks the grammar.

    A repeated parameter, and a charset in the notation of RFC 2231, is refused too: two readers would not agree on its
    value.
    """
    value = value.strip(b" \t")
    head = _TYPE.match(value)
    if head is None:
        return None
    parameters: dict[str, str] = {}
    position = head.end()
    while position < len(value):
        found = _PARAMETER.match(value, position)
        if found is None:
            return None
        position = found.end()
        if found[1] is None:
            continue  # an empty parameter, as in "text/plain;"
        name = found[1].decode().lower()
        if name in parameters or name.startswith("charset*"):
            return None
        text = (_QUOTED_PAIR.sub(rb"\1", found[3]) if found[2] is None else found[2]).decode("latin-1")
        parameters[name] = text.lower() if name == "charset" else text
    return Media(head[1].decode().lower(), head[2].decode().lower(), tuple(sorted(parameters.items())))


def range_name(text: str) -> str:
    """What a document calls some content, with names in lower case; the values of parameters may differ by case."""
    names, semicolon, parameters = text.partition(";")
    return names.lower() + semicolon + parameters


def is_json(media: Media) -> bool:
    """Whether content of this type is JSON: `application/json`, any type with the `+json` suffix (RFC 6839), or the
    `text/json` that ASP.NET documents beside them."""
    return media[:2] in _JSON or media.subtype.endswith("+json")


def is_xml(media: Media) -> bool:
    """Whether content of this type is XML (RFC 7303 sections 4 and 9.6)."""
    return media[:2] in _XML or media.subtype.endswith("+xml")


def is_yaml(media: Media) -> bool:
    """Whether content of this type is YAML (RFC 9512), under its registered name or one that came before it."""
    return media[:2] in _YAML or media.subtype.endswith("+yaml")


def is_csv(media: Media) -> bool:
    """Whether content of this type is rows of fields separated by commas (RFC 4180)."""
    return media[:2] == ("text", "csv")


def is_message_pack(media: Media) -> bool:
    """Whether content of this type is MessagePack, under its registered name or one that came before it."""
    return media[:2] in _MESSAGE_PACK or media.subtype.endswith("+msgpack")


def is_cbor(media: Media) -> bool:
    """Whether content of this type is CBOR (RFC 8949 sections 9.3 and 9.5)."""
    return media[:2] == ("application", "cbor") or media.subtype.endswith("+cbor")


def is_text(media: Media) -> bool:
    """Whether content of this type is text that one reads as it is, or a format made of such text."""
    return media.type == "text"


def is_form(media: Media) -> bool:
    """Whether content of this type is a list of pairs as an HTML form sends it."""
    return media[:2] == ("application", "x-www-form-urlencoded")


def is_range(media: Media) -> bool:
    """Whether this names more than one media type."""
    return media.type == "*" or media.subtype == "*" or media.subtype.startswith("*+")


def charset(media: Media) -> str:
    """The name of the charset in lower case; `utf-8` when none is given, as RFC 6657 section 3 wants for new types."""
    return dict(media.parameters).get("charset", "utf-8")


def is_utf8(media: Media) -> bool:
    """Whether the content is UTF-8, which is what JSON is when no charset is given (RFC 8259 section 8.1)."""
    return charset(media) in ("utf-8", "utf8")


def matches(range_: Media, media: Media) -> bool:
    """Whether `media` lies in `range_`: every parameter that the range names has to be equal.

    For JSON, `charset=utf-8` says nothing and is not compared.
    """
    if range_.type not in ("*", media.type) or not _covers(range_.subtype, media.subtype):
        return False
    if not range_.parameters:
        return True
    wanted, given = set(range_.parameters), set(media.parameters)
    if is_json(media):
        wanted -= {("charset", "utf-8"), ("charset", "utf8")}
    return wanted <= given


def _covers(wanted: str, subtype: str) -> bool:
    if wanted in ("*", subtype):
        return True
    return wanted.startswith("*+") and subtype.endswith(wanted[1:])


def specificity(range_: Media) -> tuple[int, int]:
    """Sort key by RFC 9110 section 12.5.1: the greater, the more specific; parameters decide between equals."""
    if range_.type == "*":
        level = 0
    elif range_.subtype == "*":
        level = 1
    else:
        level = 2 if range_.subtype.startswith("*+") else 3
    return level, len(range_.parameters)

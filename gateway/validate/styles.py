"""The styles of OpenAPI: raw text to the raw pieces of a value (OpenAPI 3.2.0, "Style Values" and "Style Examples").

A style says how a single text, an array and an object are written. Split first, decode each piece after: a delimiter
that is percent-encoded belongs to its piece (RFC 6570 section 3.2.1; OpenAPI 3.2.0 Appendix C, "Delimiters in Parameter
Values"). What the pieces mean is decided by schemas: see `gateway.validate.values`.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from gateway.validate.text import BadText, percent_decode

Raws = Sequence[bytes]  # what stands under one name: several where the name is repeated
Split = Callable[[bytes], list[bytes]]
Member = tuple[str, Any]  # a decoded name, and the source of its value

REPEATED = frozenset(
    {"form", "cookie", "spaceDelimited", "pipeDelimited", "tabDelimited"}
)  # `explode` repeats the name


class Style(NamedTuple):
    """How a value is written. The functions take a source, such as the raw texts under one name, and raise BadText;
    None where the style has no notation for such a value. `members` is how items and properties are written in turn;
    None for the style itself. `untyped` reads what no schema describes; `whole` reads arrays and objects that have no
    notation of their own from one text, such as JSON."""

    name: str
    decode: Callable[[bytes], str]
    single: Callable[[Any], bytes] | None
    array: Callable[[Any], Sequence[Any]] | None
    mapping: Callable[[Any], Iterable[Member]] | None
    members: "Style | None"
    untyped: Callable[[Any], object]
    whole: Callable[[Any], object] | None = None


def only(raws: Raws) -> bytes:
    """The one text under a name. Raises BadText."""
    if len(raws) > 1:
        raise BadText("is given more than once")
    return raws[0]


def decoder(place: str, style: str) -> Callable[[bytes], str]:
    """From one raw text to what it says. Only a query reads "+" as a space; header fields and cookies of style `cookie`
    are not percent-encoded (OpenAPI 3.2.0, "Fixed Fields for use with `schema`")."""
    if place == "query":
        return lambda raw: percent_decode(raw, plus=True)
    if place == "header" or style == "cookie":
        return _as_it_is
    return lambda raw: percent_decode(raw, plus=False)


def _as_it_is(raw: bytes) -> str:
    try:
        return raw.strip(b" \t").decode()
    except UnicodeDecodeError:
        raise BadText("is not valid UTF-8") from None


def splitter(place: str, style: str) -> Split:
    """What cuts a text at the delimiters of a style. Blank, tab and "|" cannot stand in a URL: where text is
    percent-encoded, so are these delimiters (OpenAPI 3.2.0 Appendix E)."""
    raw = _DELIMITERS.get(style)
    if raw is None:
        return lambda text: text.split(b",")
    if place == "header":
        return lambda text: text.split(raw)
    escaped = [re.escape(raw), b"%%%02X" % ord(raw), b"%%%02x" % ord(raw)]
    if raw == b" " and place == "query":
        escaped.append(rb"\+")
    return re.compile(b"|".join(escaped)).split


_DELIMITERS = {"spaceDelimited": b" ", "tabDelimited": b"\t", "pipeDelimited": b"|"}


def alternating(pieces: Sequence[bytes]) -> list[tuple[bytes, bytes]]:
    """`R,100,G,200` as pairs. Raises BadText."""
    if list(pieces) == [b""]:
        return []
    if len(pieces) % 2:
        raise BadText("has a name without a value")
    return list(zip(pieces[::2], pieces[1::2], strict=True))


def assigned(pieces: Sequence[bytes]) -> list[tuple[bytes, bytes]]:
    """`R=100` and `G=200` as pairs. Raises BadText."""
    if list(pieces) == [b""]:
        return []
    pairs = []
    for piece in pieces:
        name, equals, value = piece.partition(b"=")
        if not equals:
            raise BadText("has a member without '='")
        pairs.append((name, value))
    return pairs


def piece_style(decode: Callable[[bytes], str]) -> Style:
    """A text without inner structure: an item or a property value."""
    return Style("a single text", decode, lambda raw: raw, None, None, None, decode)


def delimited(name: str, decode: Callable[[bytes], str], split: Split, pairs: Split | None = None) -> Style:
    """One text: `split` cuts arrays; objects alternate names and values, or are cut into assignments by `pairs`."""

    def members(raws: Raws) -> Iterable[Member]:
        text = only(raws)
        found = alternating(split(text)) if pairs is None else assigned(pairs(text))
        return [(decode(key), value) for key, value in found]

    return Style(
        name,
        decode,
        only,
        lambda raws: split(only(raws)),
        members,
        piece_style(decode),
        lambda raws: decode(only(raws)),
    )


def _after(prefix: bytes, split: Split) -> Split:
    def cut(text: bytes) -> list[bytes]:
        return split(_without(prefix, text))

    return cut


def _without(prefix: bytes, text: bytes) -> bytes:
    if not text.startswith(prefix):
        raise BadText(f"must start with '{prefix.decode()}'")
    return text[len(prefix) :]


def label(decode: Callable[[bytes], str], explode: bool) -> Style:
    """`.blue`, `.blue,black` or exploded `.blue.black`, `.R=100.G=200` (RFC 6570 section 3.2.5)."""
    dots: Split = lambda text: text.split(b".")  # noqa: E731
    commas: Split = lambda text: text.split(b",")  # noqa: E731
    base = delimited(
        "label", decode, _after(b".", dots if explode else commas), _after(b".", dots) if explode else None
    )
    single: Callable[[Raws], bytes] = lambda raws: _without(b".", only(raws))  # noqa: E731
    return base._replace(single=single, untyped=lambda raws: decode(single(raws)))


def matrix(decode: Callable[[bytes], str], explode: bool, name: str) -> Style:
    """`;color=blue`, `;color=blue,black` or exploded `;color=blue;color=black`, `;R=100;G=200` (RFC 6570 section
    3.2.7). An empty value has no "=" (`;color`)."""

    def pairs(raws: Raws) -> list[tuple[str, bytes]]:
        pieces = (piece.partition(b"=") for piece in _without(b";", only(raws)).split(b";"))
        return [(decode(key), value) for key, _, value in pieces]

    def values(raws: Raws) -> list[bytes]:
        found = pairs(raws)
        if any(key != name for key, _ in found):
            raise BadText("must be written as ';name=value', with the name of the parameter")
        return [value for _, value in found]

    def single(raws: Raws) -> bytes:
        return only(values(raws))

    def inside(raws: Raws) -> Iterable[Member]:
        return [(decode(key), value) for key, value in alternating(single(raws).split(b","))]

    array = values if explode else lambda raws: single(raws).split(b",")
    members: Callable[[Raws], Iterable[Member]] = pairs if explode else inside
    return Style("matrix", decode, single, array, members, piece_style(decode), lambda raws: decode(single(raws)))


class Scattered(NamedTuple):
    """What a query or `Cookie` field holds of one exploded value: texts under its own name, or its members' texts."""

    raws: Raws
    members: Mapping[str, Raws]


def repeated(decode: Callable[[bytes], str]) -> Style:
    """An array as one name several times; the value of a member of an exploded object."""

    def untyped(raws: Raws) -> object:
        texts = [decode(raw) for raw in raws]
        return texts if len(texts) > 1 else texts[0]

    return Style("form", decode, only, lambda raws: raws, None, piece_style(decode), untyped)


def scattered(decode: Callable[[bytes], str]) -> Style:
    """An exploded object: each member under its own name (RFC 6570 section 3.2.8)."""
    inner = repeated(decode)

    def plain(source: Scattered) -> Raws:
        if source.members:
            raise BadText(_BOTH if source.raws else "must be a single value", "syntax" if source.raws else "type")
        return source.raws

    def members(source: Scattered) -> Iterable[Member]:
        if source.raws:
            raise BadText(_BOTH if source.members else "must be an object", "syntax" if source.members else "type")
        return source.members.items()

    return Style(
        "form", decode, lambda source: only(plain(source)), plain, members, inner, lambda source: dict(members(source))
    )


_BOTH = "is given both as a value and by its members"


def style_of(place: str, style: str, explode: bool, name: str) -> Style | None:
    """The style of a parameter whose texts stand under its own name; None for a combination that no version of OpenAPI
    has. `explode` has no effect on a delimiter: spaceDelimited and its like are then repeated, as `form` is."""
    if style not in AT.get(place, ()):
        return None
    decode = decoder(place, style)
    if style == "label":
        return label(decode, explode)
    if style == "matrix":
        return matrix(decode, explode, name)
    if explode and style in REPEATED and place in ("query", "cookie"):
        return repeated(decode)
    split = splitter(place, style)
    return delimited(style, decode, split, split if explode and style == "simple" else None)


_COLLECTION = ("spaceDelimited", "tabDelimited", "pipeDelimited")  # 2.0 has them everywhere
AT = {
    "path": ("simple", "label", "matrix", *_COLLECTION),
    "query": ("form", *_COLLECTION),
    "header": ("simple", *_COLLECTION),
    "cookie": ("form", "cookie"),
}

"""Text as it stands in a message: percent-decoding, and what may be shown of it in an answer."""

PERCENT, PLUS, SEMICOLON = b"%+;"  # to look for an octet by its number is seven times as fast
_ESCAPES = {
    f"{high}{low}".encode(): bytes.fromhex(f"{high}{low}")
    for high in "0123456789abcdefABCDEF"
    for low in "0123456789abcdefABCDEF"
}


class BadText(Exception):
    """A text that does not decode to a value of the documented type. `pointer` leads into the decoded value."""

    def __init__(self, message: str, keyword: str = "syntax", pointer: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.keyword = keyword
        self.pointer = pointer


def percent_decode(raw: bytes, plus: bool) -> str:
    """The text behind RFC 3986 escapes; `plus` reads "+" as a space, as in a query and in a form.

    Raises BadText for an escape without two hexadecimal digits, and when the result is not UTF-8.
    """
    if plus and PLUS in raw:
        raw = raw.replace(b"+", b" ")
    if PERCENT in raw:
        raw = _unescape(raw)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise BadText("is not valid UTF-8") from None


def _unescape(raw: bytes) -> bytes:
    first, *rest = raw.split(b"%")
    pieces = [first]
    for part in rest:
        octet = _ESCAPES.get(part[:2])
        if octet is None:
            raise BadText("has a percent sign without two hexadecimal digits")
        pieces += (octet, part[2:])
    return b"".join(pieces)


def pairs(text: bytes) -> dict[bytes, list[bytes]]:
    """A query or form as raw values by decoded name.

    A name that does not decode is kept raw, with a byte in front that no UTF-8 text holds: it equals no other name.
    """
    found: dict[bytes, list[bytes]] = {}
    for pair in text.split(b"&"):
        key, _, raw = pair.partition(b"=")
        if PERCENT in key or PLUS in key:
            key = _decoded_name(key)
        if key in found:
            found[key].append(raw)
        elif pair:
            found[key] = [raw]
    return found


def _decoded_name(key: bytes) -> bytes:
    try:
        return percent_decode(key, plus=True).encode()
    except BadText:
        return b"\xff" + key


def printable(text: str, limit: int = 64) -> str:
    """A name chosen by the peer, fit to be shown: printable characters only, at most `limit` of them."""
    kept = "".join(character for character in text[: 4 * limit] if character.isprintable())
    return kept if len(kept) <= limit and len(text) <= 4 * limit else kept[: limit - 1] + "…"

"""Character encodings by their IANA names.

A table, since a codec registry also knows what is no charset (`rot13`, `hex`, `unicode_escape`), and since two readers
have to mean the same by each name.
"""

import codecs

from gateway.validate.text import BadText

# fmt: off
_CODECS = {
    "utf-8": ("utf-8", "utf8"),
    "ascii": ("us-ascii", "ascii", "iso646-us", "ansi_x3.4-1968", "csascii"),
    "latin-1": ("iso-8859-1", "iso8859-1", "iso_8859-1", "latin1", "l1", "csisolatin1"),
    "utf-16": ("utf-16",),
    "utf-16-le": ("utf-16le",),
    "utf-16-be": ("utf-16be",),
    "utf-32": ("utf-32",),
    "utf-32-le": ("utf-32le",),
    "utf-32-be": ("utf-32be",),
    "koi8-r": ("koi8-r", "cskoi8r"),
    "koi8-u": ("koi8-u",),
    "shift_jis": ("shift_jis", "shift-jis", "ms_kanji", "csshiftjis"),
    "euc_jp": ("euc-jp", "cseucpkdfmtjapanese"),
    "iso2022_jp": ("iso-2022-jp",),
    "euc_kr": ("euc-kr",),
    "gb2312": ("gb2312",),
    "gbk": ("gbk", "cp936", "windows-936"),
    "gb18030": ("gb18030",),
    "big5": ("big5", "csbig5"),
    **{f"iso8859-{n}": (f"iso-8859-{n}", f"iso_8859-{n}", f"iso8859-{n}")
       for n in (2, 3, 4, 5, 6, 7, 8, 9, 10, 13, 14, 15, 16)},
    **{f"cp{n}": (f"windows-{n}", f"cp{n}") for n in range(1250, 1259)},
}
# fmt: on
_BY_NAME = {name: codec for codec, names in _CODECS.items() for name in names}
_MARKED = {"utf-16": (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE), "utf-32": (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)}


def codec(charset: str) -> str | None:
    """The codec for a charset's name in lower case; None when it is not known."""
    return _BY_NAME.get(charset)


def text_of(data: bytes, name: str) -> str:
    """The characters behind `data`, without the byte order mark. `name` is a codec's. Raises BadText.

    UTF-16 and UTF-32 without a mark are refused: RFC 2781 section 4.3 has them big-endian, many readers little-endian.
    """
    if name in _MARKED and data and not data.startswith(_MARKED[name]):
        raise BadText("has no byte order mark, so that its encoding is not certain")
    try:
        text = str(data, name)
    except UnicodeDecodeError:
        raise BadText(f"is not valid {_CODECS[name][0]}") from None
    return text[1:] if text.startswith("\ufeff") else text

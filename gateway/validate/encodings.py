"""Strings that hold other content: `contentEncoding` (RFC 4648, RFC 2045) to bytes.

Strict, since two decoders must not see two contents: padding where the encoding has it, nothing outside its alphabet,
no bits left over.
"""

import binascii
import re
from base64 import b32decode, b32encode, urlsafe_b64decode
from collections.abc import Callable, Mapping

Decode = Callable[[str], bytes | None]  # None: the text is not in this encoding

_BASE32 = re.compile(r"[A-Z2-7]*={0,6}")
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*(={0,2})")
_QUOTED = re.compile(r"(?:[\t !-<>-~]|=[0-9A-F]{2}|=?\r\n)*")  # RFC 2045 section 6.7
_QUOTED_LINE = 76  # characters


def base64(text: str) -> bytes | None:
    """RFC 4648 section 4."""
    try:
        data = binascii.a2b_base64(text.encode("ascii"), strict_mode=True)
    except ValueError:
        return None
    return data if binascii.b2a_base64(data, newline=False).decode() == text else None


def base64url(text: str) -> bytes | None:
    """RFC 4648 section 5; padding may be left out (section 3.2), but not in part."""
    written = _BASE64URL.fullmatch(text)
    if written is None or (written[1] and len(text) % 4) or len(text.rstrip("=")) % 4 == 1:
        return None
    bare = text.rstrip("=")
    data = urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
    return data if binascii.b2a_base64(data, newline=False).rstrip(b"=").translate(_URL_SAFE).decode() == bare else None


_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def base32(text: str) -> bytes | None:
    """RFC 4648 section 6."""
    if _BASE32.fullmatch(text) is None:
        return None
    try:
        data = b32decode(text)
    except ValueError:
        return None
    return data if b32encode(data).decode() == text else None


def base16(text: str) -> bytes | None:
    """RFC 4648 section 8, in either case."""
    try:
        return binascii.unhexlify(text.encode("ascii"))
    except ValueError:
        return None


def quoted_printable(text: str) -> bytes | None:
    """RFC 2045 section 6.7."""
    lines = text.split("\r\n")
    if _QUOTED.fullmatch(text) is None or any(len(line) > _QUOTED_LINE or line[-1:] in (" ", "\t") for line in lines):
        return None
    return binascii.a2b_qp(text.encode("ascii"))


def as_it_is(text: str) -> bytes | None:
    """What is not encoded at all: `7bit`, `8bit`, `binary`, or no `contentEncoding`."""
    try:
        return text.encode()
    except UnicodeEncodeError:  # lone surrogates
        return None


ENCODINGS: Mapping[str, Decode] = {
    "base64": base64,
    "base64url": base64url,
    "base32": base32,
    "base16": base16,
    "quoted-printable": quoted_printable,
    **dict.fromkeys(("7bit", "8bit", "binary"), as_it_is),
}

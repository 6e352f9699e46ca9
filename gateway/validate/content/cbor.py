"""CBOR (RFC 8949) to values.

Strings, numbers, arrays and maps are what they are in JSON; a byte string is its base64 text. Of tags, those are
understood that leave the content what it is (RFC 8949 section 6.1), and big numbers. All others are refused: they
make other values of it for readers that know them.
"""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from cbor2 import CBORDecodeEOF, CBORDecoder, CBORError

from gateway.validate.content.values import DEPTH, json_value
from gateway.validate.media import Decode
from gateway.validate.schema import SchemaSet
from gateway.validate.terms import Terms
from gateway.validate.text import BadText
from gateway.wire.media import Media

# Date and time as text and as a number; expected base64url, base64; URI; base64url, base64 as text; CBOR itself.
_TRANSPARENT = (0, 1, 21, 22, 32, 33, 34, 55799)
_BIG_NUMBERS = (2, 3)


class _Tags(dict[int, Callable[[Any, bool], object]]):
    """Where the library looks up what to make of the content of a tag, before it makes anything of it."""

    def __missing__(self, tag: int) -> Callable[[Any, bool], object]:
        if tag in _BIG_NUMBERS:
            raise KeyError(tag)  # the library's own
        return _refuse


def _refuse(content: object, immutable: bool) -> object:
    raise BadText("has a tag that is not accepted")


_TAGS = _Tags(dict.fromkeys(_TRANSPARENT, lambda content, immutable: content))


def compile_cbor(uri: str, schemas: SchemaSet, terms: Terms) -> Callable[[Media], Decode]:
    """The decoder of every media type whose content is CBOR."""
    return lambda media: decode_cbor


def decode_cbor(data: bytes) -> object:
    """The one value in `data`.

    Raises BadText: broken or truncated content, bytes behind the value, keys that are no text or are given twice,
    more than `DEPTH` levels, tags as above, `undefined` and other simple values, numbers that are not finite.
    """
    if not data:
        raise BadText("must not be empty", "required")
    source = BytesIO(data)
    try:
        value: Any = CBORDecoder(
            source,
            semantic_decoders=_TAGS,
            max_depth=DEPTH,
            allow_duplicate_keys=False,
            strict_hashable_types=True,
        ).decode()
    except CBORDecodeEOF:
        raise BadText("ends too early") from None
    except (CBORError, ValueError, OverflowError, RecursionError) as error:
        raise error.__cause__ if isinstance(error.__cause__, BadText) else BadText("is not valid CBOR") from None
    if source.tell() != len(data):
        raise BadText("has bytes behind its value")
    return json_value(value, {})

"""MessagePack to values.

Strings, numbers, arrays and maps are what they are in JSON; `bin` is its base64 text, a timestamp (extension -1) is
the text of `format: date-time` in UTC. Other extensions are refused: only their applications know what they mean.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from msgpack import OutOfData, StackError, Timestamp, Unpacker, unpackb

from gateway.validate.content.values import json_value
from gateway.validate.media import Decode
from gateway.validate.schema import SchemaSet
from gateway.validate.terms import Terms
from gateway.validate.text import BadText
from gateway.wire.media import Media

_EPOCH = datetime(1970, 1, 1)  # without a zone: it is UTC


def compile_message_pack(uri: str, schemas: SchemaSet, terms: Terms) -> Callable[[Media], Decode]:
    """The decoder of every media type whose content is MessagePack."""
    return lambda media: decode_message_pack


def decode_message_pack(data: bytes) -> object:
    """The one value in `data`.

    Raises BadText: broken or truncated content, bytes behind the value, keys that are no text or are given twice,
    more than 1024 levels, extensions as above, strings that are not UTF-8, numbers that are not finite.
    """
    if not data:
        raise BadText("must not be empty", "required")
    try:
        _walk(data)
        value = unpackb(data, object_pairs_hook=_members, ext_hook=_refuse, timestamp=0)
    except OutOfData:
        raise BadText("ends too early") from None
    except StackError:
        raise BadText("is nested too deeply") from None
    except (ValueError, OverflowError, RecursionError):
        raise BadText("is not valid MessagePack") from None
    return json_value(value, {Timestamp: _date_time})


def _walk(data: bytes) -> None:
    """Once over the content without making anything of it. Arrays are allocated by the length that they declare; when
    this gets to the end, there was a byte at least for each of their items."""
    walker = Unpacker(max_buffer_size=len(data))
    walker.feed(data)
    walker.skip()
    if walker.tell() != len(data):
        raise BadText("has bytes behind its value")


def _members(pairs: list[tuple[object, object]]) -> dict[object, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise BadText("repeats a key within one map")
    return members


def _refuse(code: int, data: bytes) -> object:
    raise BadText("has an extension type that is not accepted")


def _date_time(stamp: Timestamp) -> str:
    try:
        moment = _EPOCH + timedelta(seconds=stamp.seconds)
    except OverflowError:
        raise BadText("holds a timestamp outside the years 1 to 9999") from None
    fraction = f".{stamp.nanoseconds:09}".rstrip("0") if stamp.nanoseconds else ""
    return moment.isoformat() + fraction + "Z"

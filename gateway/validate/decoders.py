"""Bytes to the value that a schema judges, one decoder per family of media types.

They serve bodies, the parts of a multipart body, the items of a stream and parameters given by `content`.
"""

from collections.abc import Callable
from typing import NamedTuple

from gateway.validate.media import Decode
from gateway.validate.schema import SchemaSet
from gateway.validate.strict_json import NotJson, loads
from gateway.validate.terms import Terms
from gateway.validate.text import BadText
from gateway.wire.media import Media, is_json, is_utf8


class Decoder(NamedTuple):
    """`compile` gets the URI of the schema that the value will be judged by, since text carries no types, and returns
    what gives each actual media type its function; None for a charset that is not understood. Raises SchemaError."""

    name: str
    covers: Callable[[Media], bool]
    compile: Callable[[str, SchemaSet, Terms], Callable[[Media], Decode | None]]


def decode_json(data: bytes) -> object:
    """RFC 8259. Raises BadText."""
    try:
        return loads(data)
    except NotJson as error:
        raise BadText("must not be empty", "required") if not data else BadText(str(error)) from None


def _json(uri: str, schemas: SchemaSet, terms: Terms) -> Callable[[Media], Decode | None]:
    return lambda media: decode_json if is_utf8(media) else None


DECODERS: tuple[Decoder, ...] = (Decoder("json", is_json, _json),)


def decoder_of(media: Media) -> Decoder | None:
    """The decoder for a media type; None when its content cannot be decoded."""
    return next((decoder for decoder in DECODERS if decoder.covers(media)), None)

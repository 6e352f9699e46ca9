"""Bytes to the value that a schema judges, one decoder per family of media types.

They serve bodies, the parts of a multipart body, the items of a stream and parameters given by `content`.

What reads a format is imported when a document first needs it.
"""

from collections.abc import Callable
from typing import NamedTuple

from gateway.validate.content.csv_rows import compile_csv
from gateway.validate.content.plain import compile_text
from gateway.validate.media import Decode
from gateway.validate.schema import SchemaSet
from gateway.validate.shape import kinds
from gateway.validate.strict_json import NotJson, loads, refuse_rounding
from gateway.validate.terms import Terms
from gateway.validate.text import BadText
from gateway.wire.media import Media, is_cbor, is_csv, is_json, is_message_pack, is_text, is_utf8, is_xml, is_yaml

DecodeOf = Callable[[Media], Decode | None]
Compile = Callable[[str, SchemaSet, Terms], DecodeOf]


class Decoder(NamedTuple):
    """`compile` gets the URI of the schema that the value will be judged by, since text carries no types, and returns
    what gives each actual media type its function, the same one for the same charset; None for a charset that is not
    understood. Raises SchemaError. `typed`: the content itself says what is a string, so that a schema of nothing but
    a string judges a value; elsewhere it stands for the content as it is. `slow`: see MediaCheck."""

    name: str
    covers: Callable[[Media], bool]
    compile: Compile
    typed: bool = False
    slow: bool = False


def decode_json(data: bytes) -> object:
    """RFC 8259. Raises BadText."""
    try:
        return loads(data)
    except NotJson as error:
        raise BadText("must not be empty", "required") if not data else BadText(str(error)) from None


def decode_exact_json(data: bytes) -> object:
    """RFC 8259, with no number that double precision would round. Raises BadText."""
    value = decode_json(data)
    try:
        refuse_rounding(data)
    except NotJson as error:
        raise BadText(str(error)) from None
    return value


def _json(uri: str, schemas: SchemaSet, terms: Terms) -> DecodeOf:
    decode = decode_exact_json if terms.validate.numbers == "exact" else decode_json
    return lambda media: decode if is_utf8(media) else None


def _xml(uri: str, schemas: SchemaSet, terms: Terms) -> DecodeOf:
    from gateway.validate.content.xml_plan import compile_xml, is_element

    if is_element(uri, schemas):
        return compile_xml(uri, schemas, terms)
    return _text_or(compile_xml, uri, schemas, terms)


def _csv(uri: str, schemas: SchemaSet, terms: Terms) -> DecodeOf:
    return _text_or(compile_csv, uri, schemas, terms)


def _yaml(uri: str, schemas: SchemaSet, terms: Terms) -> DecodeOf:
    from gateway.validate.content.yaml_text import compile_yaml

    return _text_or(compile_yaml, uri, schemas, terms)


def _message_pack(uri: str, schemas: SchemaSet, terms: Terms) -> DecodeOf:
    from gateway.validate.content.message_pack import compile_message_pack

    return compile_message_pack(uri, schemas, terms)


def _cbor(uri: str, schemas: SchemaSet, terms: Terms) -> DecodeOf:
    from gateway.validate.content.cbor import compile_cbor

    return compile_cbor(uri, schemas, terms)


def _text_or(compile_: Compile, uri: str, schemas: SchemaSet, terms: Terms) -> DecodeOf:
    """Where the schema admits nothing but a string, the content is that string, as `text/plain` is."""
    admitted = kinds(schemas, uri)
    text = admitted is not None and admitted <= {"string", "null"}
    return (compile_text if text else compile_)(uri, schemas, terms)


DECODERS: tuple[Decoder, ...] = (
    Decoder("json", is_json, _json, typed=True),
    Decoder("xml", is_xml, _xml, slow=True),
    Decoder("yaml", is_yaml, _yaml, slow=True),
    Decoder("csv", is_csv, _csv, slow=True),
    Decoder("msgpack", is_message_pack, _message_pack, typed=True, slow=True),
    Decoder("cbor", is_cbor, _cbor, typed=True, slow=True),
    Decoder("text", is_text, compile_text),
)


def decoder_of(media: Media) -> Decoder | None:
    """The decoder for a media type; None when its content cannot be decoded."""
    return next((decoder for decoder in DECODERS if decoder.covers(media)), None)

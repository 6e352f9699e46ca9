"""Bytes to values, by media type."""

import pytest

from gateway.tests.validate.build import at, schema_set
from gateway.validate.decoders import DECODERS, decode_exact_json, decode_json, decoder_of
from gateway.validate.schema import SchemaError
from gateway.validate.terms import Terms
from gateway.validate.text import BadText
from gateway.wire.media import Media


def test_json_is_decoded() -> None:
    """Integers are exact."""
    assert decode_json(b'{"a": 12345678901234567890123}') == {"a": 12345678901234567890123}


@pytest.mark.parametrize(("data", "keyword"), [(b"", "required"), (b"{", "syntax"), (b'{"a":1,"a":2}', "syntax")])
def test_what_is_no_json_is_refused(data: bytes, keyword: str) -> None:
    """Nothing at all is said to be missing."""
    with pytest.raises(BadText) as caught:
        decode_json(data)
    assert caught.value.keyword == keyword


@pytest.mark.parametrize(
    ("type_", "subtype", "name"),
    [
        ("application", "json", "json"),
        ("application", "hal+json", "json"),
        ("application", "xml", "xml"),
        ("application", "problem+xml", "xml"),
        ("application", "yaml", "yaml"),
        ("text", "x-yaml", "yaml"),
        ("application", "openapi+yaml", "yaml"),
        ("text", "csv", "csv"),
        ("application", "msgpack", "msgpack"),
        ("application", "vnd.msgpack", "msgpack"),
        ("application", "x+msgpack", "msgpack"),
        ("application", "cbor", "cbor"),
        ("application", "senml+cbor", "cbor"),
        ("text", "markdown", "text"),
    ],
)
def test_the_media_type_chooses_the_decoder(type_: str, subtype: str, name: str) -> None:
    """By the names of the type alone."""
    decoder = decoder_of(Media(type_, subtype))
    assert decoder is not None and decoder.name == name


def test_exact_json_refuses_rounding() -> None:
    """And what is no JSON."""
    assert decode_exact_json(b"[0.1]") == [0.1]
    for data in (b"[9007199254740993]", b"[1"):
        with pytest.raises(BadText):
            decode_exact_json(data)


@pytest.mark.parametrize(("type_", "subtype"), [("text", "csv"), ("application", "yaml"), ("text", "xml")])
def test_a_schema_of_a_string_judges_the_content_as_it_is(type_: str, subtype: str) -> None:
    """Then the format does not matter."""
    decoder = decoder_of(Media(type_, subtype))
    assert decoder
    decode = decoder.compile(at("S"), schema_set(S={"type": "string", "maxLength": 9}), Terms())(Media(type_, subtype))
    assert decode and decode(b"a,b\n") == "a,b\n"


def test_one_charset_has_one_function() -> None:
    """Whoever remembers checks by function holds a bounded number of them, whatever media types clients invent."""
    schemas = schema_set(S={"type": "string"}, I={"type": "integer"})
    for decoder in DECODERS:
        for name in ("S", "I"):
            try:
                decode = decoder.compile(at(name), schemas, Terms())
            except SchemaError:
                continue
            assert len({decode(Media("x", "y", (("v", str(n)),))) for n in range(9)}) == 1


def test_some_content_has_no_decoder() -> None:
    """Then it cannot be judged by a schema."""
    assert decoder_of(Media("image", "png")) is None


def test_formats_whose_values_are_made_in_python_are_slow() -> None:
    """Those of JSON are made in C, and a text is one value."""
    assert {each.name for each in DECODERS if not each.slow} == {"json", "text"}

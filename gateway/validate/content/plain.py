"""`text/*`: the content is one text, judged as the value that it stands for."""

from collections.abc import Callable
from functools import cache

from gateway.validate.content.charsets import codec, text_of
from gateway.validate.media import Decode
from gateway.validate.primitives import converter
from gateway.validate.schema import SchemaSet
from gateway.validate.terms import Terms
from gateway.wire.media import Media, charset


def compile_text(uri: str, schemas: SchemaSet, terms: Terms) -> Callable[[Media], Decode | None]:
    """Text in the charset of the media type, UTF-8 when none is given (RFC 6657 section 3); a schema of an integer, a
    number or a boolean gives the text the meaning that a parameter's has. Raises SchemaError for anything else."""
    convert = converter(schemas, uri)

    @cache  # as many as there are codecs
    def decoder(name: str) -> Decode:
        return lambda data: convert(text_of(data, name))

    def decode(media: Media) -> Decode | None:
        name = codec(charset(media))
        return None if name is None else decoder(name)

    return decode

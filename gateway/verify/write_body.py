"""Values to a body, or to a parameter that is given by `content`: forms by their fields, all else by its media type."""

from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote_plus

from gateway.contract.model import Encoding, MediaType, Parameter
from gateway.validate.parts import styled
from gateway.validate.shape import items, properties
from gateway.verify.sampler import Sampler
from gateway.verify.write_content import content
from gateway.verify.write_multipart import multipart
from gateway.verify.write_styles import Pair, pairs, text_of
from gateway.wire.media import Media, is_form, parse


class Written(NamedTuple):
    """A body and the value of its `Content-Type` field."""

    data: bytes
    content_type: str


def body(value: Any, documented: MediaType, sampler: Sampler) -> Written:
    """`value` as content of the documented media type, which is no range."""
    media = parse(documented.range.encode())
    if media is None:
        return Written(text_of(value).encode("utf-8", "surrogatepass"), documented.range)
    if media.type == "multipart" and isinstance(value, dict | list):
        data, boundary = multipart(value, documented, sampler)
        return Written(data, f"{documented.range}; boundary={boundary}")
    if is_form(media) and isinstance(value, dict):
        return Written(urlencoded(value, documented, sampler), documented.range)
    uri = documented.schema or documented.item_schema
    return Written(content(value, media, uri, sampler.schemas), documented.range)


def parameter_text(value: Any, parameter: Parameter, sampler: Sampler) -> str:
    """The text of a parameter that is given by `content`, without the escapes of its place."""
    documented = MediaType(parameter.content, parameter.schema, parameter.where, encoding=parameter.encoding)
    return body(value, documented, sampler).data.decode("utf-8", "surrogateescape")


def urlencoded(value: dict[str, Any], documented: MediaType, sampler: Sampler) -> bytes:
    """OpenAPI 3.2.0, "Encoding the `x-www-form-urlencoded` Media Type"."""
    places = properties(sampler.schemas, documented.schema) if documented.schema else {}
    fields = [
        field
        for name, inner in value.items()
        for field in _fields(name, inner, places.get(name), documented.encoding.get(name), sampler)
    ]
    return "&".join(f"{key}={text}" for key, text in fields).encode()


def _fields(name: str, value: Any, uri: str | None, said: Encoding | None, sampler: Sampler) -> Iterator[Pair]:
    """One property: in a style, in a media type, or as the text that it is. Of an array each item is a field."""
    if said is not None and styled(said):
        style = said.style or "form"
        explode = style == "form" if said.explode is None else said.explode
        yield from pairs(name, style, explode, value, _escaped)
        return
    media = _first(said.content_type) if said and said.content_type else None
    for item in value if isinstance(value, list) else [value]:
        place = items(sampler.schemas, uri) if uri and isinstance(value, list) else uri
        text = text_of(item) if media is None else content(item, media, place, sampler.schemas)
        yield _escaped(name), _escaped(text)


def _first(content_type: str) -> Media | None:
    return parse(content_type.split(",")[0].encode())


def _escaped(text: str | bytes) -> str:
    return quote_plus(text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text)

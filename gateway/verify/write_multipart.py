"""Values to multipart bodies (RFC 2046, RFC 7578): a part for each property, or for each item.

What a part is comes from the Encoding Object, or from its value and schema (OpenAPI 3.2.0, Encoding Object,
"contentType").
"""

from collections.abc import Iterator
from itertools import count
from typing import Any, NamedTuple

from gateway.contract.model import Encoding, Header, MediaType
from gateway.validate.parts import styled
from gateway.validate.shape import conjuncts, items, kinds, properties
from gateway.validate.uris import child
from gateway.verify.sampler import Sampler
from gateway.verify.write_content import content
from gateway.verify.write_styles import as_it_is, field, pairs, text_of
from gateway.wire.media import Media, is_range, parse

_BOUNDARY = "next-part"
_STRUCTURED = frozenset(("object", "array"))
_OCTETS = Media("application", "octet-stream")
_TEXT = Media("text", "plain")
_OF_RANGE = {"image": Media("image", "png"), "text": _TEXT}  # what stands for a range


class _Part(NamedTuple):
    """Header fields in their order, and content."""

    fields: tuple[tuple[str, str], ...]
    data: bytes


def multipart(value: dict[str, Any] | list[Any], documented: MediaType, sampler: Sampler) -> tuple[bytes, str]:
    """The body and its boundary, which stands nowhere in a part."""
    parts = list(_named(value, documented, sampler) if isinstance(value, dict) else _listed(value, documented, sampler))
    tried = (f"{_BOUNDARY}-{number}" for number in count())
    boundary = next(text for text in tried if not any(f"--{text}".encode() in part.data for part in parts))
    line = f"--{boundary}\r\n".encode()
    return b"".join([line + _written(part) for part in parts]) + f"--{boundary}--\r\n".encode(), boundary


def _written(part: _Part) -> bytes:
    head = "".join(f"{name}: {text}\r\n" for name, text in part.fields).encode("utf-8", "surrogatepass")
    return head + b"\r\n" + part.data + b"\r\n"


def _named(value: dict[str, Any], documented: MediaType, sampler: Sampler) -> Iterator[_Part]:
    places = properties(sampler.schemas, documented.schema) if documented.schema else {}
    for name, inner in value.items():
        said = documented.encoding.get(name)
        if said is not None and styled(said):
            style = said.style or "form"
            explode = style == "form" if said.explode is None else said.explode
            for key, text in pairs(name, style, explode, inner, as_it_is):
                yield _Part((_disposition(key),), text.encode("utf-8", "surrogatepass"))
            continue
        for item in inner if isinstance(inner, list) else [inner]:
            place = places.get(name)
            if place is not None and isinstance(inner, list):
                place = items(sampler.schemas, place)
            part = _part(item, place, said, sampler)
            yield part._replace(fields=(_disposition(name), *part.fields))


def _disposition(name: str) -> tuple[str, str]:
    """WHATWG HTML, "multipart form data", says what is escaped."""
    quoted = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    return "Content-Disposition", f'form-data; name="{quoted}"'


def _listed(value: list[Any], documented: MediaType, sampler: Sampler) -> Iterator[_Part]:
    for index, item in enumerate(value):
        prefix = documented.prefix_encoding
        said = prefix[index] if index < len(prefix) else documented.item_encoding
        yield _part(item, _place(index, documented, sampler), said, sampler)


def _place(index: int, documented: MediaType, sampler: Sampler) -> str | None:
    """The schema of one position."""
    whole = documented.schema
    if whole is None:
        return documented.item_schema
    for place, schema in conjuncts(sampler.schemas, whole):
        if index < len(schema.get("prefixItems", ())):
            return child(place, "prefixItems", index)
    return items(sampler.schemas, whole) or documented.item_schema


def _part(value: Any, uri: str | None, said: Encoding | None, sampler: Sampler) -> _Part:
    media = _media(value, uri, said, sampler)
    name = f"{media.type}/{media.subtype}"
    fields = tuple(_headers(said.headers, sampler)) if said else ()
    if media.type == "multipart" and said is not None and isinstance(value, dict | list):
        inner = MediaType(
            name,
            uri,
            said.where,
            encoding=said.encoding,
            prefix_encoding=said.prefix_encoding,
            item_encoding=said.item_encoding,
        )
        data, boundary = multipart(value, inner, sampler)
        return _Part((("Content-Type", f"{name}; boundary={boundary}"), *fields), data)
    return _Part((("Content-Type", name), *fields), content(value, media, uri, sampler.schemas))


def _headers(headers: tuple[Header, ...], sampler: Sampler) -> Iterator[tuple[str, str]]:
    for header in headers:
        values = sampler.values(header.schema) if header.schema else ["a"]
        if header.required and values and header.name.lower() != "content-type":
            text = text_of(values[0]) if header.content else field(header.style, header.explode, values[0])
            yield header.name, text


def _media(value: Any, uri: str | None, said: Encoding | None, sampler: Sampler) -> Media:
    """The first media type that the document names; else what the value suggests."""
    stated = parse(said.content_type.split(",")[0].encode()) if said and said.content_type else None
    if stated is not None:
        return _member_of(stated)
    if isinstance(value, dict | list) or (
        value is None and uri and _STRUCTURED & (kinds(sampler.schemas, uri) or set())
    ):
        return Media("application", "json")
    return _OCTETS if uri is None or _is_file(uri, sampler) else _TEXT


def _member_of(range_: Media) -> Media:
    if not is_range(range_):
        return range_
    return _OF_RANGE.get(range_.type, _OCTETS)


def _is_file(uri: str, sampler: Sampler) -> bool:
    said = [schema for _, schema in conjuncts(sampler.schemas, uri)]
    return kinds(sampler.schemas, uri) is None or any(schema.get("format") == "binary" for schema in said)

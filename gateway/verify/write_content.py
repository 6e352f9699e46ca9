"""Values to content of a media type, one small function per format: the other direction of the decoders.

Media types in which text stands for values have no notation for some of them; those are written as JSON, and whoever
asks lets the compiled check decide.
"""

import csv
import json
from collections.abc import Callable, Sequence
from io import StringIO
from typing import Any

import cbor2
import msgpack

from gateway.contract.yaml_write import write as yaml_text
from gateway.validate.content.charsets import codec
from gateway.validate.content.xml_plan import is_element
from gateway.validate.schema import SchemaSet
from gateway.validate.shape import kinds
from gateway.verify.write_styles import text_of
from gateway.verify.write_xml import document
from gateway.wire.media import (
    Media,
    charset,
    is_cbor,
    is_csv,
    is_json,
    is_message_pack,
    is_xml,
    is_yaml,
)

Write = Callable[[Any, Media, "str | None", SchemaSet], bytes]

_LINES = frozenset(("x-ndjson", "ndjson", "jsonl", "x-jsonl", "jsonlines", "x-jsonlines", "json-lines"))
_TYPED = frozenset(("data", "event", "id", "retry"))


def json_content(value: Any) -> bytes:
    """RFC 8259; a lone surrogate comes out as what no UTF-8 text has."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def json_lines(items: Sequence[Any]) -> bytes:
    """A JSON text per line (jsonlines.org)."""
    return b"".join(json_content(item) + b"\n" for item in items)


def json_sequence(items: Sequence[Any]) -> bytes:
    """RFC 7464: each text behind a record separator."""
    return b"".join(b"\x1e" + json_content(item) + b"\n" for item in items)


def event_stream(events: Sequence[Any]) -> bytes:
    """WHATWG HTML, section 9.2: a line per field, an empty one behind each event."""
    return b"".join(b"".join(_event_fields(event)) + b"\n" for event in events)


def _event_fields(event: Any) -> list[bytes]:
    if not isinstance(event, dict):
        event = {"data": text_of(event)}
    lines = [
        f"{name}: {line}\n"
        for name, value in event.items()
        if name in _TYPED
        for line in text_of(value).split("\n" if name == "data" else "\0")
    ]
    return [line.encode("utf-8", "surrogatepass") for line in lines]


def csv_rows(rows: Any, header: bool) -> str:
    """RFC 4180: objects under a row of all names, an empty field for a name that one lacks; arrays as they are.
    `header` asks for a row of names above arrays, too."""
    if not isinstance(rows, list) or not all(isinstance(row, dict | list) for row in rows):
        return text_of(rows)
    out = StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_MINIMAL)
    names = list(dict.fromkeys(name for row in rows if isinstance(row, dict) for name in row))
    if names or header:
        writer.writerow(names or [f"column{n}" for n in range(max(map(len, rows), default=1))])
    for row in rows:
        fields = [row.get(name) for name in names] if isinstance(row, dict) else row
        writer.writerow(["" if field is None else text_of(field) for field in fields])
    return out.getvalue()


def _text(value: Any, media: Media, uri: str | None, schemas: SchemaSet) -> bytes:
    """In the charset of the media type."""
    return text_of(value).encode(codec(charset(media)) or "utf-8", "replace")


def _text_or(write: Callable[[Any, Media, str, SchemaSet], str]) -> Write:
    """Where the schema admits nothing but a string, that is the content, as in `text/plain`."""

    def written(value: Any, media: Media, uri: str | None, schemas: SchemaSet) -> bytes:
        admitted = kinds(schemas, uri) if uri else None
        plain = uri is None or (admitted is not None and admitted <= {"string", "null"})
        return _text(value if plain else write(value, media, uri or "", schemas), media, uri, schemas)

    return written


def _csv(value: Any, media: Media, uri: str, schemas: SchemaSet) -> str:
    return csv_rows(value, dict(media.parameters).get("header") == "present")


def _yaml(value: Any, media: Media, uri: str, schemas: SchemaSet) -> str:
    return yaml_text(value)


def _xml(value: Any, media: Media, uri: str | None, schemas: SchemaSet) -> bytes:
    if uri is None:
        return b"<root/>"
    if isinstance(value, str) and not is_element(uri, schemas):
        return _text(value, media, uri, schemas)
    return _text(document(value, uri, schemas), media, uri, schemas)


def _message_pack(value: Any, media: Media, uri: str | None, schemas: SchemaSet) -> bytes:
    packed: bytes = msgpack.packb(value, unicode_errors="surrogatepass")
    return packed


def _cbor(value: Any, media: Media, uri: str | None, schemas: SchemaSet) -> bytes:
    return cbor2.dumps(value)


def _items(write: Callable[[Sequence[Any]], bytes]) -> Write:
    return lambda value, media, uri, schemas: write(value if isinstance(value, list) else [value])


# The first that covers a type counts; `text/*` and binary content come last.
_FORMATS: tuple[tuple[Callable[[Media], bool], Write], ...] = (
    (lambda media: media.subtype in _LINES, _items(json_lines)),
    (lambda media: media.subtype.endswith("json-seq"), _items(json_sequence)),
    (lambda media: media[:2] == ("text", "event-stream"), _items(event_stream)),
    (is_json, lambda value, media, uri, schemas: json_content(value)),
    (is_xml, _xml),
    (is_yaml, _text_or(_yaml)),
    (is_csv, _text_or(_csv)),
    (is_message_pack, _message_pack),
    (is_cbor, _cbor),
    (lambda media: True, _text),
)
STREAMS = tuple(covers for covers, _ in _FORMATS[:3])


def is_stream(media: Media) -> bool:
    """Whether the content is a sequence of items."""
    return any(covers(media) for covers in STREAMS)


def content(value: Any, media: Media, uri: str | None, schemas: SchemaSet) -> bytes:
    """`value`, which the schema at `uri` describes, as content of a media type that is neither a form nor multipart."""
    write = next(write for covers, write in _FORMATS if covers(media))
    return write(value, media, uri, schemas)

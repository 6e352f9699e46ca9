"""`text/csv` (RFC 4180) to an array of objects, named by the header row, or to an array of arrays.

Read strictly: a quote inside a field that does not begin with one, fields behind a closing quote, lone carriage
returns and rows of different lengths are read in as many ways as there are readers.
"""

import re
from collections.abc import Callable, Sequence
from functools import cache

from gateway.validate.content.charsets import codec, text_of
from gateway.validate.explain import pointer_of
from gateway.validate.media import Decode
from gateway.validate.outline import Outline, Uris, converter_of, kinds_of, outline
from gateway.validate.primitives import Convert
from gateway.validate.schema import SchemaError, SchemaSet
from gateway.validate.terms import Terms
from gateway.validate.text import BadText
from gateway.wire.media import Media, charset

_FIELD = re.compile(r'(?:"((?:[^"]|"")*+)"|([^",\r\n]*+))(,|\r?\n|\Z)')

_Cell = Callable[[str], object]  # may answer _ABSENT
_ABSENT = object()


def compile_csv(uri: str, schemas: SchemaSet, terms: Terms) -> Callable[[Media], Decode | None]:
    """Rows are what the items of the array at `uri` are: objects, whose properties the header row names, or arrays,
    where a row of names is only there if the media type says `header=present`. Raises SchemaError for another shape.

    Without a header row there are no objects: None.
    """
    rows = outline(schemas, (uri,)).items
    row = outline(schemas, rows)
    shape = kinds_of(schemas, rows) - {"null"}
    if kinds_of(schemas, (uri,)) - {"null"} != {"array"} or len(shape) != 1 or not shape <= {"object", "array"}:
        raise SchemaError(uri, "CSV can only be judged as an array of objects or of arrays")
    named = shape == {"object"}
    read = (_objects if named else _arrays)(schemas, row)

    @cache  # as many as there are codecs
    def decoder(name: str, header: bool) -> Decode:
        return lambda data: read(_rows(text_of(data, name)), header)

    def decode(media: Media) -> Decode | None:
        header = dict(media.parameters).get("header", "present" if named else "absent").lower()
        name = codec(charset(media))
        if name is None or header not in ("present", "absent") or (named and header == "absent"):
            return None
        return decoder(name, header == "present")

    return decode


def _rows(text: str) -> list[list[str]]:
    """The rows, without a last one that is empty. Raises BadText."""
    if not text:
        raise BadText("must not be empty", "required")
    rows: list[list[str]] = [[]]
    position = 0
    while True:
        found = _FIELD.match(text, position)
        if found is None:
            raise BadText(f"breaks the grammar of CSV in row {len(rows)}")
        quoted, plain, end = found.groups()
        rows[-1].append(plain if quoted is None else quoted.replace('""', '"'))
        position = found.end()
        if end == ",":
            continue
        if position == len(text):
            break
        rows.append([])
    width = len(rows[0])
    for number, row in enumerate(rows):
        if len(row) != width:
            raise BadText(f"row {number + 1} has another number of fields than the first")
    return rows


def _objects(schemas: SchemaSet, row: Outline) -> Callable[[list[list[str]], bool], object]:
    cells = {name: _cell(schemas, uris) for name, uris in row.properties.items()}
    other = _cell(schemas, row.additional)

    def read(rows: list[list[str]], header: bool) -> object:
        names, *records = rows
        if len(set(names)) != len(names):
            raise BadText("has a header row that repeats a name")
        columns = [(name, cells.get(name, other)) for name in names]
        return [_object(columns, fields, index) for index, fields in enumerate(records)]

    return read


def _object(columns: Sequence[tuple[str, _Cell]], fields: Sequence[str], index: int) -> dict[str, object]:
    record = {}
    for (name, cell), text in zip(columns, fields, strict=True):
        try:
            value = cell(text)
        except BadText as error:
            raise BadText(error.message, error.keyword, pointer_of([index, name])) from None
        if value is not _ABSENT:
            record[name] = value
    return record


def _arrays(schemas: SchemaSet, row: Outline) -> Callable[[list[list[str]], bool], object]:
    cells = [_cell(schemas, uris) for uris in row.positions]
    other = _cell(schemas, row.items)

    def read(rows: list[list[str]], header: bool) -> object:
        records = rows[1:] if header else rows
        return [_array([*cells, other], fields, index) for index, fields in enumerate(records)]

    return read


def _array(cells: Sequence[_Cell], fields: Sequence[str], index: int) -> list[object]:
    record = []
    for position, text in enumerate(fields):
        try:
            value = cells[min(position, len(cells) - 1)](text)
        except BadText as error:
            raise BadText(error.message, error.keyword, pointer_of([index, position])) from None
        record.append(None if value is _ABSENT else value)
    return record


def _cell(schemas: SchemaSet, uris: Uris) -> _Cell:
    """From a field to its value. An empty field is an empty string where the schema admits one, else null where it
    admits that, else no value at all."""
    convert: Convert = converter_of(schemas, uris)
    admitted = kinds_of(schemas, uris)
    if not admitted or "string" in admitted:
        return convert
    empty = None if "null" in admitted else _ABSENT
    return lambda text: convert(text) if text else empty

"""Streams of items against their schema: each item by `itemSchema` while it passes, or all of them as an array.

OpenAPI 3.2.0, "Sequential Media Types": `schema` describes the complete content as an array, `itemSchema` each item.
A `schema` that admits no array cannot mean that; it is taken for what its author meant, the schema of each item.
"""

from collections.abc import Callable, Iterable

from gateway.contract.model import MediaType
from gateway.errors import Violation
from gateway.validate.decoders import decoder_of
from gateway.validate.events import Events
from gateway.validate.media import Bind, Decode, Family, MediaCheck, PieceJudge
from gateway.validate.schema import SchemaCheck, SchemaError, SchemaSet, constraints
from gateway.validate.sequences import Cutter, Lines, Sequence
from gateway.validate.shape import kinds, properties
from gateway.validate.terms import Terms
from gateway.validate.text import BadText
from gateway.wire.media import Media, is_utf8

_JSON = Media("application", "json")
_LINES = frozenset(("x-ndjson", "ndjson", "jsonl", "x-jsonl", "jsonlines", "x-jsonlines", "json-lines"))
_NO_EVENT = (
    "an event of text/event-stream is an object with data, event, id and retry; describe that in itemSchema (before "
    "3.2 in x-gateway.item-schema), and what data holds by contentMediaType and contentSchema; or pass it: "
    '`pass: ["media:text/event-stream"]`'
)


class ItemsJudge:
    """Judges one stream; a `PieceJudge`. Holds one item, and all values only when the whole has a schema."""

    __slots__ = ("_check", "_count", "_cutter", "_decode", "_item", "_values")

    def __init__(
        self, cutter: Cutter, decode: Decode | None, item: SchemaCheck | None, check: SchemaCheck | None
    ) -> None:
        """`decode` is None when the cutter gives values. `item` judges each of them, `check` their array."""
        self._cutter = cutter
        self._decode = decode
        self._item = item
        self._check = check
        self._count = 0
        self._values: list[object] = []

    def feed(self, data: bytes) -> list[Violation]:
        """What is wrong with the first bad item that `data` completes."""
        return self._judge(lambda: self._cutter.feed(data))

    def end(self) -> list[Violation]:
        """What is wrong with the last item, or with the whole."""
        found = self._judge(self._cutter.end)
        if found or self._check is None:
            return found
        return self._check.violations(self._values, "body")

    def _judge(self, items: Callable[[], Iterable[object]]) -> list[Violation]:
        pointer = ""
        try:
            for item in items():
                pointer = f"/{self._count}"
                value = self._decode(item) if self._decode is not None and isinstance(item, bytes) else item
                if self._item is not None and (flaws := self._item.violations(value, "body")):
                    return [flaw._replace(pointer=pointer + flaw.pointer) for flaw in flaws]
                if self._check is not None:
                    self._values.append(value)
                self._count += 1
                pointer = ""
        except BadText as error:
            return [Violation("body", "", pointer + error.pointer, error.keyword, error.message)]
        return []


def _compile(cutter: Callable[[int], Cutter], documented: MediaType, schemas: SchemaSet, terms: Terms) -> Bind:
    """The judge of a stream that `cutter` takes apart, given the limit of an item. Raises SchemaError."""
    item = _meant_for_items(documented, schemas)
    whole = whole_of(documented, schemas) if documented.schema != item else None
    item_check = schemas.check(item) if item else None
    check = schemas.check(whole) if whole else None
    decode = None if cutter is Events else _json(item or whole or "", schemas, terms)

    def open_() -> PieceJudge:
        return ItemsJudge(cutter(terms.limits.item), decode, item_check, check)

    def judge(data: bytes) -> list[Violation]:
        pieces = open_()
        return pieces.feed(data) or pieces.end()

    media_check = MediaCheck(None, open_) if check is None else MediaCheck(judge, slow=True)
    return lambda media: media_check if is_utf8(media) else None


def whole_of(documented: MediaType, schemas: SchemaSet) -> str | None:
    """The schema of all items together, None when there is none: a plain string beside the schema of the items says
    only that it is text. Raises SchemaError for anything else that is no array."""
    uri = documented.schema
    if uri is None or documented.item_schema is None or "array" in (kinds(schemas, uri) or ("array",)):
        return uri
    if kinds(schemas, uri) == frozenset(["string"]) and constraints(schemas.resolve(uri)[1]) <= {"type", "format"}:
        return None
    raise SchemaError(uri, "the schema of all items together has to be an array")


def _meant_for_items(documented: MediaType, schemas: SchemaSet) -> str | None:
    """The schema of each item, when there is one."""
    uri = documented.schema
    if documented.item_schema is None and uri is not None and "array" not in (kinds(schemas, uri) or ("array",)):
        return uri
    return documented.item_schema


def _json(uri: str, schemas: SchemaSet, terms: Terms) -> Decode | None:
    decoder = decoder_of(_JSON)
    return decoder.compile(uri, schemas, terms)(_JSON) if decoder else None


def _compile_lines(documented: MediaType, schemas: SchemaSet, terms: Terms) -> Bind:
    return _compile(Lines, documented, schemas, terms)


def _compile_sequence(documented: MediaType, schemas: SchemaSet, terms: Terms) -> Bind:
    return _compile(Sequence, documented, schemas, terms)


def _compile_events(documented: MediaType, schemas: SchemaSet, terms: Terms) -> Bind:
    item = _meant_for_items(documented, schemas)
    if item is not None and documented.item_schema is None and "data" not in properties(schemas, item):
        raise SchemaError(item, _NO_EVENT)
    return _compile(Events, documented, schemas, terms)


STREAMS = (
    Family("lines", lambda media: media.type in ("application", "text") and media.subtype in _LINES, _compile_lines),
    Family(
        "sequence", lambda media: media.subtype == "json-seq" or media.subtype.endswith("+json-seq"), _compile_sequence
    ),
    Family("events", lambda media: media[:2] == ("text", "event-stream"), _compile_events),
)

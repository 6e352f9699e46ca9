"""Parts to a value: an object of named parts or an array of parts in order, judged while the parts come.

What can be said of one part is said at its end; the whole is judged by its schema when the last one is there.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from gateway.config import Limits
from gateway.errors import Violation
from gateway.validate import ambiguity
from gateway.validate.disposition import parse_disposition
from gateway.validate.explain import pointer_of
from gateway.validate.media import Decode
from gateway.validate.multipart import Fields, Splitter
from gateway.validate.parts import PartReader
from gateway.validate.schema import SchemaCheck
from gateway.validate.styled import READER, Styled
from gateway.validate.text import BadText

_MOST = 20  # violations worth telling
MAX_PARTS = 1000  # of a body that is judged as one value


class Member(NamedTuple):
    """The parts of one name. `collect` makes the property's value of theirs, which are at least one; for an array it
    is `list`."""

    reader: PartReader
    repeats: bool
    collect: Callable[[list[object]], object]


_PIECES = Member(READER, True, lambda values: values)  # of properties in a style


class Layout(Protocol):
    """Where the parts of one body belong."""

    def admit(self, fields: Fields) -> tuple[PartReader, str]:
        """How a new part is read, and the pointer to its value. Raises BadText."""

    def add(self, value: object) -> None:
        """The value of the part admitted last."""

    def value(self) -> object:
        """All of them."""


class Named:
    """An object: each part is a property or an item of one (RFC 7578 section 4.3)."""

    __slots__ = ("_form", "_members", "_name", "_rest", "_styled", "_values")

    def __init__(
        self, members: dict[str, Member], rest: Member | None, form: bool, styled: Sequence[Styled] = ()
    ) -> None:
        """`rest` reads parts of other names; None refuses them. `form`: every part is `form-data`. `styled` are
        properties that may have several names."""
        self._members = members
        self._styled = styled
        self._rest = rest
        self._form = form
        self._name = ""
        self._values: dict[str, list[object]] = {}

    def admit(self, fields: Fields) -> tuple[PartReader, str]:
        raw = fields.get(b"content-disposition")
        given = parse_disposition(raw) if raw is not None else None
        if given is None or given.name is None or (self._form and given.type != "form-data"):
            raise BadText("has a part without a name of its own (Content-Disposition)")
        name = given.name
        if name == "_charset_":  # it would change how other parts are read (RFC 7578 section 4.6)
            raise BadText("has a part _charset_, which is not supported")
        member = self._member(name)
        if member is None:
            raise BadText("is not documented", "unknown", pointer_of([name]))
        if name not in self._members and member is self._rest and name.partition("[")[0] in self._members:
            raise BadText(ambiguity.BRACKETS, "syntax", pointer_of([name]))
        values = self._values.setdefault(name, [])
        if values and not member.repeats:
            raise BadText("is given more than once", "syntax", pointer_of([name]))
        self._name = name
        indexed = values or member.collect is list
        return member.reader, pointer_of([name, len(values)] if indexed else [name])

    def add(self, value: object) -> None:
        self._values[self._name].append(value)

    def value(self) -> object:
        """See Layout. Raises BadText for what a style cannot have written."""
        members = [(name, self._member(name), values) for name, values in self._values.items() if values]
        found = {name: member.collect(values) for name, member, values in members if member and member is not _PIECES}
        if self._styled:
            given: dict[bytes, Any] = {name.encode(): values for name, member, values in members if member is _PIECES}
            found |= {each.name: value for each in self._styled if (value := each.value(given)) is not None}
        return found

    def _member(self, name: str) -> Member | None:
        member = self._members.get(name)
        if member is None and any(each.keys.names(name.encode()) for each in self._styled):
            return _PIECES
        return member or self._rest


class Positional:
    """An array: the parts in their order. `keep` is False when nobody wants the whole."""

    __slots__ = ("_count", "_keep", "_prefix", "_rest", "_values")

    def __init__(self, prefix: tuple[PartReader, ...], rest: PartReader, keep: bool) -> None:
        self._prefix = prefix
        self._rest = rest
        self._keep = keep
        self._count = 0
        self._values: list[object] = []

    def admit(self, fields: Fields) -> tuple[PartReader, str]:
        index = self._count
        self._count += 1
        return self._prefix[index] if index < len(self._prefix) else self._rest, f"/{index}"

    def add(self, value: object) -> None:
        if self._keep:
            self._values.append(value)

    def value(self) -> object:
        return self._values


class PartsJudge:
    """Judges one multipart body; a `PieceJudge`. Holds one part, and the values that the whole is judged by: at most
    `limits.item` and `limits.body` bytes."""

    __slots__ = (
        "_check",
        "_content",
        "_decode",
        "_found",
        "_kept",
        "_layout",
        "_limits",
        "_parts",
        "_pointer",
        "_reader",
        "_size",
        "_splitter",
    )

    def __init__(self, boundary: bytes, layout: Layout, check: SchemaCheck | None, limits: Limits) -> None:
        """`check` judges the whole; None when only single parts are judged, and then their number is not limited."""
        self._splitter = Splitter(boundary, self)
        self._layout = layout
        self._check = check
        self._limits = limits
        self._found: list[Violation] = []
        self._parts = 0
        self._kept = 0  # bytes of the parts that are values now
        self._reader: PartReader | None = None  # of the open part; None for one that is wrong already
        self._decode: Decode | None = None  # None for a file
        self._pointer = ""
        self._size = 0
        self._content = bytearray()

    def feed(self, data: bytes) -> list[Violation]:
        """What is wrong with what `data` completes."""
        try:
            self._splitter.feed(data)
        except BadText as error:
            self._pointer = ""
            self._wrong(error.message, error.keyword)
        found, self._found = self._found[:_MOST], []
        return found

    def end(self) -> list[Violation]:
        """What is wrong with the whole."""
        try:
            self._splitter.end()
            value = self._layout.value() if self._check else None
        except BadText as error:
            return [Violation("body", "", error.pointer, error.keyword, error.message)]
        return self._check.violations(value, "body") if self._check else []

    def part(self, fields: Fields) -> None:
        """A part begins."""
        self._parts += 1
        if self._check is not None and self._parts > MAX_PARTS:
            raise BadText(f"has more than {MAX_PARTS} parts")
        self._pointer, self._size, self._content = "", 0, bytearray()
        try:
            self._reader, self._pointer = self._layout.admit(fields)
            self._found += self._reader.judge_fields(fields, self._pointer)
            self._decode = self._reader.decode(fields)
        except BadText as error:
            self._wrong(error.message, error.keyword, error.pointer)

    def data(self, piece: bytes) -> None:
        """Content of the open part."""
        if self._reader is None:
            return
        self._size += len(piece)
        if self._decode is None:
            self._judge_length(self._reader)
        elif self._size > self._limits.item or self._kept + self._size > self._limits.body:
            self._wrong("is larger than what is judged as a whole", "too-large")
        else:
            self._content += piece

    def part_end(self) -> None:
        """The open part is complete."""
        if self._reader is None:
            return
        if self._decode is None:
            self._layout.add(self._file(self._reader))
            return
        self._kept += self._size if self._check else 0
        try:
            value = self._decode(bytes(self._content))
        except BadText as error:
            self._wrong(error.message, error.keyword, error.pointer)
            return
        if self._reader.check is not None:
            flaws = self._reader.check.violations(value, "body")
            self._found += [flaw._replace(pointer=self._pointer + flaw.pointer) for flaw in flaws]
        self._layout.add(value)

    def _judge_length(self, reader: PartReader) -> None:
        limit, most = self._limits.part, reader.file.most if reader.file else None
        if most is not None and self._size > most:
            self._wrong(f"must have at most {most} octets", "maxLength")
        elif limit and self._size > limit:
            self._wrong(f"must have at most {limit} octets here", "too-large")

    def _file(self, reader: PartReader) -> str:
        if reader.file is None:
            return ""
        if self._size < reader.file.least:
            self._wrong(f"must have at least {reader.file.least} octets", "minLength")
        return reader.file.marker

    def _wrong(self, message: str, keyword: str, pointer: str = "") -> None:
        """Note it, and take no more of the open part."""
        self._found.append(Violation("body", "", self._pointer + pointer, keyword, message))
        self._reader = None
        self._content = bytearray()

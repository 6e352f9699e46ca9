"""A `multipart` body taken apart while it comes (RFC 2046 section 5.1), in the one notation that all readers share.

Readers of multipart disagree about everything that is odd: a preamble, blanks behind a boundary, line ends of LF or CR
alone, a boundary with something behind it. What one of them could take for another body is refused.
"""

import re
from collections.abc import Callable, Mapping
from typing import Protocol

from gateway.validate.text import BadText
from gateway.wire.media import Media

MAX_FIELDS = 16  # header fields of one part
MAX_HEAD = 8192  # bytes of them together

# RFC 2046 section 5.1.1 without the space, which some readers trim.
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,\-./:=?]{1,70}")
_FIELD = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*((?:[\t -~\x80-\xff]*[!-~\x80-\xff])?)[ \t]*")

Fields = Mapping[bytes, bytes]


class Sink(Protocol):
    """What takes the parts. It may raise BadText."""

    def part(self, fields: Fields) -> None:
        """A part begins; its header fields by lower-case name."""

    def data(self, piece: bytes) -> None:
        """Content of the part."""

    def part_end(self) -> None:
        """The part is complete."""


def is_multipart(media: Media) -> bool:
    """Whether content of this type is made of parts."""
    return media.type == "multipart"


def boundary_of(media: Media) -> bytes | None:
    """The boundary of a body; None when there is none, or when readers could take another one (RFC 2231 parameters)."""
    found = None
    for name, value in media.parameters:
        if name.startswith("boundary*"):
            return None
        if name == "boundary" and _BOUNDARY.fullmatch(value):
            found = value.encode()
    return found


class Splitter:
    """Gives the parts of one body to a sink. Holds the head of a part, or less than a boundary of its content."""

    __slots__ = ("_at", "_cr", "_dashes", "_data", "_lf", "_sink", "_step")

    def __init__(self, boundary: bytes, sink: Sink) -> None:
        self._dashes = b"--" + boundary
        self._lf = b"\n" + self._dashes
        self._cr = b"\r" + self._dashes
        self._sink = sink
        self._data = b""
        self._at = 0  # everything before is done with
        self._step: Callable[[], bool] = self._begin

    def feed(self, data: bytes) -> None:
        """More of the body. Raises BadText, and then must not be fed again."""
        self._data = self._data[self._at :] + data
        self._at = 0
        while self._step():
            pass

    def end(self) -> None:
        """Nothing more comes. Raises BadText."""
        if self._step != self._behind or len(self._data) - self._at == 1:
            raise BadText("ends before its last boundary")

    def _begin(self) -> bool:
        """The first boundary, with nothing before it but a line end."""
        expected = b"\r" + self._lf if self._data[:1] == b"\r" else self._dashes
        start = self._data[: len(expected)]
        if start != expected:
            if expected.startswith(start):
                return False
            raise BadText("does not begin with its boundary")
        return self._go(len(start), self._after)

    def _after(self) -> bool:
        """Behind a boundary: another part, or the end."""
        mark = self._data[self._at : self._at + 2]
        if len(mark) < 2:
            return False
        if mark == b"\r\n":
            return self._go(2, self._head)
        if mark == b"--":
            return self._go(2, self._behind)
        raise BadText("has a boundary that is followed by something else")

    def _head(self) -> bool:
        """The header fields of a part, which may be none."""
        if self._data.startswith(b"\r\n", self._at):
            self._sink.part({})
            return self._go(2, self._open)
        end = self._data.find(b"\r\n\r\n", self._at)
        if (len(self._data) if end < 0 else end) - self._at > MAX_HEAD:
            raise BadText(f"has a part whose header fields are longer than {MAX_HEAD} bytes")
        if end < 0:
            return False
        block = self._data[self._at : end]
        if self._dashes in block:
            raise BadText("has a boundary among the header fields of a part")
        self._sink.part(_fields(block))
        return self._go(end + 4 - self._at, self._open)

    def _open(self) -> bool:
        """The first bytes of content: a boundary here would be one to readers that want no blank line before it."""
        start = self._data[self._at : self._at + len(self._dashes)]
        if start == self._dashes:
            raise BadText("has a part without content before the next boundary")
        return not self._dashes.startswith(start) and self._go(0, self._content)

    def _content(self) -> bool:
        """Content up to the next boundary; of what could be the beginning of one nothing is given away."""
        data, at = self._data, self._at
        found = data.find(self._lf, at)
        stray = data.find(self._cr, at, len(data) if found < 0 else found)
        if stray >= 0 or (found >= 0 and (found == at or data[found - 1] != 0x0D)):
            raise BadText("has a boundary whose line does not begin behind CR LF")
        sure = max(at, len(data) - len(self._cr)) if found < 0 else found - 1
        if sure > at:
            self._sink.data(data[at:sure])
            self._at = sure
        if found < 0:
            return False
        self._sink.part_end()
        return self._go(found + len(self._lf) - self._at, self._after)

    def _behind(self) -> bool:
        """Behind the last boundary: nothing, or the end of its line."""
        if not b"\r\n".startswith(self._data[self._at :]):
            raise BadText("goes on behind its last boundary")
        return False

    def _go(self, count: int, step: Callable[[], bool]) -> bool:
        self._at += count
        self._step = step
        return True


def _fields(block: bytes) -> dict[bytes, bytes]:
    """The header fields of a part, by lower-case name. Raises BadText."""
    lines = block.split(b"\r\n")
    if len(lines) > MAX_FIELDS:
        raise BadText(f"has a part with more than {MAX_FIELDS} header fields")
    fields: dict[bytes, bytes] = {}
    for line in lines:
        found = _FIELD.fullmatch(line)
        if found is None:
            raise BadText("has a part with a header field that is not well formed")
        name = found[1].lower()
        if name in fields:
            raise BadText("has a part with the same header field twice")
        fields[name] = found[2]
    return fields

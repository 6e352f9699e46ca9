"""Streams of JSON texts cut into their items: JSON lines (jsonlines.org, NDJSON) and JSON text sequences (RFC 7464).

A cutter holds no more than one item. It gives an item away as soon as it is complete, so that an item is judged before
its end is passed on.
"""

import re
from collections.abc import Iterator
from typing import Protocol

from gateway.validate.text import BadText

_SEPARATOR = b"\x1e"  # RFC 7464 section 2.2: no JSON text can hold it
_OUTSIDE = re.compile(rb'["{}\[\]]')
_INSIDE = re.compile(rb'["\\]')


class Cutter(Protocol):
    """Cuts one stream into items of at most a number of bytes. Items come before what is wrong behind them."""

    def feed(self, data: bytes) -> Iterator[object]:
        """The items that `data` completes. Raises BadText when it cannot go on."""

    def end(self) -> Iterator[object]:
        """The items that the end completes. Raises BadText."""


def too_long(limit: int) -> BadText:
    """An item of more than `limit` bytes."""
    return BadText(f"has an item of more than {limit} bytes", "too-large")


class Lines:
    """One JSON text per line. Blank lines keep the connection alive and are no items."""

    __slots__ = ("_limit", "_open")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._open = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The lines that end in `data`."""
        first, *others = data.split(b"\n")
        self._open += first
        for following in others:
            yield from self._line()
            self._open = bytearray(following)
        if len(self._open) > self._limit:
            raise too_long(self._limit)

    def end(self) -> Iterator[bytes]:
        """The last line may do without an end."""
        return self._line()

    def _line(self) -> Iterator[bytes]:
        line = bytes(self._open)
        if len(line) > self._limit:
            raise too_long(self._limit)
        text = line.removesuffix(b"\r")
        if b"\r" in text:  # a line end to some readers
            raise BadText("has a carriage return within a line")
        if text.strip(b" \t"):
            yield text


class Sequence:
    """JSON texts, each between a record separator and a line feed. Line feeds within a text are white space."""

    __slots__ = ("_limit", "_nesting", "_open")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._open: bytearray | None = None  # the text behind a separator, until it is complete
        self._nesting = _Nesting()

    def feed(self, data: bytes) -> Iterator[bytes]:
        """The texts that a line feed or a separator in `data` completes."""
        first, *others = data.split(_SEPARATOR)
        self._take(first)
        for following in others:
            yield from self.end()
            self._open = bytearray()
            self._nesting = _Nesting()
            self._take(following)
        text = self._open
        if text and text.endswith(b"\n") and not text.isspace() and self._nesting.closed(text):
            yield from self.end()

    def end(self) -> Iterator[bytes]:
        """Without its line feed the last text could be cut off (RFC 7464 section 2.4)."""
        text = bytes(self._open or b"")
        self._open = None
        if text and not text.endswith(b"\n"):
            raise BadText("has a text that does not end with a line feed")
        if text:
            yield text

    def _take(self, text: bytes) -> None:
        if self._open is not None:
            self._open += text
            if len(self._open) > self._limit:
                raise too_long(self._limit)
        elif text.strip(b" \t\r\n"):
            raise BadText("has text that does not begin with a record separator")


class _Nesting:
    """Whether all brackets and strings of a JSON text are closed; looks at each byte once as the text grows."""

    __slots__ = ("_at", "_depth", "_string")

    def __init__(self) -> None:
        self._at = 0
        self._depth = 0
        self._string = False

    def closed(self, text: bytearray) -> bool:
        """`text` begins with what was given before."""
        while found := (_INSIDE if self._string else _OUTSIDE).search(text, self._at):
            mark = text[found.start()]
            self._at = found.end()
            if mark == 0x5C:  # a backslash: what it escapes may not be there yet
                self._at += 1
            elif mark == 0x22:
                self._string = not self._string
            else:
                self._depth += 1 if mark in b"{[" else -1
        self._at = max(self._at, len(text))
        return self._depth <= 0 and not self._string

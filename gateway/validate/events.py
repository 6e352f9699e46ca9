"""`text/event-stream` cut into events (WHATWG HTML, section 9.2 "Server-sent events").

An event is the object that OpenAPI 3.2.0 makes of it ("Special Considerations for Server-Sent Events"): `data`, `event`
and `id` are strings, `retry` is an integer. Comments, unknown fields and blocks without `data` are nothing to a client,
and so are no items.
"""

import re
from collections.abc import Iterator

from gateway.validate.sequences import too_long
from gateway.validate.text import BadText

_MARK = b"\xef\xbb\xbf"  # the byte order mark, which may stand at the very beginning
_DIGITS = re.compile(r"[0-9]{1,4000}")

Event = dict[str, object]


class Events:
    """Cuts one stream into events of at most a number of bytes; holds one event."""

    __slots__ = ("_begun", "_data", "_fields", "_limit", "_line", "_return", "_size")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._begun = False
        self._return = False  # the last byte was a carriage return: a line feed behind it belongs to it
        self._line = bytearray()
        self._size = 0  # bytes that the open event holds
        self._data: list[str] = []
        self._fields: Event = {}

    def feed(self, data: bytes) -> Iterator[Event]:
        """The events that `data` completes. Raises BadText: no UTF-8, or an event that is too long."""
        if self._return and data.startswith(b"\n"):
            data = data[1:]
        self._return = data.endswith(b"\r")
        if b"\r" in data:
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        first, *others = data.split(b"\n")
        self._line += first
        for following in others:
            yield from self._take(bytes(self._line))
            self._line = bytearray(following)
        if self._size + len(self._line) > self._limit:
            raise too_long(self._limit)

    def end(self) -> Iterator[Event]:
        """An event whose blank line never came: some clients deliver it all the same."""
        yield from self._take(bytes(self._line))
        yield from self._dispatch()

    def _take(self, line: bytes) -> Iterator[Event]:
        """One line, without its end; an event when it is the blank line behind one."""
        if not self._begun:
            self._begun = True
            line = line.removeprefix(_MARK)
        if line and not line.startswith(b":"):
            self._size += len(line) + 1
            if self._size > self._limit:
                raise too_long(self._limit)
            self._note(line)
        elif not line:
            yield from self._dispatch()

    def _note(self, line: bytes) -> None:
        try:
            name, _, value = line.decode().partition(":")
        except UnicodeDecodeError:
            raise BadText("is not valid UTF-8") from None
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event" or (name == "id" and "\0" not in value):
            self._fields[name] = value
        elif name == "retry" and _DIGITS.fullmatch(value):
            self._fields[name] = int(value)

    def _dispatch(self) -> Iterator[Event]:
        if self._data:
            yield {"data": "\n".join(self._data), **self._fields}
        self._data, self._fields, self._size = [], {}, 0

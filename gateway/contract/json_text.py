"""JSON text (RFC 8259) to Python values, with the traps of Python's own reader closed."""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any, NamedTuple, NoReturn

from gateway.contract import pointer as pointers
from gateway.contract.positions import Place


class TextFlaw(ValueError):
    """The text is not what it claims to be; lines and columns count from 1."""

    def __init__(self, line: int, column: int, message: str, hint: str = "", rule: str = "document-syntax") -> None:
        super().__init__(message)
        self.line, self.column, self.message, self.hint, self.rule = line, column, message, hint, rule


class Repeat(NamedTuple):
    """A key written twice in one mapping; lines and columns count from 1."""

    pointer: str
    line: int
    column: int
    first_line: int


class RepeatedKeys(ValueError):
    """Some mapping names a key twice."""

    def __init__(self, repeats: Iterable[Repeat]) -> None:
        super().__init__()
        self.repeats = list(repeats)


DEPTH = 200  # levels of nesting

_SPACE = re.compile(r"[ \t\n\r]*")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_skip = json.JSONDecoder().raw_decode


class _Repeated(Exception):
    """Seen while reading, before positions are known."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise _Repeated
    return value


class _Constant(Exception):
    """NaN or an infinity."""


def _no_constant(name: str) -> NoReturn:
    raise _Constant(name)


def parse(text: str) -> Any:
    """The value; raises `TextFlaw` or `RepeatedKeys`. NaN and infinities, lone surrogates and bottomless nesting
    are flaws."""
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant)
        if _SURROGATE.search(text):
            json.dumps(value, ensure_ascii=False).encode()
    except _Repeated:
        raise RepeatedKeys(_repeats(text)) from None
    except _Constant as error:
        where = _find(text, str(error))
        message = f"{error} is not a JSON value"
        raise TextFlaw(where.line, where.column, message, "write null or a number") from None
    except json.JSONDecodeError as error:
        raise TextFlaw(error.lineno, error.colno, f"not JSON: {error.msg}") from None
    except RecursionError:
        raise TextFlaw(1, 1, f"nested deeper than {DEPTH} levels") from None
    except UnicodeEncodeError:
        found = _SURROGATE.search(text)
        line, column = _Text(text).position(found.start() if found else 0)
        raise TextFlaw(line, column, "half of a surrogate pair is not a character") from None
    except ValueError as error:
        if isinstance(error, TextFlaw):
            raise
        raise TextFlaw(1, 1, "a number is too long") from None
    if _too_deep(value):
        raise TextFlaw(1, 1, f"nested deeper than {DEPTH} levels")
    return value


def _too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(DEPTH):
        level = [
            child
            for node in level
            for child in (node.values() if isinstance(node, dict) else node if isinstance(node, list) else ())
            if isinstance(child, dict | list)
        ]
        if not level:
            return False
    return True


def place(text: str) -> _JsonPlace:
    """The root's place; `text` must be JSON that `parse` accepts, apart from repeated keys."""
    whole = _Text(text)
    start = whole.after_space(0)
    return _JsonPlace(whole, start, start)


def _repeats(text: str) -> Iterator[Repeat]:
    todo = [("", place(text))]
    while todo:
        pointer, parent = todo.pop()
        first: dict[str, Place] = {}
        for key, child in parent.members():
            child_pointer = pointers.join(pointer, key)
            if first.setdefault(key, child) is not child:
                yield Repeat(child_pointer, child.line, child.column, first[key].line)
            todo.append((child_pointer, child))


def _find(text: str, start: str) -> Place:
    """The place of a value that begins with `start`, which is in the text."""
    todo = [place(text)]
    while not text.startswith(start, todo[-1].start):
        todo.extend(child for _, child in todo.pop().members())
    return todo[-1]


class _Text:
    """Text with a table of its lines."""

    __slots__ = ("lines", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = [0, *(found.end() for found in re.finditer("\n", text))]

    def position(self, offset: int) -> tuple[int, int]:
        line = bisect_right(self.lines, offset)
        return line, offset - self.lines[line - 1] + 1

    def after_space(self, offset: int) -> int:
        found = _SPACE.match(self.text, offset)
        return found.end() if found else offset


class _JsonPlace(Place):
    __slots__ = ("_text", "start")

    def __init__(self, text: _Text, shown: int, start: int) -> None:
        super().__init__(*text.position(shown))
        self._text = text
        self.start = start

    def members(self) -> Iterator[tuple[str, _JsonPlace]]:
        opening = self._text.text[self.start]
        if opening not in "{[":
            return
        text, index = self._text, 0
        at = text.after_space(self.start + 1)
        while text.text[at] not in "}]":
            shown, key = at, str(index)
            if opening == "{":
                key, at = scanstring(text.text, at + 1, True)
                at = text.after_space(text.after_space(at) + 1)
            yield key, _JsonPlace(text, shown, at)
            _, at = _skip(text.text, at)
            at = text.after_space(at)
            if text.text[at] == ",":
                at = text.after_space(at + 1)
            index += 1

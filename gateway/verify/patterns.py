"""Text that a regular expression matches, for the subset of ECMA-262 that documents are written in.

Literals, escapes, classes, groups, alternatives, quantifiers and back references to numbered groups. What look-around
and word boundaries ask for is left to chance, so that whoever asks has to judge the texts; of what is not understood
there are none.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

_LIKED = "a0A-_.~ !é@$#%&*"  # characters to choose from, the first ones first
_CLASSES = {"d": "0123456789", "w": "a0A_", "s": " \t"}
_PROPERTIES = {"L": "aA", "Lu": "A", "Ll": "a", "N": "0", "Nd": "0", "Alphabetic": "aA", "P": "-_.", "Letter": "aA"}
_CONTROL = {"n": "\n", "r": "\r", "t": "\t", "f": "\f", "v": "\v", "0": "\0"}


class _Unsupported(Exception):
    """Something in the pattern is beyond this subset."""


@dataclass(slots=True)
class _Item:
    """Something that may be repeated: one of some characters, or one of some sequences."""

    characters: str
    branches: list[list["_Item"]]
    least: int = 1
    most: int | None = 1


class _Way(NamedTuple):
    """How to choose: which of several branches, and whether repeated characters are all the same."""

    branch: int
    mixed: bool


_WAYS = tuple(_Way(branch, mixed) for branch in range(4) for mixed in (False, True))


def sample(pattern: str, length: int = 0) -> str | None:
    """A text that matches, grown to about `length` characters if the pattern has room; None when there is no telling.

    The caller judges the result: what other keywords say is not known here.
    """
    return next(samples(pattern, length), None)


def samples(pattern: str, length: int = 0) -> Iterator[str]:
    """Different texts that `sample` could give."""
    try:
        reader = _Reader(pattern)
        branches = reader.branches()
        if reader.rest():
            return
    except (_Unsupported, IndexError, ValueError):
        return
    texts = (_of_length(branches[min(way.branch, len(branches) - 1)], length, way) for way in _WAYS)
    yield from dict.fromkeys(texts)


def _of_length(items: list[_Item], length: int, way: _Way) -> str:
    text = _write(items, None, 0, way)
    growing = next((item for item in reversed(items) if item.most is None or item.most > item.least), None)
    if growing is None or len(text) >= length:
        return text
    step = max(1, len(_write([growing], growing, 1, way)) - len(_write([growing], None, 0, way)))
    more = (length - len(text)) // step
    return _write(items, growing, more if growing.most is None else min(more, growing.most - growing.least), way)


def _write(items: list[_Item], growing: _Item | None, more: int, way: _Way) -> str:
    parts = []
    for item in items:
        count = item.least + (more if item is growing else 0)
        if item.characters:
            chosen = item.characters if way.mixed else item.characters[0]
            parts.append((chosen * (count // len(chosen) + 1))[:count])
        elif item.branches:
            parts.append(_write(item.branches[min(way.branch, len(item.branches) - 1)], None, 0, way) * count)
    return "".join(parts)


class _Reader:
    """A recursive-descent parser."""

    def __init__(self, pattern: str) -> None:
        self._text = pattern
        self._at = 0
        self._groups: list[_Item] = []

    def rest(self) -> str:
        return self._text[self._at :]

    def branches(self) -> list[list[_Item]]:
        found: list[list[_Item]] = [[]]
        while self._at < len(self._text) and self._text[self._at] != ")":
            if self._next_is("|"):
                found.append([])
            elif not (self._next_is("^") or self._next_is("$")):
                found[-1].append(self._quantified(self._atom()))
        return found

    def _next_is(self, text: str) -> bool:
        if not self._text.startswith(text, self._at):
            return False
        self._at += len(text)
        return True

    def _take(self) -> str:
        self._at += 1
        return self._text[self._at - 1]

    def _atom(self) -> _Item:
        if self._next_is("("):
            return self._group()
        if self._next_is("["):
            return _Item(self._class(), [])
        if self._next_is("."):
            return _Item(_LIKED, [])
        character = self._take()
        if character != "\\":
            return _Item(character, [])
        letter = self._text[self._at]
        if letter in "bB":
            self._at += 1
            return _Item("", [])
        if letter in "123456789" and int(letter) <= len(self._groups):
            self._at += 1
            return replace(self._groups[int(letter) - 1], least=1, most=1)
        return _Item(self._escape(), [])

    def _group(self) -> _Item:
        """What stands behind its opening parenthesis; look-around takes no room."""
        around = any(self._next_is(sign) for sign in ("?=", "?!", "?<=", "?<!"))
        counted = not around and not self._next_is("?:")
        if counted and self._next_is("?<"):
            self._at = self._text.index(">", self._at) + 1
        elif self._next_is("?"):
            raise _Unsupported
        item = _Item("", [])
        if counted:
            self._groups.append(item)
        branches = self.branches()
        if self._take() != ")":
            raise _Unsupported
        item.branches = [] if around else branches
        return item

    def _escape(self) -> str:
        """What stands behind a backslash, as the characters it admits."""
        letter = self._take()
        if letter in _CLASSES:
            return _CLASSES[letter]
        if letter in "DWS":
            return _without(_CLASSES[letter.lower()])
        if letter in _CONTROL:
            return _CONTROL[letter]
        if letter == "p" and self._next_is("{"):
            name, _, _ = self.rest().partition("}")
            self._at += len(name) + 1
            return _PROPERTIES.get(name.rpartition("=")[2]) or self._unsupported()
        digits = {"x": 2, "u": 4}.get(letter)
        if digits:
            self._at += digits
            return chr(int(self._text[self._at - digits : self._at], 16))
        if letter.isalnum():
            raise _Unsupported
        return letter

    def _unsupported(self) -> str:
        raise _Unsupported

    def _class(self) -> str:
        negated = self._next_is("^")
        admitted = ""
        while not self._next_is("]"):
            first = self._member()
            if len(first) == 1 and self._text[self._at] == "-" and self._text[self._at + 1] != "]":
                self._at += 1
                first = "".join(map(chr, range(ord(first), min(ord(self._member()), ord(first) + 0x2000) + 1)))
            admitted += first
        if negated:
            return _without(admitted)
        return "".join(liked for liked in _LIKED if liked in admitted) or admitted

    def _member(self) -> str:
        character = self._take()
        return self._escape() if character == "\\" else character

    def _quantified(self, item: _Item) -> _Item:
        for sign, least, most in (("*", 0, None), ("+", 1, None), ("?", 0, 1)):
            if self._next_is(sign):
                item.least, item.most = least, most
                break
        else:
            if self._next_is("{"):
                bounds, _, rest = self.rest().partition("}")
                low, comma, high = bounds.partition(",")
                item.least, item.most = int(low), int(high) if high else None if comma else int(low)
                self._at = len(self._text) - len(rest)
        self._next_is("?")  # lazy or greedy, the text is the same
        return item


def _without(characters: str) -> str:
    found = "".join(liked for liked in _LIKED if liked not in characters)
    if not found:
        raise _Unsupported
    return found

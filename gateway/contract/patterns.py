"""Regular expressions of ECMA-262, as `pattern` and `patternProperties` have them, in the words of the schema engine.

The engine understands most of the dialect: ASCII `\\d` and `\\w`, `$` only at the very end, look-around, Unicode
properties. Written differently for it are a named back reference, the empty class and its opposite, NUL, a backspace in
a class, and the dot, which in ECMA-262 matches no line terminator.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from gateway.validate.explain import DOT

_OUTSIDE = re.compile(
    r"(?P<back>\\k<[^>]+>)|(?P<nul>\\0(?![0-9]))|(?P<escape>\\[\s\S])|(?P<none>\[\])|(?P<all>\[\^\])|(?P<class>\[\^?)"
    r"|(?P<named>\(\?<[^=!>][^>]*>)|(?P<group>\((?!\?))|(?P<modified>\(\?[ims]*-?[ims]*:)|(?P<look>\(\?<?[=!])"
    r"|(?P<foreign>\(\?[^)]?|(?:[*+?]|\{[0-9]+(?:,[0-9]*)?\})\+)|(?P<dot>\.)|(?P<other>[\s\S])"
)
_INSIDE = re.compile(r"(?P<nul>\\0(?![0-9]))|(?P<backspace>\\b)|(?P<escape>\\[\s\S])|(?P<end>\])|(?P<other>[\s\S])")
_WORDS = {"nul": r"\x00", "none": r"[^\s\S]", "all": r"[\s\S]", "backspace": r"\x08", "dot": DOT}


class _Token(NamedTuple):
    kind: str
    text: str


@lru_cache(4096)
def translated(pattern: str) -> str:
    """The same expression for the engine. What is no expression stays none, and the engine says so."""
    numbers: dict[str, int] = {}
    count = 0
    for token in _tokens(pattern):
        count += token.kind in ("named", "group")
        if token.kind == "named":
            numbers[token.text[3:-1]] = count
    return "".join(_word(token, numbers) for token in _tokens(pattern))


def _word(token: _Token, numbers: dict[str, int]) -> str:
    if token.kind == "back" and token.text[3:-1] in numbers:
        return rf"(?:\{numbers[token.text[3:-1]]})"
    return _WORDS.get(token.kind, token.text)


@lru_cache(4096)
def foreign(pattern: str) -> str:
    """The first thing in a pattern that is no ECMA-262, although the engine may understand it; "" when nothing is."""
    return next((token.text for token in _tokens(pattern) if token.kind == "foreign"), "")


def _tokens(pattern: str) -> Iterator[_Token]:
    reader, position = _OUTSIDE, 0
    while found := reader.match(pattern, position):
        kind = found.lastgroup or "other"
        yield _Token(kind, found[0])
        position = found.end()
        reader = _INSIDE if kind == "class" else _OUTSIDE if kind == "end" else reader

"""JSON bytes to a value that every other JSON parser would read the same way.

orjson does the work. It keeps only the last of two members with one name, and turns integers beyond 64 bits into
floats; both would let a backend see something else than what was judged. Bodies that could be affected are
recognised by two cheap counts and go the exact, slower way.
"""

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

# A JSON document that is known to be valid, cut into what matters for member names.
_TOKENS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[{}\[\],]', re.DOTALL)
_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_LONG = b"0" * 19  # the least number of digits of an integer that needs more than 64 bits
_PRECISE = b"0" * 16  # digits that double precision may not hold; it holds any 15, unless the number is tiny
_TINY = (b"0e-000", b"0E-000")
_NUMBERS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|-?[0-9][0-9.eE+-]*+', re.DOTALL)


class NotJson(Exception):
    """The bytes are not JSON, or not JSON that everybody reads alike. The message never quotes the bytes."""


def loads(data: bytes) -> Any:
    """Parse `data` (UTF-8, without byte order mark). Integers are exact, whatever their size.

    Raises NotJson: bad syntax, NaN, a number beyond double precision's range, lone surrogates, more than 1024
    levels, a member name that is given twice in one object (RFC 8259 section 4 calls the result unpredictable).
    """
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise NotJson(f"is not valid JSON: {error.msg} (line {error.lineno}, column {error.colno})") from None
    if _may_repeat(data, value):
        _refuse_repetition(data)
    if _LONG in data.translate(_DIGITS):
        return _exact(data)
    return value


def refuse_rounding(data: bytes) -> None:
    """Raise NotJson for a number that a reader in double precision changes. `data` is valid JSON.

    A number is fine when a double has exactly its value, or when it is the notation of the double in 17 digits or
    fewer, like `0.1` (RFC 8259 section 6, RFC 7493 section 2.2). Nearly free where no number has more than 15 digits.
    """
    digits = data.translate(_DIGITS, b".")
    if _PRECISE not in digits and not any(mark in digits for mark in _TINY):
        return
    for token in _NUMBERS.finditer(data):
        if data[token.start()] != 0x22 and not _held(token[0].decode()):
            raise NotJson(f"holds a number that double precision would round ({_position(data, token.start())})")


def _held(text: str) -> bool:
    value = float(text)
    try:
        return Decimal(text) in (Decimal(value), Decimal(repr(value)))
    except InvalidOperation:  # an exponent of more than 18 digits
        return False


def _may_repeat(data: bytes, value: Any) -> bool:
    """Whether a member may have been dropped: then there are fewer colons in the value than in the text.

    Escaped colons would blur the count, so a text that might hold one always counts as suspect.
    """
    colons = data.count(b":")
    if colons < 2:
        return False
    try:
        return (b"\\" in data and b"\\u003" in data) or orjson.dumps(value).count(b":") != colons
    except orjson.JSONEncodeError:  # nested deeper than orjson can write
        return True


def _refuse_repetition(data: bytes) -> None:
    """Look at each member name once. `data` is valid JSON; time and memory are linear in its length."""
    scopes: list[set[str] | None] = []  # the names seen in each open object; None for an array
    name_due = False
    for token in _TOKENS.finditer(data):
        mark = data[token.start()]
        if mark == 0x22:  # a string
            if name_due:
                name_due = False
                name, names = orjson.loads(token[0]), scopes[-1]
                if names is None or name in names:
                    raise NotJson(f"repeats a member name within one object ({_position(data, token.start())})")
                names.add(name)
        elif mark == 0x2C:  # a comma
            name_due = scopes[-1] is not None
        elif mark in b"{[":
            name_due = mark == 0x7B
            scopes.append(set() if name_due else None)
        else:
            name_due = False
            scopes.pop()


def _position(data: bytes, offset: int) -> str:
    return f"line {data.count(10, 0, offset) + 1}, column {offset - data.rfind(10, 0, offset)}"


def _exact(data: bytes) -> Any:
    """Once more, with integers of any size."""
    try:
        return json.loads(data)
    except RecursionError:
        raise NotJson("is nested too deeply") from None
    except ValueError:  # more digits than int() converts; orjson's own limits come first
        raise NotJson("holds an integer that is too long") from None

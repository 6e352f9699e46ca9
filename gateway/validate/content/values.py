"""Decoded values as JSON Schema knows them: what is said differently in a binary format, and what cannot be said."""

from base64 import b64encode
from collections.abc import Callable
from math import isfinite
from typing import Any

from gateway.validate.text import BadText

DEPTH = 200  # levels of arrays and objects; the formats here nest deeper than any schema means to
_BITS = 13_000  # of an integer: about 4,000 digits

Convert = Callable[[Any], object]


def finite(value: float) -> float:
    """Raises BadText for what JSON has no number for (RFC 8259 section 6)."""
    if not isfinite(value):
        raise BadText("holds a number that is not finite")
    return value


def bounded(value: int) -> int:
    """Raises BadText for an integer that takes longer to write than it is worth."""
    if value.bit_length() > _BITS:
        raise BadText("holds an integer that is too long")
    return value


def base64(value: bytes) -> str:
    """A byte string stands in JSON as its base64 text (RFC 8949 section 6.1; alphabet and padding of RFC 4648
    section 4, which is what `format: byte` and `contentEncoding: base64` mean)."""
    return b64encode(value).decode()


SCALARS: dict[type, Convert] = {float: finite, int: bounded, bytes: base64}
_FINE = frozenset((str, bool, type(None)))


def json_value(root: object, more: dict[type, Convert]) -> object:
    """The value with each scalar converted by its type, in place. Nested no deeper than whoever decoded it allows.

    `more` adds types to those that every format has. Raises BadText: a key that is no string, a type without
    conversion.
    """
    converts = SCALARS | more
    holder = [root]
    open_: list[Any] = [holder]
    while open_:
        node = open_.pop()
        for key, value in node.items() if type(node) is dict else enumerate(node):
            kind = type(value)
            if kind in _FINE:
                continue
            if kind is list:
                open_.append(value)
            elif kind is dict:
                _string_keys(value)
                open_.append(value)
            elif kind in converts:
                node[key] = converts[kind](value)
            else:
                raise BadText("holds a value that JSON Schema does not know")
    return holder[0]


def _string_keys(value: dict[Any, Any]) -> None:
    for key in value:
        if type(key) is not str:
            raise BadText("has a key that is not a string")

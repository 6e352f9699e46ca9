"""JSON values as YAML 1.2 in block style, several times faster than a general YAML emitter.

Strings that a reader could take for something else are written in double quotes, as in JSON, of which YAML is a
superset; text of several lines becomes a literal block.
"""

import json
import re
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any

_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_/{}.()-]*(?: [A-Za-z0-9_/{}.(),;'-]+)*").fullmatch
_WORDS = frozenset(("true", "false", "null", "yes", "no", "on", "off", "y", "n"))  # in any case, for YAML 1.1
_UNPRINTABLE = re.compile("[\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff]")  # not for every reader; see YAML 1.2 section 5.1
_DELICATE = re.compile(r"\A[ \t]|^[ \t]+$|[\x00-\x08\x0b-\x1f]|" + _UNPRINTABLE.pattern, re.MULTILINE)  # in a block
_CHOMPING = {0: "|-", 1: "|"}


def write(value: Any) -> str:
    """`value`, made of dictionaries with string keys, lists, strings, numbers, booleans and None."""
    lines: list[str] = []
    if _nests(value):
        _write(value, "", "", lines)
    else:
        lines.append(f"{_scalar(value, '  ')}\n")
    return "".join(lines)


def _write(node: Any, start: str, indent: str, lines: list[str]) -> None:
    """Add the lines of a mapping or list; the first one begins with `start`, all others with `indent`."""
    deeper = indent + "  "
    if isinstance(node, dict):
        for key, value in node.items():
            if _nests(value):
                lines.append(f"{start}{_key(key)}:\n")
                _write(value, deeper, deeper, lines)
            else:
                lines.append(f"{start}{_key(key)}: {_scalar(value, deeper)}\n")
            start = indent
    else:
        for value in node:
            if _nests(value):
                _write(value, f"{start}- ", deeper, lines)
            else:
                lines.append(f"{start}- {_scalar(value, deeper)}\n")
            start = indent


def _nests(value: Any) -> bool:
    return isinstance(value, (dict, list)) and len(value) > 0


def _scalar(value: Any, indent: str) -> str:
    if isinstance(value, str):
        return _block(value, indent) if "\n" in value else _string(value)
    if isinstance(value, float):
        return _float(value)
    return json.dumps(value)


def _string(text: str) -> str:
    if _PLAIN(text) and text.lower() not in _WORDS:
        return text
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", encode_basestring(text))


_key = lru_cache(4096)(_string)  # most keys are the specification's, again and again


def _block(text: str, indent: str) -> str:
    """Text of several lines as a literal block (YAML 1.2 section 8.1.2) where nothing in it is delicate."""
    body = text.rstrip("\n")
    chomping = _CHOMPING.get(len(text) - len(body))
    if chomping is None or not body or body[0] == "\n" or _DELICATE.search(body):
        return _string(text)
    return chomping + "".join(f"\n{indent}{line}" if line else "\n" for line in body.split("\n"))


def _float(value: float) -> str:
    """With a point: YAML 1.1 readers take `1e+20` for text."""
    text = json.dumps(value)
    mantissa, e, exponent = text.partition("e")
    return text if "." in mantissa or not e else f"{mantissa}.0e{exponent}"

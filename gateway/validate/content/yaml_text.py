"""YAML content (RFC 9512) to values: the core schema of YAML 1.2 (section 10.3), keys always strings.

libyaml parses, and values are made of its events one by one: PyYAML's own loaders follow YAML 1.1, build what a tag
names, and recurse as deep as the text. What readers do not agree on is refused: tags, aliases, merge keys, repeated
keys, directives, more than one document.
"""

import re
from collections.abc import Callable, Iterator
from math import isinf
from typing import Any

from yaml import MarkedYAMLError, YAMLError
from yaml.cyaml import CParser  # type: ignore[attr-defined]
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
)

from gateway.validate.content.charsets import text_of
from gateway.validate.content.values import DEPTH
from gateway.validate.media import Decode
from gateway.validate.schema import SchemaSet
from gateway.validate.terms import Terms
from gateway.validate.text import BadText
from gateway.wire.media import Media, is_utf8

_CONSTANTS: dict[str, object] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_DECIMAL = re.compile(r"[-+]?[0-9]+")
_BASED = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_NUMERIC_START = frozenset("-+.0123456789")
_DIGITS = 4000  # of an integer
# libyaml compares each directive with all before it, so they have to be found before it reads them.
_DIRECTIVE = re.compile(r"(?:\A|[\r\n])%")
_OLD_BREAK = re.compile(r"[\x85\u2028\u2029]")  # they end lines, and so comments, in YAML 1.1 only


def compile_yaml(uri: str, schemas: SchemaSet, terms: Terms) -> Callable[[Media], Decode | None]:
    """The decoder of every media type whose content is YAML; that is UTF-8."""
    return lambda media: decode_yaml if is_utf8(media) else None


def decode_yaml(data: bytes) -> object:
    """The value of the one document in `data`. Linear in its length, memory too.

    Raises BadText: bad syntax, what readers do not agree on, more than `DEPTH` levels, numbers that are not finite.
    """
    text = text_of(data, "utf-8")
    if _OLD_BREAK.search(text):
        raise BadText("has a character that is a line break to some readers only")
    if _DIRECTIVE.search(text):
        raise BadText("has a line that begins like a directive, which is not accepted here")
    try:
        return _value(_events(CParser(text)))
    except MarkedYAMLError as error:
        raise _bad_at(error.problem_mark or error.context_mark, "is not valid YAML") from None
    except (YAMLError, ValueError):  # characters that YAML does not have
        raise BadText("is not valid YAML") from None


def _events(parser: Any) -> Iterator[Any]:
    """The events of the content of the only document."""
    parser.get_event()  # the start of the stream
    if not isinstance(parser.get_event(), DocumentStartEvent):
        raise BadText("must not be empty", "required")
    depth = 0
    while True:
        event = parser.get_event()
        yield event
        depth += isinstance(event, SequenceStartEvent | MappingStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > DEPTH:
            raise BadText(f"is nested deeper than {DEPTH} levels")
        if not depth:
            break
    parser.get_event()  # the end of the document
    if isinstance(parser.get_event(), DocumentStartEvent):
        raise BadText("holds more than one document")


class _Sequence:
    """One that is being read."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value: list[Any] = []

    def take(self, event: Event, value: object) -> None:
        self.value.append(_scalar(event) if isinstance(event, ScalarEvent) else value)


class _Mapping:
    """One that is being read: keys and values in turn."""

    __slots__ = ("_key", "value")

    def __init__(self) -> None:
        self.value: dict[str, Any] = {}
        self._key: str | None = None

    def take(self, event: Event, value: object) -> None:
        if self._key is not None:
            self.value[self._key] = _scalar(event) if isinstance(event, ScalarEvent) else value
            self._key = None
            return
        if not isinstance(event, ScalarEvent):
            raise _bad(event, "has a key that is not a string")
        if event.value == "<<" and event.implicit[0]:
            raise _bad(event, "has a merge key, which not every reader knows")
        if event.value in self.value:
            raise _bad(event, "repeats a key within one mapping")
        self._key = event.value


def _value(events: Iterator[Any]) -> object:
    """The value that the events describe, with a stack of what is open instead of recursion."""
    root = _Sequence()
    open_: list[_Sequence | _Mapping] = [root]
    for event in events:
        if isinstance(event, CollectionEndEvent):
            open_.pop()
        elif isinstance(event, AliasEvent):
            raise _bad(event, "has an alias, which is not accepted")
        elif event.tag is not None:
            raise _bad(event, "has a tag, which is not accepted")
        elif isinstance(event, ScalarEvent):
            open_[-1].take(event, None)
        else:
            inner = _Mapping() if isinstance(event, MappingStartEvent) else _Sequence()
            open_[-1].take(event, inner.value)
            open_.append(inner)
    return root.value[0]


def _scalar(event: ScalarEvent) -> object:
    text: str = event.value
    if not event.implicit[0]:  # quoted, or a block
        return text
    if text[:1] in _NUMERIC_START:
        return _number(event, text)
    return _CONSTANTS.get(text, text)


def _number(event: ScalarEvent, text: str) -> object:
    if _DECIMAL.fullmatch(text) or _BASED.fullmatch(text):
        if len(text) > _DIGITS:
            raise _bad(event, "holds an integer that is too long")
        return int(text, 0 if text[:2] in ("0o", "0x") else 10)
    if _NOT_FINITE.fullmatch(text):
        raise _bad(event, "holds a number that is not finite")
    if not _FLOAT.fullmatch(text):
        return text
    number = float(text)
    if isinf(number):
        raise _bad(event, "holds a number that is too large")
    return number


def _bad(event: Event, problem: str) -> BadText:
    return _bad_at(event.start_mark, problem)


def _bad_at(mark: Any, problem: str) -> BadText:
    return BadText(f"{problem} (line {mark.line + 1}, column {mark.column + 1})" if mark else problem)

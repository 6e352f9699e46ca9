"""Single texts to values: integers, numbers, booleans and strings in the one notation that JSON has for each.

`null` has no notation (RFC 6570 section 2.3: an undefined value is left out), so a nullable schema decodes like
the same schema without null.
"""

import re
from collections.abc import Callable
from typing import Any, AnyStr

from gateway.validate.explain import must_be
from gateway.validate.schema import ANNOTATIONS, SchemaCheck, SchemaSet
from gateway.validate.shape import conjuncts, kinds, primitives
from gateway.validate.text import PERCENT, BadText

Convert = Callable[[str], object]  # raises BadText

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*+)")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?(?:[eE][+-]?[0-9]++)?")
NUMERIC = frozenset(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"))
_MANY_ENOUGH = 1000  # members of an enumeration that is worth a set
_DIGITS = 4000  # of an integer


def integer(text: str) -> int:
    """RFC 8259 section 6 without fraction and exponent; exact. Raises BadText."""
    if not _INTEGER.fullmatch(text) or len(text) > _DIGITS:
        raise BadText(must_be(["integer"]), "type")
    return int(text)


def number(text: str) -> int | float:
    """RFC 8259 section 6; integers stay exact, the rest is double precision. Raises BadText."""
    if _INTEGER.fullmatch(text):
        return integer(text)
    if not _NUMBER.fullmatch(text) or (value := float(text)) in (float("inf"), float("-inf")):
        raise BadText(must_be(["number"]), "type")
    return value


def boolean(text: str) -> bool:
    """`true` or `false`. Raises BadText."""
    if text not in ("true", "false"):
        raise BadText(must_be(["boolean"]), "type")
    return text == "true"


def string(text: str) -> str:
    """Any text is a string."""
    return text


_CONVERT: dict[str, Convert] = {"integer": integer, "number": number, "boolean": boolean, "string": string}


def converter(schemas: SchemaSet, uri: str) -> Convert:
    """The function from text to value for the schema at `uri`. Raises SchemaError when text has no single value here
    (objects, arrays)."""
    primitives(schemas, uri)
    return single_converter(schemas, uri)


def single_converter(schemas: SchemaSet, uri: str) -> Convert:
    """The function from text to those values of the schema at `uri` that are neither arrays nor objects.

    Where several types are possible, they are tried in the order integer, number, boolean, string, and the first
    valid value counts. Where no type is said but bounds are, a text that is a number is that number.
    """
    admitted = _single_types(schemas, uri)
    if kinds(schemas, uri) is None and any(not NUMERIC.isdisjoint(part) for _, part in conjuncts(schemas, uri)):
        return _number_or_text
    alternatives = [convert for kind, convert in _CONVERT.items() if kind in admitted]
    if len(alternatives) == 1:
        return alternatives[0]
    if not alternatives:  # only null, which no text is
        return string
    return _first_valid(alternatives, schemas.check(uri), must_be(admitted - {"null"}))


def _number_or_text(text: str) -> object:
    try:
        return number(text)
    except BadText:
        return text


def _single_types(schemas: SchemaSet, uri: str) -> frozenset[str]:
    admitted = kinds(schemas, uri)
    return frozenset(["string"]) if admitted is None else admitted - {"array", "object"}


def _first_valid(alternatives: list[Convert], check: SchemaCheck, otherwise: str) -> Convert:
    def convert(text: str) -> object:
        values = []
        for alternative in alternatives:
            try:
                value = alternative(text)
            except BadText:
                continue
            if check.is_valid(value):
                return value
            values.append(value)
        if not values:
            raise BadText(otherwise, "type")
        return values[0]

    return convert


def certain(
    schemas: SchemaSet, uri: str, raw: type[AnyStr], exact: Callable[[AnyStr], bool]
) -> Callable[[AnyStr], bool]:
    """A fast test for raw texts (str or bytes): True means that `exact` holds; False means nothing.

    Integers, short strings and enumerations are most of all parameters, and need neither decoding nor the engine.
    """
    _, schema = schemas.resolve(uri)
    if isinstance(schema, bool):
        return exact
    keywords = {key for key in schema if key not in ANNOTATIONS and not key.startswith("x-")}
    admitted = primitives(schemas, uri) - {"null"}
    if "enum" in schema or "const" in schema or admitted == {"boolean"}:
        members = _texts(schema.get("enum", [schema["const"]] if "const" in schema else [True, False]))
        encoded = (member if issubclass(raw, str) else member.encode() for member in members)
        return frozenset(member for member in encoded if exact(member)).__contains__
    if admitted == {"integer"} and keywords <= {"type", "format", "minimum", "maximum"}:
        return _small_integer(raw, schema.get("minimum", -(10**18)), schema.get("maximum", 10**18))
    if admitted == {"string"} and keywords <= {"type", "minLength", "maxLength"}:
        return _plain_string(raw, schema.get("minLength", 0), schema.get("maxLength", 1 << 30))
    return exact


def _texts(values: list[object]) -> list[str]:
    """The usual notation of enumerated values; those without one are left to the exact way."""
    notation: dict[type, Callable[[Any], str]] = {bool: lambda value: str(value).lower(), int: str, str: str}
    return [notation[type(value)](value) for value in values[:_MANY_ENOUGH] if type(value) in notation]


def _small_integer(raw: type[AnyStr], least: float, most: float) -> Callable[[AnyStr], bool]:
    grammar = r"-?(?:0|[1-9][0-9]{0,17})"
    matches = re.compile(grammar if issubclass(raw, str) else grammar.encode()).fullmatch

    def test(text: AnyStr) -> bool:
        return matches(text) is not None and least <= int(text) <= most

    return test


def _plain_string(raw: type[AnyStr], least: int, most: int) -> Callable[[AnyStr], bool]:
    """ASCII without escapes: as many bytes as characters."""
    percent: Any = "%" if issubclass(raw, str) else PERCENT

    def test(text: AnyStr) -> bool:
        return least <= len(text) <= most and text.isascii() and percent not in text

    return test

"""From the schema engine's errors to violations that say what was expected, and never what was sent.

The engine reports a failed `oneOf` as a tree; here it becomes the errors of the one branch that was evidently meant,
or one sentence. Every error object costs time and memory, so `effort` bounds what a hostile value can ask for.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import Enum
from typing import Any

import orjson
from jsonschema_rs import ValidationError

from gateway.errors import Violation
from gateway.validate.branches import constants, meant, required_by_all, tag
from gateway.validate.embedded import CONTENT
from gateway.validate.text import printable
from gateway.validate.trace import note

_TYPES = {
    "object": "an object",
    "array": "an array",
    "string": "a string",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "null": "null",
}
_POINTER_LIMIT = 512  # characters
DOT = r"[^\n\r\u2028\u2029]"  # the dot of ECMA-262 as the engine gets it


class Effort(Enum):
    """How many errors to ask the engine for."""

    ALL = "all"
    FIRST = "first"
    NONE = "none"


def effort(value: object, branches: int) -> Effort:
    """What explaining `value` may cost, from its size, its depth and how its schema branches into itself."""
    size, depth = _measure(value)
    cost = size * depth * branches ** min(depth, 64)
    if cost <= 1 << 19:
        return Effort.ALL
    return Effort.FIRST if branches == 1 and cost <= 1 << 24 else Effort.NONE


def _measure(value: object) -> tuple[int, int]:
    """Size (about bytes) and depth, looking at no more than what settles that the value is big."""
    size, depth = 0, 0
    level = [value]
    while level and size < 1 << 24:
        depth += 1
        below: list[Any] = []
        for node in level:
            size += 8
            if isinstance(node, str):
                size += len(node)
            elif isinstance(node, dict):
                below += node
                below += node.values()
            elif isinstance(node, list):
                below += node
        level = below
    return size, depth


def violations(
    errors: Iterable[ValidationError], place: str, name: str, limit: int, twins: tuple[str, str] = ("", "")
) -> list[Violation]:
    """The errors as violations, at most `limit`. The engine saw the judged value as the one member of an object.
    `twins` are the URIs of the schema that it judged by and of the one that is meant, for `trace`."""
    found: list[Violation] = []
    for error in errors:
        for leaf in _leaves(error):
            said = _violations(leaf, place, name)
            note(said, leaf, *twins)
            found += said
            if len(found) >= limit:
                return found[:limit]
    return list(dict.fromkeys(found))


def _leaves(error: ValidationError) -> Iterator[ValidationError]:
    """The errors behind a failed `anyOf` or `oneOf` if one branch was evidently meant; else the error itself."""
    branches = getattr(error.kind, "context", None)
    branch = meant(branches, len(error.instance_path)) if branches else None
    if branch is None:
        yield error
        return
    for inner in branch:
        yield from _leaves(inner)


def _violations(error: ValidationError, place: str, name: str) -> list[Violation]:
    kind = error.kind
    pointer = pointer_of(error.instance_path[1:])
    if kind.name in ("additionalProperties", "unevaluatedProperties"):
        return [
            Violation(
                place, name, pointer + pointer_of([key]), kind.name, f"property '{printable(key)}' is not allowed"
            )
            for key in kind.value
        ]
    if kind.name == "required":
        return [Violation(place, name, pointer + pointer_of([kind.value]), "required", "is required")]
    if kind.name == "pattern" and not hasattr(kind, "pattern"):  # the engine gave up
        return [Violation(place, name, pointer, "pattern", "takes too many steps to match against its pattern")]
    if kind.name in ("anyOf", "oneOf"):
        return _undecided(error, place, name, pointer)
    if kind.name in CONTENT:
        return [Violation(place, name, pointer, kind.name, str(kind.as_dict()["message"]))]
    if kind.name != "falseSchema":
        return [Violation(place, name, pointer, kind.name, _message(kind.name, kind.value))]
    if error.schema_path[-1:] == ["additionalProperties"] and error.schema_path[-2:-1] != ["properties"]:
        return [Violation(place, name, pointer, "additionalProperties", "must have no properties")]
    return [Violation(place, name, pointer, "not", "is not allowed")]  # false is {"not": {}}: JSON Schema core 4.3.2


def _undecided(error: ValidationError, place: str, name: str, pointer: str) -> list[Violation]:
    """None of the branches was evidently meant: what all of them ask for, or one sentence about them."""
    depth, keyword = len(error.instance_path), error.kind.name
    branches: list[list[ValidationError]] = getattr(error.kind, "context", [])
    if any(not branch for branch in branches):
        return [Violation(place, name, pointer, keyword, "matches more than one of the alternatives")]
    if found := tag(branches, depth):
        return [Violation(place, name, pointer + pointer_of([found[0]]), "enum", _one_of(found[1]))]
    if missing := required_by_all(branches, depth):
        return [Violation(place, name, pointer + pointer_of([key]), "required", "is required") for key in missing]
    values = constants(branches, depth)
    return [Violation(place, name, pointer, keyword, _one_of(values) if values else _alternatives(branches))]


def pointer_of(path: Iterable[str | int]) -> str:
    """A JSON Pointer (RFC 6901) whose tokens are bounded and printable: names in it may come from the peer."""
    text = "".join("/" + printable(str(token)).replace("~", "~0").replace("/", "~1") for token in path)
    return text if len(text) <= _POINTER_LIMIT else text[: _POINTER_LIMIT - 1] + "…"


def _message(keyword: str, expected: Any) -> str:
    write = _MESSAGES.get(keyword)
    return write(expected) if write else f"does not satisfy '{keyword}'"


def must_be(types: Iterable[str]) -> str:
    """ "must be an integer or null": the sentence for a value of another type."""
    known = list(types)
    return "must be " + " or ".join(text for type_, text in _TYPES.items() if type_ in known)


def _shown(value: Any) -> str:
    """A value of the document, as JSON."""
    try:
        text = orjson.dumps(value).decode()
    except TypeError:  # integers beyond 64 bits
        text = str(value)
    return printable(text, 80)


def _count(template: str, noun: str) -> Callable[[int], str]:
    return lambda n: template.format(n, noun if n == 1 else {"property": "properties"}.get(noun, noun + "s"))


def _alternatives(branches: list[list[ValidationError]]) -> str:
    """One sentence for all branches; the types when it is only these that differ."""
    types = [
        kind.value for branch in branches for kind in (branch[0].kind,) if len(branch) == 1 and kind.name == "type"
    ]
    if len(types) == len(branches):
        return must_be(name for names in types for name in names)
    return f"matches none of the {len(branches)} alternatives"


def _one_of(options: Sequence[Any]) -> str:
    return "must be one of " + printable(", ".join(map(_shown, options[:50])), 200)


_MESSAGES: dict[str, Callable[[Any], str]] = {
    "type": must_be,
    "enum": _one_of,
    "const": lambda value: f"must be {_shown(value)}",
    "minimum": lambda limit: f"must be at least {_shown(limit)}",
    "maximum": lambda limit: f"must be at most {_shown(limit)}",
    "exclusiveMinimum": lambda limit: f"must be greater than {_shown(limit)}",
    "exclusiveMaximum": lambda limit: f"must be less than {_shown(limit)}",
    "multipleOf": lambda factor: f"must be a multiple of {_shown(factor)}",
    "minLength": _count("must have at least {} {}", "character"),
    "maxLength": _count("must have at most {} {}", "character"),
    "pattern": lambda pattern: f"must match the pattern {printable(pattern.replace(DOT, '.'), 120)}",
    "format": lambda name: f"must have the format {printable(name)}",
    "minItems": _count("must have at least {} {}", "item"),
    "maxItems": _count("must have at most {} {}", "item"),
    "additionalItems": _count("must have at most {} {}", "item"),
    "unevaluatedItems": lambda _: "has items that are not allowed",
    "uniqueItems": lambda _: "must not hold the same item twice",
    "contains": lambda _: "does not hold the required number of matching items",
    "minProperties": _count("must have at least {} {}", "property"),
    "maxProperties": _count("must have at most {} {}", "property"),
    "propertyNames": lambda _: "has a property name that is not allowed",
    "not": lambda _: "is not allowed",
}

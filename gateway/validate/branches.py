"""Which of the schemas of a failed `anyOf` or `oneOf` was meant, or what all of them ask for.

The engine reports the errors of every branch. A reader wants those of one: the branch whose type and tag fit, then the
one that knows the given properties, then the one that misses none.
"""

from collections.abc import Sequence
from typing import Any

from jsonschema_rs import ValidationError

Branch = Sequence[ValidationError]

_TAGS = ("const", "enum")
# What speaks against a branch that may have been meant all the same.
_DOUBTS = (("additionalProperties", "unevaluatedProperties"), ("required",))


def meant(branches: Sequence[Branch], depth: int) -> Branch | None:
    """The one branch that was evidently meant by the value at `depth`; None when there is no such."""
    candidates = _of_type(branches, depth)
    candidates = [branch for branch in candidates if not _fails(branch, depth + 1, _TAGS)]
    for keywords in _DOUBTS:
        candidates = [branch for branch in candidates if not _fails(branch, depth, keywords)] or candidates
    return candidates[0] if len(candidates) == 1 else None


def tag(branches: Sequence[Branch], depth: int) -> tuple[str, list[Any]] | None:
    """The property that tells the branches apart and the values that they know; None when no property does."""
    values: dict[str, list[Any]] = {}
    candidates = _of_type(branches, depth)
    for branch in candidates:
        own = {str(error.instance_path[-1]): _values(error) for error in branch if _is(error, depth + 1, _TAGS)}
        values = own if branch is candidates[0] else {n: [*values[n], *own[n]] for n in values if n in own}
    return next(iter(values.items()), None) if len(candidates) > 1 else None


def required_by_all(branches: Sequence[Branch], depth: int) -> list[str]:
    """The properties that every branch for a value of this type misses, in their order."""
    missing: list[list[str]] = [
        [error.kind.value for error in branch if _is(error, depth, ("required",))]
        for branch in _of_type(branches, depth)
    ]
    return [name for name in missing[0] if all(name in names for names in missing)] if missing else []


def constants(branches: Sequence[Branch], depth: int) -> list[Any] | None:
    """The values that are valid, when each branch knows some and nothing else is asked; else None."""
    values: list[Any] = []
    for branch in branches:
        if len(branch) != 1 or not _is(branch[0], depth, _TAGS):
            return None
        values += _values(branch[0])
    return values


def _of_type(branches: Sequence[Branch], depth: int) -> list[Branch]:
    """Those for a value of this type."""
    return [branch for branch in branches if not _fails(branch, depth, ("type", "not"))]


def _fails(branch: Branch, depth: int, keywords: tuple[str, ...]) -> bool:
    return any(_is(error, depth, keywords) for error in branch)


def _is(error: ValidationError, depth: int, keywords: tuple[str, ...]) -> bool:
    return error.kind.name in keywords and len(error.instance_path) == depth


def _values(error: ValidationError) -> list[Any]:
    value = error.kind.value
    return list(value) if error.kind.name == "enum" else [value]

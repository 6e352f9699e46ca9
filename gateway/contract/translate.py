"""Keywords of older drafts and of OpenAPI as draft 2020-12 says them. Each function changes one schema object in place;
the schemas inside it are rewritten already."""

from collections.abc import Mapping
from typing import Any

from gateway.validate.formats import FORMATS, Bounds

Members = dict[str, Any]


def items(written: Members) -> None:
    """`items` as a list is `prefixItems`, `additionalItems` beside it is `items`; without it, it says nothing."""
    rest = written.pop("additionalItems", None)
    if isinstance(written.get("items"), list):
        written["prefixItems"] = written.pop("items")
        if rest is not None:
            written["items"] = rest
    if written.get("prefixItems") == []:
        del written["prefixItems"]


def dependencies(written: Members, given: Any) -> None:
    """Up to draft 7 one keyword said what `dependentRequired` and `dependentSchemas` say."""
    schemas = written.pop("dependencies", {})
    lists = {name: value for name, value in given.items() if isinstance(value, list)} if isinstance(given, dict) else {}
    schemas = {name: value for name, value in schemas.items() if name not in lists} if lists else schemas
    for keyword, value in (("dependentRequired", lists), ("dependentSchemas", schemas)):
        if value and keyword in written:
            also(written, {keyword: value})
        elif value:
            written[keyword] = value


def unseen_contains(written: Members) -> None:
    """Before draft 2020-12 `contains` evaluated no items: behind two `not`s nobody sees that it does."""
    if "contains" in written and written["contains"] is not True:
        inner = {key: written.pop(key) for key in ("contains", "minContains", "maxContains") if key in written}
        also(written, {"not": {"not": inner}})


def also(written: Members, schema: Members) -> None:
    """Let one more schema hold. An `allOf` that is no list stays for the engine to refuse."""
    given = written.get("allOf", [])
    written["allOf"] = [*(given if isinstance(given, list) else [given]), schema]


def exclusive(written: Members) -> None:
    """`exclusiveMinimum: true` beside `minimum: 1` becomes `exclusiveMinimum: 1`; in 3.1 too, where it is a common
    mistake that can mean nothing else."""
    for keyword, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        flag = written.get(keyword)
        if isinstance(flag, bool):
            del written[keyword]
            if flag and limit in written:
                written[keyword] = written.pop(limit)


def number_format(written: Members) -> None:
    """A format of numbers becomes bounds; what it says about strings, if anything, stays."""
    format_ = FORMATS.get(written["format"]) if isinstance(written["format"], str) else None
    types = types_of(written)
    if format_ is None or format_.numbers is None or (types and "integer" not in types and "number" not in types):
        return
    if not format_.check or (types and "string" not in types):
        del written["format"]
    _narrow(written, format_.numbers)
    if format_.numbers.whole and "number" in types:
        written["type"] = ["integer" if each == "number" else each for each in types]
        if len(types) == 1:
            written["type"] = "integer"


def _narrow(written: Members, bounds: Bounds) -> None:
    minimum, maximum = written.get("minimum", bounds.least), written.get("maximum", bounds.most)
    if isinstance(minimum, int | float) and isinstance(maximum, int | float):
        written["minimum"], written["maximum"] = max(minimum, bounds.least), min(maximum, bounds.most)


def types_of(node: Mapping[str, Any]) -> list[str]:
    """The types that a schema object names."""
    types = node.get("type")
    return types if isinstance(types, list) else [types] if isinstance(types, str) else []

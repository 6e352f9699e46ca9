"""Discriminators as conditions: one per value, so that errors are those of the schema that the value names."""

from typing import Any

from gateway.contract.discriminator import Choice, Family
from gateway.contract.translate import also

Members = dict[str, Any]


def branches(written: Members, choice: Choice, default: Members | None) -> None:
    """Replace `oneOf` or `anyOf` by conditions. Without a `default` the property is required and an unknown value
    refused; with one, this is the schema for everything else."""
    schemas = written.pop(choice.keyword)
    cases = [_case(choice.property, names, then) for names, then in zip(choice.names, schemas, strict=True) if names]
    known = [value for names in choice.names for value in names]
    chosen: Members = {"type": "object", **_among(choice.property, known), "allOf": cases}
    if default is not None:
        cases.append({"if": _among(choice.property, known), "else": default})
        chosen = {"type": "object", "allOf": cases}
    if choice.apart:
        others = {choice.keyword: [schemas[index] for index in choice.apart]}
        chosen = {"if": {"type": "object"}, "then": chosen, "else": others}
    also(written, chosen)


def family(written: Members, parent: Family, children: list[tuple[str, Members]]) -> None:
    """A parent of 2.0 stands for itself and for its children; any other value is refused."""
    known = [parent.own, *(name for name, _ in children)]
    cases = [_case(parent.property, [name], then) for name, then in children]
    also(written, {"type": "object", **_among(parent.property, known), "allOf": cases})


def _among(name: str, values: list[str]) -> Members:
    return {"required": [name], "properties": {name: {"enum": list(dict.fromkeys(values))}}}


def _case(name: str, values: list[str], then: Any) -> Members:
    return {"if": _among(name, values), "then": then}

"""YAML nodes to settings: each value is checked against its declaration in `gateway.config`.

Nodes are used, and not the values a YAML loader makes of them, for two reasons: a node knows its place, and it
still holds what was written. YAML 1.1 reads `off` as a boolean and `1:30` as ninety; here the declared type
decides what a text means. Flaws are collected, and the declared default stands in for a wrong value.
"""

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from difflib import get_close_matches
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import yaml

from gateway.config.secret import without_credentials
from gateway.contract.findings import Finding, Severity
from gateway.contract.model import Location

TAG = "tag:yaml.org,2002:"
UNITS: Mapping[str, Mapping[str, Decimal]] = {
    "": {"": Decimal(1)},
    "bytes": {"": Decimal(1), "KiB": Decimal(2**10), "MiB": Decimal(2**20), "GiB": Decimal(2**30)},
    "seconds": {
        "": Decimal(1),
        "ms": Decimal("0.001"),
        "s": Decimal(1),
        "m": Decimal(60),
        "h": Decimal(3600),
    },
}
EXAMPLES = {"": "", "bytes": " such as 65536 or 64KiB", "seconds": " such as 2.5, 500ms, 2s or 1m"}
SWITCHES = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_NUMBER = re.compile(r"(-?[0-9]{1,15}(?:\.[0-9]{1,15})?) ?([A-Za-z]*)", re.ASCII)


def key_of(name: str) -> str:
    """The YAML key of a field."""
    return "pass" if name == "passes" else name.replace("_", "-")


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """`did you mean ...?` when one of `known` is close, else what there is."""
    close = get_close_matches(word.replace("_", "-"), known, n=1)
    return f'did you mean "{close[0]}"?' if close else f"known here: {', '.join(known) or 'none'}"


def number(text: str, unit: str) -> Decimal:
    """The number that `text` stands for, in bytes or seconds where `unit` says so. Raises ValueError."""
    match = _NUMBER.fullmatch(text)
    if match is None or match[2] not in UNITS[unit]:
        raise ValueError(text)
    return Decimal(match[1]) * UNITS[unit][match[2]]


class Decoder:
    """Turns nodes into settings and keeps all `findings`, and the place of every value by its JSON Pointer."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.places: dict[str, Location] = {}

    def report(self, pointer: str, message: str, hint: str = "") -> None:
        """Keep a flaw at `pointer`, or at the nearest value above it that was written down.

        Credentials in a URL are not repeated: what is printed is read by more people than the file.
        """
        while pointer not in self.places and pointer:
            pointer = pointer.rpartition("/")[0]
        self.findings.append(
            Finding(self.places[pointer], Severity.ERROR, "settings", without_credentials(message), hint)
        )

    def section(self, node: yaml.Node, cls: type, pointer: str, only: Sequence[str] = ()) -> dict[str, Any]:
        """The fields of dataclass `cls` (of those in `only`, when given) that a mapping node sets."""
        fields = {key_of(f.name): f for f in dataclasses.fields(cls) if f.metadata and (not only or f.name in only)}
        types = get_type_hints(cls)
        values: dict[str, Any] = {}
        for key, child, place in self._entries(node, pointer):
            if key not in fields:
                self.report(place, f'unknown key "{key}"{_inside(pointer)}', did_you_mean(key, list(fields)))
                continue
            field = fields[key]
            values[field.name] = self._value(child, types[field.name], field, place)
        return values

    def build(self, node: yaml.Node, cls: type, pointer: str = "") -> Any:
        """An instance of dataclass `cls`; a required key that is missing is a finding."""
        self._keep(pointer, node)
        values = self.section(node, cls, pointer)
        for field in dataclasses.fields(cls):
            if field.metadata.get("required") and field.name not in values:
                key = key_of(field.name)
                self.report(pointer, f'no "{key}"{_inside(pointer)}', str(field.metadata["help"]))
        return cls(**values)

    def _keep(self, pointer: str, node: yaml.Node) -> None:
        mark = node.start_mark
        self.places[pointer] = Location(mark.name, mark.line + 1, mark.column + 1, pointer)

    def _entries(self, node: yaml.Node, pointer: str) -> Iterator[tuple[str, yaml.Node, str]]:
        """Key, value and pointer of each entry of a mapping; a key that is repeated is a finding."""
        if not isinstance(node, yaml.MappingNode):
            self.report(pointer, f"expected keys and values{_inside(pointer)}, got {_kind(node)}")
            return
        seen: set[str] = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                self.report(pointer, f"a key{_inside(pointer)} is {_called(key)}, expected a word")
                continue
            place = f"{pointer}/{key.value.replace('~', '~0').replace('/', '~1')}"
            first = self.places.get(place)
            self._keep(place, key)
            if key.value in seen and first is not None:
                hint = f"the first is at line {first.line}"
                self.report(place, f'"{key.value}" is set twice{_inside(pointer)}', hint)
                self.places[place] = first
                continue
            seen.add(key.value)
            yield key.value, value, place

    def _value(self, node: yaml.Node, kind: Any, field: dataclasses.Field[Any], pointer: str) -> Any:
        """The value of one field, by its declared type."""
        if dataclasses.is_dataclass(kind):
            return self.build(node, kind, pointer)  # type: ignore[arg-type]
        if "overrides" in field.metadata:
            keys = field.metadata.get("keys", ())
            return self.section(node, field.metadata["overrides"], pointer, keys)
        if get_origin(kind) is tuple:
            return self._list(node, get_args(kind)[0], field, pointer)
        if get_origin(kind) is Mapping:
            return {
                key: self._value(child, get_args(kind)[1], field, place)
                for key, child, place in self._entries(node, pointer)
            }
        return self._scalar(node, kind, field, pointer)

    def _list(self, node: yaml.Node, kind: Any, field: dataclasses.Field[Any], pointer: str) -> tuple[Any, ...]:
        if "one" in field.metadata and isinstance(node, yaml.ScalarNode) and node.tag != f"{TAG}null":
            return (self._value(node, kind, field, pointer),)
        if not isinstance(node, yaml.SequenceNode):
            self.report(pointer, f"{_name(pointer)}: expected a list, got {_called(node)}")
            return ()
        items = []
        for index, child in enumerate(node.value):
            place = f"{pointer}/{index}"
            self._keep(place, child)
            items.append(self._value(child, kind, field, place))
        return tuple(items)

    def _scalar(self, node: yaml.Node, kind: Any, field: dataclasses.Field[Any], pointer: str) -> Any:
        """A text, number or switch; a wrong one is a finding, and the default stands in for it."""
        optional = isinstance(kind, UnionType)
        if optional and node.tag == f"{TAG}null":
            return None
        wanted = get_args(kind)[0] if optional else kind
        try:
            return self._checked(_parse(node, wanted, field.metadata), field.metadata)
        except ValueError as error:
            reason = "expected env:NAME or file:PATH" if "secret" in field.metadata else str(error)
            self.report(pointer, f"{_name(pointer)}: {reason}")
            return None if field.default is dataclasses.MISSING else field.default

    def _checked(self, value: Any, meta: Mapping[str, Any]) -> Any:
        if "choices" in meta and value not in meta["choices"]:
            choices = meta["choices"]
            raise ValueError(f'"{value}" is not one of {", ".join(choices)}')
        if "minimum" in meta and value < meta["minimum"]:
            raise ValueError(f"{value} is below the minimum, {meta['minimum']}")
        if "maximum" in meta and value > meta["maximum"]:
            raise ValueError(f"{value} is above the maximum, {meta['maximum']}")
        return value


def _parse(node: yaml.Node, kind: type, meta: Mapping[str, Any]) -> Any:
    """What the text of a scalar stands for as a `kind`. Raises ValueError with what was expected."""
    expected = {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}[kind]
    unit = meta.get("unit", "")
    expected += EXAMPLES[unit]
    if not isinstance(node, yaml.ScalarNode) or node.tag == f"{TAG}null":
        raise ValueError(f"expected {expected}, got {_called(node)}")
    text = node.value
    if kind is str:
        if node.tag in (f"{TAG}int", f"{TAG}float") or text in ("true", "false"):
            raise ValueError(f"expected a text, got {text}; put it in quotes if it is meant so")
        return text
    if kind is bool:
        if text.lower() not in SWITCHES:
            raise ValueError(f'expected {expected}, got "{text}"')
        return SWITCHES[text.lower()]
    try:
        value = number(text, unit)
    except ValueError:
        raise ValueError(f'expected {expected}, got "{text}"') from None
    if kind is int and value != int(value):
        raise ValueError(f"expected {expected}, got {text}")
    return kind(value)


def _called(node: yaml.Node) -> str:
    """What a node is, in words."""
    if isinstance(node, yaml.MappingNode):
        return "keys and values"
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    return "nothing" if node.tag == f"{TAG}null" else f'"{node.value[:80]}"'


def _kind(node: yaml.Node) -> str:
    """The same without the value, which may be a secret in the wrong place."""
    called = _called(node)
    return "a single value" if called.startswith('"') else called


def _name(pointer: str) -> str:
    """`/apis/0/contract` as people write it: `apis[0].contract`."""
    return re.sub(r"\.(\d+)(?=\.|$)", r"[\1]", pointer[1:].replace("/", ".")).replace("~1", "/")


def _inside(pointer: str) -> str:
    return f" in {_name(pointer)}" if pointer else ""

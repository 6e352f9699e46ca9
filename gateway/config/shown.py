"""Settings as people may see them: one value after the other, each with the place that says so, and no secret.

A secret is a reference to where it is (`env:NAME`, `file:PATH`), and the reference is shown. What should not be there
in the first place, a secret by itself or credentials in a URL, is left out all the same.
"""

import dataclasses
import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from gateway.config.decode import key_of
from gateway.config.file import Read
from gateway.config.secret import HIDDEN, REFERENCE, without_credentials


class Shown(NamedTuple):
    """One value. `pointer` is a JSON Pointer into the settings; `origin` is FILE:LINE, a variable, a flag or
    `default`."""

    pointer: str
    value: Any
    origin: str

    @property
    def name(self) -> str:
        """As findings write it: `apis[0].contract`."""
        dotted = self.pointer[1:].replace("/", ".").replace("~1", "/").replace("~0", "~")
        return re.sub(r"\.(\d+)(?=\.|$)", r"[\1]", dotted)


def shown(read: Read) -> Iterator[Shown]:
    """Every value in force, in the order of the declarations."""
    for pointer, value in _values(read.settings, ""):
        yield Shown(pointer, value, _origin(read, pointer))


def _values(value: Any, pointer: str, meta: Mapping[str, Any] = MappingProxyType({})) -> Iterator[tuple[str, Any]]:
    if dataclasses.is_dataclass(value):
        for field in (field for field in dataclasses.fields(value) if field.metadata):
            inner = getattr(value, field.name)
            yield from _values(inner, f"{pointer}/{key_of(field.name)}", field.metadata)
    elif isinstance(value, Mapping) and value:
        for name, inner in value.items():
            key = key_of(name) if "overrides" in meta else name  # other names are those of the file
            yield from _values(inner, f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}")
    elif isinstance(value, tuple) and any(map(dataclasses.is_dataclass, value)):
        for index, inner in enumerate(value):
            yield from _values(inner, f"{pointer}/{index}")
    else:
        yield pointer, _hidden(value) if "secret" in meta else _harmless(value)


def _hidden(reference: str) -> str:
    return reference if not reference or REFERENCE.fullmatch(reference) else HIDDEN


def _harmless(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_harmless(item) for item in value]
    return without_credentials(value) if isinstance(value, str) else value


def _origin(read: Read, pointer: str) -> str:
    where = read.places.get(pointer)
    if where is None:
        return "default"
    return f"{where.file}:{where.line}" if where.file == read.file else where.file

"""What people read about the settings, made from the declarations: a JSON Schema for editors, and a page.

`python -m gateway.config.schema docs` writes `gateway.schema.json` and `settings.md` into that folder.
"""

import dataclasses
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from gateway.config import Api, Issuer, Settings, Tls
from gateway.config.decode import UNITS, key_of
from gateway.config.file import variables

JSON_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean"}

INTRODUCTION = """\
# Settings

A gateway reads one file, `gateway.yaml` by default. Every key has a default except `apis`:

```yaml
listen: 0.0.0.0:8080
admin: 127.0.0.1:8081
apis:
  - contract: specs/dataservice.yaml
    upstream: http://127.0.0.1:8102
    security:
      runnerly: tokendealer
issuers:
  tokendealer:
    audience: runnerly
    discovery: http://127.0.0.1:8101/.well-known/openid-configuration
```

The environment wins over the file, and command-line flags win over both. Lists in environment variables are
separated by commas. Sizes are bytes, or a number with `KiB`, `MiB` or `GiB`; times are seconds, or a number with
`ms`, `s`, `m` or `h`. Paths are relative to the folder of the file. An unknown key, a wrong value or a missing
file is an error that names the line; nothing is started then. `gateway.schema.json` in this folder is a JSON
Schema of the file for editors.
"""


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of `gateway.yaml`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "gateway.yaml",
        **_object(Settings),
        "required": ["apis"],
    }


def page() -> str:
    """The settings as a page in Markdown: a table for each section."""
    names = {keys: variable for variable, keys in variables().items()}
    parts = [INTRODUCTION]
    titles = {cls: title for title, _, _, cls in sections()}
    for title, help, keys, cls in sections():
        parts.append(f"## {title}\n\n{' '.join(help.split())}\n")
        parts.append("| key | type | default | environment | meaning |\n|---|---|---|---|---|")
        for field, kind in _fields(cls):
            section = titles.get(_inner(kind))
            parts[-1] += _row(field, kind, names.get((*keys, key_of(field.name))), section)
        parts[-1] += "\n"
    return "\n".join(parts)


def sections() -> Iterator[tuple[str, str, tuple[str, ...], type]]:
    """Title, explanation, key path and class of each section of the page."""
    yield "Top level", Settings.__doc__ or "", (), Settings
    shown: set[Any] = set()
    outer: tuple[tuple[tuple[str, ...], type], ...]
    outer = (((), Settings), (("apis",), Api), (("issuers",), Issuer), (("tls",), Tls))
    for above, cls in outer:
        for field, kind in _fields(cls):
            inner = _inner(kind)
            if inner in shown or inner is None:
                continue
            shown.add(inner)
            keys = *above, key_of(field.name)
            listed = "A list. " if get_origin(kind) is tuple else "A mapping from names. " if inner is not kind else ""
            yield ": ".join(keys), listed + (inner.__doc__ or ""), keys, inner


def _inner(kind: Any) -> Any:
    """The class of settings that a field holds: one, a list or a mapping of them. None when it holds plain values."""
    inner = get_args(kind)[-1] if get_origin(kind) is Mapping else get_args(kind)[0] if get_origin(kind) else kind
    return inner if dataclasses.is_dataclass(inner) else None


def _fields(cls: Any) -> Iterator[tuple[dataclasses.Field[Any], Any]]:
    types = get_type_hints(cls)
    return ((field, types[field.name]) for field in dataclasses.fields(cls) if field.metadata)


def _row(field: dataclasses.Field[Any], kind: Any, variable: str | None, section: str | None) -> str:
    """`section` has the settings inside."""
    if section:
        return f"\n| `{key_of(field.name)}` | see `{section}` | | | {field.metadata['help']} |"
    choices = field.metadata.get("choices")
    shown = "one of " + ", ".join(f"`{choice}`" for choice in choices) if choices else _type(kind, field)
    if choices and get_origin(kind) is tuple:
        shown = "list, each " + shown
    if choices and get_origin(kind) is Mapping:
        shown = "mapping to " + shown
    meaning = field.metadata["help"]
    bounds = [f"{word} {field.metadata[word]}" for word in ("minimum", "maximum") if word in field.metadata]
    meaning += f" ({', '.join(bounds)})" if bounds else ""
    environment = f"`{variable}`" if variable else ""
    return f"\n| `{key_of(field.name)}` | {shown} | {_default(field)} | {environment} | {meaning} |"


def _type(kind: Any, field: dataclasses.Field[Any]) -> str:
    if get_origin(kind) is tuple:
        return "text or list of text" if field.metadata.get("one") else "list of text"
    if get_origin(kind) is Mapping:
        return "mapping"
    if field.metadata.get("secret"):
        return "`env:NAME` or `file:PATH`"
    if field.metadata.get("unit"):
        return {"bytes": "size", "seconds": "time"}[field.metadata["unit"]]
    return {str: "text", int: "whole number", float: "number", bool: "true or false"}.get(kind, "text")


def _default(field: dataclasses.Field[Any]) -> str:
    if field.metadata.get("required"):
        return "required"
    value = None if field.default is dataclasses.MISSING else field.default
    if value in (None, "", ()):
        return ""
    return f"`{', '.join(value) if isinstance(value, tuple) else json.dumps(value).strip(chr(34))}`"


def _object(cls: Any, only: tuple[str, ...] = ()) -> dict[str, Any]:
    """The schema of one dataclass."""
    fields = [(field, kind) for field, kind in _fields(cls) if not only or field.name in only]
    found: dict[str, Any] = {
        "type": "object",
        "additionalProperties": False,
        "properties": {key_of(field.name): _property(field, kind) for field, kind in fields},
    }
    required = [key_of(field.name) for field, _ in fields if field.metadata.get("required")]
    return found | ({"required": required} if required and not only else {})


def _property(field: dataclasses.Field[Any], kind: Any) -> dict[str, Any]:
    meta = field.metadata
    found = {"description": meta["help"], **_schema_of(kind, meta)}
    if field.default not in (dataclasses.MISSING, None, "", ()):
        found["default"] = list(field.default) if isinstance(field.default, tuple) else field.default
    return found


def _schema_of(kind: Any, meta: Mapping[str, Any]) -> dict[str, Any]:
    if dataclasses.is_dataclass(kind):
        return _object(kind)
    if "overrides" in meta:
        return _object(meta["overrides"], meta.get("keys", ()))
    if get_origin(kind) is tuple:
        items = _schema_of(get_args(kind)[0], meta)
        array = {"type": "array", "items": items}
        return {"anyOf": [items, array]} if meta.get("one") else array
    if get_origin(kind) is Mapping:
        return {"type": "object", "additionalProperties": _schema_of(get_args(kind)[1], meta)}
    if isinstance(kind, UnionType):
        return {"type": [JSON_TYPES[get_args(kind)[0]], "null"]}
    return _scalar(JSON_TYPES[kind], meta)


def _scalar(name: str, meta: Mapping[str, Any]) -> dict[str, Any]:
    limits = {word: meta[word] for word in ("minimum", "maximum") if word in meta}
    if meta.get("secret"):
        limits["pattern"] = "^(env|file):."
    found: dict[str, Any] = {"type": name, **limits}
    if "choices" in meta:
        found = {"enum": list(meta["choices"])}
    if "unit" in meta:
        units = "|".join(unit for unit in UNITS[meta["unit"]] if unit)
        found = {"anyOf": [found, {"type": "string", "pattern": rf"^[0-9]+(\.[0-9]+)? ?({units})?$"}]}
    return found


def write(folder: Path) -> None:
    """Write both files into `folder`."""
    (folder / "gateway.schema.json").write_text(json.dumps(schema(), indent=2) + "\n")
    (folder / "settings.md").write_text(page())


if __name__ == "__main__":
    write(Path(sys.argv[1]))

"""Reading `gateway.yaml`: the file, over it the environment, over that the command line.

The three layers are merged as YAML nodes and decoded once, so every value passes the same checks wherever it
came from, and every finding names its origin. All findings are reported at once. What this module calls a path
relative to the file is resolved here; nothing downstream knows where the file was.
"""

import dataclasses
import io
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_origin, get_type_hints

import yaml

from gateway.config import Api, Limits, Settings, Timeouts, Validate
from gateway.config.checks import CHECKS
from gateway.config.decode import TAG, Decoder, key_of
from gateway.contract.findings import Finding, LoadError, Severity
from gateway.contract.model import Location

LARGEST = 2**20  # bytes of a configuration file; more is a mistake


class Read(NamedTuple):
    """Settings, and the place of every value that is not the default, by its JSON Pointer. What did not stand in `file`
    has the name of its variable or flag in the place of a file."""

    settings: Settings
    places: Mapping[str, Location]
    file: str


def read(
    path: str | os.PathLike[str], environ: Mapping[str, str] = os.environ, flags: Mapping[str, str] | None = None
) -> Settings:
    """The settings of the file at `path`, the environment and `flags` ({field name: text}). Raises LoadError."""
    return read_places(path, environ, flags).settings


def read_places(
    path: str | os.PathLike[str], environ: Mapping[str, str] = os.environ, flags: Mapping[str, str] | None = None
) -> Read:
    """The same, and where each setting comes from. Raises LoadError."""
    file = str(path)
    decoder = Decoder()
    settings = _settings(_compose(file), os.path.dirname(file), environ, flags or {}, decoder)
    return Read(dataclasses.replace(settings, places=decoder.places), decoder.places, file)


def for_document(
    contract: str, upstream: str, environ: Mapping[str, str] = os.environ, flags: Mapping[str, str] | None = None
) -> Settings:
    """The settings for a single document without a file. Raises LoadError."""
    root = _mapping("command line")
    api = _mapping("command line")
    _put(api, ("contract",), _text("FILE", contract))
    _put(api, ("upstream",), _text("--upstream", upstream))
    _put(root, ("apis",), yaml.SequenceNode(f"{TAG}seq", [api], api.start_mark, api.start_mark))
    return _settings(root, "", environ, flags or {}, Decoder())


def api_validate(settings: Settings, api: Api) -> Validate:
    """How strictly the traffic of `api` is judged."""
    return dataclasses.replace(settings.validate, **api.validate)


def api_limits(settings: Settings, api: Api) -> Limits:
    """The bounds on the messages of `api`."""
    return dataclasses.replace(settings.limits, **api.limits)


def api_timeouts(settings: Settings, api: Api) -> Timeouts:
    """The deadlines of exchanges with the backend of `api`."""
    return dataclasses.replace(settings.timeouts, **api.timeouts)


def variables() -> dict[str, tuple[str, ...]]:
    """Environment variable to the keys of its setting; mappings and lists of settings are only in the file."""
    names: dict[str, tuple[str, ...]] = {}
    for field, kind in _declared(Settings):
        if dataclasses.is_dataclass(kind):
            names |= {
                _variable(field.name, inner.name): (key_of(field.name), key_of(inner.name))
                for inner, inner_kind in _declared(kind)
                if _is_text(inner_kind)
            }
        elif _is_text(kind):
            names[_variable(field.name)] = (key_of(field.name),)
    return names


def _is_text(kind: Any) -> bool:
    """Whether a text, or texts separated by commas, can say all of a setting."""
    return get_origin(kind) is not Mapping and not any(map(dataclasses.is_dataclass, get_args(kind)))


def _variable(*names: str) -> str:
    return "_".join(("GATEWAY", *names)).upper()


def _declared(cls: Any) -> Iterator[tuple[dataclasses.Field[Any], Any]]:
    types = get_type_hints(cls)
    return ((field, types[field.name]) for field in dataclasses.fields(cls) if field.metadata)


# Layers


def _settings(
    root: yaml.MappingNode, folder: str, environ: Mapping[str, str], flags: Mapping[str, str], decoder: Decoder
) -> Settings:
    """Merge the layers, decode them and check what the types cannot say."""
    # Variables that are no settings are left alone: orchestrators set GATEWAY_PORT and the like themselves.
    for name, keys in variables().items():
        if environ.get(name):
            _put(root, keys, _text(name, environ[name], _is_list(keys)))
    for field, text in flags.items():
        _put(root, (key_of(field),), _text(f"--{key_of(field)}", text))
    settings = decoder.build(root, Settings)
    settings = _resolve(settings, folder)
    for check in CHECKS:
        for pointer, message, hint in check(settings):
            decoder.report(pointer, message, hint)
    if decoder.findings:
        raise LoadError(decoder.findings)
    return settings


def _is_list(keys: tuple[str, ...]) -> bool:
    cls: Any = Settings
    for key in keys:
        cls = next(kind for field, kind in _declared(cls) if key_of(field.name) == key)
    return get_origin(cls) is tuple


def _mark(origin: str) -> yaml.Mark:
    return yaml.Mark(origin, 0, 0, 0, "", 0)


def _mapping(origin: str) -> yaml.MappingNode:
    return yaml.MappingNode(f"{TAG}map", [], _mark(origin), _mark(origin))


def _text(origin: str, text: str, items: bool = False) -> yaml.Node:
    """A node for a value that did not come from the file; a list is written with commas."""
    mark = _mark(origin)
    if not items:
        return yaml.ScalarNode(f"{TAG}str", text, mark, mark)
    parts = [part.strip() for part in text.split(",") if part.strip()]
    return yaml.SequenceNode(f"{TAG}seq", [_text(origin, part) for part in parts], mark, mark)


def _put(root: yaml.MappingNode, keys: tuple[str, ...], value: yaml.Node) -> None:
    """Set the value at `keys`, over whatever an earlier layer says there."""
    for key in keys[:-1]:
        found = next((child for name, child in root.value if name.value == key), None)
        if not isinstance(found, yaml.MappingNode):
            if found is not None:
                return  # the file is wrong here, and will be told so
            found = _mapping(value.start_mark.name)
            root.value.append((_text(value.start_mark.name, key), found))
        root = found
    root.value = [entry for entry in root.value if entry[0].value != keys[-1]]
    root.value.append((_text(value.start_mark.name, keys[-1]), value))


# The file


class _Stream(io.StringIO):
    """A text that tells the parser its file name, which then is in every mark."""

    name = ""


def _compose(path: str) -> yaml.MappingNode:
    """The root node of the file. Raises LoadError when it is no YAML document."""
    try:
        with open(path, "rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise _unreadable(path, f"cannot be read: {error.strerror}") from None
    if len(data) > LARGEST:
        raise _unreadable(path, f"is larger than {LARGEST} bytes; this is not a configuration file")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start)
        column = error.start - (data.rfind(b"\n", 0, error.start) + 1)
        raise _unreadable(path, "is not UTF-8", line, column) from None
    stream = _Stream(text)
    stream.name = path
    try:
        # Not the C loader: deep nesting overflows its stack, and the file is small anyway.
        node = yaml.compose(stream, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark or _mark(path)
        raise _unreadable(path, f"is not YAML: {error.problem}", mark.line, mark.column) from None
    except (yaml.YAMLError, RecursionError) as error:
        reason = getattr(error, "reason", "nested too deeply")
        raise _unreadable(path, f"is not YAML: {reason}") from None
    if node is None:
        raise _unreadable(path, "is empty", hint="list at least one API: its contract and its upstream")
    if not isinstance(node, yaml.MappingNode):
        raise _unreadable(path, "does not consist of keys and values")
    return node


def _unreadable(path: str, message: str, line: int = 0, column: int = 0, hint: str = "") -> LoadError:
    where = Location(path, line + 1, column + 1, "")
    return LoadError([Finding(where, Severity.ERROR, "settings", f"the configuration {message}", hint)])


# What the types cannot say


def _resolve(settings: Settings, folder: str) -> Settings:
    """Paths seen from the file become paths seen from here, and every API gets its name."""

    def here(path: str) -> str:
        return os.path.normpath(os.path.join(folder, path)) if path and "://" not in path else path

    settings = _seen_from(settings, here)
    apis = (
        dataclasses.replace(api, name=api.name or re.sub(r"[^A-Za-z0-9._-]+", "-", Path(api.contract).stem))
        for api in settings.apis
    )
    return dataclasses.replace(settings, apis=tuple(apis))


def _seen_from(value: Any, here: Callable[[str], str]) -> Any:
    """Settings in which every path is what `here` makes of it, at any depth."""
    if isinstance(value, tuple):
        return tuple(_seen_from(item, here) for item in value)
    if isinstance(value, Mapping):
        return {key: _seen_from(item, here) for key, item in value.items()}
    if not dataclasses.is_dataclass(value):
        return value
    changed = {}
    for field in dataclasses.fields(value):
        given = getattr(value, field.name)
        if given in field.metadata.get("words", ()):
            continue
        if field.metadata.get("path"):
            changed[field.name] = here(given)
        elif field.metadata.get("secret") and given.startswith("file:"):
            changed[field.name] = "file:" + here(given.removeprefix("file:"))
        else:
            changed[field.name] = _seen_from(given, here)
    return dataclasses.replace(value, **changed)  # type: ignore[type-var]

"""Reading `gateway.yaml`: the file, over it the environment, over that the command line.

The three layers are merged as YAML nodes and decoded once, so every value passes the same checks wherever it
came from, and every finding names its origin. All findings are reported at once. What this module calls a path
relative to the file is resolved here; nothing downstream knows where the file was.
"""

import dataclasses
import io
import ipaddress
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit

import yaml

from gateway.config import Api, Issuer, Limits, Settings, Timeouts, Validate
from gateway.config_decode import TAG, Decoder, did_you_mean, key_of
from gateway.contract import levels
from gateway.contract.findings import Finding, LoadError, Severity
from gateway.contract.model import Location

LARGEST = 2**20  # bytes of a configuration file; more is a mistake
API_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*", re.ASCII)
PASS = re.compile(r"media:\S+/\S+|parameter:(path|query|header|cookie)\.\S+|security:\S+")

Flaw = tuple[str, str, str]  # JSON Pointer, message, hint


def read(
    path: str | os.PathLike[str], environ: Mapping[str, str] = os.environ, flags: Mapping[str, str] | None = None
) -> Settings:
    """The settings of the file at `path`, the environment and `flags` ({field name: text}). Raises LoadError."""
    return _settings(_compose(str(path)), os.path.dirname(path), environ, flags or {})


def for_document(
    contract: str, upstream: str, environ: Mapping[str, str] = os.environ, flags: Mapping[str, str] | None = None
) -> Settings:
    """The settings for a single document without a file. Raises LoadError."""
    root = _mapping("command line")
    api = _mapping("command line")
    _put(api, ("contract",), _text("FILE", contract))
    _put(api, ("upstream",), _text("--upstream", upstream))
    _put(root, ("apis",), yaml.SequenceNode(f"{TAG}seq", [api], api.start_mark, api.start_mark))
    return _settings(root, "", environ, flags or {})


def api_validate(settings: Settings, api: Api) -> Validate:
    """How strictly the traffic of `api` is judged."""
    return dataclasses.replace(settings.validate, **api.validate)


def api_limits(settings: Settings, api: Api) -> Limits:
    """The bounds on the messages of `api`."""
    return dataclasses.replace(settings.limits, **api.limits)


def api_timeouts(settings: Settings, api: Api) -> Timeouts:
    """The deadlines of exchanges with the backend of `api`."""
    return dataclasses.replace(settings.timeouts, **api.timeouts)


def parse_address(text: str) -> tuple[str, int]:
    """Host and port of `127.0.0.1:8080`, `[::1]:8080` or `:8080` (all IPv4 interfaces). Raises ValueError."""
    host, colon, port = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = str(ipaddress.IPv6Address(host[1:-1]))
    elif ":" in host or "[" in host or "]" in host:
        raise ValueError(f'"{text}": an IPv6 address is written in brackets, [::1]:8080')
    if not colon or not re.fullmatch(r"[0-9]{1,5}", port) or int(port) > 65535:
        raise ValueError(f'"{text}" is not HOST:PORT with a port from 0 to 65535')
    if re.search(r"[\s/]", host):
        raise ValueError(f'"{text}" is not HOST:PORT')
    return host or "0.0.0.0", int(port)


def variables() -> dict[str, tuple[str, ...]]:
    """Environment variable to the keys of its setting; `apis` and `issuers` are only in the file."""
    names: dict[str, tuple[str, ...]] = {}
    for field, kind in _declared(Settings):
        if dataclasses.is_dataclass(kind):
            names |= {
                _variable(field.name, inner.name): (key_of(field.name), key_of(inner.name))
                for inner, _ in _declared(kind)
            }
        elif get_origin(kind) is not Mapping and get_args(kind)[:1] != (Api,):
            names[_variable(field.name)] = (key_of(field.name),)
    return names


def _variable(*names: str) -> str:
    return "_".join(("GATEWAY", *names)).upper()


def _declared(cls: Any) -> Iterator[tuple[dataclasses.Field[Any], Any]]:
    types = get_type_hints(cls)
    return ((field, types[field.name]) for field in dataclasses.fields(cls))


# Layers


def _settings(root: yaml.MappingNode, folder: str, environ: Mapping[str, str], flags: Mapping[str, str]) -> Settings:
    """Merge the layers, decode them and check what the types cannot say."""
    # Variables that are no settings are left alone: orchestrators set GATEWAY_PORT and the like themselves.
    for name, keys in variables().items():
        if environ.get(name):
            _put(root, keys, _text(name, environ[name], _is_list(keys)))
    for field, text in flags.items():
        _put(root, (key_of(field),), _text(f"--{key_of(field)}", text))
    decoder = Decoder()
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
        return os.path.normpath(os.path.join(folder, path)) if path else ""

    def api(item: Api) -> Api:
        name = item.name or re.sub(r"[^A-Za-z0-9._-]+", "-", Path(item.contract).stem)
        return dataclasses.replace(item, contract=here(item.contract), name=name)

    def issuer(item: Issuer) -> Issuer:
        return item if "://" in item.jwks else dataclasses.replace(item, jwks=here(item.jwks))

    access = settings.log.access
    return dataclasses.replace(
        settings,
        apis=tuple(api(item) for item in settings.apis),
        issuers={name: issuer(item) for name, item in settings.issuers.items()},
        references=dataclasses.replace(
            settings.references,
            lock=here(settings.references.lock),
            cache=settings.references.cache if settings.references.cache == "off" else here(settings.references.cache),
        ),
        log=dataclasses.replace(settings.log, access=access if access in ("stdout", "off") else here(access)),
    )


def _addresses(settings: Settings) -> Iterator[Flaw]:
    for key, text in (("listen", settings.listen), ("admin", settings.admin)):
        if key == "admin" and text == "off":
            continue
        try:
            parse_address(text)
        except ValueError as error:
            yield f"/{key}", f"{key}: {error}", "for example 127.0.0.1:8080, [::1]:8080 or :8080"
    if settings.listen == settings.admin and not settings.listen.endswith(":0"):
        yield "/admin", f"admin: {settings.admin} is also the public listener", "choose another port, or off"


def _networks(settings: Settings) -> Iterator[Flaw]:
    for index, text in enumerate(settings.trusted_proxies):
        try:
            ipaddress.ip_network(text)
        except ValueError as error:
            yield f"/trusted-proxies/{index}", f"trusted-proxies: {error}", "for example 10.0.0.0/8"


def _contracts(settings: Settings) -> Iterator[Flaw]:
    if not settings.apis:
        yield "/apis", "no APIs: nothing to serve", "list at least one API: its contract and its upstream"
    for index, api in enumerate(settings.apis):
        if api.contract and not os.path.isfile(api.contract):
            hint = "paths are relative to the folder of the configuration file"
            yield f"/apis/{index}/contract", f"there is no file {api.contract}", hint
        if api.path is not None and not re.fullmatch(r"(/[^/?#\s]+)*", api.path):
            hint = 'for example /data; "" serves the API at the root'
            yield f"/apis/{index}/path", f'"{api.path}" is not a path without a slash at its end', hint
        for number, entry in enumerate(api.passes):
            if not PASS.fullmatch(entry):
                hint = "write media:TYPE, parameter:PLACE.NAME or security:SCHEME"
                yield f"/apis/{index}/pass/{number}", f'"{entry}" names nothing that can be passed', hint


def _upstreams(settings: Settings) -> Iterator[Flaw]:
    for index, api in enumerate(settings.apis):
        reason = _not_a_base_url(api.upstream) if api.upstream else ""
        if reason:
            message = f'"{api.upstream}" is not the base URL of a backend: {reason}'
            yield f"/apis/{index}/upstream", message, "for example http://127.0.0.1:8102"


def _not_a_base_url(text: str) -> str:
    """Why `text` is no base URL; "" when it is one."""
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError as error:
        return str(error)
    reasons = (
        (url.scheme not in ("http", "https"), "it must start with http:// or https://"),
        (not url.hostname or port == 0, "it has no host or port 0"),
        ("@" in url.netloc, "credentials do not belong here"),
        (bool(url.query or url.fragment), "it has a query or a fragment"),
        (not text.isascii() or re.search(r"\s", text) is not None, "it holds blanks or non-ASCII characters"),
    )
    return next((why for wrong, why in reasons if wrong), "")


def _names(settings: Settings) -> Iterator[Flaw]:
    first: dict[str, int] = {}
    for index, api in enumerate(settings.apis):
        if api.contract and not API_NAME.fullmatch(api.name):
            hint = "set a name of letters, digits, dots, dashes and underscores"
            yield f"/apis/{index}/name", f'"{api.name}" cannot be the name of an API', hint
        elif api.contract and api.name in first:
            message = f'apis[{first[api.name]}] and apis[{index}] are both called "{api.name}"'
            yield f"/apis/{index}/name", message, "give each API a name of its own"
        first.setdefault(api.name, index)


def _issuers(settings: Settings) -> Iterator[Flaw]:
    for index, api in enumerate(settings.apis):
        for scheme, name in api.security.items():
            if name not in settings.issuers:
                message = f'security scheme "{scheme}" names issuer "{name}", which is not under issuers'
                yield f"/apis/{index}/security/{scheme}", message, did_you_mean(name, list(settings.issuers))
    for name, issuer in settings.issuers.items():
        if not issuer.audience:
            hint = "without it, tokens meant for others would be accepted (RFC 8725 section 3.9)"
            yield f"/issuers/{name}", f'issuer "{name}" has no audience', hint
        if issuer.jwks and "://" not in issuer.jwks and not os.path.isfile(issuer.jwks):
            yield f"/issuers/{name}/jwks", f"there is no file {issuer.jwks}", ""


def _log(settings: Settings) -> Iterator[Flaw]:
    folder = os.path.dirname(settings.log.access) or "."
    if settings.log.access not in ("stdout", "off") and not os.path.isdir(folder):
        yield "/log/access", f"there is no folder {folder} for the access log", ""


def _rules(settings: Settings) -> Iterator[Flaw]:
    for rule, level in settings.rules.items():
        if found := levels.fault(rule, level):
            yield f"/rules/{rule}", *found


CHECKS = (_addresses, _networks, _contracts, _upstreams, _names, _issuers, _rules, _log)

"""Which path a server stands for: operations are mounted under it, and asked for below it at the backend.

Sources: OpenAPI 3.2, Server Object and Server Variable Object; relative URLs by RFC 3986 section 5. A file that was not
fetched and that has no `$self` counts as if it lay at `/`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urljoin, urlsplit

from gateway.contract.model import Operation
from gateway.contract.references import is_remote

if TYPE_CHECKING:
    from gateway.contract.cursor import Cursor
    from gateway.contract.load import Source

VARIABLE = re.compile(r"\{([^{}]*)\}")
_HERE = "http://localhost/"
_PATH_SAFE = "/%:@!$&'()*+,;=~{}"  # RFC 3986 section 3.3, and escapes that stand there already


def mount_of(operation: Operation, path: str | None) -> str:
    """The public path prefix of an operation: the one that gateway.yaml gives the API, or that of its own server."""
    return (operation.server_path if path is None else path).rstrip("/")


def prefix_of(operation: Operation, upstream: str) -> str:
    """The path prefix of an operation at its backend: that of the upstream's URL, or that of its own server."""
    return quote(urlsplit(upstream).path.rstrip("/") or operation.server_path, safe=_PATH_SAFE)


def server_path(levels: Sequence[Cursor]) -> str:
    """The path of the server in force: the first one of the first of `levels` that names any."""
    server = next((server for level in levels for server in level.items("servers")), None)
    if server is None:
        return ""
    variables = {name: each.value.get("default") for name, each in server.members("variables")}
    return path_of(filled(server.read("url", str, "/"), variables), base_of(server.source, server.uri))


def filled(url: str, defaults: Mapping[str, Any]) -> str:
    """A URL template with the variables that have a default replaced by it."""
    texts = {name: text_of(default) for name, default in defaults.items()}
    return VARIABLE.sub(lambda found: found[0] if (text := texts.get(found[1])) is None else text, url)


def text_of(default: Any) -> str | None:
    """A variable's default as text. YAML reads `default: 8443` as a number, which can only mean its digits."""
    return str(default) if isinstance(default, str | int | float) and not isinstance(default, bool) else None


def base_of(source: Source, uri: str) -> str:
    """The URL that relative ones in a file are relative to: its `$self` (3.2), or the URL that it was fetched from."""
    document = source.files[uri]
    own = document.get("$self") if source.dialect == "3.2" and isinstance(document, dict) else None
    fetched = uri if is_remote(uri) else _HERE
    return urljoin(fetched, own) if isinstance(own, str) else fetched


def path_of(url: str, base: str = _HERE) -> str:
    """The path of a URL or relative reference: "" or "/v1", without a slash at the end."""
    try:
        path = urlsplit(urljoin(base, url)).path.strip("/")
    except ValueError:
        return ""
    return f"/{path}" if path else ""

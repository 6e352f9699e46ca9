"""Rules about servers: which path operations are mounted under, and asked for below at the backend."""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from gateway.contract.findings import Severity
from gateway.contract.rules.documents import document, operation
from gateway.contract.rules.node import Node
from gateway.contract.rules.rule import Flaw, Rule
from gateway.contract.rules.view import View
from gateway.contract.servers import VARIABLE, base_of, filled, path_of, text_of

_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")


class Server(NamedTuple):
    """A Server Object: the node of its URL, the URL with defaults filled in, and its Server Variable Objects."""

    node: Node
    url: str
    variables: Mapping[str, Node]
    used: bool  # the first of its list

    @property
    def path(self) -> str:
        """What operations are mounted under when this is their server."""
        return path_of(self.url, base_of(self.node.source, self.node.uri))


def server_lists(view: View) -> Iterator[list[Server]]:
    """The servers of the document, of each path item and of each operation."""
    owners = [view.root, *(item for _, levels in view.paths for item in levels), *(op.node for op in view.operations)]
    for owner in owners if not view.old else ():
        yield [server for index, node in enumerate(owner.elements("servers")) for server in _server(node, index)]


def _server(node: Node, index: int) -> Iterator[Server]:
    url = node.get("url")
    if url is not None and isinstance(url.value, str):
        variables = dict(node.items("variables"))
        defaults = {name: variable.value.get("default") for name, variable in variables.items() if _is_object(variable)}
        yield Server(url, filled(url.value, defaults), variables, index == 0)


def _is_object(node: Node) -> bool:
    return isinstance(node.value, dict)


def server_fault(url: str) -> str:
    """Why a server URL says nothing a gateway could use; "" when it does."""
    parts = urlsplit(url)
    if _ABSOLUTE.match(url):
        if not parts.netloc:
            return "it has no host"
    elif not url.startswith(("/", "{", "./", "../")) and _looks_like_a_host(url):
        return "it has neither a scheme nor a leading slash"
    if parts.query or parts.fragment:
        return "it has a query or a fragment"
    if re.search(r"%(?![0-9A-Fa-f]{2})", parts.path):
        return "a percent sign is not followed by two hexadecimal digits"
    return ""


def dot_fault(path: str) -> str:
    """Those of relative references are resolved; what is left would stand in the mount."""
    return "its path has dot segments" if {".", ".."} & set(path.split("/")) else ""


def _looks_like_a_host(url: str) -> bool:
    first = url.partition("/")[0]
    return ":" in first or ("." in first and first.strip(".") != "") or first == "localhost"


def server_url(view: View) -> Iterator[Flaw]:
    for server in (server for servers in server_lists(view) for server in servers):
        try:
            fault = server_fault(server.url) or dot_fault(server.path)
        except ValueError as error:
            fault = str(error)
        if fault:
            yield Flaw(
                server.node,
                f"server URL {server.url!r} cannot be used: {fault}",
                "write an absolute URL such as http://127.0.0.1:5001/v1, or just the path, /v1",
                None if server.used else Severity.WARNING,
            )
    if view.old and (base := view.root.get("basePath")) and re.search(r"[{}?#]", str(base.value)):
        yield Flaw(base, f"basePath {base.value!r} cannot be used: it is no plain path")


def server_variable(view: View) -> Iterator[Flaw]:
    for server in (server for servers in server_lists(view) for server in servers):
        for name in VARIABLE.findall(server.url):
            in_path = server.used and f"{{{name}}}" in server.path
            yield Flaw(
                server.node,
                f"server variable {name!r} has no default" + (", so the path is unknown" if in_path else ""),
                f"give it one under `variables`: `{name}: {{default: ...}}`",
                Severity.ERROR if in_path else None,
            )
        for name, variable in server.variables.items():
            default, enum = variable.get("default"), variable.get("enum")
            if default is None or enum is None or not isinstance(enum.value, list):
                continue
            if text_of(default.value) not in map(text_of, enum.value):
                yield Flaw(default, f"the default of server variable {name!r} is not in its enum", "add it there")


def server_unmounted(view: View) -> Iterator[Flaw]:
    for servers in server_lists(view):
        for server in servers[1:]:
            if server.path != servers[0].path:
                yield Flaw(
                    server.node,
                    f"nothing is mounted under {server.path or '/'}, the path of this server: the first one counts",
                    "put it first, or give it a document of its own",
                )


ERROR, WARNING = Severity.ERROR, Severity.WARNING


def with_servers(text: str) -> str:
    return document(operation(), top=f"servers: [{text}]")


GOOD = with_servers("{url: 'http://127.0.0.1:5001/v1'}")

RULES = (
    Rule(
        "server-url",
        ERROR,
        "A server URL has neither scheme nor leading slash",
        "`0.0.0.0:5001` is a relative reference, not an address. Operations are mounted under the path of the first "
        "server of the operation, else of the path item, else of the document; its host does not matter. In later "
        "servers this is a warning.",
        server_url,
        with_servers("{url: '0.0.0.0:5001'}"),
        GOOD,
    ),
    Rule(
        "server-variable",
        WARNING,
        "A server variable has no default, or one that its enum does not have",
        "Variables stand for their defaults. In a host a missing one is harmless, as only the path is used. In the "
        "path of a first server it is an error.",
        server_variable,
        with_servers("{url: 'http://{host}/v1'}"),
        GOOD,
    ),
    Rule(
        "server-unmounted",
        WARNING,
        "A later server has a path of its own",
        "Of several servers the first one counts: nothing answers under the paths of the others.",
        server_unmounted,
        with_servers("{url: /v1}, {url: /v2}"),
        with_servers("{url: 'https://one.example/v1'}, {url: 'https://two.example/v1'}"),
    ),
)

"""Rules about paths, operations and servers: what the route table is made of."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from gateway.contract.findings import Severity
from gateway.contract.rules.documents import document, operation
from gateway.contract.rules.node import Node
from gateway.contract.rules.rule import Flaw, Rule
from gateway.contract.rules.view import View
from gateway.contract.table import shape

VARIABLE = re.compile(r"\{([^{}]*)\}")


def template_fault(template: str) -> str:
    """Why a path template cannot be routed; "" when it can."""
    literal = VARIABLE.sub("", template)
    names = VARIABLE.findall(template)
    if not template.startswith("/"):
        return "it does not start with a slash"
    if "{" in literal or "}" in literal:
        return "its braces do not pair up"
    if any(not name for name in names):
        return "a variable has no name"
    if any("/" in name for name in names):
        return "a variable's name holds a slash"
    if repeated := {name for name in names if names.count(name) > 1}:
        return f"the variable {min(repeated)!r} stands in it twice"
    if "}{" in template:
        return "two variables touch, so nothing says where the first one ends"
    if wrong := next((sign for sign in "?#" if sign in literal), ""):
        return f"{wrong!r} ends the path of a request, so nothing behind it can match"
    if re.search(r"%(?![0-9A-Fa-f]{2})", literal):
        return "a percent sign is not followed by two hexadecimal digits"
    if any(segment in (".", "..") for segment in template.split("/")):
        return "dot segments never arrive in a request"
    return ""


def template_syntax(view: View) -> Iterator[Flaw]:
    for template, (node, *_) in view.paths:
        if fault := template_fault(template):
            yield Flaw(node, f"path template {template!r} cannot be routed: {fault}")


def template_ambiguous(view: View) -> Iterator[Flaw]:
    first: dict[str, tuple[str, Node]] = {}
    for template, (node, *_) in view.paths:
        if template_fault(template):
            continue
        known, place = first.setdefault(shape(template), (template, node))
        if known != template:
            where = f"line {place.where.line}"
            yield Flaw(
                node,
                f"path templates {template!r} and {known!r} ({where}) match the same requests",
                "keep one of them, or make them differ in a literal part",
            )


def variables(template: str) -> list[str]:
    """Names between braces, in order."""
    return VARIABLE.findall(template)


def path_parameter_missing(view: View) -> Iterator[Flaw]:
    for op in view.operations:
        declared = {p.name for p in op.parameters if p.place == "path"}
        for name in variables(op.template):
            if name and name not in declared:
                yield Flaw(
                    op.node,
                    f"{op.method} {op.template} has no path parameter {name!r}",
                    f"add `{{name: {name}, in: path, required: true, schema: ...}}` to its parameters",
                )


def path_parameter_unknown(view: View) -> Iterator[Flaw]:
    for op in view.operations:
        names = variables(op.template)
        for parameter in op.parameters:
            if parameter.place == "path" and parameter.name not in names:
                yield Flaw(
                    parameter.node,
                    f"path parameter {parameter.name!r} is not in the template {op.template!r}",
                )


def operation_id_missing(view: View) -> Iterator[Flaw]:
    for op in view.operations:
        if not op.node.text("operationId"):
            yield Flaw(op.node, f"{op.method} {op.template} has no operationId")


def operation_id_duplicate(view: View) -> Iterator[Flaw]:
    places: dict[str, list[Node]] = defaultdict(list)
    for op in view.operations:
        if identifier := op.node.get("operationId"):
            places[str(identifier.value)].append(identifier)
    for name, nodes in places.items():
        for node in nodes[1:]:
            yield Flaw(node, f"operationId {name!r} is already used in line {nodes[0].where.line}")


def responses_missing(view: View) -> Iterator[Flaw]:
    for op in view.operations:
        if not op.responses:
            yield Flaw(
                op.node,
                f"{op.method} {op.template} documents no response, so every response breaks the contract",
            )


def server_urls(view: View) -> Iterator[tuple[Node, str, list[str]]]:
    """Of each server: the node of its URL, the URL with defaults filled in, and variables without a default."""
    for server in view.root.elements("servers"):
        node = server.get("url")
        if node is None or not isinstance(node.value, str):
            continue
        defaults = {name: variable.text("default") for name, variable in server.items("variables")}
        undefined = [name for name in variables(node.value) if not defaults.get(name)]
        yield node, filled(node.value, defaults), undefined


def filled(url: str, defaults: Mapping[str, str]) -> str:
    """A URL template with the variables that have a default replaced by it."""
    return VARIABLE.sub(lambda match: defaults.get(match[1]) or match[0], url)


def server_fault(url: str) -> str:
    """Why a server URL says nothing a gateway could use; "" when it does."""
    parts = urlsplit(url) if url.startswith(("/", "{")) or "://" in url else None
    if parts is None:
        return "it has neither a scheme nor a leading slash" if url else ""
    if "://" in url and not (parts.scheme and parts.netloc):
        return "it has no scheme or no host"
    if parts.query or parts.fragment:
        return "it has a query or a fragment"
    if any(segment in (".", "..") for segment in parts.path.split("/")):
        return "its path has dot segments"
    return ""


def server_url(view: View) -> Iterator[Flaw]:
    for index, (node, url, _) in enumerate(server_urls(view)):
        try:
            fault = server_fault(url)
        except ValueError as error:
            fault = str(error)
        if fault:
            yield Flaw(
                node,
                f"server URL {url!r} cannot be used: {fault}",
                "write an absolute URL such as http://127.0.0.1:5001/v1, or just the path, /v1",
                Severity.WARNING if index else None,  # only the first one is used
            )


def server_variable(view: View) -> Iterator[Flaw]:
    for index, (node, url, undefined) in enumerate(server_urls(view)):
        path = "/" + url.partition("://")[2].partition("/")[2] if "://" in url else url
        for name in undefined:
            in_path = f"{{{name}}}" in path and not path.startswith(f"{{{name}}}")
            yield Flaw(
                node,
                f"server variable {name!r} has no default" + (", so the API's path is unknown" if in_path else ""),
                f"give it one under `variables`: `{name}: {{default: ...}}`",
                Severity.ERROR if in_path and not index else None,
            )


def server_ignored(view: View) -> Iterator[Flaw]:
    owners = [*(item for _, levels in view.paths for item in levels), *(op.node for op in view.operations)]
    for owner in owners:
        if node := owner.get("servers"):
            yield Flaw(node, "servers of a path or an operation are ignored; all requests go to the API's backend")


ERROR, WARNING = Severity.ERROR, Severity.WARNING
GOOD = document(operation())
GOOD_ITEM = document(
    operation(path="/things/{id}", parameters="{name: id, in: path, required: true, schema: {type: string}}")
)
GOOD_SERVER = document(operation(), top="servers: [{url: 'http://127.0.0.1:5001/v1'}]")

RULES = (
    Rule(
        "template-syntax",
        ERROR,
        "A path template cannot be routed",
        "A template is literal text and `{name}` variables, at least one literal character between two variables of a "
        "segment. Query strings, fragments, bad percent escapes and dot segments can never match a request.",
        template_syntax,
        document(operation(path="/things?kind=a")),
        GOOD,
    ),
    Rule(
        "template-ambiguous",
        ERROR,
        "Two templates match the same requests",
        "Templates that differ only in the names of their variables are identical (OpenAPI, Paths Object), whatever "
        "methods they define. A literal beside a variable is fine: the literal wins.",
        template_ambiguous,
        document(
            operation(path="/{a}", parameters="{name: a, in: path, required: true, schema: {type: string}}"),
            operation(
                path="/{b}",
                name="other",
                parameters="{name: b, in: path, required: true, schema: {type: string}}",
            ),
        ),
        GOOD_ITEM,
    ),
    Rule(
        "path-parameter-missing",
        ERROR,
        "A template variable has no parameter",
        "Nothing says what the variable may hold, so its value could not be judged.",
        path_parameter_missing,
        document(operation(path="/things/{id}")),
        GOOD_ITEM,
    ),
    Rule(
        "path-parameter-unknown",
        ERROR,
        "A path parameter is not in the template",
        "A parameter with `in: path` takes its value from the variable of the same name; without one it never has a "
        "value. Mostly a misspelling.",
        path_parameter_unknown,
        document(operation(parameters="{name: id, in: path, required: true, schema: {type: string}}")),
        GOOD_ITEM,
    ),
    Rule(
        "operation-id-missing",
        WARNING,
        "An operation has no operationId",
        "Logs, metrics and generated clients then name it by method and template only.",
        operation_id_missing,
        document(operation(name="")),
        GOOD,
    ),
    Rule(
        "operation-id-duplicate",
        ERROR,
        "Two operations have one operationId",
        "The specification demands unique ids, and tools that key security by them drop one of the two.",
        operation_id_duplicate,
        document(operation(), operation(path="/others")),
        document(operation(), operation(path="/others", name="other")),
    ),
    Rule(
        "responses-missing",
        WARNING,
        "An operation documents no response",
        "An undocumented status breaks the contract, and here every status is undocumented.",
        responses_missing,
        document(operation(responses=""), version="3.1.0"),
        GOOD,
    ),
    Rule(
        "server-url",
        ERROR,
        "A server URL has neither scheme nor leading slash",
        "`0.0.0.0:5001` is a relative reference, not an address. The path of the first server is where the API is "
        "mounted; its host does not matter to the gateway. In later servers this is a warning.",
        server_url,
        document(operation(), top="servers: [{url: '0.0.0.0:5001'}]"),
        GOOD_SERVER,
    ),
    Rule(
        "server-variable",
        WARNING,
        "A server variable has no default",
        "In a host this is harmless, as the gateway only uses the path. In the path of the first server it is an "
        "error.",
        server_variable,
        document(operation(), top="servers: [{url: 'http://{host}/v1'}]"),
        GOOD_SERVER,
    ),
    Rule(
        "server-ignored",
        WARNING,
        "Servers of a path or an operation are ignored",
        "An API has one backend and one path. Set them in gateway.yaml.",
        server_ignored,
        document(operation(extra="servers: [{url: 'http://127.0.0.1:5002'}]")),
        GOOD_SERVER,
    ),
)

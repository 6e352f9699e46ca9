"""Rules about paths and operations: what the route table is made of."""

import re
from collections import defaultdict
from collections.abc import Iterator

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


ERROR, WARNING = Severity.ERROR, Severity.WARNING
GOOD = document(operation())
GOOD_ITEM = document(
    operation(path="/things/{id}", parameters="{name: id, in: path, required: true, schema: {type: string}}")
)

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
        WARNING,
        "A template variable has no parameter",
        "Nothing says what the variable may hold, so any text is accepted. If a parameter has another name by mistake, "
        "`path-parameter-unknown` keeps the document from being served.",
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
        WARNING,
        "Two operations have one operationId",
        "The specification demands unique ids. Here an operation is known by its method and template; other tools that "
        "go by ids drop one of the two.",
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
)

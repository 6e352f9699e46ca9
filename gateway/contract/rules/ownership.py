"""Rules about `x-gateway.owner`: an object is the caller's own only if text and claim can be compared exactly."""

from collections.abc import Iterator

from gateway.contract.findings import Severity
from gateway.contract.rules.documents import document, operation
from gateway.contract.rules.node import Node
from gateway.contract.rules.rule import Flaw, Rule
from gateway.contract.rules.shapes import type_names
from gateway.contract.rules.view import Operation, Parameter, View

STYLES = {"path": "simple", "header": "simple", "query": "form"}


def owner_of(op: Operation) -> Node | None:
    """The `owner` in force; None where there is none, or the operation is not served."""
    values = [node for level in op.behaviours if (node := level.get("owner"))]
    internal = [level.flag("internal") for level in op.behaviours if level.get("internal")]
    if not values or not isinstance(values[-1].value, dict) or (internal and internal[-1]):
        return None
    return values[-1]


def owner_not_enforced(view: View) -> Iterator[Flaw]:
    for op in view.operations:
        owner = owner_of(op)
        if owner is not None:
            name = owner.text("parameter")
            for fault, hint in ((parameter_fault(op, name), "choose another parameter"), caller_fault(op)):
                if fault:
                    message = f"`owner` of {op.method} {op.template} cannot be enforced: {fault}"
                    yield Flaw(owner, message, f"{hint}, or write owner: false")


def parameter_fault(op: Operation, name: str) -> str:
    """Why a parameter cannot be compared with a claim; "" when it can."""
    named = [parameter for parameter in op.parameters if same_name(parameter, name)]
    if not named:
        return f"the operation has no parameter {name!r}"
    if len(named) > 1:
        return f"parameters in {' and '.join(parameter.place for parameter in named)} are called {name!r}"
    parameter = named[0]
    if parameter.place not in STYLES:
        return f"{name!r} is a parameter in {parameter.place}, not in path, query or header"
    types = type_names(parameter.schema.follow()) if parameter.schema else []
    plain = bool(types) and set(types) <= {"string", "integer"}
    if parameter.content or parameter.style != STYLES[parameter.place] or not plain:
        return f"{name!r} is not a plain text or a whole number"
    return ""


def same_name(parameter: Parameter, name: str) -> bool:
    if parameter.place == "header":
        return parameter.name.lower() == name.lower()
    return parameter.name == name


def caller_fault(op: Operation) -> tuple[str, str]:
    """Why it is not sure to be known who calls; "" when it is."""
    alternatives = list(op.security.elements()) if op.security else []
    enforced = [[name for name, _ in each.items() if f"security:{name}" not in op.passes] for each in alternatives]
    if not enforced:
        return "the operation has no security, so that nobody knows who calls", "add `security`"
    if not all(enforced):
        return "its security lets callers in whom nobody knows", "take out what lets them in"
    return "", ""


def owned(parameter: str, security: str = "security: [{auth: []}]") -> str:
    extra = f"{security}\nx-gateway: {{owner: {{parameter: user_id, claim: sub}}}}"
    text = f"{{name: {parameter}, in: path, required: true, schema: {{type: integer}}}}"
    path = operation(path=f"/users/{{{parameter}}}/runs", parameters=text, extra=extra)
    return document(path, top="components: {securitySchemes: {auth: {type: http, scheme: bearer}}}")


RULES = (
    Rule(
        "owner-not-enforced",
        Severity.ERROR,
        "`x-gateway.owner` cannot be enforced",
        "The parameter has to be one in the path, the query or a header that is a plain text or a whole number, so "
        "that there is one text to compare with the claim; and the operation must not let anonymous callers in. At the "
        "root or at a path item, `owner` holds for every operation below, until one says `owner: false`.",
        owner_not_enforced,
        owned("runner_id"),
        owned("user_id"),
    ),
)

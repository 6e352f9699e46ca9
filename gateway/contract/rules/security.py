"""Rules about security: a scheme that is unknown or cannot be checked must not leave an operation open."""

from collections import defaultdict
from collections.abc import Iterator

from gateway.contract.findings import Severity
from gateway.contract.rules.documents import document, operation
from gateway.contract.rules.node import Node
from gateway.contract.rules.rule import Flaw, Rule, pass_hint
from gateway.contract.rules.view import Operation, View


def requirements(security: Node | None) -> Iterator[Node]:
    """The entry of each scheme in a list of Security Requirement Objects."""
    if security is not None:
        for requirement in security.elements():
            for _, entry in requirement.items():
                yield entry


def security_undeclared(view: View) -> Iterator[Flaw]:
    place = "securityDefinitions" if view.old else "components/securitySchemes"
    lists = [view.root.get("security"), *(op.node.get("security") for op in view.operations)]
    for entry in (entry for security in lists for entry in requirements(security)):
        if entry.key not in view.schemes:
            yield Flaw(
                entry,
                f"security scheme {entry.key!r} is not declared",
                f"declare it under {place}, where there is {known(view)}",
            )


def known(view: View) -> str:
    return ", ".join(sorted(view.schemes)) or "nothing"


def scheme_fault(scheme: Node) -> str:
    """What a scheme is when its credentials cannot be verified; "" when they can."""
    kind = scheme.text("type")
    if kind in ("oauth2", "openIdConnect", "basic", "mutualTLS"):
        return ""
    if kind == "apiKey":
        place = scheme.text("in")
        return "" if place in ("header", "query", "cookie") else f"apiKey in {place or 'nothing'}"
    if kind == "http":
        name = scheme.text("scheme").lower()
        return "" if name in ("bearer", "basic", "dpop") else f"http {name}"
    return kind or "of no type"


def security_not_enforced(view: View) -> Iterator[Flaw]:
    used: dict[str, list[Operation]] = defaultdict(list)
    for op in view.operations:
        for name in {entry.key for entry in requirements(op.security)}:
            if f"security:{name}" not in op.passes:
                used[name].append(op)
    for name, scheme in view.schemes.items():
        if (fault := scheme_fault(scheme)) and (ops := used[name]):
            first, more = ops[0], f" and {len(ops) - 1} more" if len(ops) > 1 else ""
            yield Flaw(
                scheme,
                f"security scheme {name!r} is {fault}, whose credentials cannot be verified; it is used by "
                f"{first.method.upper()} {first.template}{more}",
                pass_hint(f"security:{name}"),
            )


ERROR = Severity.ERROR


def secured(scheme: str, used: str = "auth") -> str:
    top = f"components: {{securitySchemes: {{auth: {scheme}}}}}"
    return document(operation(extra=f"security: [{{{used}: []}}]"), top=top)


GOOD = secured("{type: http, scheme: bearer}")

RULES = (
    Rule(
        "security-undeclared",
        ERROR,
        "A security scheme is not declared",
        "Nothing says what the requirement means. Other tools let such operations through.",
        security_undeclared,
        secured("{type: http, scheme: bearer}", used="api_key"),
        GOOD,
    ),
    Rule(
        "security-not-enforced",
        ERROR,
        "A security scheme cannot be verified",
        "Verified are `oauth2`, `openIdConnect`, `apiKey`, `mutualTLS`, and `http` with `bearer`, `dpop` or `basic`. "
        "With `pass` the credentials go to the backend unverified, and the backend must check them. Schemes that no "
        "operation uses do not matter.",
        security_not_enforced,
        secured("{type: http, scheme: digest}"),
        GOOD,
    ),
)

"""`x-gateway.owner` of an operation, compiled; `gateway.contract.rules.ownership` has seen that it can be."""

from gateway.contract.model import Operation
from gateway.contract.table import parse_template
from gateway.security.ownership import Owned


def owned(operation: Operation) -> Owned | None:
    """What to compare; None where the document does not say whose it is."""
    owner = operation.behaviour.owner
    if owner is None:
        return None
    for parameter in operation.parameters:
        name = owner.parameter
        if parameter.place == "header" and parameter.name.lower() == name.lower():
            return Owned("header", name.lower().encode("latin-1", "replace"), 0, owner.claim, owner.unless_scope)
        if parameter.place == "path" and parameter.name == name:
            at = parse_template(operation.template)[1].index(name)
            return Owned("path", name.encode(), at, owner.claim, owner.unless_scope)
        if parameter.place == "query" and parameter.name == name:
            return Owned("query", name.encode(), 0, owner.claim, owner.unless_scope)
    raise LookupError(owner.parameter)

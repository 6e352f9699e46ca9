"""Our rules, in one table: what the specification's own validator does not ask, but enforcement needs."""

from gateway.contract.rules import (
    behaviour,
    examples,
    media,
    ownership,
    parameters,
    paths,
    schemas,
    security,
    servers,
    specification,
    structure,
)
from gateway.contract.rules.rule import Rule

RULES: dict[str, Rule] = {
    rule.id: rule
    for group in (
        *(specification, structure, paths, servers, parameters, security, ownership, media, schemas, examples),
        behaviour,
    )
    for rule in group.RULES
}
"""Rule id to rule, in the order of docs/rules.md."""

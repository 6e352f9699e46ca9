"""Everything that is wrong with a document, at once: the specification's rules and ours."""

from gateway.contract.findings import Finding, errors, ordered
from gateway.contract.load import Source
from gateway.contract.rules import RULES
from gateway.contract.rules.enforceable import unenforceable
from gateway.contract.rules.view import View


def check(source: Source, passes: frozenset[str] = frozenset()) -> list[Finding]:
    """All findings by place. `passes` holds what the configuration lets through unjudged, as `x-gateway.pass` does.

    A document with an error among them must not be served: `normalise` and `compile` rely on there being none.
    """
    view = View(source, passes)
    findings = [finding for rule in RULES.values() for finding in rule.findings(view)]
    if not errors(findings):
        findings += unenforceable(source, passes)
    return ordered(findings)

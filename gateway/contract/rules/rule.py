"""What a rule is: an id, a reason, two documents that show it, and one function that finds it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from gateway.contract.findings import Finding, Severity
from gateway.contract.rules.node import Node
from gateway.contract.rules.view import View


class Flaw(NamedTuple):
    """One place where a rule is broken; `severity` only where it differs from the rule's own."""

    node: Node
    message: str
    hint: str = ""
    severity: Severity | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """`bad` is a whole document that breaks this rule, `good` the same document mended."""

    id: str
    severity: Severity
    title: str
    explanation: str
    find: Callable[[View], Iterator[Flaw]]
    bad: str
    good: str

    def findings(self, view: View) -> Iterator[Finding]:
        """Every place of the document where the rule is broken."""
        for flaw in self.find(view):
            yield Finding(flaw.node.where, flaw.severity or self.severity, self.id, flaw.message, flaw.hint)


def pass_hint(entry: str) -> str:
    """How to let through unjudged what a rule calls not enforced."""
    return (
        f'to let it through unjudged, write `x-gateway: {{pass: ["{entry}"]}}` on the operation, '
        f'or `pass: ["{entry}"]` under the API in gateway.yaml'
    )

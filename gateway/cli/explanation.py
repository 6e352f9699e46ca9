"""What was found out about one message, and how it is shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import click

from gateway import problem
from gateway.cli.common import echo_json
from gateway.contract.model import Location
from gateway.errors import Refusal, Violation
from gateway.limits.concurrency import SlotPlan
from gateway.limits.plan import Check
from gateway.limits.policy import SECOND


def limit_text(check: Check) -> str:
    """`searches: 2 in 60 s by address (bucket); this costs 1`."""
    policy = check.policy
    time = f"{policy.period / SECOND:g} s" if policy.period else "a month"
    return f"{policy.name}: {policy.requests} in {time} by {policy.by} ({policy.algorithm}); this costs {check.cost}"


def slot_text(slot: SlotPlan) -> str:
    """`api GET /v1/a: 5 at the same time, 3 wait for 0.5 s; in each worker`."""
    most = f"up to {slot.limit}" if slot.adaptive else str(slot.limit)
    each = " for each consumer" if slot.by_consumer else ""
    queue = f", {slot.queue} wait for {slot.wait:g} s" if slot.queue else ""
    return f"{slot.name}: {most} at the same time{each}{queue}; in each worker"


class Shown(NamedTuple):
    """A documented parameter that is given: `raw` as it came, `text` what it decodes to, as JSON; "" when it does not
    decode."""

    place: str
    name: str
    style: str
    raw: str
    text: str

    def line(self) -> str:
        """`query ids = [1,2] (form: ids=1,2)`."""
        value = f" = {self.text}" if self.text else " does not decode"
        return f"{self.place} {self.name}{value} ({self.style}: {self.raw})"


@dataclass
class Report:
    """Pairs of step and line in the order of the request line; the first refusal is the verdict."""

    lines: list[tuple[str, str]] = field(default_factory=list)
    parameters: list[Shown] = field(default_factory=list)
    violations: list[tuple[str, Violation]] = field(default_factory=list)  # with the step that found them
    places: Mapping[Violation, Location] = field(default_factory=dict)
    refusal: Refusal | None = None
    verdict: str = ""  # when it is not refused
    forwarded: str = ""

    def say(self, step: str, line: str) -> None:
        """One more line."""
        self.lines.append((step, line))

    def violated(self, step: str, violations: Sequence[Violation]) -> None:
        """What breaks the contract."""
        self.violations += [(step, violation) for violation in violations]

    def refuse(self, step: str, refusal: Refusal) -> None:
        """The exchange would end here."""
        self.say(step, f"refused with {status_of(refusal)} {refusal.kind.value}: {refusal.detail}")
        self.refusal = self.refusal or refusal


def status_of(refusal: Refusal) -> int:
    """The status that it is answered with."""
    return refusal.status or problem.PROBLEMS[refusal.kind].status


def text(report: Report) -> list[str]:
    """One line for each thing found out, then the violations with their lines in the document, then the verdict."""
    refusal = report.refusal
    verdict = f"{status_of(refusal)} {refusal.kind.value}" if refusal else report.verdict
    violations = [(step, _violation(violation, report)) for step, violation in report.violations]
    lines = [*_merged(report.lines, violations), ("verdict", verdict)]
    return [f"{step:<11} {line}" for step, line in lines]


def _merged(lines: Sequence[tuple[str, str]], violations: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The violations stand before the last line of their step, which says what they come to."""
    merged = list(lines)
    for step in dict.fromkeys(step for step, _ in violations):
        at = max(index for index, (name, _) in enumerate(merged) if name == step)
        merged[at:at] = [each for each in violations if each[0] == step]
    return merged


def _violation(violation: Violation, report: Report) -> str:
    subject = " ".join(filter(None, (violation.place, violation.name, violation.pointer)))
    where = report.places.get(violation)
    line = f"violation: {subject}: {violation.keyword}: {violation.message}"
    return f"{line} ({where.file}:{where.line}:{where.column})" if where else line


def data(report: Report) -> dict[str, Any]:
    """The same as a JSON object."""
    found: dict[str, Any] = {
        "steps": [{"step": step, "text": line} for step, line in report.lines],
        "parameters": [shown._asdict() for shown in report.parameters],
        "violations": [
            violation._asdict() | {"document": _place(report.places.get(violation))}
            for _, violation in report.violations
        ],
    }
    if report.refusal:
        found["refused"] = {"status": status_of(report.refusal), "type": report.refusal.kind.value}
    elif report.forwarded:
        found["forwarded"] = report.forwarded
    else:
        found["verdict"] = report.verdict
    return found


def _place(where: Location | None) -> dict[str, Any] | None:
    if where is None:
        return None
    return {"file": where.file, "line": where.line, "column": where.column, "pointer": where.pointer}


def show(report: Report, format: str) -> None:
    """Print it."""
    if format == "json":
        echo_json(data(report))
    else:
        click.echo("\n".join(text(report)))

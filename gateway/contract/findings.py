"""Findings: what is wrong with a document, where, and what to do about it.

Findings are for the people who keep the documents; none of this ever reaches the wire.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from gateway.contract.model import Location


class Severity(Enum):
    """An error is something that could not be enforced; a warning leaves enforcement intact."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One flaw: `rule` is a stable id with a section in docs/rules.md, `hint` says what to do ("" for nothing)."""

    where: Location
    severity: Severity
    rule: str
    message: str
    hint: str = ""

    def text(self) -> str:
        """`file:line:column: severity: rule: message`, the hint on an indented second line."""
        place = f"{self.where.file}:{self.where.line}:{self.where.column}"
        line = f"{place}: {self.severity.value}: {self.rule}: {self.message}"
        return f"{line}\n    {self.hint}" if self.hint else line

    def data(self) -> dict[str, Any]:
        """The same as a JSON object."""
        return {
            "file": self.where.file,
            "line": self.where.line,
            "column": self.where.column,
            "pointer": self.where.pointer,
            "severity": self.severity.value,
            "rule": self.rule,
            "message": self.message,
            "hint": self.hint,
        }


class LoadError(Exception):
    """A document could not be read at all. Holds at least one finding."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = ordered(findings)
        super().__init__("\n".join(finding.text() for finding in self.findings))


def ordered(findings: Iterable[Finding]) -> list[Finding]:
    """Without repetitions, by place: file, line, column."""
    return sorted(
        dict.fromkeys(findings),
        key=lambda f: (f.where.file, f.where.line, f.where.column, f.severity.value, f.rule, f.message),
    )


def errors(findings: Iterable[Finding]) -> list[Finding]:
    """Those that keep a document from being served."""
    return [finding for finding in findings if finding.severity is Severity.ERROR]

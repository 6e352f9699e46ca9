"""Findings: their text, their order, and what they amount to."""

import pytest

from gateway.contract.findings import Finding, LoadError, Severity, errors, ordered
from gateway.contract.model import Location


def finding(
    file: str = "a.yaml", line: int = 1, column: int = 1, severity: Severity = Severity.ERROR, hint: str = ""
) -> Finding:
    """A flaw at this place."""
    return Finding(Location(file, line, column, "/info"), severity, "some-rule", "is wrong", hint)


@pytest.mark.parametrize(
    ("hint", "text"),
    [
        ("", "a.yaml:3:5: warning: some-rule: is wrong"),
        ("mend it", "a.yaml:3:5: warning: some-rule: is wrong\n    mend it"),
    ],
)
def test_text_begins_with_the_place(hint: str, text: str) -> None:
    """As compilers write it, so that editors find it; what to do stands below."""
    assert finding(line=3, column=5, severity=Severity.WARNING, hint=hint).text() == text


def test_data_has_the_same_parts() -> None:
    """For programs, with the JSON Pointer too."""
    assert finding(hint="mend it").data() == {
        "file": "a.yaml",
        "line": 1,
        "column": 1,
        "pointer": "/info",
        "severity": "error",
        "rule": "some-rule",
        "message": "is wrong",
        "hint": "mend it",
    }


def test_findings_are_ordered_by_place_and_told_once() -> None:
    """Lines as numbers: 9 before 10."""
    places = [("b.yaml", 1, 1), ("a.yaml", 10, 1), ("a.yaml", 9, 7), ("a.yaml", 9, 2), ("a.yaml", 9, 2)]
    found = ordered(finding(*place) for place in places)
    assert [(f.where.file, f.where.line, f.where.column) for f in found] == [
        ("a.yaml", 9, 2),
        ("a.yaml", 9, 7),
        ("a.yaml", 10, 1),
        ("b.yaml", 1, 1),
    ]


def test_errors_are_what_keeps_a_document_from_being_served() -> None:
    """Warnings do not."""
    error, warning = finding(), finding(severity=Severity.WARNING)
    assert errors([warning, error, warning]) == [error]


def test_a_load_error_reads_as_its_findings() -> None:
    """In order."""
    assert str(LoadError([finding(line=2), finding(line=1)])).splitlines() == [
        "a.yaml:1:1: error: some-rule: is wrong",
        "a.yaml:2:1: error: some-rule: is wrong",
    ]

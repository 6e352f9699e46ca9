"""Findings folded, ordered and written for people and for GitHub."""

import pytest

from gateway.cli import report
from gateway.contract.findings import Finding, Severity
from gateway.contract.model import Location

ERROR, WARNING = Severity.ERROR, Severity.WARNING


def finding(
    line: int,
    message: str = "is wrong",
    rule: str = "example-mismatch",
    severity: Severity = WARNING,
    file: str = "a.yaml",
    hint: str = "",
) -> Finding:
    """At column 3."""
    return Finding(Location(file, line, 3, f"/{line}"), severity, rule, message, hint)


def lines(*findings: Finding, every: bool = False) -> list[str]:
    """As `gateway check` prints them."""
    return list(report.text(report.grouped(findings, every)))


def test_the_most_important_comes_first() -> None:
    """Errors, then warnings by what is at stake; within a rule by place."""
    found = lines(
        finding(1),
        finding(2, rule="response-without-schema"),
        finding(9, rule="duplicate-key", severity=ERROR),
        finding(3),
        finding(4, message="is worse"),
    )
    assert [line.split(":")[1] for line in found if not line.startswith(" ")] == ["9", "2", "1", "4"]


def test_files_stay_together_and_the_worst_comes_first() -> None:
    """Each file is told to its end."""
    found = lines(
        finding(1, file="a.yaml"),
        finding(1, file="b.yaml"),
        finding(2, file="b.yaml", rule="duplicate-key", severity=ERROR),
        finding(5, "other", file="a.yaml"),
    )
    assert [line.split(":")[0] for line in found] == ["b.yaml", "b.yaml", "a.yaml", "a.yaml"]


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (1, []),
        (2, ["    also at 2:3"]),
        (3, ["    also at 2:3 and 3:3"]),
        (4, ["    also at 2:3, 3:3 and 4:3"]),
        (5, ["    also at 2:3, 3:3, 4:3 and 1 more place"]),
        (300, ["    also at 2:3, 3:3, 4:3 and 296 more places"]),
    ],
)
def test_a_flaw_in_many_places_is_told_once(number: int, expected: list[str]) -> None:
    """With the first places, and how many there are besides."""
    first = "a.yaml:1:3: warning: example-mismatch: is wrong"
    assert lines(*map(finding, range(1, number + 1))) == [first, *expected]


def test_hints_are_told_once_for_flaws_that_share_them() -> None:
    """And before the places."""
    assert lines(finding(1, "a", hint="mend"), finding(2, "b", hint="mend"), finding(3, "b", hint="mend")) == [
        "a.yaml:1:3: warning: example-mismatch: a",
        "    mend",
        "a.yaml:2:3: warning: example-mismatch: b",
        "    also at 3:3",
    ]


def test_a_file_without_line_breaks_is_told_by_pointers() -> None:
    """Column 90187 of line 1 means nothing to anybody."""
    where = Location("a.json", 1, 90187, "/paths/~1a/get")
    found = lines(Finding(where, WARNING, "example-mismatch", "is wrong", "mend"))
    assert found == ["a.json:1:90187: warning: example-mismatch: is wrong", "    mend", "    at /paths/~1a/get"]


def test_many_flaws_of_one_rule_are_counted() -> None:
    """The rest is a number of findings; one that would only be counted is shown."""
    found = lines(*(finding(n, f"flaw {n // 2}") for n in range(20)))
    assert found[-1] == "    example-mismatch: 14 more in a.yaml; --all shows them"
    assert sum(not line.startswith(" ") for line in found) == report.FLAWS
    assert len(lines(*(finding(n, f"flaw {n}") for n in range(report.FLAWS + 1)))) == report.FLAWS + 1


def test_every_finding_on_demand() -> None:
    """Nothing is folded then."""
    found = lines(*(finding(n) for n in range(30)), every=True)
    assert found == [f"a.yaml:{n}:3: warning: example-mismatch: is wrong" for n in range(30)]


def test_a_github_annotation_has_file_line_column_and_title() -> None:
    """And says in its text what to do and where else."""
    groups = report.grouped([finding(4, hint="mend"), finding(7, hint="mend")])
    assert list(report.github(groups)) == [
        "::warning file=a.yaml,line=4,col=3,title=example-mismatch::is wrong%0Amend%0Aalso at 7:3"
    ]


def test_github_commands_cannot_be_broken_out_of() -> None:
    """A name or a message may hold what separates the parts of a command."""
    groups = report.grouped([finding(1, "100%: a\r\n::error::b, c", file="a,b:c%\n.yaml", severity=ERROR)])
    assert list(report.github(groups)) == [
        "::error file=a%2Cb%3Ac%25%0A.yaml,line=1,col=3,title=example-mismatch::100%25: a%0D%0A::error::b, c"
    ]


def test_github_is_told_what_is_left_out() -> None:
    """As a notice, which stops nothing."""
    groups = report.grouped(finding(n, f"flaw {n}") for n in range(9))
    assert list(report.github(groups))[-1] == "::notice title=example-mismatch::example-mismatch: 6 more in a.yaml"

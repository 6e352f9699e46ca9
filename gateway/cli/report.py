"""Findings for people and for the machines of others: text, and GitHub's workflow commands.

A tool that writes documents repeats a flaw hundreds of times. So what is said of one file is grouped by rule, the most
important first; of a group only the first few flaws are shown, and a flaw that stands in several places is shown once.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from gateway.contract.findings import Finding
from gateway.contract.levels import importance
from gateway.contract.model import Location

FLAWS = 3  # shown of one rule and file
PLACES = 3  # shown beside the first
WIDE = 400  # columns: beyond, nobody wrote the file by hand, and a pointer tells more


class Flaw(NamedTuple):
    """The same thing said in one or several places of a file: the first, and the places of the others."""

    first: Finding
    others: Sequence[Location]


class Group(NamedTuple):
    """The flaws of one file that break one rule alike; `left` counts findings that are not among them."""

    flaws: Sequence[Flaw]
    left: int


def grouped(findings: Iterable[Finding], every: bool = False) -> list[Group]:
    """The most important first, of one importance by file and place. With `every` each finding stands for itself."""
    files: dict[str, dict[tuple[bool, int], list[Finding]]] = {}
    for finding in findings:
        files.setdefault(finding.where.file, {}).setdefault(importance(finding), []).append(finding)
    worst = sorted(files, key=lambda file: (min(files[file]), file))
    groups = [group for file in worst for _, group in sorted(files[file].items(), key=lambda item: item[0])]
    if every:
        return [Group([Flaw(finding, ()) for finding in group], 0) for group in groups]
    return [_folded(group) for group in groups]


def _folded(findings: Sequence[Finding]) -> Group:
    same: dict[tuple[str, str], list[Finding]] = {}
    for finding in findings:
        same.setdefault((finding.message, finding.hint), []).append(finding)
    flaws = [Flaw(first, [other.where for other in others]) for first, *others in same.values()]
    if len(flaws) > FLAWS + 1:
        left = sum(1 + len(flaw.others) for flaw in flaws[FLAWS:])
        return Group(flaws[:FLAWS], left)
    return Group(flaws, 0)


def text(groups: Iterable[Group]) -> Iterator[str]:
    """Lines: `file:line:column: severity: rule: message`, and indented below what to do and where else."""
    for group in groups:
        hint = ""
        for flaw in group.flaws:
            line, _, advice = flaw.first.text().partition("\n")
            yield line
            if advice and advice != hint:
                yield advice
            hint = advice
            if flaw.first.where.column > WIDE:
                yield f"    at {flaw.first.where.pointer}"
            if flaw.others:
                yield f"    also at {places(flaw.others)}"
        if group.left:
            first = group.flaws[0].first
            yield f"    {first.rule}: {group.left} more in {first.where.file}; --all shows them"


def places(others: Sequence[Location]) -> str:
    """`12:3, 14:3 and 7 more places`."""
    shown = [f"{where.line}:{where.column}" for where in others[:PLACES]]
    left = len(others) - len(shown)
    if left:
        return f"{', '.join(shown)} and {left} more place{'s' if left > 1 else ''}"
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))


# Workflow commands of GitHub Actions, which become annotations of a change: "Setting an error message".
_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = _DATA | str.maketrans({":": "%3A", ",": "%2C"})


def github(groups: Iterable[Group]) -> Iterator[str]:
    """`::error file=...,line=...,col=...,title=...::message`. GitHub shows the first ten of a kind, so they are
    folded as the text is."""
    for group in groups:
        for flaw in group.flaws:
            finding = flaw.first
            more = f"also at {places(flaw.others)}" if flaw.others else ""
            message = "\n".join(filter(None, (finding.message, finding.hint, more))).translate(_DATA)
            where = finding.where
            file, rule = where.file.translate(_PROPERTY), finding.rule.translate(_PROPERTY)
            properties = f"file={file},line={where.line},col={where.column},title={rule}"
            yield f"::{finding.severity.value} {properties}::{message}"
        if group.left:
            first = group.flaws[0].first
            rest = f"{first.rule}: {group.left} more in {first.where.file}"
            yield f"::notice title={first.rule}::{rest.translate(_DATA)}"

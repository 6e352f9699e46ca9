"""Where a finding is about the settings and not about a document: known by its JSON Pointer alone until somebody knows
the file."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from gateway.contract.findings import Finding
from gateway.contract.model import Location

SETTINGS_FILE = "gateway.yaml"
_ANYWHERE = 0  # the line of what was not looked up


def in_settings(pointer: str) -> Location:
    """The setting at `pointer`, such as "/issuers/main"."""
    return Location(SETTINGS_FILE, _ANYWHERE, _ANYWHERE, pointer)


def placed(findings: Iterable[Finding], places: Mapping[str, Location]) -> Iterator[Finding]:
    """The findings with each setting where it stands, or else what it would be in. Without places: the first line."""
    for finding in findings:
        where = finding.where
        if where.line == _ANYWHERE:
            pointer = where.pointer
            while pointer and pointer not in places:
                pointer = pointer.rpartition("/")[0]
            found = places.get(pointer, Location(SETTINGS_FILE, 1, 1, pointer))
            finding = replace(finding, where=replace(found, pointer=where.pointer))
        yield finding

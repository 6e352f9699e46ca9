"""What a run exercised, operation by operation. A green run that exercised nothing is not green."""

from collections import Counter
from collections.abc import Iterable

from gateway.verify.subject import Subject

VALID, VIOLATION, SECURITY = "valid", "violation", "security"
KINDS = (VALID, VIOLATION, SECURITY)


class Coverage:
    """Counts requests by operation and kind, and keeps the statuses that answered them."""

    def __init__(self, subjects: Iterable[Subject]) -> None:
        self._subjects = {subject.name: subject for subject in subjects}
        self._sent: dict[str, Counter[str]] = {name: Counter() for name in self._subjects}
        self._statuses: dict[str, Counter[int]] = {name: Counter() for name in self._subjects}  # of valid requests
        self._seen: dict[str, set[int]] = {name: set() for name in self._subjects}  # of all

    def record(self, subject: Subject, kind: str, status: int) -> None:
        """One request of this kind was answered with this status."""
        self._sent[subject.name][kind] += 1
        self._seen[subject.name].add(status)
        if kind == VALID:
            self._statuses[subject.name][status] += 1

    def unexercised(self) -> list[str]:
        """Operations that got no valid request."""
        return [name for name, sent in self._sent.items() if not sent[VALID]]

    def unsuccessful(self) -> list[str]:
        """Operations that were exercised and never answered with 2xx or 3xx."""
        return [
            name
            for name, statuses in self._statuses.items()
            if statuses and not any(200 <= status < 400 for status in statuses)
        ]

    def sent(self, kind: str) -> int:
        """Requests of this kind, over all operations."""
        return sum(sent[kind] for sent in self._sent.values())

    def rows(self) -> list[tuple[str, ...]]:
        """For each operation: name, counts by kind, documented statuses that were seen, and those that were not."""
        return [
            (
                name,
                *(str(sent[kind]) for kind in KINDS),
                " ".join(f"{status}" for status in sorted(self._seen[name])),
                " ".join(self._unseen(self._subjects[name])),
            )
            for name, sent in self._sent.items()
        ]

    def _unseen(self, subject: Subject) -> list[str]:
        seen = {str(status) for status in self._seen[subject.name]}
        ranges = {f"{status[0]}XX" for status in seen}
        return [each.status for each in subject.operation.responses if each.status not in seen | ranges]


HEADINGS = ("operation", *KINDS, "answered", "documented, not seen")


def text_table(rows: Iterable[tuple[str, ...]], headings: tuple[str, ...] = HEADINGS) -> str:
    """Aligned columns for a terminal."""
    lines = [headings, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )

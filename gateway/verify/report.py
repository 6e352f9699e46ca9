"""A summary of a run for people, in Markdown. Machines read the JUnit file that pytest writes."""

from collections.abc import Iterable, Sequence

from gateway.verify.coverage import HEADINGS, VALID, VIOLATION, Coverage


def summary(coverage: Coverage, passed: int, failed: Sequence[str], skipped: int = 0, notes: Iterable[str] = ()) -> str:
    """The verdict, then what it rests on. `failed` names what failed; `notes` are sentences of the run itself."""
    verdict = f"{len(failed)} failed, {passed} passed" if failed else f"All {passed} tests passed"
    verdict = f"**{verdict}, {skipped} were skipped.**" if skipped else f"**{verdict}.**"
    lines = [
        "# Contract tests",
        "",
        verdict,
        "",
        f"{coverage.sent(VALID)} valid requests and {coverage.sent(VIOLATION)} that break one clause each were sent to "
        f"{len(coverage.rows())} operations.",
        *(f"- {note}" for note in notes),
        "",
    ]
    if failed:
        lines += ["## Failed", "", *(f"- {name}" for name in failed), ""]
    return "\n".join([*lines, "## Operations", "", *_markdown(coverage.rows()), ""])


def _markdown(rows: Iterable[tuple[str, ...]]) -> list[str]:
    lines = [HEADINGS, tuple("---" for _ in HEADINGS), *rows]
    return ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]

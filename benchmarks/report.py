"""What a run found, as text for people, as JSON, and as the part of the documentation that holds figures."""

import json
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.claims import Claim
from benchmarks.profiles import Profile
from benchmarks.table import Row, Table

BEGIN, END = "<!-- figures: written by python -m benchmarks -->", "<!-- end of figures -->"
QUIET = 0.05  # share of the CPUs that other programs may take before figures are doubtful
HEAD = ("workload", "who", "what it does", "CPU us", "low-high", "requests/s", "p50 us", "p99 us", "RSS MB")
VERDICT = {True: "kept", False: "MISSED", None: "-"}


@dataclass(frozen=True, slots=True)
class Report:
    """One whole run."""

    machine: dict[str, Any]
    settings: dict[str, Any]
    table: Table
    claims: tuple[Claim, ...]
    failed: dict[str, str]  # measurement -> why it gave no figure
    profiles: dict[str, Profile]  # workload -> where our time goes; made when a ratio was missed

    def to_json(self) -> str:
        """Everything, for machines."""
        return json.dumps(
            {
                "machine": self.machine,
                "settings": self.settings,
                "rows": [asdict(row) for row in self.table.rows],
                "missing": self.table.missing,
                "claims": [{**asdict(claim), "kept": claim.kept} for claim in self.claims],
                "failed": self.failed,
                "profiles": self.profiles,
            },
            indent=2,
        )


def machine() -> dict[str, Any]:
    """Where a run took place."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return {
        "cpu": names[0] if names else platform.machine(),
        "cpus": os.cpu_count(),
        "kernel": platform.release(),
        "python": platform.python_version(),
    }


def table_cells(table: Table) -> list[tuple[str, ...]]:
    """The main table with the ratios to each native proxy, head first."""
    anchors = [peer for peer in ("nginx", "envoy") if any(row.peer == peer for row in table.rows)]
    head = (*HEAD, *(f"x {anchor}" for anchor in anchors))
    return [head, *(_cells(row, [table.cpu(anchor, row.workload) for anchor in anchors]) for row in table.rows)]


def _cells(row: Row, anchors: Sequence[float | None]) -> tuple[str, ...]:
    return (
        row.workload,
        row.peer,
        row.does,
        f"{row.cpu:.1f}",
        f"{row.lowest:.1f}-{row.highest:.1f}",
        f"{row.per_second:.0f}",
        f"{row.p50:.0f}",
        f"{row.p99:.0f}",
        f"{row.resident / 1e6:.0f}",
        *(f"{row.cpu / anchor:.2f}" if anchor else "-" for anchor in anchors),
    )


def claim_cells(claims: Iterable[Claim]) -> list[tuple[str, ...]]:
    """The promises, head first."""
    return [
        ("what", "measured", "at most", "", "how"),
        *(
            (
                claim.name,
                f"{claim.measured:.2f} {claim.unit}",
                "-" if claim.limit is None else f"{claim.limit:g} {claim.unit}",
                VERDICT[claim.kept],
                claim.how,
            )
            for claim in claims
        ),
    ]


def profile_cells(workload: str, profile: Profile) -> list[tuple[str, ...]]:
    """One workload's profile, head first."""
    return [("samples", f"{workload}: innermost function"), *((f"{share:.1%}", name) for name, share in profile)]


def aligned(cells: Sequence[Sequence[str]]) -> str:
    """Columns padded to their widest cell, for a terminal."""
    widths = [max(len(row[column]) for row in cells) for column in range(len(cells[0]))]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in cells)
    return "\n".join(line.rstrip() for line in lines)


def markdown(cells: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [" | ".join(cell.replace("|", "\\|") for cell in row) for row in cells]
    return "\n".join(f"| {line} |" for line in (lines[0], " | ".join("---" for _ in cells[0]), *lines[1:]))


def warnings(report: Report) -> list[str]:
    """What a reader must know before believing the figures."""
    worst = max((row.others for row in report.table.rows), default=0.0)
    noise = f"doubtful: other programs took up to {worst:.0%} of the CPUs while this was measured"
    return [
        *([noise] if worst > QUIET else []),
        *(["doubtful: a quick run"] if report.settings.get("quick") else []),
        *(f"left out: {peer}: {reason}" for peer, reason in report.table.missing.items()),
        *(f"not measured: {name}: {reason}" for name, reason in report.failed.items()),
    ]


def text(report: Report) -> str:
    """The whole report for a terminal."""
    parts = [aligned(table_cells(report.table))] if report.table.rows else []
    parts += [aligned(claim_cells(report.claims))] if report.claims else []
    parts += [aligned(profile_cells(name, profile)) for name, profile in report.profiles.items()]
    return "\n\n".join(parts + warnings(report))


def figures(report: Report) -> str:
    """The part of the documentation page that holds figures."""
    where, how = report.machine, report.settings
    parts = [
        f"Measured on {where['cpu']} ({where['cpus']} CPUs), Linux {where['kernel']}, Python {where['python']}; "
        f"median of {how['rounds']} rounds of {how['seconds']:g} s.",
        "![CPU per request](benchmark/chart.svg)",
        markdown(table_cells(report.table)),
        markdown(claim_cells(report.claims)),
        *(f"*{line}*" for line in warnings(report)),
        *(markdown(profile_cells(name, profile)) for name, profile in report.profiles.items()),
    ]
    return "\n\n".join(parts)


def with_figures(page: str, new: str) -> str:
    """`page` with everything between the two marks replaced; raises ValueError where a mark is missing."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page lacks the marks {BEGIN!r} and {END!r}")
    return f"{before}{BEGIN}\n\n{new}\n\n{END}{after}"

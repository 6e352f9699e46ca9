"""The main table as a bar chart: an SVG that needs no script and no font of its own."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

from benchmarks.table import Row, Table

WIDTH, LABEL, VALUE = 760, 150, 130
BAR, GAP, TITLE = 20, 6, 44
OURS, OTHERS = "#0b6e4f", "#8a9aa8"
STYLE = "font-family:sans-serif;font-size:13px"


def svg(table: Table, ours: str) -> str:
    """One panel per workload, one bar per peer, lengths in CPU microseconds per request.

    Bars longer than four times ours are cut and drawn open at the end: the number beside them tells.
    """
    workloads = list(dict.fromkeys(row.workload for row in table.rows))
    panels, top = [], 0
    for workload in workloads:
        rows = sorted((row for row in table.rows if row.workload == workload), key=lambda row: row.cpu)
        panels.append(panel(workload, rows, ours, top))
        top += TITLE + len(rows) * (BAR + GAP) + GAP
    body = "\n".join(panels)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" style="{STYLE}" role="img" '
        f'aria-label="CPU microseconds per request">\n<rect width="{WIDTH}" height="{top}" fill="#ffffff"/>\n'
        f"{body}\n</svg>\n"
    )


def panel(workload: str, rows: Sequence[Row], ours: str, top: int) -> str:
    """One workload's bars, starting `top` pixels down."""
    scale = longest(rows, ours)
    title = f"{workload}: CPU microseconds per request (shorter is better)"
    parts = [f'<text x="8" y="{top + 26}" font-weight="bold">{escape(title)}</text>']
    for index, row in enumerate(rows):
        parts.append(bar(row, row.peer == ours, scale, top + TITLE + index * (BAR + GAP)))
    return "\n".join(parts)


def longest(rows: Sequence[Row], ours: str) -> float:
    """The value that fills the width: the largest, but at most four times ours."""
    largest = max(row.cpu for row in rows)
    return min([largest, *(4 * row.cpu for row in rows if row.peer == ours)])


def bar(row: Row, ours: bool, scale: float, y: int) -> str:
    """One labelled bar."""
    space = WIDTH - LABEL - VALUE
    width = round(min(row.cpu / scale, 1.0) * space)
    colour = OURS if ours else OTHERS
    cut = " >>" if row.cpu > scale else ""
    baseline = y + BAR - 5
    return (
        f'<text x="{LABEL - 8}" y="{baseline}" text-anchor="end">{escape(row.peer)}</text>'
        f'<rect x="{LABEL}" y="{y}" width="{width}" height="{BAR}" fill="{colour}"/>'
        f'<text x="{LABEL + width + 6}" y="{baseline}">{escape(cut)} {row.cpu:.1f}</text>'
    )

"""What is printed and published."""

import json

import pytest

from benchmarks import report
from benchmarks.claims import Claim
from benchmarks.table import Row, Table

ROWS = (
    Row("nginx", "proxies", "GET", 10.0, 50000.0, 300.0, 900.0, 20_000_000, 9.0, 11.0, 0.01),
    Row("gateway", "checks | all", "GET", 35.0, 20000.0, 900.0, 1900.0, 80_000_000, 34.0, 36.0, 0.31),
)
REPORT = report.Report(
    report.machine(),
    {"rounds": 5, "seconds": 4.0},
    Table(ROWS, {"prism": "npm is not installed"}),
    (Claim("ratio", 3.5, "x nginx", 4.0), Claim("stall", 9.0, "ms", 1.0), Claim("speed", 80.0, "MB/s")),
    {"idle": "no answer"},
    {"GET": [("write (connection.py)", 0.25)]},
)


def test_ratios_are_shown_only_to_peers_that_were_measured() -> None:
    """Without Envoy there is no Envoy column."""
    head, first, second = report.table_cells(REPORT.table)
    assert head[-1] == "x nginx"
    assert (first[-1], second[-1]) == ("1.00", "3.50")


def test_the_text_hides_nothing() -> None:
    """Missed promises, missing peers and failed measurements are all in it."""
    text = report.text(REPORT)
    assert "MISSED" in text
    assert "left out: prism: npm is not installed" in text
    assert "not measured: idle: no answer" in text
    assert "other programs took up to 31%" in text
    assert "25.0%    write (connection.py)" in text


def test_a_quiet_whole_run_needs_no_excuse() -> None:
    """Warnings are for runs that deserve them."""
    quiet = report.Report(REPORT.machine, REPORT.settings, Table(ROWS[:1], {}), (), {}, {})
    assert report.warnings(quiet) == []


def test_columns_line_up() -> None:
    """Every cell of a column starts at the same place."""
    assert report.aligned([("a", "b"), ("long", "c")]) == "a     b\nlong  c"


def test_json_holds_rows_and_verdicts() -> None:
    """What a machine needs to compare two runs."""
    data = json.loads(REPORT.to_json())
    assert [row["peer"] for row in data["rows"]] == ["nginx", "gateway"]
    assert [claim["kept"] for claim in data["claims"]] == [True, False, None]


def test_markdown_cells_cannot_break_the_table() -> None:
    """A bar inside a cell is escaped."""
    assert "checks \\| all" in report.markdown(report.table_cells(REPORT.table))


def test_figures_replace_what_is_between_the_marks() -> None:
    """The prose around them stays, however often it is done."""
    page = f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n"
    once = report.with_figures(page, "new")
    assert "old" not in once and "new" in once
    assert once.startswith("before\n") and once.endswith("\nafter\n")
    assert report.with_figures(once, "new") == once


@pytest.mark.parametrize("page", ["", report.BEGIN, report.END, f"{report.END}{report.BEGIN}"])
def test_a_page_without_marks_is_refused(page: str) -> None:
    """Rather than losing its text."""
    with pytest.raises(ValueError, match="marks"):
        report.with_figures(page, "new")

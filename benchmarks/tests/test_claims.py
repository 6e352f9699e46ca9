"""Promises and whether they were kept."""

import pytest

from benchmarks.claims import Claim, from_table
from benchmarks.table import Row, Table


@pytest.mark.parametrize(
    ("measured", "limit", "kept"), [(3.9, 4.0, True), (4.0, 4.0, True), (4.1, 4.0, False), (9.0, None, None)]
)
def test_a_promise_is_kept_up_to_its_limit(measured: float, limit: float | None, kept: bool | None) -> None:
    """A figure without a limit is neither kept nor missed."""
    assert Claim("x", measured, "s", limit).kept is kept


def row(peer: str, workload: str, cpu: float) -> Row:
    """A row that matters only by its CPU time."""
    return Row(peer, "", workload, cpu, 1.0, 1.0, 1.0, 1, cpu, cpu, 0.0)


def test_ratios_come_from_the_same_run() -> None:
    """One promise per native proxy and workload that were measured, in CPU per request."""
    rows = (row("nginx", "GET", 10.0), row("us", "GET", 30.0), row("us", "POST", 50.0), row("envoy", "POST", 40.0))
    found = list(from_table(Table(rows, {}), "us", "all of us"))
    assert [(claim.unit, claim.measured, claim.kept) for claim in found] == [
        ("x nginx", 3.0, True),
        ("x envoy", 1.25, False),
    ]


def test_the_whole_has_a_promise_of_its_own() -> None:
    """Against nginx, with callers known and limited."""
    rows = (row("nginx", "GET", 10.0), row("us", "GET", 30.0), row("all of us", "GET", 46.0))
    found = list(from_table(Table(rows, {}), "us", "all of us"))
    assert [(claim.limit, claim.measured, claim.kept) for claim in found] == [(4.0, 3.0, True), (4.5, 4.6, False)]

"""From samples to rows."""

from benchmarks.peers import OURS
from benchmarks.table import Sample, Table, summarise


def test_a_row_holds_medians_and_the_spread() -> None:
    """One disturbed round does not move the figure, and can be seen."""
    calm, disturbed = Sample(30.0, 900.0, 5.0, 9.0, 0.0), Sample(90.0, 100.0, 50.0, 99.0, 0.4)
    samples = [calm, disturbed, Sample(31.0, 880.0, 6.0, 10.0, 0.1)]
    row = summarise(OURS, "GET", samples, 1_000_000)
    assert (row.cpu, row.per_second, row.p50, row.p99) == (31.0, 880.0, 6.0, 10.0)
    assert (row.lowest, row.highest) == (30.0, 90.0)
    assert row.others == 0.4
    table = Table((row,), {})
    assert table.cpu("gateway", "GET") == 31.0
    assert table.cpu("gateway", "POST") is None

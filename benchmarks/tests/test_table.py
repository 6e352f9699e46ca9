"""From samples to rows."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from benchmarks.peers import OURS, Launch, Peer
from benchmarks.processes import Cpus
from benchmarks.session import Session
from benchmarks.table import Sample, Table, measure, summarise
from benchmarks.tools import Tools


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


def broken(command: list[str]) -> Peer:
    """A peer that is started by `command`."""
    return Peer("broken", "", frozenset(), lambda place: Launch([part.format(place.port) for part in command], "/"))


@pytest.mark.skipif(shutil.which("nginx", path="/usr/sbin:/usr/bin") is None, reason="nginx is not installed")
@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="needs two CPUs")
@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ([sys.executable, "-c", "raise SystemExit('no')"], "ended with status 1"),
        ([sys.executable, "-m", "benchmarks.blob_backend", "{}"], "answers differently: a good GET"),
    ],
    ids=["does not start", "answers differently"],
)
def test_a_peer_that_is_not_right_is_not_timed(tmp_path: Path, command: list[str], reason: str) -> None:
    """It is named with the reason, and the others go on."""
    session = Session(tmp_path, Cpus.choose(), Tools(tmp_path / "cache", install=False))
    said: list[str] = []
    table = measure(session, [broken(command)], rounds=0, seconds=1, say=said.append)
    assert table.rows == ()
    assert reason in table.missing["broken"]
    assert any("left out" in line for line in said)

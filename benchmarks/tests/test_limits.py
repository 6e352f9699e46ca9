"""The micro benchmark of rate limits measures what it says."""

import pytest

from benchmarks import limits
from gateway.limits.shared import SharedCounters


@pytest.mark.parametrize("name", limits.plans())
def test_every_plan_passes(name: str) -> None:
    """Nobody is refused, so that the way of good requests is measured."""
    plan = limits.plans()[name]
    counters = SharedCounters(64, lambda: 1_700_000_000_000_000, b"")
    readings = limits.at_once(limits.ask(counters, plan, told=False, times=3))
    assert len(readings) == len(plan.checks) and all(reading.passed and not reading.wait for reading in readings)
    told = limits.at_once(limits.ask(counters, plan, told=True, times=1))
    assert isinstance(told, bytes) and told.startswith(b'"p0";r=')

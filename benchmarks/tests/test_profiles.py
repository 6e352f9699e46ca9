"""From collapsed stacks to a list of functions."""

import pytest

from benchmarks import profiles


def test_samples_are_counted_by_innermost_function() -> None:
    """Lines of one function are one function; shares add up to one."""
    stacks = ["main (a.py:1);work (b.py:10) 6", "main (a.py:2);work (b.py:11) 2", "main (a.py:9) 2"]
    assert profiles.hottest(stacks) == [("work (b.py)", 0.8), ("main (a.py)", 0.2)]


def test_threads_that_wait_do_not_count() -> None:
    """Only the time that somebody used is shared out."""
    stacks = ["_work (log.py:1);wait (threading.py:320) 90", "main (a.py:9) 10"]
    assert profiles.hottest(stacks) == [("main (a.py)", 1.0)]


def test_an_empty_profile_is_empty() -> None:
    """No samples, no shares."""
    assert profiles.hottest([]) == []


@pytest.mark.parametrize(
    ("frame", "name"),
    [("run (x.py:7)", "run (x.py)"), ("<module> (a.py)", "<module> (a.py)"), ("a:b (c.py:1)", "a:b (c.py)")],
)
def test_line_numbers_are_dropped(frame: str, name: str) -> None:
    """And nothing else."""
    assert profiles.function(frame) == name

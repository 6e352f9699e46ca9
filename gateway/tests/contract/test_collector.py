"""Pauses of the garbage collector."""

import gc

import pytest

from gateway.contract import collector


def test_the_collector_runs_again_afterwards() -> None:
    """Also when building the graph fails."""
    with pytest.raises(ZeroDivisionError), collector.paused():
        assert not gc.isenabled()
        _ = 1 / 0
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off() -> None:
    """The pause belongs to whoever began it."""
    gc.disable()
    try:
        with collector.paused():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_what_was_built_counts_as_old() -> None:
    """The collector does not look through all of it as soon as it runs again."""
    with collector.paused():
        built = [[number] for number in range(5000)]
    assert len(gc.get_objects(generation=2)) > len(built)
    assert built[-1] in [each for each in gc.get_objects(generation=2) if isinstance(each, list) and len(each) == 1]
    assert gc.get_count()[0] < len(built)
    assert gc.get_freeze_count() == 0

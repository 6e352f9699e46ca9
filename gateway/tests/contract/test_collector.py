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

"""A few inputs of each target, so that the fuzzers themselves keep working; `python -m gateway.tests.fuzz` goes on."""

import pytest
from hypothesis import strategies as st

from gateway.tests.fuzz.__main__ import BATCH, Found, fuzz
from gateway.tests.fuzz.targets import TARGETS


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_that_others_wrote_breaks_the_gateway(name: str) -> None:
    """One batch of generated input, the same one each time."""
    target = TARGETS[name]
    with target.running() as run:
        assert fuzz(run, target.inputs, 0.001, 1) >= BATCH / 2


def test_what_breaks_is_found_and_shown() -> None:
    """The smallest input that did it."""

    def broken(value: int) -> None:
        assert value < 10

    with pytest.raises(Found) as caught:
        fuzz(broken, st.integers(0, 1000), 1, 1)
    assert caught.value.value == 10


def test_what_hangs_is_found() -> None:
    """An input may take some seconds, not for ever."""

    def hanging(value: int) -> None:
        while value > 5:
            pass

    with pytest.raises(Found):
        fuzz(hanging, st.integers(0, 10), 1, 1, longest=0.2)

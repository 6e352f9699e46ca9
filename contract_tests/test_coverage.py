"""The run as a whole: green means that everything was proved."""

import pytest

from gateway.verify.coverage import Coverage


@pytest.mark.last
def test_every_operation_was_exercised(coverage: Coverage) -> None:
    """Each operation of each document got a valid request; select single tests only to look at one."""
    assert not coverage.unexercised()


@pytest.mark.last
def test_every_operation_succeeded_once(coverage: Coverage) -> None:
    """Documented failures alone prove nothing: each operation answered a valid request with success."""
    assert not coverage.unsuccessful()

"""Settings about messages."""

import pytest

from gateway.config.traffic import Timeouts


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0.5, (0.5, 0.5, 0.5)), (10.0, (2.0, 10.0, 10.0)), (100.0, (2.0, 30.0, 100.0))]
)
def test_an_operations_timeout_bounds_all_that_a_backend_does(
    seconds: float, expected: tuple[float, float, float]
) -> None:
    """Shorter ones stay; the total is what was said, and what concerns clients is untouched."""
    found = Timeouts().within(seconds)
    assert (found.connect, found.read, found.total) == expected
    assert found.head == Timeouts().head

"""Policies know how much can be taken at once."""

import pytest

from gateway.limits.policy import Policy, Reading, passed


@pytest.mark.parametrize(
    ("algorithm", "burst", "delay", "capacity", "free", "brim"),
    [
        ("bucket", 5, 0, 5, 5_000_000, 5_000_000),
        ("leaky", 1, 4, 5, 1_000_000, 5_000_000),
        ("fixed", 0, 0, 10, 0, 10_000_000),
    ],
)
def test_capacity(algorithm: str, burst: int, delay: int, capacity: int, free: int, brim: int) -> None:
    """Of a bucket it is the burst and those who wait, of a window all that it has."""
    policy = Policy("a", "policy a", "address", algorithm, 10, 1_000_000, burst, delay)
    assert (policy.capacity, policy.free, policy.brim) == (capacity, free, brim)


def test_one_refusal_is_enough() -> None:
    """All counters have to agree."""
    good, bad = Reading(True, 1, 0, 1), Reading(False, 0, 1, 1)
    assert passed([good, good]) and not passed([good, bad])

"""What clients are told of their limits."""

import pytest

from gateway.limits.headers import advertised, current, retry_after
from gateway.limits.policy import DAY, MONTH, SECOND, Charge, Policy, Reading


def policy(name: str, requests: int, period: int) -> Policy:
    """A window."""
    return Policy(name, "", "address", "fixed", requests, period)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ((policy("burst", 100, 60 * SECOND),), b'"burst";q=100;w=60'),
        ((policy("a", 1, SECOND), policy("daily", 1000, DAY)), b'"a";q=1;w=1, "daily";q=1000;w=86400'),
        ((policy("half", 5, SECOND // 2),), b'"half";q=5'),
        ((policy("monthly", 5, MONTH),), b'"monthly";q=5;w=2592000'),
    ],
)
def test_policy(given: tuple[Policy, ...], expected: bytes) -> None:
    """Section 3 of the draft: seconds are whole, or not said."""
    assert advertised(given) == expected


def test_current() -> None:
    """Times are rounded up: who comes back then is not too early."""
    charges = [Charge(policy("a", 10, SECOND), b"", 1), Charge(policy("b", 10, SECOND), b"", 1)]
    readings = [Reading(True, 9, 0, 1), Reading(True, 0, 0, 3 * SECOND)]
    assert current(charges, readings) == b'"a";r=9;t=1, "b";r=0;t=3'


@pytest.mark.parametrize(
    ("waits", "expected"), [((1,), b"1"), ((SECOND,), b"1"), ((SECOND + 1, 5), b"2"), ((0,), b"1")]
)
def test_retry_after(waits: tuple[int, ...], expected: bytes) -> None:
    """When the last of those that refused would not; never at once."""
    refused = [Reading(False, 0, wait, wait) for wait in waits]
    assert retry_after([Reading(True, 1, 99 * SECOND, 0), *refused]) == (b"Retry-After", expected)

"""What the words of a rate limit mean."""

import pytest

from gateway.config import RateLimit
from gateway.config.rates import burst_of, capacity_of, faults, period_of

S = 1_000_000


@pytest.mark.parametrize(
    ("text", "microseconds"),
    [
        *(("1s", S), ("10s", 10 * S), ("500ms", S // 2), ("5m", 300 * S), ("2h", 7200 * S), ("7d", 7 * 86_400 * S)),
        *(("second", S), ("minute", 60 * S), ("hour", 3600 * S), ("day", 86_400 * S), ("month", 0)),
    ],
)
def test_periods(text: str, microseconds: int) -> None:
    """Numbers with a unit, or words."""
    assert period_of(text) == microseconds


@pytest.mark.parametrize("text", ["", "0s", "-1s", "1", "1.5s", "1 s", "s", "week", "1month", "1s\n", "9999999s", "१s"])
def test_no_periods(text: str) -> None:
    """Anything else is an error."""
    with pytest.raises(ValueError, match="is no time"):
        period_of(text)


@pytest.mark.parametrize(
    ("limit", "keys"),
    [
        (RateLimit(10), []),
        (RateLimit(10, "month", algorithm="fixed"), []),
        (RateLimit(10, algorithm="leaky", burst=2, delay=600), []),
        (RateLimit(10, by="claim:tenant"), []),
        (RateLimit(0), ["requests"]),
        (RateLimit(10, "fortnight"), ["per"]),
        (RateLimit(10, "month"), ["per"]),
        (RateLimit(10, by="user"), ["by"]),
        (RateLimit(10, by="claim:"), ["by"]),
        (RateLimit(10, algorithm="sliding", burst=2), ["burst"]),
        (RateLimit(10, algorithm="bucket", delay=2), ["delay"]),
        (RateLimit(10, algorithm="leaky", delay=601), ["delay"]),
        (RateLimit(2**31), ["requests"]),
        (RateLimit(1, "999999d", burst=2**30), ["requests"]),
        (RateLimit(10, "x", by="y"), ["by", "per"]),
    ],
)
def test_faults(limit: RateLimit, keys: list[str]) -> None:
    """Each at its key, with something to do."""
    found = list(faults(limit))
    assert [key for key, _, _ in found] == keys
    assert all(message and hint for _, message, hint in found)


def test_defaults() -> None:
    """A bucket takes a period's worth at once, a leaky one takes one by one."""
    assert [burst_of(RateLimit(10, algorithm=name)) for name in ("bucket", "leaky", "fixed", "sliding")] == [
        10,
        1,
        0,
        0,
    ]
    assert capacity_of(RateLimit(10, algorithm="leaky", burst=2, delay=3)) == 5
    assert capacity_of(RateLimit(10, algorithm="sliding")) == 10

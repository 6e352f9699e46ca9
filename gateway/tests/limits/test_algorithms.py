"""The algorithms against tables, and against slow ones that keep every request they let through."""

from collections.abc import Iterator
from datetime import UTC, datetime
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.limits.algorithms import ALGORITHMS, window
from gateway.limits.policy import DAY, MONTH, SECOND, Policy, Reading

T = 1_700_000_000 * SECOND


def policy(algorithm: str, requests: int, period: int = SECOND, burst: int = 0, delay: int = 0) -> Policy:
    """A policy; a bucket takes as many at once as come in a period."""
    if algorithm in ("bucket", "leaky"):
        burst = burst or requests
    return Policy("p", "policy p", "address", algorithm, requests, period, burst, delay)


def play(limit: Policy, asked: list[tuple[int, int]], start: int = T) -> Iterator[Reading]:
    """Readings for (microseconds after `start`, cost), one after the other."""
    first = second = 0
    for after, cost in asked:
        reading, *state = ALGORITHMS[limit.algorithm](limit, first, second, start + after, cost)
        if reading.passed:
            first, second, _ = state
        yield reading


S = SECOND
TABLE = {
    "bucket: the burst, then the rate": (
        policy("bucket", 2, S, burst=3),
        [(0, 1), (0, 1), (0, 1), (0, 1), (S // 2 - 1, 1), (S // 2, 1), (S // 2, 1)],
        [(True, 2, 0), (True, 1, 0), (True, 0, 0), (False, 0, S // 2), (False, 0, 1), (True, 0, 0), (False, 0, S // 2)],
    ),
    "bucket: costs": (
        policy("bucket", 10, S),
        [(0, 7), (0, 4), (0, 3), (0, 0), (S // 10, 2), (S // 10, 1)],
        [(True, 3, 0), (False, 3, S // 10), (True, 0, 0), (True, 0, 0), (False, 1, S // 10), (True, 0, 0)],
    ),
    "bucket: three a second is not rounded": (
        policy("bucket", 3, S, burst=1),
        [(0, 1), (333_333, 1), (333_334, 1), (666_667, 1), (666_668, 1)],
        [(True, 0, 0), (False, 0, 1), (True, 0, 0), (False, 0, 1), (True, 0, 0)],
    ),
    "leaky: one at once, the others wait their turn": (
        policy("leaky", 10, S, burst=1, delay=2),
        [(0, 1), (0, 1), (0, 1), (0, 1), (S // 10, 1)],
        [(True, 2, 0), (True, 1, S // 10), (True, 0, S // 5), (False, 0, S // 10), (True, 0, S // 5)],
    ),
    "leaky: what costs nothing does not wait": (
        policy("leaky", 10, S, burst=1, delay=2),
        [(0, 1), (0, 1), (0, 0)],
        [(True, 2, 0), (True, 1, S // 10), (True, 1, 0)],
    ),
    "fixed: all again in the next window": (
        policy("fixed", 2, 10 * S),
        [(3 * S, 1), (3 * S, 1), (9 * S, 1), (10 * S, 1), (10 * S, 2), (19 * S, 1), (19 * S, 1)],
        [(True, 1, 0), (True, 0, 0), (False, 0, S), (True, 1, 0), (False, 1, 10 * S), (True, 0, 0), (False, 0, S)],
    ),
    "sliding: the share of the former window": (
        policy("sliding", 10, 10 * S),
        [(0, 10), (9 * S, 1), (10 * S, 1), (11 * S, 1), (11 * S, 1), (15 * S, 5), (20 * S, 4), (20 * S, 1)],
        [
            (True, 0, 0),
            (False, 0, 2 * S),
            (False, 0, S),
            (True, 0, 0),
            (False, 0, S),
            (False, 4, S),
            (True, 5, 0),
            (True, 4, 0),
        ],
    ),
    "sliding: two windows without a request": (policy("sliding", 1, S), [(0, 1), (2 * S, 1)], [(True, 0, 0)] * 2),
}


@pytest.mark.parametrize("name", TABLE)
def test_table(name: str) -> None:
    """(passed, remaining, wait), one request after the other."""
    limit, asked, expected = TABLE[name]
    assert [tuple(reading[:3]) for reading in play(limit, asked)] == expected


REQUESTS = st.lists(st.tuples(st.integers(0, 3 * SECOND), st.integers(0, 4)), max_size=40)
PERIODS = st.integers(1, 20).map(lambda tenths: tenths * SECOND // 10)


def in_time(gaps: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Gaps between requests to times after the start."""
    now, asked = 0, []
    for gap, cost in gaps:
        now += gap
        asked.append((now, cost))
    return asked


@given(REQUESTS, st.integers(4, 9), PERIODS, st.integers(4, 8), st.integers(0, 5))
def test_bucket_as_queue(gaps: list[tuple[int, int]], rate: int, period: int, burst: int, delay: int) -> None:
    """A queue of units that leave one by one, in exact fractions: virtual scheduling decides the same (I.371)."""
    limit = policy("leaky", rate, period, burst, delay)
    asked = in_time(gaps)
    interval = Fraction(period, rate)
    arrival = Fraction(0)  # theoretical arrival time
    for (now, cost), reading in zip(asked, play(limit, asked), strict=True):
        due = max(arrival, Fraction(now)) + cost * interval
        fits = due - now <= (burst + delay) * interval
        assert reading.passed is fits
        if fits:
            arrival = due
            wait = max(0, due - now - burst * interval) if cost else 0
            assert 0 <= reading.wait - wait < 1
            assert reading.remaining == ((burst + delay) * interval - (due - now)) // interval


@given(REQUESTS, st.integers(4, 9), PERIODS, st.sampled_from(["fixed", "sliding"]))
def test_windows_keep_their_word(gaps: list[tuple[int, int]], requests: int, period: int, algorithm: str) -> None:
    """Counted again from the list of all that passed."""
    limit = policy(algorithm, requests, period)
    asked = in_time(gaps)
    let: list[tuple[int, int]] = []
    for (after, cost), reading in zip(asked, play(limit, asked), strict=True):
        now = T + after
        begin = now // period * period
        here = sum(units for when, units in let if when >= begin)
        before = sum(units for when, units in let if begin - period <= when < begin)
        share = Fraction(begin + period - now, period) if algorithm == "sliding" else 0
        assert reading.passed is (here + cost + before * share <= requests)
        if reading.passed:
            let.append((now, cost))


@given(REQUESTS, st.integers(4, 9), PERIODS, st.sampled_from(["bucket", "fixed", "sliding"]))
def test_waits_are_what_they_say(gaps: list[tuple[int, int]], rate: int, period: int, algorithm: str) -> None:
    """Who comes back after `wait` passes, who comes a microsecond earlier does not; `reset` says when there is more."""
    limit = policy(algorithm, rate, period)
    decide = ALGORITHMS[algorithm]
    first = second = 0
    for after, cost in in_time(gaps):
        now = T + after
        reading, *state = decide(limit, first, second, now, cost)
        if not reading.passed:
            assert decide(limit, first, second, now + reading.wait, cost)[0].passed
            assert not decide(limit, first, second, now + reading.wait - 1, cost)[0].passed
            continue
        first, second, expires = state
        assert 0 <= reading.remaining <= limit.capacity
        if reading.reset:
            assert decide(limit, first, second, now + reading.reset, 0)[0].remaining > reading.remaining
            assert decide(limit, first, second, now + reading.reset - 1, 0)[0].remaining == reading.remaining
        else:
            assert reading.remaining == limit.capacity
        fresh = decide(limit, 0, 0, expires, cost)[0]
        assert decide(limit, first, second, expires, cost)[0] == fresh


@pytest.mark.parametrize(("back", "passes"), [(SECOND // 2, False), (3600 * SECOND, True)])
@pytest.mark.parametrize("algorithm", ["bucket", "leaky"])
def test_a_clock_that_was_set_back(algorithm: str, back: int, passes: bool) -> None:
    """Locks nobody out for longer than it takes to notice."""
    readings = list(play(policy(algorithm, 1), [(0, 1), (-back, 1)]))
    assert [reading.passed for reading in readings] == [True, passes]


def test_clocks_of_two_processors_cannot_be_played_against_each_other() -> None:
    """A time that is a little earlier is not a reason to count the same time twice."""
    asked = [(0, 1)] + [(SECOND - step % 2, 1) for step in range(1, 40)]
    assert sum(reading.passed for reading in play(policy("bucket", 1), asked)) == 2


MONTHS = [(2024, 2), (2024, 12), (2023, 2), (1970, 1), (2100, 2)]


@pytest.mark.parametrize(("year", "month"), MONTHS)
def test_months(year: int, month: int) -> None:
    """Of the calendar, in UTC, leap years and the turn of the year among them."""
    begin = int(datetime(year, month, 1, tzinfo=UTC).timestamp()) * SECOND
    following = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    end = int(following.timestamp()) * SECOND
    assert window(MONTH, begin) == window(MONTH, end - 1) == (begin, end)
    assert window(MONTH, end)[0] == end


def test_days_are_those_of_utc() -> None:
    """And windows follow each other without a gap."""
    assert window(DAY, T)[0] == int(datetime(2023, 11, 14, tzinfo=UTC).timestamp()) * SECOND
    for one, other in pairwise([window(7 * SECOND, T + step * 7 * SECOND) for step in range(5)]):
        assert one[1] == other[0]

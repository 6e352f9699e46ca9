"""How units are counted: pure functions from a state, the time and a cost to a verdict and the next state.

A state is two whole numbers, at first (0, 0); its meaning is the algorithm's. Nothing is rounded in it: a bucket is
measured in microseconds times requests, so that a unit weighs `period` and `requests` of it run out each microsecond.

`bucket` and `leaky` are the generic cell rate algorithm (ITU-T I.371, annex A: as a continuous-state leaky bucket,
which decides the same as virtual scheduling): the level may rise to `burst` units at once; between that and
`burst + delay` a request is held until the level would have let it through; what is above is refused. With a burst of 1
that is nginx's limit_req, whose `burst` is our `delay`.

`fixed` and `sliding` count in windows that begin where the clock says so (UTC). `sliding` adds what share of the former
window a window that ends now would still cover, as if its requests had been spread evenly.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache

from gateway.limits.policy import DAY, MONTH, SECOND, Policy, Reading

LOW = 0xFFFFFFFF


# The verdict, the state if the charge is taken, and when that state is as good as none (microseconds since the epoch).
Step = tuple[Reading, int, int, int]

# (policy, first, second, now, cost) -> step; `cost` is at most the policy's capacity
Algorithm = Callable[[Policy, int, int, int, int], Step]


def bucket(policy: Policy, last: int, level: int, now: int, cost: int) -> Step:
    """State: when it was touched, and its level then. When the clock was set back, the bucket is empty: it would not
    run out before the clock is where it was."""
    rate, weight = policy.requests, policy.period
    if now < last:
        if last - now > SECOND:
            level = 0
        else:
            now = last  # clocks of two processors
    else:
        level -= (now - last) * rate
        if level < 0:
            level = 0
    after = level + cost * weight
    room = policy.brim - after
    if room < 0:
        wait = -(room // rate)
        return Reading(False, (policy.brim - level) // weight, wait, wait), now, level, now
    remaining, spare = divmod(room, weight)
    held = after - policy.free
    wait = -(-held // rate) if held > 0 and cost else 0
    reset = -((spare - weight) // rate) if after else 0
    return Reading(True, remaining, wait, reset), now, after, now - -after // rate


def fixed(policy: Policy, start: int, count: int, now: int, cost: int) -> Step:
    """State: the window, and what was taken in it."""
    begin, end = window(policy.period, now)
    if start != begin:
        count = 0
    after = count + cost
    if after > policy.requests:
        return Reading(False, policy.requests - count, end - now, end - now), begin, count, end
    return Reading(True, policy.requests - after, 0, end - now if after else 0), begin, after, end


def sliding(policy: Policy, start: int, counts: int, now: int, cost: int) -> Step:
    """State: the window, and what was taken in it (high half) and in the one before (low half)."""
    begin, end = window(policy.period, now)
    current, former = counts >> 32, counts & LOW
    if start != begin:
        former = current if start == window(policy.period, begin - 1)[0] else 0
        current = 0
    length = end - begin
    room = (policy.requests - current) * length - former * (end - now)
    last = window(policy.period, end)[1]  # the last moment that feels this one
    if cost * length > room:
        remaining = max(0, room // length)
        wait = _until(policy, now, current, former, cost)
        return Reading(False, remaining, wait, wait), begin, current << 32 | former, last
    current += cost
    remaining = room // length - cost
    used = current or former
    reset = _until(policy, now, current, former, remaining + 1) if used and remaining < policy.requests else 0
    return Reading(True, remaining, 0, reset), begin, current << 32 | former, last


def _until(policy: Policy, now: int, current: int, former: int, cost: int) -> int:
    """How long until `cost` passes in a sliding window, if nobody asks meanwhile."""
    begin, end = window(policy.period, now)
    room = (policy.requests - current - cost) * (end - begin)
    if room >= 0 and former:
        return end - room // former - now
    begin, end = window(policy.period, end)
    room = (policy.requests - cost) * (end - begin)
    return max(begin, end - room // current) - now if current else begin - now


def window(period: int, now: int) -> tuple[int, int]:
    """Begin and end of the window that `now` is in."""
    if period == MONTH:
        return _month(now // DAY)
    begin = now - now % period
    return begin, begin + period


@lru_cache(maxsize=8)
def _month(day: int) -> tuple[int, int]:
    """Begin and end of the month that a day since the epoch is in."""
    date = datetime.fromtimestamp(day * 86_400, UTC)
    year, month = (date.year, date.month + 1) if date.month < 12 else (date.year + 1, 1)
    begin, end = datetime(date.year, date.month, 1, tzinfo=UTC), datetime(year, month, 1, tzinfo=UTC)
    return int(begin.timestamp()) * SECOND, int(end.timestamp()) * SECOND


ALGORITHMS: dict[str, Algorithm] = {"bucket": bucket, "leaky": bucket, "fixed": fixed, "sliding": sliding}

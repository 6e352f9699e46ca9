"""What a check of a rate limit costs: `python -m benchmarks.limits`.

Each number is the best of several rounds, in microseconds of one core, with nobody else asking: what the request line
awaits, from the plan to the readings; and the same with the header fields that tell them.
"""

import os
import time
import timeit
from collections.abc import Coroutine, Sequence

from gateway.config import RateLimit
from gateway.limits import headers
from gateway.limits.plan import Plan, check_of, plan_of, policy_of
from gateway.limits.policy import Reading
from gateway.limits.shared import SharedCounters

ROUNDS, TIMES = 15, 20_000
MANY = 10**9  # requests that nobody uses up


def plans() -> dict[str, Plan]:
    """By name: one limit of each algorithm, and several at once."""
    single = {name: RateLimit(MANY, algorithm=name) for name in ("bucket", "leaky", "fixed", "sliding")}
    single["leaky"] = RateLimit(MANY, algorithm="leaky", burst=MANY)
    groups = {name: [limit] for name, limit in single.items()}
    groups["bucket, by operation"] = [RateLimit(MANY, by="operation")]
    groups["month, fixed"] = [RateLimit(MANY, "month", algorithm="fixed")]
    groups["bucket and fixed"] = [single["bucket"], single["fixed"]]
    found = {}
    for name, limits in groups.items():
        checks = [check_of(policy_of(f"p{n}", f"{name} {n}", limit), 1, "op", "api") for n, limit in enumerate(limits)]
        plan = plan_of(checks)
        assert plan is not None
        found[name] = plan
    return found


async def ask(counters: SharedCounters, plan: Plan, told: bool, times: int) -> Sequence[Reading] | bytes:
    """What is done for a request, so many times; the last result."""
    result: Sequence[Reading] | bytes = ()
    for _ in range(times):
        charges = [check.charge(None, "192.0.2.1") for check in plan.checks]
        result = readings = await counters.take(charges)
        if told:
            result = headers.current(charges, readings)
    return result


def at_once(work: Coroutine[None, None, Sequence[Reading] | bytes]) -> Sequence[Reading] | bytes:
    """The result of what never suspends."""
    try:
        work.send(None)
    except StopIteration as stop:
        result: Sequence[Reading] | bytes = stop.value
        return result
    raise AssertionError("it suspended")


def cost(counters: SharedCounters, plan: Plan, told: bool) -> float:
    """Microseconds."""
    best = timeit.repeat(
        lambda: at_once(ask(counters, plan, told, TIMES)), timer=time.process_time, number=1, repeat=ROUNDS
    )
    return min(best) / TIMES * 1e6


def main() -> None:
    """Print a line for each plan."""
    counters = SharedCounters(65536, lambda: time.time_ns() // 1000, os.urandom(16))
    print(f"{'limits':24}{'check':>8}{'+ fields':>10}  us")
    for name, plan in plans().items():
        print(f"{name:24}{cost(counters, plan, told=False):8.2f}{cost(counters, plan, told=True):10.2f}")


if __name__ == "__main__":
    main()

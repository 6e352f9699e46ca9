"""What rate limits are made of: policies, charges, readings, and what every store of counters can do.

Times are whole microseconds, points in time those since the epoch (UTC), so that every store computes the same, and
exactly: nothing is ever rounded in a state.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

SECOND = 1_000_000  # microseconds
DAY = 86_400 * SECOND
MONTH = 0  # as a period: a calendar month (UTC)


@dataclass(frozen=True, slots=True)
class Policy:
    """So many units in a period, for whoever shares a key. A request costs one unit unless its operation says else.

    `burst` and `delay` are for `bucket` and `leaky`, and 0 for windows: `burst` units pass at once, `delay` further
    ones wait their turn (0 for `bucket`).
    """

    name: str  # in header fields and metrics; unique among the policies of one operation
    scope: str  # what counts together, such as "policy standard" or "operation data GET /runs"
    by: str  # operation, api, consumer, key, address, claim:NAME
    algorithm: str  # bucket, leaky, fixed, sliding
    requests: int
    period: int  # microseconds, or MONTH (windows only)
    burst: int = 0
    delay: int = 0
    capacity: int = field(init=False)  # the most that can be taken at once, waiting included
    free: int = field(init=False)  # level of a bucket up to which nobody waits, in microseconds times requests
    brim: int = field(init=False)  # and up to which nobody is refused
    label: bytes = field(init=False)  # the name, as header fields have it

    def __post_init__(self) -> None:
        capacity = self.burst + self.delay if self.burst else self.requests
        levels = {"capacity": capacity, "free": self.burst * self.period, "brim": capacity * self.period}
        for name, value in {**levels, "label": self.name.encode("ascii")}.items():
            object.__setattr__(self, name, value)


class Charge(NamedTuple):
    """What one request takes from one counter. `key` says which, over all policies: its bytes may come from clients,
    in any length, so a store keeps only a hash of them."""

    policy: Policy
    key: bytes
    cost: int


class Reading(NamedTuple):
    """One counter after a charge. Times are microseconds from now."""

    passed: bool
    remaining: int  # units that could be taken now
    wait: int  # passed: how long the request waits before it goes on; else: until the same charge may pass
    reset: int  # until there is more than `remaining`; 0 when nothing is used


class CountersUnavailable(Exception):
    """Nothing can be counted at the moment (503). The text is for the log."""


class Counters(Protocol):
    """Where units are counted: in shared memory, or in Redis for many machines."""

    async def take(self, charges: Sequence[Charge]) -> Sequence[Reading]:
        """Take all `charges`, or, when one of them does not pass, none: one reading for each, in order.

        When nothing is taken, the readings of those that would have passed say what there is, without a wait.
        Raises CountersUnavailable.
        """


def passed(readings: Sequence[Reading]) -> bool:
    """Whether the charges were taken."""
    return all(reading.passed for reading in readings)

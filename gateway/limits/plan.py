"""The limits of an operation, ready to be asked: which counters a request is charged to."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from gateway.config import RateLimit
from gateway.config.rates import burst_of, period_of
from gateway.limits.headers import advertised
from gateway.limits.keys import Caller, Whose, whose
from gateway.limits.policy import Charge, Policy


@dataclass(frozen=True, slots=True)
class Check:
    """One counter for each of those who are counted apart."""

    policy: Policy
    cost: int
    prefix: bytes  # of the key: what counts together
    whose: Whose | None  # the rest of the key; None when all share one counter

    def charge(self, caller: Caller | None, address: str) -> Charge:
        """What one request takes."""
        key = self.prefix if self.whose is None else self.prefix + self.whose(caller, address)
        return Charge(self.policy, key, self.cost)


@dataclass(frozen=True, slots=True)
class Plan:
    """Checks that are made together: all of them pass, or nothing is taken. `advertised` is for RateLimit-Policy."""

    checks: tuple[Check, ...]
    advertised: bytes


def plan_of(checks: Iterable[Check]) -> Plan | None:
    """None for no checks."""
    checks = tuple(checks)
    return Plan(checks, advertised([check.policy for check in checks])) if checks else None


def policy_of(name: str, scope: str, limit: RateLimit) -> Policy:
    """`limit`, which has no faults (`gateway.config.rates`), as numbers.

    Counts of a limit that is changed to be measured otherwise begin again: states of one kind are not those of another.
    """
    return Policy(
        name,
        f"{scope} {limit.algorithm} {limit.per}",
        limit.by,
        limit.algorithm,
        limit.requests,
        period_of(limit.per),
        burst_of(limit),
        limit.delay,
    )


def check_of(policy: Policy, cost: int, operation: str, api: str) -> Check:
    """`operation` and `api` say whose the counter is where a limit is by one of them."""
    prefix = f"{policy.scope}\0{policy.by}\0" + {"operation": operation, "api": api}.get(policy.by, "")
    return Check(policy, cost, prefix.encode(), whose(policy.by))


def quota_of(policy: Policy, cost: int) -> Check:
    """The policy as the quota of an API key; what costs more than all of it takes all of it."""
    return check_of(replace(policy, by="key"), min(cost, policy.capacity), "", "")

"""From declared limits to counters."""

from dataclasses import replace

import pytest

from gateway.config import RateLimit
from gateway.limits.keys import of_address
from gateway.limits.plan import check_of, plan_of, policy_of, quota_of
from gateway.limits.policy import SECOND, Charge


@pytest.mark.parametrize(
    ("limit", "burst", "delay", "capacity"),
    [
        (RateLimit(10), 10, 0, 10),
        (RateLimit(10, burst=3), 3, 0, 3),
        (RateLimit(10, algorithm="leaky"), 1, 0, 1),
        (RateLimit(10, algorithm="leaky", delay=5), 1, 5, 6),
        (RateLimit(10, algorithm="leaky", burst=4, delay=5), 4, 5, 9),
        (RateLimit(10, algorithm="fixed"), 0, 0, 10),
        (RateLimit(10, algorithm="sliding"), 0, 0, 10),
    ],
)
def test_policy(limit: RateLimit, burst: int, delay: int, capacity: int) -> None:
    """What is not said has its default."""
    policy = policy_of("p", "policy p", limit)
    assert (policy.burst, policy.delay, policy.capacity, policy.period) == (burst, delay, capacity, SECOND)


def test_what_is_measured_otherwise_is_another_counter() -> None:
    """A state of one algorithm is never read as that of another; only more or less of the same goes on."""
    limit = RateLimit(10, "1m")
    scopes = [policy_of("p", "policy p", changed).scope for changed in (limit, replace(limit, requests=20))]
    assert len(set(scopes)) == 1
    for changed in (replace(limit, per="1h"), replace(limit, algorithm="fixed")):
        assert policy_of("p", "policy p", changed).scope not in scopes


def test_keys() -> None:
    """An operation's counter is its own, an API's that of all its operations, an address' that of its address."""
    keys = {}
    for by in ("operation", "api", "address"):
        policy = policy_of("p", "policy p", RateLimit(10, by=by))
        for operation in ("GET /a", "GET /b"):
            keys[by, operation] = check_of(policy, 2, operation, "api").charge(None, "192.0.2.1")
    assert {charge.cost for charge in keys.values()} == {2}
    assert keys["operation", "GET /a"].key != keys["operation", "GET /b"].key
    assert keys["api", "GET /a"] == keys["api", "GET /b"]
    assert keys["address", "GET /a"].key.endswith(of_address(None, "192.0.2.1"))
    assert len({charge.key for charge in keys.values()}) == 4


def test_quota_of_a_key() -> None:
    """By the key, whatever the policy says; what costs more than all of it takes all of it."""
    policy = policy_of("gold", "policy gold", RateLimit(10, by="address"))
    check = quota_of(policy, 50)
    assert (check.policy.by, check.cost) == ("key", 10)
    by_key = check_of(replace(policy, by="key"), 10, "GET /a", "api")
    assert (
        by_key.charge(None, "::1")
        == check.charge(None, "::1")
        == Charge(check.policy, by_key.prefix + b"a" + bytes(8), 10)
    )


def test_plan() -> None:
    """None for nothing; what it advertises is written once."""
    assert plan_of([]) is None
    plan = plan_of([check_of(policy_of("p", "policy p", RateLimit(10)), 1, "", "")])
    assert plan is not None and plan.advertised == b'"p";q=10;w=1'

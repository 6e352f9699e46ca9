"""`x-gateway.rate-limit`: every shape it may have, and every one it may not."""

import pytest

from gateway.contract.rules.behaviour import RULES, with_behaviour
from gateway.tests.contract.rules.reading import view


def found(text: str) -> list[str]:
    """Rules that this `x-gateway` breaks."""
    seen = view(with_behaviour(text))
    return [rule.id for rule in RULES for _ in rule.findings(seen)]


@pytest.mark.parametrize(
    "limit",
    [
        "slow",
        "[]",
        "[slow, {requests: 1}]",
        "{requests: 1}",
        "{requests: 10, per: 1m, by: consumer, algorithm: leaky, burst: 2, delay: 5, name: a.b-c_1}",
        "{requests: 10, per: month, by: 'claim:tenant', algorithm: sliding}",
    ],
)
def test_good(limit: str) -> None:
    """A policy, a name, or a list of both."""
    assert found(f"rate-limit: {limit}") == []


@pytest.mark.parametrize(
    ("limit", "rules"),
    [
        ("null", ["x-gateway-value"]),
        ("1", ["x-gateway-value"]),
        ("{}", ["x-gateway-value"]),
        ("{requests: 0}", ["x-gateway-value"]),
        ("{requests: 1.5}", ["x-gateway-value"]),
        ("{requests: '1'}", ["x-gateway-value"]),
        ("{requests: 1, name: 'a b'}", ["x-gateway-value"]),
        ("{requests: 1, algorithm: gcra}", ["x-gateway-value"]),
        ("{requests: 1, burst: 0}", ["x-gateway-value"]),
        ("{requests: 1, per: 5}", ["x-gateway-value"]),
        ("{requests: 1, per: 5 parsecs}", ["x-gateway-value"]),
        ("{requests: 1, by: nobody, per: never}", ["x-gateway-value"] * 2),
        ("[{requests: 1, algorithm: fixed, burst: 3}, 7]", ["x-gateway-value"] * 2),
        ("{requests: 1, request: 2}", ["x-gateway-unknown"]),
        ("[slow, {requests: 1, cost: 2}]", ["x-gateway-unknown"]),
    ],
)
def test_bad(limit: str, rules: list[str]) -> None:
    """Each flaw once, where it stands."""
    assert found(f"rate-limit: {limit}") == rules

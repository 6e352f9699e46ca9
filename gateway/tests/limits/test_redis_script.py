"""The script decides as the algorithms do: compared with them charge by charge, in a real server."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.limits.algorithms import ALGORITHMS
from gateway.limits.policy import DAY, MONTH, SECOND, Charge, Policy, Reading
from gateway.limits.redis_script import SCRIPT, SHA, TAG, Packer, arguments, readings
from gateway.tests.redis_server import RedisServer, needs_redis

pytestmark = needs_redis

CLOCK = b"local now = time[1] * 1000000 + time[2]"
TIMED = SCRIPT.replace(CLOCK, b"local now = tonumber(table.remove(ARGV))")
START = 1_790_000_000 * SECOND


def policy(algorithm: str = "bucket", requests: int = 3, period: int = SECOND, **more: Any) -> Policy:
    """Three a second, if nothing else is said."""
    if algorithm in ("bucket", "leaky"):
        more.setdefault("burst", requests)
    return Policy("p", "s", "key", algorithm, requests, period, **more)


class Oracle:
    """What the algorithms say, with states in a dictionary."""

    def __init__(self) -> None:
        self.states: dict[tuple[int, bytes], tuple[int, int]] = {}

    def take(self, charges: list[Charge], now: int) -> list[Reading]:
        """All or none."""
        steps = [self._step(charge, charge.cost, now) for charge in charges]
        if all(step[0].passed for step in steps):
            for charge, step in zip(charges, steps, strict=True):
                if charge.cost:
                    self.states[id(charge.policy), charge.key] = step[1], step[2]
            return [step[0] for step in steps]
        pairs = zip(charges, steps, strict=True)
        return [self._step(charge, 0, now)[0]._replace(wait=0) if step[0].passed else step[0] for charge, step in pairs]

    def _step(self, charge: Charge, cost: int, now: int) -> Any:
        first, second = self.states.get((id(charge.policy), charge.key), (0, 0))
        return ALGORITHMS[charge.policy.algorithm](charge.policy, first, second, now, cost)


policies = st.one_of(
    st.builds(
        lambda algorithm, requests, period, burst, delay: Policy(
            "p", "s", "key", algorithm, requests, period, burst, delay if algorithm == "leaky" else 0
        ),
        st.sampled_from(["bucket", "leaky"]),
        st.integers(1, 10_000),
        st.sampled_from([SECOND, 7 * SECOND, 60 * SECOND, 3600 * SECOND]),
        st.integers(1, 50),
        st.integers(0, 50),
    ),
    st.builds(
        lambda algorithm, requests, period: Policy("p", "s", "key", algorithm, requests, period),
        st.sampled_from(["fixed", "sliding"]),
        st.integers(1, 50),
        st.sampled_from([SECOND, 60 * SECOND, DAY, MONTH]),
    ),
)
steps = st.lists(
    st.tuples(
        st.one_of(st.integers(-2 * SECOND, 3 * SECOND), st.integers(0, 40 * DAY)), st.integers(0, 3), st.booleans()
    ),
    min_size=1,
    max_size=12,
)


@needs_redis
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(policies, min_size=1, max_size=3), steps)
def test_the_script_is_the_algorithms(
    shared_redis: RedisServer, limits: list[Policy], story: list[tuple[int, int, bool]]
) -> None:
    """Any policies together, any times, also backwards, any costs: the same verdicts, numbers and states."""
    shared_redis.ask(b"FLUSHALL")
    # What expires in the server does so by its own clock, which is not that of the story.
    script = TIMED.replace(b"string.format('%.0f', ceil(state[4] - now, 1000) + 1)", b"'100000'")
    oracle, pack, now = Oracle(), Packer().words, START
    for pause, cost, alone in story:
        now += pause
        used = limits[:1] if alone else limits
        charges = [Charge(limit, b"key %d" % index, min(cost, limit.capacity)) for index, limit in enumerate(used)]
        reply = shared_redis.ask(b"EVAL", script, *pack(charges), b"%d" % now)
        assert isinstance(reply, list), reply
        assert readings(reply, len(charges)) == oracle.take(charges, now)


@pytest.mark.parametrize("years", range(0, 130, 3))
def test_months_begin_and_end_as_in_the_calendar(shared_redis: RedisServer, years: int) -> None:
    """Every month of some years, its first and its last microsecond: a quota is used up until the month ends."""
    pack = Packer().words
    limit = policy("fixed", 1, MONTH)
    for month in range(12):
        at = START + (years * 365 + month * 30) * DAY
        shared_redis.ask(b"FLUSHALL")
        charges = [Charge(limit, b"k", 1)]
        oracle = Oracle()
        reply = shared_redis.ask(b"EVAL", TIMED, *pack(charges), b"%d" % at)
        expected = oracle.take(charges, at)
        assert isinstance(reply, list) and readings(reply, len(expected)) == expected
        for moment in (at + expected[0].reset - 1, at + expected[0].reset):
            reply = shared_redis.ask(b"EVAL", TIMED, *pack([Charge(limit, b"k", 0)]), b"%d" % moment)
            assert isinstance(reply, list)
            assert readings(reply, 1) == oracle.take([Charge(limit, b"k", 0)], moment)


def test_large_numbers_stay_whole(shared_redis: RedisServer) -> None:
    """A bucket of a million a day: every unit is counted, though levels go beyond what doubles hold exactly."""
    limit = policy("bucket", 999_983, DAY)
    pack = Packer().words
    shared_redis.ask(b"FLUSHALL")
    reply = shared_redis.ask(b"EVAL", TIMED, *pack([Charge(limit, b"k", 999_900)]), b"%d" % START)
    assert isinstance(reply, list) and readings(reply, 1)[0].remaining == 83
    for left in range(82, -1, -1):
        reply = shared_redis.ask(b"EVAL", TIMED, *pack([Charge(limit, b"k", 1)]), b"%d" % START)
        assert isinstance(reply, list) and readings(reply, 1)[0].remaining == left
    reply = shared_redis.ask(b"EVAL", TIMED, *pack([Charge(limit, b"k", 1)]), b"%d" % START)
    assert isinstance(reply, list) and not readings(reply, 1)[0].passed


def test_the_clock_is_the_servers(shared_redis: RedisServer) -> None:
    """No time is sent; a window ends when the server says so."""
    reply = shared_redis.ask(b"EVAL", SCRIPT, *Packer().words([Charge(policy("fixed", 5, DAY), b"k", 1)]))
    moment = shared_redis.ask(b"TIME")
    assert isinstance(reply, list) and isinstance(moment, list)
    now = int(moment[0]) * SECOND + int(moment[1])
    assert abs((now + reply[3]) % DAY) < 60 * SECOND


def test_keys_expire(shared_redis: RedisServer) -> None:
    """With the state that they hold; a charge of nothing leaves none."""
    shared_redis.ask(b"FLUSHALL")
    pack = Packer().words
    cases = [
        (policy("bucket", 1, SECOND), 1, 1_001),
        (policy("leaky", 1, 60 * SECOND, burst=1, delay=5), 3, 180_001),
        (policy("fixed", 5, 3600 * SECOND), 1, 3_600_001),
        (policy("sliding", 5, 3600 * SECOND), 1, 7_200_001),
    ]
    for number, (limit, cost, most) in enumerate(cases):
        words = pack([Charge(limit, b"%d" % number, cost)])
        shared_redis.ask(b"EVAL", SCRIPT, *words)
        left = shared_redis.ask(b"PTTL", words[1])
        assert isinstance(left, int) and 0 < left <= most
    before = shared_redis.ask(b"DBSIZE")
    shared_redis.ask(b"EVAL", SCRIPT, *pack([Charge(policy(), b"free", 0)]))
    assert shared_redis.ask(b"DBSIZE") == before


def test_keys_of_one_call_are_of_one_slot() -> None:
    """By their hash tag, whatever the client sends; they never hold what was sent."""
    words = Packer().words([Charge(policy(), b"secret}{x", 1), Charge(policy("fixed"), b"{y}" * 1000, 1)])
    assert words[0] == b"2"
    assert all(key.startswith(TAG + b":") and len(key) == len(TAG) + 33 for key in words[1:3])
    assert b"secret" not in b" ".join(words)


def test_a_changed_policy_begins_anew() -> None:
    """Numbers of another unit must not be taken for its own; the same one goes on in another table."""
    first, same, other = policy(), policy(), policy(requests=4)
    keys = [Packer().words([Charge(limit, b"k", 1)])[1] for limit in (first, same, other)]
    assert keys[0] == keys[1] != keys[2]


def test_units_are_made_small() -> None:
    """A thousand a second are one a millisecond: levels stay far below what doubles hold."""
    assert arguments(policy("bucket", 1000)) == (b"bucket", b"1", b"1000", b"1000", b"1000")
    assert arguments(policy("sliding", 1000)) == (b"sliding", b"1000", b"1000000", b"1000", b"0")


def test_the_server_knows_the_script_by_the_same_name(shared_redis: RedisServer) -> None:
    """SHA-1 of its text."""
    assert shared_redis.ask(b"SCRIPT", b"LOAD", SCRIPT) == SHA


def test_a_broken_state_is_none(shared_redis: RedisServer) -> None:
    """Somebody else wrote under our key: it counts from zero, and nobody is locked out."""
    words = Packer().words([Charge(policy(), b"broken", 1)])
    shared_redis.ask(b"SET", words[1], b"nonsense")
    reply = shared_redis.ask(b"EVAL", SCRIPT, *words)
    assert isinstance(reply, list) and readings(reply, 1)[0] == Reading(True, 2, 0, reply[3])


def test_two_charges_to_one_counter_are_two(shared_redis: RedisServer) -> None:
    """One after the other; when the second does not pass, neither is taken."""
    limit, pack = policy("fixed", 3, DAY), Packer().words
    shared_redis.ask(b"FLUSHALL")
    twice = pack([Charge(limit, b"k", 1), Charge(limit, b"k", 1)])
    first, second = shared_redis.ask(b"EVAL", SCRIPT, *twice), shared_redis.ask(b"EVAL", SCRIPT, *twice)
    assert isinstance(first, list) and [reading.remaining for reading in readings(first, 2)] == [2, 1]
    assert isinstance(second, list) and [reading.remaining for reading in readings(second, 2)] == [1, 1]
    assert shared_redis.ask(b"GET", twice[1]).split()[1] == b"2"  # type: ignore[attr-defined]

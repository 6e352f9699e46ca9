"""Counters in shared memory: exact over processes, all or nothing, and no larger for any attack."""

import os
import random
import signal
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import pytest

from gateway.limits import shared
from gateway.limits.algorithms import ALGORITHMS
from gateway.limits.lock import SIZE
from gateway.limits.policy import SECOND, Charge, CountersUnavailable, Policy, Reading, passed
from gateway.limits.shared import ENTRY, TAGS, WAYS, SharedCounters

T = 1_700_000_000 * SECOND


class Clock:
    """Stands still until told."""

    now = T

    def __call__(self) -> int:
        return self.now


def policy(requests: int = 10, algorithm: str = "bucket", name: str = "p", period: int = SECOND) -> Policy:
    """As many at once as come in a period."""
    burst = requests if algorithm == "bucket" else 0
    return Policy(name, f"policy {name}", "address", algorithm, requests, period, burst)


def counters(keys: int = 1024, now: Callable[[], int] | None = None) -> SharedCounters:
    """A table of this size."""
    return SharedCounters(keys, now or Clock(), b"secret")


def at_once(work: Coroutine[Any, Any, Sequence[Reading]]) -> Sequence[Reading]:
    """The result of what never suspends."""
    try:
        work.send(None)
    except StopIteration as stop:
        result: Sequence[Reading] = stop.value
        return result
    raise AssertionError("it suspended")


def take(table: SharedCounters, *charges: Charge) -> Sequence[Reading]:
    """What the table says."""
    return at_once(table.take(charges))


@pytest.mark.parametrize("algorithm", ["bucket", "fixed", "sliding"])
def test_as_if_it_were_alone(algorithm: str) -> None:
    """Each key has what the pure algorithm says, whatever happens to the others."""
    clock, chance = Clock(), random.Random(4)
    table, limit = counters(now=clock), policy(4, algorithm)
    states = dict.fromkeys(range(20), (0, 0))
    for _ in range(2000):
        clock.now += chance.randrange(SECOND // 10)
        key, cost = chance.randrange(20), chance.randrange(3)
        expected, *state = ALGORITHMS[algorithm](limit, *states[key], clock.now, cost)
        if expected.passed:
            states[key] = state[0], state[1]
        assert take(table, Charge(limit, b"%d" % key, cost)) == [expected]


def test_all_or_nothing() -> None:
    """Where one refuses, nobody is charged; those that would have passed say what there is."""
    table = counters()
    narrow, wide = policy(1, name="narrow"), policy(5, name="wide")
    charges = Charge(wide, b"wide", 1), Charge(narrow, b"narrow", 1)
    assert [reading.remaining for reading in take(table, *charges)] == [4, 0]
    for _ in range(3):
        first, second = take(table, *charges)
        assert (first.passed, first.remaining, first.wait, second.passed) == (True, 4, 0, False)
    assert take(table, Charge(wide, b"wide", 0))[0].remaining == 4


def test_what_costs_nothing_takes_no_place() -> None:
    """A free request of a new caller leaves no trace."""
    table = counters(WAYS)
    for number in range(100):
        assert take(table, Charge(policy(), b"%d" % number, 0))[0].remaining == 10
    assert table._memory[SIZE:].count(0) == table.size - shared.SIZE


def test_states_that_ran_out_make_room() -> None:
    """A full set takes new keys at the cost of expired ones first."""
    clock = Clock()
    table = counters(WAYS, clock)
    for number in range(WAYS - 1):
        take(table, Charge(policy(), b"short %d" % number, 10))
    long = Charge(policy(10, "fixed", period=3600 * SECOND), b"long", 1)
    take(table, long)
    clock.now += 2 * SECOND
    for number in range(WAYS - 1):
        take(table, Charge(policy(), b"new %d" % number, 10))
    assert take(table, long)[0].remaining == 8, "it has used least, and is there all the same"


def test_a_flood_pushes_out_its_own() -> None:
    """A million keys in a table for a thousand: its size stays, and who has used up a limit stays so."""
    clock = Clock()
    table = counters(1024, clock)
    size, limit = table.size, policy(10, period=60 * SECOND)
    busy = [Charge(limit, b"busy %d" % number, 1) for number in range(20)]
    for charge in busy:
        for _ in range(10):
            take(table, charge)
    for number in range(1_000_000 // 20):
        flood = [Charge(limit, b"%d %d" % (number, each), 1) for each in range(20)]
        assert passed(take(table, *flood))
        if number % 100 == 0:
            clock.now += 1000
    assert table.size == size < 64 * 1024
    assert [take(table, charge)[0].passed for charge in busy] == [False] * 20


def test_one_table_for_many_policies() -> None:
    """A flood under a limit that is remembered for long does not push out who has used up one that is short."""
    table = counters(WAYS)
    busy = Charge(policy(10), b"busy", 10)
    take(table, busy)
    slow = policy(1000, "fixed", period=86_400 * SECOND)
    for number in range(1000):
        take(table, Charge(slow, b"%d" % number, 1))
    assert not take(table, busy)[0].passed


@pytest.mark.parametrize("used", [500, 2000, 9000])
def test_a_flood_under_a_short_limit_pushes_out_no_quota(used: int) -> None:
    """Each of many addresses uses up much of what it may do in an hour; a key has used little of its month."""
    table = counters(WAYS)
    quota = policy(10_000, "fixed", period=30 * 86_400 * SECOND)
    take(table, Charge(quota, b"key", used))
    hourly = policy(5, "fixed", period=3600 * SECOND)
    for number in range(1000):
        take(table, Charge(hourly, b"%d" % number, 1))
    assert take(table, Charge(quota, b"key", 0))[0].remaining == 10_000 - used


def test_places_of_others_are_never_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two charges of one request that compete for the last place of a set: each state stays with its own key."""
    table = counters(WAYS)
    limit = policy(1000, "fixed", period=3600 * SECOND)
    for number in range(WAYS):
        take(table, Charge(limit, b"%d" % number, 10 + number))
    fresh = [Charge(limit, b"fresh %d" % number, 500 + number) for number in range(3)]
    take(table, Charge(limit, b"0", 1), *fresh)
    for number, charge in enumerate(fresh):
        assert take(table, charge._replace(cost=0))[0].remaining == 500 - number
    for number in range(3, WAYS):
        assert take(table, Charge(limit, b"%d" % number, 0))[0].remaining == 990 - number


def test_a_tag_is_found_where_it_begins_only() -> None:
    """The bytes of two neighbours may look like a tag; that is not one."""
    table = counters(WAYS)
    start = SIZE
    shared._tags.pack_into(table._memory, start, 0x4444444455555555, 0x6666666677777777, *[0] * (WAYS - 2))
    straddling = 0x7777777744444444
    assert table._place(straddling) == 0
    assert table._place(0x6666666677777777) == start + shared.TAGS + shared.ENTRY


@pytest.mark.parametrize(("keys", "sets"), [(1, 1), (8, 1), (9, 2), (64, 8), (65, 16), (65536, 8192)])
def test_size(keys: int, sets: int) -> None:
    """At least so many keys, 32 bytes each."""
    assert counters(keys).size == SIZE + sets * WAYS * 32


def workers(table: SharedCounters, charge: Charge, number: int, times: int) -> list[int]:
    """Processes that take `times` times each; how many passed, for each process."""
    pipes = []
    for _ in range(number):
        reading, writing = os.pipe()
        if not os.fork():
            count = 0
            for _ in range(times):
                while True:
                    try:
                        count += take(table, charge)[0].passed
                        break
                    except CountersUnavailable:  # a machine so busy that a holder did not run for a while
                        continue
            os.write(writing, b"%d" % count)
            os._exit(0)
        os.close(writing)
        pipes.append(reading)
    counts = [int(os.read(reading, 20)) for reading in pipes]
    for _ in pipes:
        os.wait()
    return counts


def test_exact_over_processes() -> None:
    """Four of them ask ten times what there is: not one too many, not one too few."""
    charge = Charge(policy(10_000), b"key", 1)
    table = counters()
    counts = workers(table, charge, 4, 5000)
    assert sum(counts) == 10_000
    assert take(table, charge)[0].remaining == 0


def test_killed_in_the_middle() -> None:
    """Processes killed at any moment: the others go on, and nobody gets more than there is."""
    table, charge = counters(), Charge(policy(1_000_000), b"key", 1)
    taken = 0
    for round in range(20):
        reading, writing = os.pipe()
        child = os.fork()
        if not child:
            while True:
                take(table, charge)
                os.write(writing, b".")
        os.close(writing)
        seen = len(os.read(reading, 50 + round * 10))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        while data := os.read(reading, 65536):
            seen += len(data)
        os.close(reading)
        taken += seen
        left = take(table, charge._replace(cost=0))[0].remaining
        # What was killed between taking and telling is charged, as it should be.
        assert 0 <= 1_000_000 - left - taken <= round + 1


def test_a_state_is_never_nothing_meanwhile() -> None:
    """Whoever looks while another process charges sees it before or after: one killed in between must not give all of
    a limit back."""
    table, charge = counters(WAYS), Charge(policy(1_000_000_000), b"key", 1)
    take(table, charge)
    stored = [at for at in range(SIZE + TAGS, table.size, ENTRY) if any(table._memory[at : at + ENTRY])]
    assert len(stored) == 1
    state = slice(stored[0], stored[0] + ENTRY)
    child = os.fork()
    if not child:
        while True:
            take(table, charge)
    try:
        seen = {table._memory[state] for _ in range(2_000_000)}
        while len(seen) < 2:
            seen.add(table._memory[state])
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    assert bytes(ENTRY) not in seen


def test_who_was_stopped_stops_nobody() -> None:
    """A process stopped while it holds the mutex: others are told so, and go on when it is gone."""
    table, charge = counters(), Charge(policy(), b"key", 1)
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        table._mutex.acquire()
        os.write(writing, b".")
        signal.pause()
        os._exit(1)
    os.read(reading, 1)
    os.kill(child, signal.SIGSTOP)
    with pytest.raises(CountersUnavailable, match="stopped"):
        take(table, charge)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert take(table, charge)[0].remaining == 9

"""Deadlines looked at together, on a loop whose clock stands still."""

import asyncio
from collections.abc import Callable
from math import inf
from typing import Any

import pytest

from gateway.server.sweep import Sweep, interval_for


class Clock:
    """The part of an event loop that a sweep uses; `advance` is time going by."""

    def __init__(self) -> None:
        self.now = 0.0
        self.timers: list[tuple[float, Callable[[], None]]] = []

    def time(self) -> float:
        return self.now

    def call_later(self, delay: float, callback: Callable[[], None]) -> "Timer":
        entry = (self.now + delay, callback)
        self.timers.append(entry)
        return Timer(self, entry)

    def advance(self, seconds: float) -> None:
        """Run what is due, in order."""
        end = self.now + seconds
        while due := sorted((timer for timer in self.timers if timer[0] <= end), key=lambda timer: timer[0]):
            self.timers.remove(due[0])
            self.now = due[0][0]
            due[0][1]()
        self.now = end


class Timer:
    """A handle that can be cancelled."""

    def __init__(self, clock: Clock, entry: tuple[float, Callable[[], None]]) -> None:
        self.clock, self.entry = clock, entry

    def cancel(self) -> None:
        self.clock.timers.remove(self.entry)


class Item:
    """Something with a deadline that notes when it expired."""

    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.expired: list[float] = []

    def expire(self, now: float) -> None:
        self.deadline = inf
        self.expired.append(now)


def sweep_on(clock: Any) -> Sweep:
    """Every half second."""
    loop: asyncio.AbstractEventLoop = clock
    return Sweep(loop, 0.5)


def test_what_is_late_expires_once_and_soon() -> None:
    """At most one interval after its deadline; what has no deadline never."""
    clock = Clock()
    sweep = sweep_on(clock)
    late, calm, later = Item(0.6), Item(inf), Item(2.0)
    for item in (late, calm, later):
        sweep.add(item)
    clock.advance(1.9)
    assert (late.expired, later.expired) == ([1.0], [])
    clock.advance(1.0)
    assert (late.expired, calm.expired, later.expired) == ([1.0], [], [2.0])


def test_what_is_removed_does_not_expire() -> None:
    """And removing it twice is no error."""
    clock = Clock()
    sweep = sweep_on(clock)
    item = Item(0.1)
    sweep.add(item)
    sweep.remove(item)
    sweep.remove(item)
    clock.advance(2)
    assert item.expired == []


def test_an_item_may_remove_others_while_it_expires() -> None:
    """Cutting a client also ends its backend connection."""
    clock = Clock()
    sweep = sweep_on(clock)
    other = Item(0.1)

    class Cutting(Item):
        def expire(self, now: float) -> None:
            super().expire(now)
            sweep.remove(other)

    cutting = Cutting(0.1)
    sweep.add(cutting)
    sweep.add(other)
    clock.advance(1)
    assert cutting.expired == [0.5]


def test_nothing_ticks_while_nothing_is_watched() -> None:
    """An idle worker sleeps; the first item wakes the sweep again."""
    clock = Clock()
    sweep = sweep_on(clock)
    assert clock.timers == []
    item = Item(inf)
    sweep.add(item)
    sweep.remove(item)
    clock.advance(1)
    assert clock.timers == []
    again = Item(1.2)
    sweep.add(again)
    clock.advance(1)
    assert again.expired == [1.5]


def test_a_stopped_sweep_ticks_no_more() -> None:
    """Stopping twice is no error."""
    clock = Clock()
    sweep = sweep_on(clock)
    sweep.add(Item(0.1))
    sweep.stop()
    sweep.stop()
    assert clock.timers == []


@pytest.mark.parametrize(("shortest", "interval"), [(60.0, 0.5), (1.0, 0.25), (0.01, 0.02), (2.0, 0.5)])
def test_short_timeouts_are_looked_at_more_often(shortest: float, interval: float) -> None:
    """A quarter of the shortest, but neither a busy loop nor less than twice a second."""
    assert interval_for(shortest) == interval


def test_one_that_fails_does_not_stop_the_others(caplog: pytest.LogCaptureFixture) -> None:
    """Their deadlines are kept, in this round and the next; the log says what went wrong."""

    class Broken(Item):
        def expire(self, now: float) -> None:
            super().expire(now)
            raise RuntimeError("broken")

    clock = Clock()
    sweep = sweep_on(clock)
    items = [Item(1.0), Broken(1.0), Item(1.0), Item(5.0)]
    for item in items:
        sweep.add(item)
    clock.advance(10.0)
    assert [len(item.expired) for item in items] == [1, 1, 1, 1]
    assert "a deadline could not be kept" in caplog.text

"""Slots and queues: order, bounds, and nothing lost however somebody leaves."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.limits.concurrency import Gate, Gates, SlotPlan


def plan(limit: int = 2, queue: int = 2, by_consumer: bool = False, adaptive: bool = False) -> SlotPlan:
    """A limit of two with a queue of two, if nothing else is said."""
    return SlotPlan("things", limit, queue, 1.0, by_consumer, adaptive)


def in_loop(story: Callable[[asyncio.AbstractEventLoop], Coroutine[Any, Any, None]]) -> None:
    """Futures belong to a loop."""

    async def run() -> None:
        await story(asyncio.get_running_loop())

    asyncio.run(run())


def test_slots_are_bounded_and_come_back() -> None:
    """The third has to wait until one of the two is gone."""
    gate = Gate(plan())
    assert [gate.enter(), gate.enter(), gate.enter()] == [True, True, False]
    gate.leave()
    assert gate.enter()
    assert gate.busy == 2


def test_who_waits_first_is_first() -> None:
    """And whoever comes while others wait lines up behind them; the queue has an end."""

    async def story(loop: asyncio.AbstractEventLoop) -> None:
        gate = Gate(plan(limit=1, queue=2))
        assert gate.enter()
        first, second, third = (loop.create_future() for _ in range(3))
        assert [gate.line_up(first), gate.line_up(second), gate.line_up(third)] == [True, True, False]
        gate.leave()
        assert first.done() and first.result() is True and not second.done()
        assert not gate.enter()
        assert gate.line_up(third)
        gate.leave()
        assert second.result() is True and not third.done()

    in_loop(story)


def test_too_late() -> None:
    """The place in the queue is free again; a slot that was granted stays granted."""

    async def story(loop: asyncio.AbstractEventLoop) -> None:
        gate = Gate(plan(limit=1, queue=1))
        assert gate.enter()
        late, granted = loop.create_future(), loop.create_future()
        gate.line_up(late)
        gate.late(late)
        assert late.result() is False
        assert gate.line_up(granted)
        gate.leave()
        gate.late(granted)
        assert granted.result() is True
        assert gate.busy == 1

    in_loop(story)


def test_whoever_leaves_the_queue_takes_nothing_along() -> None:
    """Waiting, granted a moment ago, too late or cancelled: no slot is lost and none is given back twice."""

    async def story(loop: asyncio.AbstractEventLoop) -> None:
        for event in ("nothing", "granted", "late", "cancelled"):
            gate = Gate(plan(limit=1, queue=2))
            assert gate.enter()
            future, behind = loop.create_future(), loop.create_future()
            gate.line_up(future)
            gate.line_up(behind)
            if event == "granted":
                gate.leave()
            elif event == "late":
                gate.late(future)
            elif event == "cancelled":
                future.cancel()
            gate.step_out(future)
            assert gate.busy == 1, event
            assert behind.done() is (event == "granted")
            if not behind.done():
                gate.leave()
            assert behind.result() is True
            gate.leave()
            assert gate.unused

    in_loop(story)


def test_callers_have_gates_of_their_own_while_they_have_requests() -> None:
    """A million callers one after the other leave nothing behind."""
    gates = Gates(plan(limit=1, by_consumer=True))
    assert gates.find(b"ann").enter() and gates.find(b"bob").enter()
    assert not gates.find(b"ann").enter()
    gates.forget(b"ann")
    assert len(gates) == 2
    gates.find(b"ann").leave()
    gates.forget(b"ann")
    assert len(gates) == 1


def test_a_gate_is_gone_when_who_was_too_late_learns_of_it() -> None:
    """The slot came back in the same turn of the loop, behind the end of the wait: nobody stumbles over that."""

    async def story(loop: asyncio.AbstractEventLoop) -> None:
        gates = Gates(plan(limit=1, by_consumer=True))
        gate = gates.find(b"ann")
        assert gate.enter()
        late = loop.create_future()
        assert gate.line_up(late)
        gate.late(late)
        gate.leave()
        gates.forget(b"ann")
        assert await late is False
        gates.forget(b"ann")
        assert len(gates) == 0

    in_loop(story)


def test_a_gate_for_all_is_kept() -> None:
    """What it has learnt about the backend must not be forgotten in a quiet moment."""
    gates = Gates(plan())
    gate = gates.find(b"")
    gates.forget(b"")
    assert gates.find(b"") is gate


def test_an_adaptive_gate_follows_the_backend_within_its_limit() -> None:
    """Slow answers close it, quick ones open it up to the limit, and a wider gate wakes who waits."""

    async def story(loop: asyncio.AbstractEventLoop) -> None:
        gate = Gate(plan(limit=100, queue=1, adaptive=True))
        while gate.enter():
            pass
        for seconds in [0.1] * 1000 + [1.0] * 3000:
            gate.learn(seconds)
        assert gate.limit < 60
        while gate.busy >= gate.limit:
            gate.leave()
        assert gate.enter()
        future = loop.create_future()
        gate.line_up(future)
        shrunk = gate.limit
        for _ in range(1000):
            gate.learn(0.1)
        assert shrunk < gate.limit <= 100
        assert future.result() is True

    in_loop(story)


def test_a_fixed_gate_learns_nothing() -> None:
    """Without `adaptive` the limit is what it is."""
    gate = Gate(plan())
    for _ in range(1000):
        gate.learn(1000.0)
    assert gate.limit == 2


@given(st.lists(st.tuples(st.sampled_from(["come", "go", "late", "vanish"]), st.integers(0, 9)), max_size=200))
def test_slots_are_never_lost_nor_made(story: list[tuple[str, int]]) -> None:
    """Against a plain count of who is inside and who waits."""

    async def tell(loop: asyncio.AbstractEventLoop) -> None:
        gate = Gate(plan(limit=3, queue=4))
        inside, waiting = 0, list[asyncio.Future[bool]]()
        for event, number in story:
            if event == "come":
                if gate.enter():
                    inside += 1
                elif gate.line_up(future := loop.create_future()):
                    waiting.append(future)
            elif event == "go" and inside:
                inside -= 1
                gate.leave()
            elif waiting and event == "late":
                gate.late(waiting[number % len(waiting)])
            elif waiting and event == "vanish":
                gate.step_out(waiting.pop(number % len(waiting)))
            inside += sum(1 for future in waiting if future.done() and future.result())
            waiting = [future for future in waiting if not future.done()]
            assert gate.busy == inside <= 3
            assert len(waiting) <= 4
            assert not waiting or inside == 3

    in_loop(tell)

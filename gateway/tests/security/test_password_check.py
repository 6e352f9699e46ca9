"""Comparing passwords: who waits, who is remembered, and who is told to come again."""

import asyncio
import os
import threading

import pytest

from gateway.security import password_check
from gateway.security.password_check import BAD_FOR, GOOD_FOR, TRIES, TRY_EVERY, WAITING, PasswordChecker
from gateway.security.scheme import Unavailable
from gateway.tests.security.storing import CHEAP

RIGHT = CHEAP._replace(digest=b"right" * 4)


class Bench:
    """A checker with a clock that stands still, and a comparison that is counted and can be held."""

    def __init__(self) -> None:
        self.time = 1000.0
        self.compared = 0
        self.at_once = 0
        self.most = 0
        self.gate = threading.Event()
        self.gate.set()
        self.checker = PasswordChecker(lambda: self.time, self.compare)

    def compare(self, stored: object, password: bytes) -> bytes:
        """The password is its own digest."""
        self.compared += 1
        self.at_once += 1
        self.most = max(self.most, self.at_once)
        assert self.gate.wait(20)
        self.at_once -= 1
        return password

    async def ask(self, password: bytes = b"right" * 4, name: str = "anna") -> bool:
        """Whether this is the password."""
        label = self.checker.label(name.encode() + password, RIGHT)
        return await self.checker.verify(label, name, password, RIGHT)


def test_a_right_password_is_compared_once() -> None:
    """Until it is forgotten."""

    async def scenario(bench: Bench) -> None:
        assert [await bench.ask() for _ in range(5)] == [True] * 5
        assert bench.compared == 1
        bench.time += GOOD_FOR
        assert await bench.ask()
        assert bench.compared == 2

    asyncio.run(scenario(Bench()))


def test_a_wrong_password_is_remembered_for_a_moment() -> None:
    """So that a client that goes on sending it costs nothing."""

    async def scenario(bench: Bench) -> None:
        assert not any([await bench.ask(b"wrong") for _ in range(50)])
        assert bench.compared == 1
        bench.time += BAD_FOR
        assert not await bench.ask(b"wrong")
        assert bench.compared == 2

    asyncio.run(scenario(Bench()))


def test_another_hash_is_another_question() -> None:
    """What was right for the former password says nothing about the new one."""
    checker = PasswordChecker()
    assert checker.label(b"c", RIGHT) != checker.label(b"c", CHEAP)
    assert checker.label(b"c", RIGHT) != PasswordChecker().label(b"c", RIGHT)


def test_the_same_password_at_once_is_compared_once() -> None:
    """Two hundred requests of one client that has just started."""

    async def scenario(bench: Bench) -> None:
        assert all(await asyncio.gather(*(bench.ask() for _ in range(200))))
        assert bench.compared == 1

    asyncio.run(scenario(Bench()))


def test_one_comparison_at_a_time_and_few_that_wait() -> None:
    """A flood of different passwords: what comes on top is turned away at once, and nobody waits longer than that."""

    async def scenario(bench: Bench) -> None:
        bench.gate.clear()
        tasks = [asyncio.create_task(bench.ask(b"%d" % n, f"user {n}")) for n in range(WAITING + 20)]
        done, _ = await asyncio.wait(tasks[WAITING:], timeout=20)
        assert len(done) == 20
        assert all(isinstance(task.exception(), Unavailable) for task in done)
        bench.gate.set()
        assert await asyncio.gather(*tasks[:WAITING]) == [False] * WAITING
        assert (bench.compared, bench.most) == (WAITING, 1)
        assert await bench.ask()

    asyncio.run(scenario(Bench()))


def test_nobody_waits_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who waited in vain is told to come again, and then finds the answer."""
    monkeypatch.setattr(password_check, "PATIENCE", 0.05)

    async def scenario(bench: Bench) -> None:
        bench.gate.clear()
        with pytest.raises(Unavailable, match="not compared within"):
            await bench.ask()
        bench.gate.set()
        monkeypatch.setattr(password_check, "PATIENCE", 20.0)
        assert await bench.ask() and bench.compared == 1

    asyncio.run(scenario(Bench()))


def test_a_request_that_gives_up_takes_nothing_with_it() -> None:
    """The comparison goes on for the others."""

    async def scenario(bench: Bench) -> None:
        bench.gate.clear()
        first, second = asyncio.create_task(bench.ask()), asyncio.create_task(bench.ask())
        await asyncio.sleep(0.01)
        first.cancel()
        await asyncio.wait([first])
        bench.gate.set()
        assert await second and bench.compared == 1

    asyncio.run(scenario(Bench()))


def test_guessing_is_slowed_down_by_name() -> None:
    """A few tries, then one every few seconds, for names that exist and for others; a remembered password goes on."""

    async def scenario(bench: Bench) -> None:
        assert await bench.ask(name="anna")
        for n in range(TRIES + 1):
            assert not await bench.ask(b"wrong %d" % n)
        with pytest.raises(Unavailable, match="too many wrong passwords"):
            await bench.ask(b"one more")
        assert await bench.ask(name="anna")
        assert not await bench.ask(b"wrong", name="berta")
        bench.time += TRY_EVERY
        assert not await bench.ask(b"one more")
        with pytest.raises(Unavailable):
            await bench.ask(b"and another")

    asyncio.run(scenario(Bench()))


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many different passwords come."""
    monkeypatch.setattr(password_check, "REMEMBERED", 5)

    async def scenario(bench: Bench) -> None:
        for n in range(20):
            await bench.ask(b"wrong %d" % n, f"user {n}")
        assert len(bench.checker._bad) == 5 and not bench.checker._flights

    asyncio.run(scenario(Bench()))


def test_the_thread_gives_way() -> None:
    """Comparisons run at a lower priority than the event loop, in a thread of their own."""
    if not hasattr(os, "getpriority"):
        pytest.skip("threads have no priority here")
    seen: list[tuple[int, int]] = []

    def compare(stored: object, password: bytes) -> bytes:
        seen.append((threading.get_native_id(), os.getpriority(os.PRIO_PROCESS, threading.get_native_id())))
        return password

    checker = PasswordChecker(lambda: 0.0, compare)
    asyncio.run(checker.verify(b"label", "anna", b"p", RIGHT))
    assert seen[0][0] != threading.get_native_id()
    assert seen[0][1] > os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

"""Coroutines without tasks."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from gateway.server.drive import Drive


def test_it_runs_at_once_up_to_the_first_wait() -> None:
    """Before the loop turns; `done` is called when the coroutine has ended."""

    async def story() -> list[str]:
        loop = asyncio.get_running_loop()
        seen: list[str] = []
        future = loop.create_future()

        async def work() -> None:
            seen.append("begun")
            seen.append(await future)

        Drive(loop, work(), lambda: seen.append("done")).step()
        seen.append("back")
        future.set_result("result")
        await asyncio.sleep(0)
        return seen

    assert asyncio.run(story()) == ["begun", "back", "result", "done"]


def test_a_coroutine_that_never_waits_ends_within_step() -> None:
    """The usual refusal takes no turn of the loop."""

    async def story() -> list[str]:
        seen: list[str] = []

        async def work() -> None:
            seen.append("work")

        Drive(asyncio.get_running_loop(), work(), lambda: seen.append("done")).step()
        return seen

    assert asyncio.run(story()) == ["work", "done"]


def test_exceptions_of_futures_and_bare_yields_arrive() -> None:
    """As in a task: the coroutine takes the exception, and sleep(0) gives up one turn."""

    async def story() -> list[str]:
        loop = asyncio.get_running_loop()
        seen: list[str] = []
        failing = loop.create_future()
        loop.call_soon(failing.set_exception, KeyError("x"))

        async def work() -> None:
            try:
                await failing
            except KeyError:
                seen.append("caught")
            await asyncio.sleep(0)
            seen.append("slept")

        Drive(loop, work(), lambda: seen.append("done")).step()
        for _ in range(5):
            await asyncio.sleep(0)
        return seen

    assert asyncio.run(story()) == ["caught", "slept", "done"]


def test_an_error_is_thrown_where_it_waits_and_the_future_is_forgotten() -> None:
    """A result that comes afterwards does not wake the coroutine twice."""

    async def story() -> list[str]:
        loop = asyncio.get_running_loop()
        seen: list[str] = []
        future, second = loop.create_future(), loop.create_future()

        async def work() -> None:
            try:
                await future
            except ConnectionError:
                seen.append("thrown")
            seen.append(await second)

        drive = Drive(loop, work(), lambda: seen.append("done"))
        drive.step()
        drive.throw(ConnectionError())
        future.set_result("too late")
        await asyncio.sleep(0)
        second.set_result("second")
        await asyncio.sleep(0)
        return seen

    assert asyncio.run(story()) == ["thrown", "second", "done"]


def test_an_error_in_the_turn_in_which_a_result_comes_wins() -> None:
    """The call that the result has scheduled can no longer be taken back; it does nothing."""

    async def story() -> list[str]:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: seen.append(context["message"]))
        seen: list[str] = []
        future = loop.create_future()

        async def work() -> None:
            try:
                await future
            except ConnectionError:
                seen.append("thrown")

        drive = Drive(loop, work(), lambda: seen.append("done"))
        drive.step()
        future.set_result(None)
        drive.throw(ConnectionError())
        await asyncio.sleep(0)
        return seen

    assert asyncio.run(story()) == ["thrown", "done"]


def test_many_waits_in_a_row() -> None:
    """Each future resumes it once."""

    async def story() -> int:
        loop = asyncio.get_running_loop()
        count = 0

        async def work() -> None:
            nonlocal count
            for _ in range(1000):
                future = loop.create_future()
                loop.call_soon(future.set_result, None)
                await future
                count += 1

        ended = asyncio.Event()
        coroutine: Coroutine[Any, None, None] = work()
        Drive(loop, coroutine, ended.set).step()
        await asyncio.wait_for(ended.wait(), 5)
        return count

    assert asyncio.run(story()) == 1000

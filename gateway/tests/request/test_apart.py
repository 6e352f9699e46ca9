"""What is judged in a thread, and what at once."""

import asyncio
import threading

import pytest

from gateway.request.apart import LONG, THREADS, in_thread, judge_apart
from gateway.validate.media import MediaCheck


@pytest.mark.parametrize(
    ("slow", "coded", "size", "expected"),
    [
        (True, False, LONG, False),
        (True, False, LONG + 1, True),
        (True, True, 1, True),
        (False, False, 2**20, False),
        (False, True, 2**20, False),
    ],
)
def test_slow_formats_are_judged_in_a_thread_when_there_is_much(
    slow: bool, coded: bool, size: int, expected: bool
) -> None:
    """Of compressed content nobody knows how much it is."""
    check = MediaCheck(lambda data: [], slow=slow)
    thread = asyncio.run(judge_apart(check, coded, size, threading.current_thread))
    assert (thread is not threading.main_thread()) is expected


def test_what_is_raised_there_is_raised_here() -> None:
    """As if there was no thread."""

    def judge() -> None:
        raise KeyError("x")

    with pytest.raises(KeyError):
        asyncio.run(judge_apart(MediaCheck(lambda data: [], slow=True), True, 1, judge))


def test_work_that_nobody_waits_for_is_dropped() -> None:
    """Else clients that send much and leave would fill memory."""
    go = threading.Event()
    done: list[int] = []

    async def main() -> None:
        busy = [asyncio.create_task(in_thread(go.wait)) for _ in range(THREADS)]
        await asyncio.sleep(0)
        waiting = in_thread(lambda: done.append(1))
        waiting.send(None)
        with pytest.raises(ConnectionError):
            waiting.throw(ConnectionError())  # as it is told that its client has gone
        await asyncio.sleep(0)
        go.set()
        await asyncio.gather(*busy)
        await in_thread(lambda: done.append(2))

    asyncio.run(main())
    assert done == [2]

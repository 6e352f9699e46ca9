"""One body on its way in."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from gateway.stream import HIGH_WATER, Inbound


class Tap:
    """A source that only notes what it is told."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def pause_reading(self) -> None:
        self.said.append("pause")

    def resume_reading(self) -> None:
        self.said.append("resume")

    def wanted(self) -> None:
        self.said.append("wanted")


def told(story: Callable[[Inbound, Tap], Coroutine[Any, Any, None]]) -> None:
    """Run a story about one body and its source."""

    async def run() -> None:
        tap = Tap()
        async with asyncio.timeout(5):
            await story(Inbound(asyncio.get_running_loop(), tap), tap)

    asyncio.run(run())


def later(call: Callable[..., None], *arguments: object) -> None:
    """Call it in the next turn of the loop."""
    asyncio.get_running_loop().call_soon(call, *arguments)


def test_pieces_come_as_they_are_fed() -> None:
    """All that is there at once; b"" at the end, as often as one asks."""

    async def story(body: Inbound, tap: Tap) -> None:
        body.feed(b"a")
        body.feed(b"b")
        assert await body.piece() == b"ab"
        later(body.feed, b"c")
        assert await body.piece() == b"c"
        later(body.finish)
        assert await body.piece() == b""
        assert await body.piece() == b""
        assert (body.received, body.complete) == (3, True)

    told(story)


def test_the_source_hears_when_bytes_are_awaited() -> None:
    """Not before: that is when 100 (Continue) is due."""

    async def story(body: Inbound, tap: Tap) -> None:
        body.feed(b"a")
        await body.piece()
        assert tap.said == []
        later(body.finish)
        await body.piece()
        assert tap.said == ["wanted"]

    told(story)


def test_a_source_pauses_above_the_mark_and_resumes_when_it_is_read() -> None:
    """So memory is bounded by the mark and one read."""

    async def story(body: Inbound, tap: Tap) -> None:
        body.feed(b"x" * HIGH_WATER)
        assert tap.said == []
        body.feed(b"x")
        assert tap.said == ["pause"]
        await body.piece()
        assert tap.said == ["pause", "resume"]

    told(story)


@pytest.mark.parametrize("size", [0, 1, 10])
def test_a_body_within_the_limit_is_read_whole(size: int) -> None:
    """Up to the limit itself."""

    async def story(body: Inbound, tap: Tap) -> None:
        for _ in range(size):
            later(body.feed, b"x")
        later(body.finish)
        assert await body.whole(10) == b"x" * size

    told(story)


def test_a_body_over_the_limit_is_not_consumed() -> None:
    """Whoever asked may still pass on what has come."""

    async def story(body: Inbound, tap: Tap) -> None:
        body.feed(b"x" * 11)
        assert await body.whole(10) is None
        body.finish()
        assert await body.whole(10) is None
        assert await body.piece() == b"x" * 11

    told(story)


def test_a_limit_above_the_mark_is_still_reached() -> None:
    """A source paused at the mark is resumed up to the limit."""

    async def story(body: Inbound, tap: Tap) -> None:
        body.feed(b"x" * (HIGH_WATER + 1))
        later(body.feed, b"x" * HIGH_WATER)
        later(body.finish)
        assert len(await body.whole(3 * HIGH_WATER) or b"") == 2 * HIGH_WATER + 1
        assert tap.said[:2] == ["pause", "resume"]
        assert tap.said.count("pause") == 1

    told(story)


def test_a_failure_comes_after_what_had_arrived() -> None:
    """The first failure counts, and a complete body cannot fail any more."""

    async def story(body: Inbound, tap: Tap) -> None:
        body.feed(b"a")
        body.fail(ConnectionError("first"))
        body.fail(ConnectionError("second"))
        assert await body.piece() == b"a"
        with pytest.raises(ConnectionError, match="first"):
            await body.piece()
        with pytest.raises(ConnectionError, match="first"):
            await body.whole(10)

    told(story)


def test_a_waiting_reader_gets_the_failure() -> None:
    """It does not wait for ever."""

    async def story(body: Inbound, tap: Tap) -> None:
        later(body.fail, ConnectionError("gone"))
        with pytest.raises(ConnectionError, match="gone"):
            await body.piece()

    told(story)


def test_a_complete_body_cannot_fail() -> None:
    """The connection may end behind it."""

    async def story(body: Inbound, tap: Tap) -> None:
        body.feed(b"a")
        body.finish()
        body.fail(ConnectionError("late"))
        assert await body.whole(10) == b"a"

    told(story)

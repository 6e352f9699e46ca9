"""Bodies that are judged while they pass."""

import asyncio
import threading

import pytest

from gateway.errors import Violation
from gateway.request.watch import Items, Tap, Watch

WRONG = Violation("body", "/0", "", "type", "is wrong")


class Judge:
    """Finds fault with a piece `bad`, and at the end when the last piece was `half`."""

    def __init__(self) -> None:
        self.fed: list[bytes] = []

    def feed(self, data: bytes) -> list[Violation]:
        """See `PieceJudge`."""
        self.fed.append(data)
        return [WRONG] if data == b"bad" else []

    def end(self) -> list[Violation]:
        """See `PieceJudge`."""
        return [] if self.fed and self.fed[-1] != b"half" else [WRONG]


async def passed(watch: Watch, *pieces: bytes) -> None:
    """A whole body."""
    for piece in pieces:
        await watch.piece(piece)
    await watch.end()


@pytest.mark.parametrize("apart", [False, True])
@pytest.mark.parametrize(
    ("pieces", "fed", "found"),
    [
        ([b"a", b"b"], [b"a", b"b"], 0),
        ([b"a", b"bad", b"b", b"bad"], [b"a", b"bad"], 1),
        ([b"a", b"half"], [b"a", b"half"], 1),
        ([], [], 1),
    ],
)
def test_items_are_judged_until_one_is_bad(pieces: list[bytes], fed: list[bytes], found: int, apart: bool) -> None:
    """Then nothing more, and the end is judged only once."""
    judge, told = Judge(), list[list[Violation]]()
    watch = Items(judge, False, told.append, apart)
    asyncio.run(passed(watch, *pieces))
    asyncio.run(watch.end())
    assert judge.fed == fed
    assert told == [[WRONG]] * found


@pytest.mark.parametrize("apart", [False, True])
def test_much_work_is_done_in_another_thread(apart: bool) -> None:
    """So that the event loop goes on."""
    seen: list[threading.Thread] = []

    class Seen(Judge):
        def feed(self, data: bytes) -> list[Violation]:
            seen.append(threading.current_thread())
            return []

    asyncio.run(passed(Items(Seen(), False, lambda found: None, apart), b"a"))
    assert [thread is threading.main_thread() for thread in seen] == [not apart]


@pytest.mark.parametrize(("pieces", "found"), [([], 0), ([b"half"], 1)])
def test_no_content_at_all_may_be_fine(pieces: list[bytes], found: int) -> None:
    """Where the body is optional; what has begun has to be complete."""
    told = list[list[Violation]]()
    watch = Items(Judge(), True, told.append)
    asyncio.run(passed(watch, *pieces))
    assert len(told) == found


@pytest.mark.parametrize(
    ("pieces", "told"), [([], b""), ([b"ab", b"c"], b"abc"), ([b"abc", b"d"], None), ([b"abcd"], None)]
)
def test_a_tap_collects_up_to_its_limit(pieces: list[bytes], told: bytes | None) -> None:
    """None says that it was more."""
    heard: list[bytes | None] = []

    async def hear(whole: bytes | None) -> None:
        heard.append(whole)

    asyncio.run(passed(Tap(hear, 3), *pieces))
    assert heard == [told]

"""Judging that takes long, in a thread, so that it does not stop the event loop.

Values of some formats are made in Python, about 1 MB a second. A thread needs no less of the processor, rather more,
but it lets go of the interpreter every few milliseconds: the longest pause of the loop falls to a tenth, measured for
1 MB of XML, YAML, CSV, MessagePack and JSON lines.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

from gateway.validate.media import MediaCheck

LONG = 65536  # bytes; fewer are judged before a thread would have begun
# More would not be faster, as they share one interpreter, but hold more values at a time; one could keep all waiting.
THREADS = 2

_threads = ThreadPoolExecutor(THREADS, "judge")

T = TypeVar("T")


async def judge_apart(media: MediaCheck, coded: bool, size: int, judge: Callable[[], T]) -> T:
    """What `judge` gives. `size`: bytes as they came; `coded` ones may be many more."""
    if media.slow and (coded or size > LONG):
        return await in_thread(judge)
    return judge()


async def in_thread(judge: Callable[[], T]) -> T:
    """What `judge` gives, in the context of whoever waits. Work that waits for a thread is dropped when nobody does."""
    future = asyncio.get_running_loop().run_in_executor(_threads, copy_context().run, judge)
    try:
        return await future
    finally:
        future.cancel()

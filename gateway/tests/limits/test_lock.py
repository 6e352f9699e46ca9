"""A mutex between processes that no death keeps closed, and no sleep for long."""

import mmap
import os
import signal
import time
from collections.abc import Callable

import pytest

from gateway.limits.lock import PATIENCE, SIZE, RobustMutex

DEADLINE = 20.0


@pytest.fixture
def mutex() -> RobustMutex:
    """A mutex in shared memory."""
    return RobustMutex(mmap.mmap(-1, 4096))


def forked(work: Callable[[], object]) -> int:
    """A child that does `work` and then waits to be killed; returns once the work is done."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        work()
        os.write(writing, b".")
        signal.pause()
        os._exit(1)
    os.read(reading, 1)
    os.close(reading)
    os.close(writing)
    return child


def kill(child: int) -> None:
    """Until it is really gone."""
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def test_one_after_the_other(mutex: RobustMutex) -> None:
    """Taken, given back, taken again."""
    for _ in range(3):
        assert mutex.acquire()
        mutex.release()


def test_processes_exclude_each_other() -> None:
    """Two of them count in a number that neither writes at once: nothing is lost."""
    memory = mmap.mmap(-1, 4096)
    mutex = RobustMutex(memory)
    number = memoryview(memory).cast("Q")
    at = SIZE // 8

    def count() -> None:
        for _ in range(5000):
            while not mutex.acquire():
                pass
            number[at] += 1
            mutex.release()

    child = forked(count)
    count()
    kill(child)
    assert number[at] == 10_000


def test_the_dead_hold_nothing(mutex: RobustMutex) -> None:
    """A holder that was killed: the next one has it, and the one after that."""
    for _ in range(2):
        kill(forked(mutex.acquire))
        assert mutex.acquire()
        mutex.release()


def test_who_sleeps_is_waited_for_once(mutex: RobustMutex) -> None:
    """A holder that was stopped: one wait with an end, no further ones, and all is well when it is gone."""
    child = forked(mutex.acquire)
    os.kill(child, signal.SIGSTOP)
    begun = time.monotonic()
    assert not mutex.acquire()
    waited = time.monotonic() - begun
    assert PATIENCE * 0.9 <= waited < DEADLINE
    begun = time.monotonic()
    for _ in range(1000):
        assert not mutex.acquire()
    assert time.monotonic() - begun < 1000 * PATIENCE / 4, "nobody waits again"
    kill(child)
    assert mutex.acquire()
    mutex.release()

"""Comparing passwords with their hashes, which costs 40 ms of CPU or more, without letting anybody use that.

- Away from the event loop, in one thread per process that gives way to it: a flood of wrong passwords gets the CPU
  time that requests leave over.
- At most `WAITING` comparisons wait for that thread, and a request `PATIENCE` seconds for its own; who comes on top, or
  waited in vain, is told to come again.
- What was found right is remembered, so that a client that sends its password with each request pays once; what was
  found wrong is remembered for a moment. Both under a keyed hash of what was sent, so that memory holds no password.
- Each name has a few wrong tries, then one every few seconds. Names are counted in a table of fixed size by their
  keyed hash, whether or not there is such a user: neither the answer nor its time tells which names exist.
"""

import asyncio
import hmac
import os
import secrets
import threading
import time
from array import array
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from gateway.security.hashing import PasswordHash, derive
from gateway.security.remembered import Remembered
from gateway.security.scheme import Unavailable

WAITING = 32  # comparisons
PATIENCE = 5.0  # seconds that a request waits for its own
REMEMBERED = 10_000  # of each kind
GOOD_FOR = 600.0  # seconds; a changed password and a removed user count at once all the same
BAD_FOR = 10.0
NAMES = 4096  # counters of wrong tries
TRIES = 10  # wrong passwords for one name before each of them has to wait
TRY_EVERY = 5.0  # seconds
_GIVE_WAY = 5  # niceness: about a quarter of a CPU while the event loop wants all of it


class PasswordChecker:
    """One for all stores of passwords. `now` is in seconds; `compare` blocks."""

    def __init__(
        self,
        now: Callable[[], float] = time.monotonic,
        compare: Callable[[PasswordHash, bytes], bytes] = derive,
    ) -> None:
        self._now = now
        self._compare = compare
        self._secret = secrets.token_bytes(32)
        self._good: Remembered[bool] = Remembered(REMEMBERED, now)
        self._bad: Remembered[bool] = Remembered(REMEMBERED, now)
        self._flights: dict[bytes, asyncio.Task[bool]] = {}
        self._free_at = array("d", bytes(8 * NAMES))
        self._thread: ThreadPoolExecutor | None = None
        self._turn = asyncio.Lock()

    def label(self, credential: bytes, stored: PasswordHash) -> bytes:
        """Under which the outcome is remembered. It changes with the hash, and so with the password."""
        return hmac.digest(self._secret, stored.digest + credential, "sha256")

    def recall(self, label: bytes) -> bool:
        """Whether this was found right a while ago."""
        return self._good.get(label) is not None

    async def verify(self, label: bytes, name: str, password: bytes, stored: PasswordHash) -> bool:
        """Whether `password` is the one behind `stored`. Raises Unavailable when too much is asked."""
        if self.recall(label):
            return True
        if self._bad.get(label) is not None:
            return False
        flight = self._flights.get(label)
        if flight is None:
            self._admit(name)
            flight = asyncio.get_running_loop().create_task(self._fly(label, name, password, stored))
            self._flights[label] = flight
            flight.add_done_callback(lambda _: self._flights.pop(label, None))
        # A request that is given up does not take the comparison with it. It is no task, as `timeout` would want it.
        if not (await asyncio.wait((flight,), timeout=PATIENCE))[0]:
            raise Unavailable(f"a password was not compared within {PATIENCE:g} s")
        return flight.result()

    def _admit(self, name: str) -> None:
        if self._free_at[self._counter(name)] - self._now() > TRIES * TRY_EVERY:
            raise Unavailable("too many wrong passwords for one user name")
        if len(self._flights) >= WAITING:
            raise Unavailable(f"more than {WAITING} passwords wait to be compared")

    async def _fly(self, label: bytes, name: str, password: bytes, stored: PasswordHash) -> bool:
        async with self._turn:
            if self._thread is None:
                self._thread = ThreadPoolExecutor(1, "passwords", _give_way)
            loop = asyncio.get_running_loop()
            digest = await loop.run_in_executor(self._thread, self._compare, stored, password)
        if hmac.compare_digest(digest, stored.digest):
            self._good.put(label, True, self._now() + GOOD_FOR)
            return True
        self._bad.put(label, False, self._now() + BAD_FOR)
        counter = self._counter(name)
        self._free_at[counter] = max(self._free_at[counter], self._now()) + TRY_EVERY
        return False

    def _counter(self, name: str) -> int:
        return int.from_bytes(hmac.digest(self._secret, name.encode(), "sha256")[:4], "big") % NAMES


def _give_way() -> None:
    """Lower the priority of this thread, where threads have one of their own (Linux)."""
    with suppress(OSError, AttributeError):
        thread = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + _GIVE_WAY)

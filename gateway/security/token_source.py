"""Tokens from a token endpoint while requests go on: in threads, one question at a time for each key, with patience.

Laws:
- The event loop never waits for the endpoint, and a request waits for it no longer than twice `timeout`.
- However many requests need the same token, it is asked for once.
- After some failures in a row nobody asks for a while; then one question goes ahead and decides for all.
- At most `MOST` questions are open; what comes on top is told to try again.

A source belongs to the process and event loop that first use it; one that is inherited by fork starts anew.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from math import ceil

from gateway.security import token_endpoint
from gateway.security.token_endpoint import Endpoint, Failed, Grant, Refused

THREADS = 8  # of its own: a slow endpoint must not keep others from fetching keys
MOST = 256  # open questions
PATIENCE = 3  # failures in a row before nobody asks for a while
FIRST_PAUSE = 1.0  # seconds; doubled with every further failure
LAST_PAUSE = 30.0

# Codes about the gateway as a client, or about what it asks for: the caller cannot do anything about them.
OURS = frozenset(
    (
        *("invalid_client", "unauthorized_client", "unsupported_grant_type", "invalid_scope", "invalid_target"),
        *("server_error", "temporarily_unavailable"),
    )
)

log = logging.getLogger(__name__)


class NoToken(Exception):
    """There is no token at the moment; it may be worth another try in `wait` seconds. The text is for the log."""

    def __init__(self, reason: str, wait: float) -> None:
        super().__init__(reason)
        self.wait = max(1, ceil(wait))


class TokenSource:
    """Asks one endpoint. `name` is for the log; `now` gives seconds of any clock that goes on steadily."""

    def __init__(
        self,
        name: str,
        endpoint: Endpoint,
        now: Callable[[], float] = time.monotonic,
        ask: Callable[[Endpoint, Mapping[str, str]], Grant] = token_endpoint.ask,
    ) -> None:
        self.name = name
        self.endpoint = endpoint
        self._now = now
        self._ask = ask
        self._loop: asyncio.AbstractEventLoop | None = None
        self._threads: ThreadPoolExecutor | None = None
        self._flights: dict[bytes, asyncio.Task[Grant]] = {}
        self._open = 0
        self._failures = 0
        self._resume = 0.0  # when somebody may ask again
        self._ahead = False  # whether that one is under way

    async def grant(self, key: bytes, form: Mapping[str, str]) -> Grant:
        """The answer to `form`, which `key` stands for. Raises Refused and NoToken."""
        flight = self.flight(key, form)
        await asyncio.wait((flight,))  # a request that is given up does not take the question with it
        return flight.result()

    def flight(self, key: bytes, form: Mapping[str, str]) -> "asyncio.Task[Grant]":
        """The question under way for `key`, begun if there is none."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._flights, self._open = loop, {}, 0
            self._threads = ThreadPoolExecutor(THREADS, "token-source")
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = loop.create_task(self._fly(loop, form))
            flight.add_done_callback(lambda done: self._landed(key, done))
        return flight

    def _landed(self, key: bytes, flight: "asyncio.Task[Grant]") -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
        if not flight.cancelled():
            flight.exception()  # nobody may be waiting any more

    async def _fly(self, loop: asyncio.AbstractEventLoop, form: Mapping[str, str]) -> Grant:
        self._admit()
        self._open += 1
        patience = 2 * self.endpoint.timeout
        answer = loop.run_in_executor(self._threads, self._unless_late, form, self._now() + patience)
        answer.add_done_callback(self._closed)
        try:
            async with asyncio.timeout(patience):
                grant = await asyncio.shield(answer)  # its thread goes on
        except TimeoutError:
            raise self._failed(f"{self.endpoint.url}: no token within {patience:g} s") from None
        except Refused as refused:
            if str(refused) in OURS:
                raise self._failed(f"{self.endpoint.url}: it refuses with {refused}") from None
            self._failures = 0
            raise
        except Failed as error:
            raise self._failed(str(error)) from None
        self._failures = 0
        return grant

    def _unless_late(self, form: Mapping[str, str], deadline: float) -> Grant:
        """In a thread: nobody waits any more for what was in the queue for too long."""
        if self._now() >= deadline:
            raise Failed(f"{self.endpoint.url}: not asked in time")
        return self._ask(self.endpoint, form)

    def _closed(self, answer: "asyncio.Future[Grant]") -> None:
        self._open -= 1
        if not answer.cancelled():
            answer.exception()  # nobody may be waiting any more

    def _admit(self) -> None:
        """Whether to ask at all. Raises NoToken."""
        now = self._now()
        if self._open >= MOST:
            raise NoToken(f"{self.name}: {MOST} questions are open", self.endpoint.timeout)
        if self._failures >= PATIENCE:
            if now < self._resume:
                raise NoToken(f"{self.name}: the token endpoint failed a moment ago", self._resume - now)
            self._ahead = True
            self._resume = now + self.endpoint.timeout

    def _failed(self, reason: str) -> NoToken:
        """Failures of questions that were open at the same time are one reason to pause, not many."""
        now = self._now()
        if self._failures < PATIENCE or self._ahead:
            self._failures += 1
            self._ahead = False
            pause = 0.0
            if self._failures >= PATIENCE:
                pause = min(FIRST_PAUSE * (1 << min(self._failures - PATIENCE, 10)), LAST_PAUSE)
            self._resume = now + pause
            log.warning("%s: no token: %s; nobody asks again within %g s", self.name, reason, pause)
        return NoToken(f"{self.name}: {reason}", self._resume - now)

"""Counters in Redis or Valkey, exact over many machines; and what happens while it cannot be asked.

No request waits for it longer than the timeout. When several questions in a row went unanswered, a breaker stops asking
for a while; meanwhile, and for each single failure, `fallback` counts on this machine, or, without one, nothing is let
through (CountersUnavailable).
"""

import logging
from collections.abc import Callable, Sequence
from typing import Protocol

from gateway.limits.breaker import Breaker
from gateway.limits.policy import Charge, Counters, CountersUnavailable, Reading
from gateway.limits.redis_link import RedisLink, StoreFailed
from gateway.limits.redis_script import SCRIPT, SHA, Packer, readings

log = logging.getLogger("gateway")


class Meter(Protocol):
    """The part of `gateway.observe.metrics.Metrics` that a store uses."""

    def store_failed(self) -> None: ...

    def store_down(self, down: bool) -> None: ...


class RedisCounters:
    """See `gateway.limits.policy.Counters`. One for each worker."""

    def __init__(
        self,
        link: RedisLink,
        name: str,
        fallback: Counters | None,
        meter: Meter,
        now: Callable[[], float],
        random: Callable[[], float],
    ) -> None:
        """`name` is for logs; `now` in seconds, `random` from 0 to 1."""
        self._link = link
        self._name = name
        self._fallback = fallback
        self._meter = meter
        self._now = now
        self._random = random
        self._breaker = Breaker()
        self._last: StoreFailed | None = None  # the failure that was counted last
        self._pack = Packer().words

    async def take(self, charges: Sequence[Charge]) -> Sequence[Reading]:
        """See `Counters.take`."""
        if self._breaker.allows(self._now()):
            try:
                found = await self._ask(charges)
            except StoreFailed as failure:
                self._failed(failure)
            except BaseException:
                self._breaker.abandoned(self._now())
                raise
            else:
                if self._breaker.succeeded():
                    self._meter.store_down(False)
                    log.info("the store of limits at %s answers again", self._name)
                return found
        if self._fallback is None:
            raise CountersUnavailable(f"the store of limits at {self._name} does not answer")
        return await self._fallback.take(charges)

    def close(self) -> None:
        """The worker ends."""
        self._link.close()

    async def _ask(self, charges: Sequence[Charge]) -> Sequence[Reading]:
        words, until = self._pack(charges), self._link.deadline()
        reply = await self._link.ask(b"EVALSHA", SHA, *words, until=until)
        if isinstance(reply, StoreFailed) and str(reply).startswith("NOSCRIPT"):
            reply = await self._link.ask(b"EVAL", SCRIPT, *words, until=until)
        if isinstance(reply, StoreFailed):
            raise reply.with_traceback(None)
        try:
            return readings(reply, len(charges))
        except ValueError as error:
            raise StoreFailed(str(error)) from None

    def _failed(self, failure: StoreFailed) -> None:
        self._meter.store_failed()
        if failure is self._last:
            return  # a connection was lost: that is one failure, however many questions were under way
        self._last, reason = failure, str(failure)
        self._link.follow(reason)
        if self._breaker.failed(self._now(), self._random()):
            self._meter.store_down(True)
            meanwhile = "requests with limits are refused" if self._fallback is None else "this machine counts alone"
            log.warning("the store of limits at %s fails (%s): %s until it answers", self._name, reason, meanwhile)
        if not self._breaker.closed:
            self._link.drop("it is not asked for a while")

"""The keys of one issuer, kept fresh while requests go on.

Laws:
- The event loop never waits for an issuer: fetching is done in a thread, one fetch at a time.
- Keys that were fetched once stay in use while later fetches fail: an issuer that is down for a minute must not
  take the API down. What the issuer did publish is believed at once, an empty set too.
- When a key disappears, everything that was verified with it is forgotten (`on_loss`).
- A token with an unknown `kid` may start one fetch per cool-down, however many such tokens come.

A `KeySet` belongs to the process and event loop that first use it; one that is inherited by fork starts anew.
"""

import asyncio
import logging
import time
import weakref
from collections.abc import Callable

from gateway.config import Issuer
from gateway.security.fetch import FetchError, Trust, load_trust
from gateway.security.scheme import Unavailable

FIRST_RETRY = 1.0  # seconds; doubled with every failure
LAST_RETRY = 30.0

log = logging.getLogger(__name__)


class KeysUnavailable(Unavailable):
    """No key of the issuer is known, so that no token of it can be judged. The text is for the log."""


class KeySet:
    """What is known of one issuer. `name` is its name in the settings."""

    def __init__(
        self,
        name: str,
        settings: Issuer,
        now: Callable[[], float] = time.monotonic,
        load: Callable[[Issuer], Trust] = load_trust,
    ) -> None:
        self.name = name
        self.settings = settings
        self.trust: Trust | None = None
        self.on_loss: list[Callable[[], None]] = []
        self._now = now
        self._load = load
        self._loop: asyncio.AbstractEventLoop | None = None
        self._flight: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._asked = float("-inf")  # when an unknown `kid` last started a fetch
        self._failures = 0
        self._reported: tuple[str, ...] = ()

    def start(self) -> None:
        """Begin to fetch and refresh on the running event loop. Calling it again does nothing."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop = loop
            self._flight = loop.create_task(self._fetch(loop))

    async def known(self) -> Trust:
        """What is known now, waiting for the first fetch only. Raises KeysUnavailable."""
        self.start()
        if self.trust is None:
            await self._landed()
        return self._usable()

    async def renewed(self) -> Trust:
        """The same after one more fetch, unless the last was within the cool-down. Raises KeysUnavailable."""
        self.start()
        if self._idle() and self._now() - self._asked >= self.settings.cooldown:
            self._asked = self._now()
            self._take_off()
        await self._landed()
        return self._usable()

    def _usable(self) -> Trust:
        if self.trust is None:
            raise KeysUnavailable(f"the keys of issuer {self.name} could not be fetched yet")
        if not self.trust.keys.material:
            raise KeysUnavailable(f"issuer {self.name} publishes no usable key")
        return self.trust

    def _idle(self) -> bool:
        return self._flight is None or self._flight.done()

    def _take_off(self) -> None:
        if self._loop is not None and self._idle():
            self._flight = self._loop.create_task(self._fetch(self._loop))

    async def _landed(self) -> None:
        """Wait for a fetch under way; a request that is given up does not take the fetch with it."""
        if self._flight is not None and not self._flight.done():
            await asyncio.shield(self._flight)

    async def _fetch(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            trust = await loop.run_in_executor(None, self._load, self.settings)
        except FetchError as error:
            self._failures += 1
            self._report_failure(error)
        else:
            self._failures = 0
            self._adopt(trust)
        finally:
            self._schedule(loop)

    def _schedule(self, loop: asyncio.AbstractEventLoop) -> None:
        """Set the alarm for the next fetch. It holds no reference: a set that nobody uses any more just ends."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_later(self._delay(), _alarm, weakref.ref(self))

    def _delay(self) -> float:
        if not self._failures:
            return self.settings.refresh
        return min(FIRST_RETRY * (1 << min(self._failures - 1, 10)), LAST_RETRY, self.settings.refresh)

    def _adopt(self, trust: Trust) -> None:
        before, self.trust = self.trust, trust
        if before and (before.issuer != trust.issuer or before.keys.material - trust.keys.material):
            log.info("issuer %s withdrew a key; tokens verified with it are forgotten", self.name)
            for forget in self.on_loss:
                forget()
        if trust.keys.refused != self._reported:
            self._reported = trust.keys.refused
            for reason in trust.keys.refused:
                log.warning("issuer %s: a key is left out: %s", self.name, reason)
        if not trust.keys.material:
            log.error("issuer %s publishes no usable key; its tokens are answered with 503", self.name)

    def _report_failure(self, error: FetchError) -> None:
        consequence = "the keys fetched earlier stay in use" if self.trust else "its tokens are answered with 503"
        log.warning(
            "issuer %s: keys not fetched: %s; %s; next try in %g s; if this lasts, check issuers.%s in gateway.yaml",
            self.name,
            error,
            consequence,
            self._delay(),
            self.name,
        )


def _alarm(reference: "weakref.ref[KeySet]") -> None:
    keys = reference()
    if keys is not None:
        keys._take_off()

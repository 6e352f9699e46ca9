"""Where the rate limits of a worker are counted: in the memory of this machine, or in Redis."""

import asyncio
import random
from collections.abc import Callable
from typing import NamedTuple

from gateway.config import Store
from gateway.config.redis_url import Target, target_of
from gateway.config.secret import reveal
from gateway.limits.policy import Counters
from gateway.limits.shared import SharedCounters
from gateway.observe.metrics import Metrics


class Counting(NamedTuple):
    """The counters of a worker, and how to give up what they hold when it ends."""

    counters: Counters
    close: Callable[[], None]


def target(store: Store) -> Target | None:
    """The server of the settings, whose checks have looked at it. Raises SecretMissing and ValueError."""
    return target_of(reveal(store.url).decode()) if store.url else None


def counting(
    store: Store, server: Target | None, shared: SharedCounters, metrics: Metrics, loop: asyncio.AbstractEventLoop
) -> Counting:
    """Made once per worker, after fork. The connection is made at once, so that the first request finds it."""
    if server is None:
        return Counting(shared, lambda: None)
    # What only Redis needs is imported only for it.
    from gateway.limits.redis_link import RedisLink
    from gateway.limits.redis_store import RedisCounters

    link = RedisLink(loop, server, store.timeout)
    link.ask(b"PING")
    fallback = shared if store.on_failure == "local" else None
    counters = RedisCounters(link, server.name, fallback, metrics, loop.time, random.random)
    return Counting(counters, counters.close)

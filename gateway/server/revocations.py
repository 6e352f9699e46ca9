"""The list of revoked credentials that all machines share: a sorted set in Redis, read by each worker twice a second.

Its members are the lines of a list (`gateway.security.revocation`), its scores the times, in seconds since the epoch,
from which they are forgotten. What was read stays in force while Redis cannot be asked; before it was read once, nobody
whose credentials verify gets in.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from gateway.config.redis_url import Target
from gateway.security.revocation import INTERVAL, Denylist, Entries, entry_of

KEY = b"{gateway}:revoked"  # on the node of a cluster that has the counters, too
TIMEOUT = 5.0  # seconds for an answer; nobody waits for it
PATIENCE = 1.0  # seconds that a worker waits for its first list before it accepts connections

log = logging.getLogger(__name__)


def shared_revocations(
    server: Target | None, denylist: Denylist | None, loop: asyncio.AbstractEventLoop
) -> Callable[[], None]:
    """Begin to read the shared list, if there is one. Returns what ends that."""
    if server is None or denylist is None or not denylist.sharing:
        return lambda: None
    from gateway.limits.redis_link import RedisLink  # what only Redis needs is imported only for it

    link = RedisLink(loop, server, TIMEOUT)
    task = loop.create_task(_watch(link, server.name, denylist))

    def close() -> None:
        task.cancel()
        link.close()

    return close


async def known(denylist: Denylist | None) -> None:
    """Wait for the first list, but not for ever: a machine whose Redis is down answers 503, and can be seen to."""
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE):
            while denylist is not None and not denylist.known:
                await asyncio.sleep(0.01)


async def _watch(link: Any, name: str, denylist: Denylist) -> None:
    former, failing = None, ""
    while True:
        reply = await link.ask(b"ZRANGEBYSCORE", KEY, b"(%d" % time.time(), b"+inf", b"WITHSCORES")
        if not isinstance(reply, list):
            link.follow(str(reply))
            if str(reply) != failing:
                failing = str(reply)
                log.error("revocations in Redis %s: %s; what was read before stays in force", name, failing)
        else:
            if failing:
                failing = ""
                log.info("revocations in Redis %s can be read again", name)
            if reply != former:
                former, denylist.shared = reply, entries_of(reply, name)
        await asyncio.sleep(INTERVAL)


def entries_of(reply: list[bytes], name: str) -> Entries:
    """The entries of an answer: member, score, member, score. What cannot be understood is logged, the rest counts."""
    entries: dict[tuple[str, str], float] = {}
    for member, score in zip(reply[::2], reply[1::2], strict=True):
        try:
            entries[entry_of(member.decode())] = float(score)
        except ValueError:
            log.error("revocations in Redis %s: a member of %s is not understood", name, KEY.decode())
    return entries

"""Which counters a worker gets."""

import asyncio
import time

import pytest

from gateway.config import Store
from gateway.config.secret import SecretMissing
from gateway.limits.policy import DAY, Charge, Policy
from gateway.limits.shared import SharedCounters
from gateway.observe.metrics import OperationLabels, Segment
from gateway.server.store import counting, target
from gateway.tests.redis_server import RedisServer, needs_redis

CHARGES = [Charge(Policy("a", "s", "api", "fixed", 10, DAY), b"k", 1)]


def shared() -> SharedCounters:
    """Those of this machine."""
    return SharedCounters(64, lambda: time.time_ns() // 1000, b"secret")


def test_without_a_server_this_machine_counts() -> None:
    """Nothing of Redis is needed."""

    async def run() -> None:
        here = shared()
        metrics = Segment.create([OperationLabels("a", "", "GET", "/")], 1).worker(0)
        counters, close = counting(Store(), target(Store()), here, metrics, asyncio.get_running_loop())
        assert counters is here
        close()

    asyncio.run(run())


@needs_redis
@pytest.mark.parametrize("start", [True, False])
def test_the_server_of_the_settings_counts(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, start: bool
) -> None:
    """When it is there; else this machine, and the failure is counted."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    monkeypatch.setenv("REDIS_URL", server.url)
    store = Store("env:REDIS_URL", timeout=20.0)

    async def run() -> None:
        segment = Segment.create([OperationLabels("a", "", "GET", "/")], 1)
        here = shared()
        counters, close = counting(store, target(store), here, segment.worker(0), asyncio.get_running_loop())
        assert (await counters.take(CHARGES))[0].remaining == 9
        close()
        left = 10 if start else 9
        assert (await here.take([CHARGES[0]._replace(cost=0)]))[0].remaining == left
        assert segment.totals()["gateway_store_failures_total", ""] == (0 if start else 1)

    try:
        if start:
            server.start()
        asyncio.run(run())
    finally:
        server.kill()


def test_a_secret_that_is_gone() -> None:
    """Between the check and the start: the start fails, with the place."""
    with pytest.raises(SecretMissing, match="NOWHERE"):
        target(Store("env:NOWHERE"))

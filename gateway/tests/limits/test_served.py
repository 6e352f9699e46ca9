"""Limits of a running gateway with several workers: exact at many times the rate, through kills and reloads."""

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from gateway.tests.harness import DOCUMENT, GET, Origin, read_message, status_of
from gateway.tests.processes import Process

RATE, BURST = 100, 200
SECONDS = 4.0
CONNECTIONS = 16
BATCH = 8  # requests that a connection has under way
ASK = GET.replace(b"api.example", b"a")
LIMITED = DOCUMENT.replace(
    "      operationId: getThing\n",
    "      operationId: getThing\n"
    f"      x-gateway: {{rate-limit: {{requests: {RATE}, burst: {BURST}, by: operation}}}}\n",
)


@asynccontextmanager
async def served(folder: Path, document: str, workers: int) -> AsyncIterator[tuple[Any, Origin]]:
    """A gateway with so many workers in front of a backend that keeps what it is asked."""
    origin = Origin()
    backend = await asyncio.start_server(origin, "127.0.0.1", 0)
    origin.port = backend.sockets[0].getsockname()[1]
    gateway = await asyncio.to_thread(
        lambda: Process(folder, origin, "--workers", str(workers), document=document)  # type: ignore[arg-type]
    )
    try:
        yield gateway, origin
    finally:
        await asyncio.to_thread(gateway.stop)
        backend.close()


async def flood(port: int, until: float, seen: Counter[int]) -> None:
    """Ask without a pause, on a new connection when one breaks."""
    while time.monotonic() < until:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                while time.monotonic() < until:
                    writer.write(ASK * BATCH)
                    for _ in range(BATCH):
                        seen[status_of(await read_message(reader))] += 1
            finally:
                writer.close()


def port_of(gateway: Any) -> int:
    """Of the public listener."""
    return int(gateway.url.rpartition(":")[2])


def workers_of(gateway: Any) -> list[int]:
    """Process ids."""
    pid = gateway.process.pid
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


async def measured(gateway: Any, origin: Origin) -> tuple[float, Counter[int]]:
    """What came of a flood: how long it took in seconds, and the statuses."""
    seen: Counter[int] = Counter()
    begun = time.monotonic()
    until = begun + SECONDS
    async with asyncio.timeout(SECONDS + 30):
        await asyncio.gather(*(flood(port_of(gateway), until, seen) for _ in range(CONNECTIONS)))
    return time.monotonic() - begun, seen


@pytest.mark.parametrize("workers", [2, 4])
def test_exact_over_workers(tmp_path: Path, workers: int) -> None:
    """At ten times the rate and more as many reach the backend as the limit says, within one per cent: the burst, and
    the rate while it took."""

    async def story() -> None:
        async with served(tmp_path, LIMITED, workers) as (gateway, origin):
            took, seen = await measured(gateway, origin)
            allowed = len(origin.requests)
            assert set(seen) == {200, 429}
            assert seen[200] == allowed
            assert seen.total() > 10 * allowed, "the flood was too small to show anything"
            assert 0.99 * (BURST + RATE * SECONDS) <= allowed <= 1.01 * (BURST + RATE * took)

    asyncio.run(story())


def test_exact_when_workers_are_killed(tmp_path: Path) -> None:
    """Workers that die in the middle take nothing with them but what they were about to pass on."""

    async def story() -> None:
        async with served(tmp_path, LIMITED, 4) as (gateway, origin):
            flooding = asyncio.create_task(measured(gateway, origin))
            for _ in range(3):
                await asyncio.sleep(SECONDS / 4)
                os.kill(workers_of(gateway)[0], signal.SIGKILL)
            took, seen = await flooding
            allowed = len(origin.requests)
            lost = 3 * CONNECTIONS * BATCH  # charged and not yet passed on
            assert seen[429] > 2 * allowed
            assert 0.99 * (BURST + RATE * SECONDS) - lost <= allowed <= 1.01 * (BURST + RATE * took)

    asyncio.run(story())


def test_a_reload_gives_nothing_back(tmp_path: Path) -> None:
    """What was used up before is used up in the new workers; a limit of another time begins anew."""
    daily = LIMITED.replace(f"requests: {RATE}, burst: {BURST}, by", "requests: 3, per: day, by")

    async def ask(gateway: Any, number: int) -> list[int]:
        reader, writer = await asyncio.open_connection("127.0.0.1", port_of(gateway))
        writer.write(ASK * number)
        async with asyncio.timeout(20):
            answers = [status_of(await read_message(reader)) for _ in range(number)]
        writer.close()
        return answers

    async def reload(gateway: Any) -> None:
        before = workers_of(gateway)
        gateway.process.send_signal(signal.SIGHUP)
        async with asyncio.timeout(20):
            while set(before) & set(workers_of(gateway)) or len(workers_of(gateway)) < 2:
                await asyncio.sleep(0.05)

    async def story() -> None:
        async with served(tmp_path, daily, 2) as (gateway, _):
            assert await ask(gateway, 2) == [200, 200]
            await reload(gateway)
            assert await ask(gateway, 2) == [200, 429]
            gateway.document.write_text(daily.replace("per: day", "per: 12h"))
            await reload(gateway)
            assert await ask(gateway, 1) == [200]

    asyncio.run(story())

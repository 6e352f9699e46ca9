"""Two gateways with two workers each count in one Redis, as two machines would: exact, and never hung."""

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from gateway.tests.harness import DOCUMENT, GET, read_message, status_of
from gateway.tests.processes import Backend, Process
from gateway.tests.redis_server import RedisServer, needs_redis

pytestmark = needs_redis

RATE, BURST = 100, 40
PATIENCE = 20.0
LIMITED = DOCUMENT.replace(
    "paths:", f"x-gateway: {{rate-limit: {{requests: {RATE}, per: 1s, burst: {BURST}, by: api}}}}\npaths:", 1
)


class Load:
    """Clients that ask as fast as they are answered, until they are told to stop."""

    def __init__(self, gateways: list[Process], clients: int) -> None:
        self.statuses: Counter[int] = Counter()
        self.longest = 0.0
        self.sent: list[float] = []  # when each request went out
        self.came: list[float] = []  # when each answer came
        self._places = [urlsplit(gateway.url) for gateway in gateways]
        self._clients = clients
        self._stop = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()))

    async def _run(self) -> None:
        await asyncio.gather(*(self._client(number) for number in range(self._clients)))

    async def _client(self, number: int) -> None:
        place = self._places[number % len(self._places)]
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        while not self._stop.is_set():
            started = time.monotonic()
            writer.write(GET)
            async with asyncio.timeout(PATIENCE):
                answer = await read_message(reader)
            ended = time.monotonic()
            self.sent.append(started)
            self.came.append(ended)
            self.longest = max(self.longest, ended - started)
            self.statuses[status_of(answer)] += 1
        writer.close()

    def start(self) -> "Load":
        """In a thread."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Until all have their last answer."""
        self._stop.set()
        self._thread.join()

    def answered(self, more: int) -> None:
        """Until so many further answers have come."""
        goal, deadline = len(self.came) + more, time.monotonic() + PATIENCE
        while len(self.came) < goal:
            assert time.monotonic() < deadline and self._thread.is_alive()
            time.sleep(0.02)


@pytest.fixture
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """One that the test may kill."""
    server = RedisServer(tmp_path_factory.mktemp("redis")).start()
    yield server
    server.kill()


@pytest.fixture
def machines(tmp_path_factory: pytest.TempPathFactory, backend: Backend, redis: RedisServer) -> Iterator[list[Process]]:
    """Two gateways with two workers each."""
    started = []
    for _ in range(2):
        folder: Path = tmp_path_factory.mktemp("machine")
        (folder / "redis").write_text(redis.url)
        store = f"workers: 2\nstore: {{url: 'file:{folder}/redis', timeout: 500ms}}"
        started.append(Process(folder, backend, document=LIMITED, more=store))
    yield started
    for process in started:
        process.process.kill()
        process.process.wait()


def test_exact_over_machines(machines: list[Process]) -> None:
    """At many times the rate, what passes is the burst and the rate times the time, within a hundredth."""
    load = Load(machines, 16).start()
    time.sleep(4)
    load.stop()
    assert set(load.statuses) == {200, 429}
    assert sum(load.statuses.values()) > 5 * load.statuses[200]
    most = BURST + RATE * (max(load.came) - min(load.sent))
    least = BURST + RATE * (max(load.sent) - min(load.came))
    print(f"{load.statuses[200]} of {sum(load.statuses.values())} passed, {least:.0f} to {most:.0f} expected")
    assert least * 0.99 - 1 <= load.statuses[200] <= most * 1.01 + 1
    assert sum(machine.metric("gateway_store_failures_total") for machine in machines) == 0


def test_killed_under_load(machines: list[Process], redis: RedisServer) -> None:
    """Everybody is answered all the time: by the shared count, then by that of each machine, then by the shared one."""
    load = Load(machines, 8).start()
    try:
        load.answered(500)
        redis.kill()
        load.answered(2000)
        for machine in machines:
            machine.wait_for("this machine counts alone")
        assert sum(machine.metric("gateway_store_down") for machine in machines) > 0
        redis.start()
        deadline = time.monotonic() + PATIENCE
        while any(machine.metric("gateway_store_down") for machine in machines):
            assert time.monotonic() < deadline
            load.answered(50)
        redis.ask(b"FLUSHALL")
        redis.ask(b"SCRIPT", b"FLUSH")
        load.answered(500)
    finally:
        load.stop()
    assert set(load.statuses) == {200, 429}
    assert load.longest < 0.5 + PATIENCE / 4
    assert all(machine.metric("gateway_store_failures_total") for machine in machines)


def test_silent_under_load(machines: list[Process], redis: RedisServer) -> None:
    """A server that hangs costs a few requests the timeout, and nobody more than that."""
    load = Load(machines, 8).start()
    try:
        load.answered(500)
        redis.pause(True)
        load.answered(2000)
        redis.pause(False)
        load.answered(500)
    finally:
        load.stop()
    assert set(load.statuses) == {200, 429}
    assert load.longest < 0.5 + PATIENCE / 4

"""Counters in a real server: exact for many, and never a reason to wait when it is killed, silent or refuses."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence

import pytest

from gateway.config.redis_url import Target, target_of
from gateway.limits.policy import DAY, SECOND, Charge, CountersUnavailable, Policy, Reading, passed
from gateway.limits.redis_link import RedisLink
from gateway.limits.redis_store import RedisCounters
from gateway.tests.redis_server import RedisServer, needs_redis

PATIENCE = 20.0
LIMIT = Policy("a", "s", "api", "fixed", 100, DAY)
OTHER = Policy("b", "s", "api", "fixed", 3, DAY)
HERE = [Reading(True, 7, 0, 0)]


class Local:
    """Counters of this machine: they let everything through."""

    def __init__(self) -> None:
        self.taken = 0

    async def take(self, charges: Sequence[Charge]) -> Sequence[Reading]:
        """And count."""
        self.taken += 1
        return HERE


class Meter:
    """Metrics."""

    def __init__(self) -> None:
        self.failures = 0
        self.down = False

    def store_failed(self) -> None:
        """One more."""
        self.failures += 1

    def store_down(self, down: bool) -> None:
        """As of now."""
        self.down = down


class Machine:
    """One gateway's counters, with what they need."""

    def __init__(self, target: Target, timeout: float = PATIENCE, closed: bool = False) -> None:
        loop = asyncio.get_running_loop()
        self.link = RedisLink(loop, target, timeout)
        self.local = Local()
        self.meter = Meter()
        fallback = None if closed else self.local
        self.counters = RedisCounters(self.link, target.name, fallback, self.meter, loop.time, lambda: 1.0)

    async def take(self, limit: Policy = LIMIT, key: bytes = b"k", cost: int = 1) -> Sequence[Reading]:
        """One charge."""
        return await self.counters.take([Charge(limit, key, cost)])

    async def recovered(self) -> None:
        """Until the server is asked again."""
        async with asyncio.timeout(PATIENCE):
            while self.meter.down:
                await self.take()
                await asyncio.sleep(0.02)


def tell(story: Callable[[Callable[..., Machine]], Awaitable[None]]) -> None:
    """A story with machines, whose links are closed at its end."""

    async def run() -> None:
        machines: list[Machine] = []

        def machine(target: Target | str, **options: object) -> Machine:
            where = target_of(target) if isinstance(target, str) else target
            machines.append(Machine(where, **options))  # type: ignore[arg-type]
            return machines[-1]

        try:
            await story(machine)
        finally:
            for each in machines:
                each.counters.close()

    asyncio.run(run())


@needs_redis
def test_machines_count_together(shared_redis: RedisServer) -> None:
    """A hundred of three hundred, whoever asks; and each knows what is left."""
    shared_redis.ask(b"FLUSHALL")

    async def story(machine: Callable[..., Machine]) -> None:
        machines = [machine(shared_redis.url) for _ in range(3)]
        answers = await asyncio.gather(*(each.take() for each in machines for _ in range(100)))
        assert sum(map(passed, answers)) == 100
        assert sorted(answer[0].remaining for answer in answers if passed(answer)) == list(range(100))
        assert not any(each.local.taken or each.meter.failures for each in machines)

    tell(story)


@needs_redis
def test_all_or_none(shared_redis: RedisServer) -> None:
    """What one limit refuses is not charged to the other."""
    shared_redis.ask(b"FLUSHALL")

    async def story(machine: Callable[..., Machine]) -> None:
        one = machine(shared_redis.url)
        charges = [Charge(LIMIT, b"x", 10), Charge(OTHER, b"x", 2)]
        assert passed(await one.counters.take(charges))
        first, second = await one.counters.take(charges)
        assert (first.passed, first.remaining, first.wait) == (True, 90, 0)
        assert (second.passed, second.remaining) == (False, 1)
        assert (await one.take(LIMIT, b"x", 0))[0].remaining == 90

    tell(story)


@needs_redis
def test_a_delay_is_told(shared_redis: RedisServer) -> None:
    """A leaky bucket says how long each of several has to wait."""
    shared_redis.ask(b"FLUSHALL")
    leaky = Policy("l", "s", "api", "leaky", 1, 60 * SECOND, burst=1, delay=2)

    async def story(machine: Callable[..., Machine]) -> None:
        one = machine(shared_redis.url)
        readings = [(await one.take(leaky))[0] for _ in range(4)]
        assert [reading.passed for reading in readings] == [True, True, True, False]
        assert [round(reading.wait / SECOND / 60) for reading in readings[:3]] == [0, 1, 2]

    tell(story)


@needs_redis
@pytest.mark.parametrize("command", [(b"SCRIPT", b"FLUSH"), (b"FLUSHALL",)])
def test_a_server_that_forgets_is_told_again(shared_redis: RedisServer, command: tuple[bytes, ...]) -> None:
    """Scripts flushed, or everything, while many ask: nobody sees a failure."""

    async def story(machine: Callable[..., Machine]) -> None:
        one = machine(shared_redis.url)
        for _ in range(10):
            answers = asyncio.gather(*(one.take(LIMIT, b"%d" % number) for number in range(50)))
            shared_redis.ask(*command)
            await answers
        assert (one.local.taken, one.meter.failures) == (0, 0)

    tell(story)


@needs_redis
def test_killed_and_started_again(redis: RedisServer, caplog: pytest.LogCaptureFixture) -> None:
    """Nobody waits longer than the timeout, this machine counts alone meanwhile, and it comes back by itself."""
    caplog.set_level(logging.INFO, "gateway")

    async def story(machine: Callable[..., Machine]) -> None:
        one = machine(redis.url, timeout=2.0)
        assert (await one.take())[0].remaining == 99
        redis.kill()
        longest = 0.0
        while not one.meter.down:
            started = time.monotonic()
            assert await one.take() == HERE
            longest = max(longest, time.monotonic() - started)
        for _ in range(100):
            assert await one.take() == HERE
        assert longest < 2.0 + PATIENCE / 4
        assert one.meter.failures >= 5
        redis.start()
        await one.recovered()
        assert (await one.take(LIMIT, b"new"))[0].remaining == 99

    tell(story)
    lines = [record.getMessage() for record in caplog.records]
    assert [("fails" in line, "answers again" in line) for line in lines] == [(True, False), (False, True)]
    assert "this machine counts alone" in lines[0] and str(redis.port) in lines[0]


@needs_redis
def test_closed_lets_nothing_through(redis: RedisServer) -> None:
    """Where that is what the settings say."""

    async def story(machine: Callable[..., Machine]) -> None:
        one = machine(redis.url, closed=True)
        assert passed(await one.take())
        redis.kill()
        for _ in range(20):
            with pytest.raises(CountersUnavailable, match="does not answer"):
                await one.take()
        assert one.meter.down

    tell(story)


@needs_redis
def test_a_server_that_is_silent_costs_each_worker_a_few_timeouts(redis: RedisServer) -> None:
    """Its connections stay open and nobody answers: after a few, requests do not wait at all, but for one that looks
    from time to time."""

    async def story(machine: Callable[..., Machine]) -> None:
        one = machine(redis.url, timeout=0.3)
        assert passed(await one.take())
        redis.pause(True)
        try:
            answers = await asyncio.gather(*(one.take() for _ in range(100)))
            assert answers == [HERE] * 100
            assert one.meter.down
            before = one.meter.failures
            started = time.monotonic()
            for _ in range(1000):
                await one.take()
            assert time.monotonic() - started < PATIENCE / 4
            assert one.meter.failures - before <= 4
        finally:
            redis.pause(False)
        await one.recovered()
        assert (await one.take(LIMIT, b"new"))[0].remaining == 99

    tell(story)


@needs_redis
def test_a_probe_whose_client_leaves_is_made_by_another(redis: RedisServer) -> None:
    """Otherwise the server would never be asked again."""

    async def story(machine: Callable[..., Machine]) -> None:
        one = machine(redis.url, timeout=0.5)
        redis.pause(True)
        while not one.meter.down:
            await asyncio.gather(*(one.take() for _ in range(5)))
        probe = asyncio.create_task(one.take())
        await asyncio.sleep(0.4)
        if probe.done():
            probe = asyncio.create_task(one.take())
            await asyncio.sleep(0)
        probe.cancel()
        await asyncio.gather(probe, return_exceptions=True)
        redis.pause(False)
        await one.recovered()

    tell(story)


@needs_redis
@pytest.mark.parametrize(
    ("options", "url", "why"),
    [
        (("--requirepass", "right"), "redis://:wr0ng@127.0.0.1:{port}", "WRONGPASS"),
        (("--requirepass", "right"), "redis://127.0.0.1:{port}", "NOAUTH"),
        (("--maxmemory", "1"), "redis://127.0.0.1:{port}", "OOM"),
        (("--replicaof", "127.0.0.1", "1"), "redis://127.0.0.1:{port}", "READONLY"),
        (("--user", "default", "on", "nopass", "~*", "+ping"), "redis://127.0.0.1:{port}", "NOPERM"),
    ],
)
def test_a_server_that_refuses_has_failed(
    tmp_path_factory: pytest.TempPathFactory,
    caplog: pytest.LogCaptureFixture,
    options: tuple[str, ...],
    url: str,
    why: str,
) -> None:
    """Whatever its reason, the log says it once, without the secret."""
    server = RedisServer(tmp_path_factory.mktemp("redis"), *options).start()

    async def story(machine: Callable[..., Machine]) -> None:
        one = machine(url.format(port=server.port))
        for _ in range(10):
            assert await one.take() == HERE

    try:
        tell(story)
    finally:
        server.kill()
    (record,) = caplog.records
    assert why in record.getMessage()
    assert "wr0ng" not in caplog.text


@needs_redis
def test_a_cluster_says_who_has_the_keys(tmp_path_factory: pytest.TempPathFactory) -> None:
    """One of two nodes has the slot of all our keys; the other one sends us there."""
    nodes = [
        RedisServer(tmp_path_factory.mktemp("redis"), "--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf")
        for _ in range(2)
    ]
    try:
        ours = nodes[0].start().ask(b"CLUSTER", b"KEYSLOT", b"{gateway}")
        other = nodes[1].start()
        assert isinstance(ours, int)
        nodes[0].ask(b"CLUSTER", b"ADDSLOTS", b"%d" % ours)
        rest = [b"%d" % slot for slot in range(16384) if slot != ours]
        other.ask(b"CLUSTER", b"ADDSLOTS", *rest)
        other.ask(b"CLUSTER", b"MEET", b"127.0.0.1", b"%d" % nodes[0].port)
        deadline = time.monotonic() + PATIENCE
        while any(b"cluster_state:ok" not in node.ask(b"CLUSTER", b"INFO") for node in nodes):  # type: ignore[operator]
            assert time.monotonic() < deadline
            time.sleep(0.05)

        async def story(machine: Callable[..., Machine]) -> None:
            one = machine(other.url.removesuffix("/0"))
            await one.take()
            assert one.meter.failures == 1
            charges = [Charge(LIMIT, b"first", 1), Charge(OTHER, b"second", 1)]
            assert [reading.remaining for reading in await one.counters.take(charges)] == [99, 2]
            assert one.meter.failures == 1

        tell(story)
    finally:
        for node in nodes:
            node.kill()


def lying(replies: Sequence[bytes], story: Callable[[Machine], Awaitable[None]], pause: float = 0.0) -> None:
    """A story with a machine and a server that says these to its questions in this order, each `pause` seconds late."""

    async def run() -> None:
        left = list(replies)

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while line := await reader.readline():
                if line.strip() in (b"EVALSHA", b"EVAL"):
                    await asyncio.sleep(pause)
                    writer.write(left.pop(0) if len(left) > 1 else left[0])
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        one = Machine(target_of(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}"), 2.0 if pause else PATIENCE)
        try:
            await story(one)
        finally:
            one.counters.close()
            server.close()

    asyncio.run(run())


LIES = [
    *(b"+OK\r\n", b"$-1\r\n", b"*-1\r\n", b"*0\r\n", b":1\r\n", b"*1\r\n:1\r\n", b"*8\r\n" + b":1\r\n" * 8),
    *(b"*4\r\n:1\r\n:1\r\n$1\r\n0\r\n:1\r\n", b"*4\r\n*0\r\n*0\r\n*0\r\n*0\r\n", b"*4\r\n:1\r\n-ERR a\r\n:1\r\n:1\r\n"),
    *(b"-MOVED \r\n", b"-MOVED 1 a\r\n", b"-MOVED 1 a:b\r\n", b"-MOVED 1 :999999\r\n", b"-ASK 1 127.0.0.1:1\r\n"),
]


@pytest.mark.parametrize("lie", LIES)
def test_an_answer_that_cannot_be_is_none(lie: bytes) -> None:
    """It is a failure like silence: this machine counts, and looks for the truth from time to time."""

    async def story(one: Machine) -> None:
        for failures in range(1, 6):
            assert await one.take() == HERE
            assert one.meter.failures == failures
        assert one.meter.down
        await one.recovered()
        assert await one.take() == [Reading(True, 5, 0, 9)]

    lying([*[lie] * 6, b"*4\r\n:1\r\n:5\r\n:0\r\n:9\r\n"], story)


def test_sending_the_script_takes_no_more_time_than_a_question() -> None:
    """Who was told NOSCRIPT late does not wait the whole time again."""

    async def story(one: Machine) -> None:
        assert await one.take() == HERE

    lying([b"-NOSCRIPT No matching script.\r\n", b"*4\r\n:1\r\n:5\r\n:0\r\n:9\r\n"], story, pause=1.5)


def test_a_lost_connection_is_one_failure_however_many_waited() -> None:
    """A server that drops its clients once, as at a failover, is asked again at once."""

    async def run() -> None:
        connections = 0

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal connections
            connections += 1
            while line := await reader.readline():
                if line.strip() == b"EVALSHA":
                    if connections == 1:
                        break
                    writer.write(b"*4\r\n:1\r\n:5\r\n:0\r\n:9\r\n")
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        one = Machine(target_of(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}"))
        try:
            assert await asyncio.gather(*(one.take() for _ in range(50))) == [HERE] * 50
            assert (one.meter.failures, one.meter.down) == (50, False)
            assert await one.take() == [Reading(True, 5, 0, 9)]
        finally:
            one.counters.close()
            server.close()

    asyncio.run(run())

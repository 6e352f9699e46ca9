"""Connections to one backend, over real sockets."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from math import inf

import pytest

from gateway.server.drive import Drive
from gateway.tests.harness import OK, Origin
from gateway.upstream.backend import Backend
from gateway.upstream.lost import BackendLost
from gateway.upstream.pool import Pool, PoolLimits
from gateway.upstream.transport import BackendConnection

REQUEST = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


def ignore(*_: object) -> None:
    """A sweep, or a client, that does not care."""


def pooled(
    story: Callable[[Pool, Origin, set[BackendConnection]], Awaitable[None]],
    connections: int = 2,
    port: int | None = None,
) -> None:
    """Run a story about a pool, its backend and the connections that are being watched."""

    async def run() -> None:
        loop = asyncio.get_running_loop()
        origin = Origin().replies(OK)
        server = await asyncio.start_server(origin, "127.0.0.1", 0)
        found = server.sockets[0].getsockname()[1] if port is None else port
        backend = Backend(0, "http", "127.0.0.1", found, b"a", "http://a")
        watched: set[BackendConnection] = set()
        pool = Pool(backend, PoolLimits(connections, 30.0, 4096, 50), loop, watched.add, watched.discard)
        async with asyncio.timeout(5):
            await story(pool, origin, watched)
        pool.close()
        server.close()

    asyncio.run(run())


async def exchange(connection: BackendConnection) -> None:
    """One request and its whole answer."""
    body = connection.start(REQUEST, False, 5.0, 5.0, ignore)
    assert (await connection.head()).status == 200
    assert await body.whole(100) == b'{"id":1}'


async def turns() -> None:
    """Let callbacks run."""
    for _ in range(20):
        await asyncio.sleep(0.001)


def test_a_released_connection_is_the_next_one_used() -> None:
    """Last in, first out; while it rests it has the idle deadline."""

    async def story(pool: Pool, origin: Origin, watched: set[BackendConnection]) -> None:
        assert pool.idle() is None
        first, second = await pool.connect(1.0), await pool.connect(1.0)
        for connection in (first, second):
            await exchange(connection)
            assert connection.deadline == inf
            pool.release(connection)
            assert connection.deadline < inf
        assert watched == {first, second}
        assert pool.idle() is second
        assert pool.idle() is first
        assert pool.idle() is None
        assert origin.connections == 2

    pooled(story)


def test_a_connection_with_an_unfinished_exchange_is_ended() -> None:
    """What is still on its way belongs to nobody else."""

    async def story(pool: Pool, origin: Origin, watched: set[BackendConnection]) -> None:
        connection = await pool.connect(1.0)
        connection.start(REQUEST, False, 5.0, 5.0, ignore)
        pool.release(connection)
        await turns()
        assert pool.idle() is None
        assert watched == set()

    pooled(story)


def test_a_connection_that_the_backend_closes_is_forgotten() -> None:
    """It is never handed out."""

    async def story(pool: Pool, origin: Origin, watched: set[BackendConnection]) -> None:
        connection = await pool.connect(1.0)
        await exchange(connection)
        pool.release(connection)
        connection.abort()
        await turns()
        assert pool.idle() is None
        assert watched == set()

    pooled(story)


def test_at_the_limit_a_request_waits_for_a_connection() -> None:
    """And gets the one that comes free, used before."""

    async def story(pool: Pool, origin: Origin, watched: set[BackendConnection]) -> None:
        connection = await pool.connect(1.0)
        waiting = asyncio.create_task(pool.connect(5.0))
        await turns()
        assert not waiting.done()
        await exchange(connection)
        pool.release(connection)
        assert await waiting is connection
        assert origin.connections == 1

    pooled(story, connections=1)


def test_at_the_limit_a_closed_connection_makes_room_for_a_fresh_one() -> None:
    """For the one that has waited longest."""

    async def story(pool: Pool, origin: Origin, watched: set[BackendConnection]) -> None:
        connection = await pool.connect(1.0)
        waiting = asyncio.create_task(pool.connect(5.0))
        await turns()
        connection.abort()
        assert await waiting is not connection

    pooled(story, connections=1)


def test_waiting_ends_with_the_time_to_connect() -> None:
    """The place in the queue is given up."""

    async def story(pool: Pool, origin: Origin, watched: set[BackendConnection]) -> None:
        connection = await pool.connect(1.0)
        with pytest.raises(BackendLost) as caught:
            await pool.connect(0.05)
        assert (caught.value.kind, caught.value.silent) == ("timeout", True)
        await exchange(connection)
        pool.release(connection)
        assert pool.idle() is connection

    pooled(story, connections=1)


def test_a_cancelled_wait_passes_its_turn_on() -> None:
    """A client that leaves does not take the connection of the next one with it."""

    async def story(pool: Pool, origin: Origin, watched: set[BackendConnection]) -> None:
        connection = await pool.connect(1.0)
        first, second = asyncio.create_task(pool.connect(5.0)), asyncio.create_task(pool.connect(5.0))
        await turns()
        await exchange(connection)
        pool.release(connection)
        first.cancel()
        assert await second is connection

    pooled(story, connections=1)


@pytest.mark.parametrize("delay", range(6))
def test_a_request_that_is_given_up_leaves_no_connection_behind(delay: int) -> None:
    """Whenever the client leaves: nobody else would take the connection, and the limit would be used up by ghosts."""

    async def story(pool: Pool, origin: Origin, watched: set[BackendConnection]) -> None:
        async def ask(number: int) -> None:
            with contextlib.suppress(ConnectionError):
                pool.release(await pool.connect(5.0))
            ended.add(number)

        busy = await pool.connect(1.0)
        ended: set[int] = set()
        drives = [Drive(asyncio.get_running_loop(), ask(number), lambda: None) for number in range(3)]
        for drive in drives:
            drive.step()
        await exchange(busy)
        pool.release(busy)
        for _ in range(delay):
            await asyncio.sleep(0)
        for number, drive in enumerate(drives):
            if number not in ended:
                drive.throw(ConnectionError())
        await turns()
        assert ended == {0, 1, 2}
        connection = pool.idle() or await pool.connect(1.0)
        await exchange(connection)
        pool.release(connection)
        assert watched == {connection}

    pooled(story, connections=1)


def test_a_connection_that_is_closing_is_not_handed_out() -> None:
    """Although its end has not been noticed yet."""

    async def story(pool: Pool, origin: Origin, watched: set[BackendConnection]) -> None:
        connection = await pool.connect(1.0)
        await exchange(connection)
        pool.release(connection)
        connection.abort()
        assert pool.idle() is None

    pooled(story)


def test_a_backend_that_is_not_there_is_lost_before_a_byte() -> None:
    """The attempt does not count against the limit."""

    async def story(pool: Pool, origin: Origin, watched: set[BackendConnection]) -> None:
        for _ in range(3):
            with pytest.raises(BackendLost) as caught:
                await pool.connect(1.0)
            assert (caught.value.kind, caught.value.silent) == ("connect", True)
            assert caught.value.reason.startswith("no connection")

    pooled(story, connections=1, port=1)


def test_a_closed_pool_keeps_nothing() -> None:
    """Idle connections end at once, those in use after their exchange."""

    async def story(pool: Pool, origin: Origin, watched: set[BackendConnection]) -> None:
        resting, busy = await pool.connect(1.0), await pool.connect(1.0)
        await exchange(resting)
        pool.release(resting)
        pool.close()
        await exchange(busy)
        pool.release(busy)
        await turns()
        assert watched == set()

    pooled(story)

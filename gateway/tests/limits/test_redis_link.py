"""One connection for many questions: order, deadlines, and what becomes of those who wait when it is lost."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from gateway.config.redis_url import Target, target_of
from gateway.limits.redis_link import RedisLink, StoreFailed
from gateway.tests.redis_server import RedisServer, needs_redis

PATIENCE = 20.0
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def talk(target: Target, story: Callable[[RedisLink], Awaitable[None]], timeout: float = PATIENCE) -> None:
    """Tell a story with a link."""

    async def run() -> None:
        link = RedisLink(asyncio.get_running_loop(), target, timeout)
        try:
            await story(link)
        finally:
            link.close()

    asyncio.run(run())


def against(serve: Serve, story: Callable[[RedisLink], Awaitable[None]], timeout: float = PATIENCE) -> None:
    """The same with a server of the test's own."""

    async def run() -> None:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        link = RedisLink(asyncio.get_running_loop(), target_of(f"redis://127.0.0.1:{port}"), timeout)
        try:
            await story(link)
        finally:
            link.close()
            server.close()

    asyncio.run(run())


def reason(reply: Any) -> str:
    """Why there was no answer."""
    assert isinstance(reply, StoreFailed), reply
    return str(reply)


@needs_redis
def test_answers_belong_to_questions(shared_redis: RedisServer) -> None:
    """In order, also when they are asked together, and errors among them."""

    async def story(link: RedisLink) -> None:
        replies = await asyncio.gather(*(link.ask(b"ECHO", b"%d" % number) for number in range(100)))
        assert replies == [b"%d" % number for number in range(100)]
        good, bad, other = link.ask(b"ECHO", b"a"), link.ask(b"NONSENSE"), link.ask(b"ECHO", b"b" * 100_000)
        assert await good == b"a"
        assert "unknown command" in reason(await bad)
        assert await other == b"b" * 100_000
        assert await link.ask(b"GET", b"nothing") is None

    talk(target_of(shared_redis.url), story)


@needs_redis
def test_one_connection_and_few_writes(shared_redis: RedisServer) -> None:
    """Whatever is asked in one turn of the loop shares both."""

    async def story(link: RedisLink) -> None:
        assert await link.ask(b"CONFIG", b"RESETSTAT") == b"OK"
        await asyncio.gather(*(link.ask(b"ECHO", b"x") for _ in range(200)))
        stats: bytes = await link.ask(b"INFO", b"stats")
        numbers = dict(line.split(":") for line in stats.decode().split("\r\n") if ":" in line)
        assert int(numbers["total_connections_received"]) == 0
        assert int(numbers["total_reads_processed"]) < 20

    talk(target_of(shared_redis.url), story)


@needs_redis
def test_who_we_are_and_where(tmp_path_factory: pytest.TempPathFactory) -> None:
    """User, password and database; a wrong password is said to everybody who asks, and is not repeated."""
    acl = ("--user", "ann", "on", ">right", "~*", "+@all")
    server = RedisServer(tmp_path_factory.mktemp("redis"), *acl).start()
    try:

        async def story(link: RedisLink) -> None:
            assert await link.ask(b"ACL", b"WHOAMI") == b"ann"
            assert b"db=3" in await link.ask(b"CLIENT", b"INFO")

        talk(target_of(f"redis://ann:right@127.0.0.1:{server.port}/3"), story)

        async def refused(link: RedisLink) -> None:
            replies = await asyncio.gather(*(link.ask(b"ECHO", b"x") for _ in range(3)))
            assert all("WRONGPASS" in reason(reply) and "wr0ng" not in str(reply) for reply in replies)
            assert "WRONGPASS" in reason(await link.ask(b"ECHO", b"x"))

        talk(target_of(f"redis://ann:wr0ng@127.0.0.1:{server.port}"), refused)
    finally:
        server.kill()


def test_nobody_listens() -> None:
    """Told at once, each time."""

    async def story(link: RedisLink) -> None:
        for _ in range(3):
            replies = await asyncio.gather(link.ask(b"PING"), link.ask(b"PING"))
            assert all("no connection" in reason(reply) for reply in replies)

    talk(Target("127.0.0.1", 1, False, 0, "", ""), story)


def test_nobody_answers() -> None:
    """A server that accepts and is silent: everybody is told when the time is over, and not long after."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async def story(link: RedisLink) -> None:
        started = time.monotonic()
        replies = await asyncio.gather(*(link.ask(b"PING") for _ in range(50)))
        assert 0.19 < time.monotonic() - started < PATIENCE / 4
        assert all("within 0.2 s" in reason(reply) for reply in replies)
        assert "within 0.2 s" in reason(await link.ask(b"PING"))

    against(serve, story, 0.2)


def test_late_answers_are_nobody_elses() -> None:
    """An answer to a question that was given up is not taken for that of the next one."""
    go = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"PING\r\n")
        await go.wait()
        writer.write(b"+late\r\n")
        await reader.readuntil(b"PING\r\n")
        writer.write(b"+second\r\n")
        await reader.read()
        writer.close()

    async def story(link: RedisLink) -> None:
        assert "within" in reason(await link.ask(b"PING"))
        second = link.ask(b"PING")
        go.set()
        assert await second == b"second"

    against(serve, story, 0.5)


@pytest.mark.parametrize("said", [b"", b"$5\r\nab", b"*2\r\n:1\r\n"])
def test_a_lost_connection_is_told_and_made_again(said: bytes) -> None:
    """To everybody who waits, also in the middle of an answer; the next question has a new one."""
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await reader.readuntil(b"PING\r\n")
        writer.write(said if connections == 1 else b"+PONG\r\n")
        if connections > 1:
            await reader.read()
        writer.close()

    async def story(link: RedisLink) -> None:
        replies = await asyncio.gather(link.ask(b"PING"), link.ask(b"PING"))
        assert all("lost" in reason(reply) for reply in replies)
        assert await link.ask(b"PING") == b"PONG"

    against(serve, story)


@pytest.mark.parametrize("said", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"+OK\r\n+OK\r\n+OK\r\n", b"\x00\xff\r\n"])
def test_something_else_than_redis(said: bytes) -> None:
    """What cannot be understood ends the connection, and so do answers to nothing."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"PING\r\n")
        writer.write(said)
        await reader.read()
        writer.close()

    async def story(link: RedisLink) -> None:
        first = await link.ask(b"PING")
        assert first == b"OK" or "protocol" in reason(first)
        assert link._wire is None

    against(serve, story)


def test_what_nobody_waits_for_is_not_sent() -> None:
    """A question that was given up while the connection was being made must not count."""
    heard = b""

    async def story() -> None:
        nonlocal heard

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal heard
            heard += await reader.readuntil(b"second\r\n")
            writer.write(b"+PONG\r\n")
            await reader.read()
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        loop = asyncio.get_running_loop()
        port = server.sockets[0].getsockname()[1]
        link = RedisLink(loop, target_of(f"redis://127.0.0.1:{port}"), PATIENCE)
        first, second = link.ask(b"ECHO", b"first"), link.ask(b"ECHO", b"second")
        first.cancel()
        assert await second == b"PONG"
        link.close()
        server.close()

    asyncio.run(story())
    assert b"first" not in heard


def test_another_server_of_the_cluster() -> None:
    """The next question goes there."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"PING\r\n")
        writer.write(b"+here\r\n")
        await reader.read()
        writer.close()

    async def story(link: RedisLink) -> None:
        port = link._target.port
        link._target = Target("127.0.0.1", 1, False, 0, "", "")
        assert "no connection" in reason(await link.ask(b"PING"))
        link.move("", port)
        assert await link.ask(b"PING") == b"here"

    against(serve, story)


@pytest.mark.parametrize(("host", "port"), [("127.0.0.1", 1), ("127.0.0.1", 70000), ("x" * 300, 1), ("a..b", 1)])
def test_a_server_of_the_cluster_that_is_gone(host: str, port: int) -> None:
    """The one of the settings is asked again, wherever we were sent, be it a place that cannot be."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"PING\r\n")
        writer.write(b"+home\r\n")
        await reader.read()
        writer.close()

    async def story(link: RedisLink) -> None:
        link.move(host, port)
        assert "no connection" in reason(await link.ask(b"PING"))
        assert await link.ask(b"PING") == b"home"

    against(serve, story)


def test_closing_tells_everybody() -> None:
    """Nobody waits for a link that is closed."""

    async def story(link: RedisLink) -> None:
        answer = link.ask(b"PING")
        link.close()
        assert reason(await answer) == "closed"

    talk(Target("127.0.0.1", 1, False, 0, "", ""), story)

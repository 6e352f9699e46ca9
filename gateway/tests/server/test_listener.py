"""What the connections of one socket share."""

import asyncio
from contextlib import suppress
from typing import Any

from gateway.config import Limits, Timeouts
from gateway.server.listener import Listener
from gateway.server.sweep import Sweep
from gateway.tests.harness import GET, Origin, field_of, read_message, running, status_of


class Connection:
    """The part of a connection that a listener uses."""

    class reader:
        peer = "192.0.2.1"

    def __init__(self) -> None:
        self.deadline = 0.0
        self.heard: list[str] = []

    def drain(self) -> None:
        self.heard.append("drain")

    def cut(self) -> None:
        self.heard.append("cut")


def test_connections_are_counted_and_limited() -> None:
    """One too many is registered, so that it is cut in time, but not welcome."""
    counted: list[int] = []
    loop = asyncio.new_event_loop()
    unused: Any = None
    sweep = Sweep(loop, 0.5)
    listener = Listener(loop, unused, unused, Limits(connections=2), Timeouts(), sweep, counted.append)
    first, second, third = (Connection() for _ in range(3))
    one: Any
    assert [listener.opened(one) for one in (first, second, third)] == [True, True, False]  # type: ignore[arg-type]
    assert listener.busy
    listener.drain()
    listener.abort()
    assert [one.heard for one in (first, second, third)] == [["drain", "cut"]] * 3
    assert listener.draining
    for one in (first, second, third):
        listener.closed(one)
        listener.closed(one)
    assert not listener.busy
    assert counted == [1, 1, 1, -1, -1, -1]
    sweep.stop()
    loop.close()


def test_draining_closes_idle_connections_and_announces_it_on_others(tmp_path: Any) -> None:
    """Nothing is cut in the middle."""

    async def story() -> None:
        async with running(tmp_path, Origin()) as gateway:
            idle, busy = await gateway.connect(), await gateway.connect()
            for reader, writer in (idle, busy):
                writer.write(GET)
                await read_message(reader)
            busy[1].write(GET[:20])
            await asyncio.sleep(0.05)
            gateway.listener.drain()
            async with asyncio.timeout(5):
                assert await idle[0].read() == b""
                busy[1].write(GET[20:])
                answer = await read_message(busy[0])
                assert (status_of(answer), field_of(answer, b"connection")) == (200, b"close")
                assert await busy[0].read() == b""

    asyncio.run(story())


def test_aborting_ends_every_connection(tmp_path: Any) -> None:
    """When the time for draining is over."""

    async def story() -> None:
        async with running(tmp_path, Origin()) as gateway:
            reader, writer = await gateway.connect()
            writer.write(GET[:20])
            await asyncio.sleep(0.05)
            assert gateway.listener.busy
            gateway.listener.abort()
            async with asyncio.timeout(5):
                with suppress(ConnectionError):
                    assert await reader.read() == b""
            assert not gateway.listener.busy

    asyncio.run(story())

"""Requests at the same time, over real sockets: who gets a slot, who waits, who is refused."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.config import Concurrency
from gateway.errors import Kind, Refusal
from gateway.request import handle
from gateway.tests.harness import (
    DOCUMENT,
    GET,
    OK,
    Gateway,
    Origin,
    body_of,
    field_of,
    read_message,
    running,
    status_of,
)

Story = Callable[[Gateway, "Slow"], Awaitable[None]]
PATIENCE = 20.0


class Slow:
    """A backend that answers when the test says so."""

    def __init__(self) -> None:
        self.busy = 0
        self.most = 0
        self._gates: list[asyncio.Event] = []
        self._came = asyncio.Condition()
        self.origin = Origin(self._serve)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            self.origin.requests.append(await read_message(reader))
            gate = asyncio.Event()
            self._gates.append(gate)
            self.busy += 1
            self.most = max(self.most, self.busy)
            async with self._came:
                self._came.notify_all()
            try:
                await gate.wait()
            finally:
                self.busy -= 1
            writer.write(OK)

    async def asked(self, times: int) -> None:
        """Until so many requests have come."""
        async with asyncio.timeout(PATIENCE), self._came:
            await self._came.wait_for(lambda: len(self.origin.requests) >= times)

    def answer(self, count: int = 1) -> None:
        """Answer those that came first."""
        for gate in [gate for gate in self._gates if not gate.is_set()][:count]:
            gate.set()


async def ask(gateway: Gateway, request: bytes = GET) -> bytes:
    """One request on a connection of its own."""
    reader, writer = await gateway.connect()
    writer.write(request)
    try:
        async with asyncio.timeout(PATIENCE):
            return await read_message(reader)
    finally:
        writer.close()


async def until(condition: Callable[[], bool]) -> None:
    """Let others run until it holds."""
    async with asyncio.timeout(PATIENCE):
        while not condition():
            await asyncio.sleep(0.005)


@contextlib.asynccontextmanager
async def several(gateway: Gateway, count: int) -> AsyncIterator[list["asyncio.Task[bytes]"]]:
    """So many requests, one after the other in this order."""
    tasks = []
    for _ in range(count):
        tasks.append(asyncio.create_task(ask(gateway)))
        await asyncio.sleep(0)
    try:
        yield tasks
    finally:
        for task in tasks:
            task.cancel()


def gate_of(gateway: Gateway, start: str) -> Any:
    """The single gate of a plan, to see what it holds."""
    return next(gates for name, gates in gateway.runtime.gates.items() if name.startswith(start)).find(b"")


def tell(folder: Path, story: Story, document: str = DOCUMENT, **settings: Any) -> None:
    """Run a story with a gateway and a slow backend."""

    async def run() -> None:
        slow = Slow()
        async with running(folder, slow.origin, document, **settings) as gateway:
            await story(gateway, slow)

    asyncio.run(run())


def limited(**said: Any) -> dict[str, Any]:
    """Settings of an API with a concurrency limit."""
    return {"api": {"concurrency": Concurrency(**said)}}


def test_no_more_than_the_limit_reach_the_backend(tmp_path: Path) -> None:
    """Others wait their turn; who finds the queue full is told at once, and when to come again."""

    async def story(gateway: Gateway, slow: Slow) -> None:
        async with several(gateway, 4) as tasks:
            await slow.asked(2)
            await until(lambda: len(gate_of(gateway, "upstream")._waiting) == 2)
            refused = await ask(gateway)
            assert status_of(refused) == 503
            assert field_of(refused, b"retry-after") == b"30"
            assert json.loads(body_of(refused))["type"].endswith("#overloaded")
            assert len(slow.origin.requests) == 2
            slow.answer(2)
            await slow.asked(4)
            slow.answer(2)
            assert [status_of(await task) for task in tasks] == [200] * 4
        assert slow.most == 2
        await until(lambda: gate_of(gateway, "upstream").unused)
        counts = {
            key[1].rpartition("outcome=")[2]: value for key, value in gateway.totals().items() if "queued" in key[0]
        }
        assert counts == {'"served"': 2, '"full"': 1}

    tell(tmp_path, story, **limited(limit=2, queue=2, wait=30))


def test_waiting_has_an_end(tmp_path: Path) -> None:
    """503 after `wait`, and the place in the queue is free again."""

    async def story(gateway: Gateway, slow: Slow) -> None:
        async with several(gateway, 1) as tasks:
            await slow.asked(1)
            late = await ask(gateway)
            assert (status_of(late), field_of(late, b"retry-after")) == (503, b"1")
            late = await ask(gateway)
            assert status_of(late) == 503
            slow.answer()
            assert status_of(await tasks[0]) == 200
        assert len(slow.origin.requests) == 1

    tell(tmp_path, story, **limited(limit=1, queue=1, wait=0.05))


def test_a_client_that_leaves_takes_no_slot_along(tmp_path: Path) -> None:
    """Neither from the queue nor from the backend."""

    async def story(gateway: Gateway, slow: Slow) -> None:
        gate = gate_of(gateway, "upstream")
        inside, queued = await gateway.connect(), await gateway.connect()
        inside[1].write(GET)
        await slow.asked(1)
        queued[1].write(GET)
        await until(lambda: len(gate._waiting) == 1)
        queued[1].transport.abort()
        await until(lambda: not gate._waiting)
        assert gate.busy == 1
        inside[1].transport.abort()
        await until(lambda: gate.unused)
        async with several(gateway, 1) as tasks:
            await slow.asked(2)
            slow.answer(2)
            assert status_of(await tasks[0]) == 200

    tell(tmp_path, story, **limited(limit=1, queue=1, wait=30))


@pytest.mark.parametrize(
    ("reply", "status"), [(b"nonsense", 502), (OK.replace(b'"id"', b'"ix"'), 502), (b"HTTP/1.1 200 OK\r\n", 502)]
)
def test_failures_give_slots_back(tmp_path: Path, reply: bytes, status: int) -> None:
    """A backend that breaks off, or answers what its document does not say."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_message(reader)
        writer.write(reply)

    async def run() -> None:
        options = limited(limit=1)
        async with running(tmp_path, Origin(serve), validate={"response": "block"}, **options) as gateway:
            for _ in range(3):
                assert status_of(await ask(gateway)) == status
            await until(lambda: gate_of(gateway, "upstream").unused)

    asyncio.run(run())


POST = b"POST /v1/things HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\n"


def test_slots_are_for_requests_that_will_be_forwarded(tmp_path: Path) -> None:
    """One that breaks the contract is told so, whether there is a free slot or not."""

    async def story(gateway: Gateway, slow: Slow) -> None:
        async with several(gateway, 1):
            await slow.asked(1)
            assert status_of(await ask(gateway, POST + b'{"id":""')) == 400
            assert status_of(await ask(gateway, POST + b'{"id":1}')) == 503

    tell(tmp_path, story, **limited(limit=1))


def test_no_slot_is_held_by_sending_slowly(tmp_path: Path) -> None:
    """A body that is judged as a whole has to be here first."""

    async def story(gateway: Gateway, slow: Slow) -> None:
        _, writer = await gateway.connect()
        writer.write(POST + b"{")
        await writer.drain()
        async with several(gateway, 1) as tasks:
            await slow.asked(1)
            slow.answer()
            assert status_of(await tasks[0]) == 200
        writer.close()
        await until(lambda: gate_of(gateway, "upstream").unused)

    tell(tmp_path, story, **limited(limit=1))


def test_a_slot_is_for_callers_who_may_ask(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who is not known, or asks too often, is told so, whether there is a free slot or not; and takes none."""
    limit = "x-gateway: {rate-limit: {requests: 3, per: day, algorithm: fixed, by: operation}}"
    document = DOCUMENT.replace("operationId: getThing", f"operationId: getThing\n      {limit}")
    real = handle.authenticate

    async def authenticate(*arguments: Any) -> Any:
        if b"x-unknown" in arguments[1].lookup:
            raise Refusal(Kind.UNAUTHENTICATED, "Who are you?")
        return await real(*arguments)

    monkeypatch.setattr(handle, "authenticate", authenticate)

    async def story(gateway: Gateway, slow: Slow) -> None:
        async with several(gateway, 1) as tasks:
            await slow.asked(1)
            assert status_of(await ask(gateway, GET.replace(b"\r\n\r\n", b"\r\nX-Unknown: 1\r\n\r\n"))) == 401
            statuses = [status_of(await ask(gateway)) for _ in range(3)]
            assert statuses in ([503, 429, 429], [503, 503, 429])
            slow.answer()
            assert status_of(await tasks[0]) == 200
        await until(lambda: gate_of(gateway, "upstream").unused)
        assert status_of(await ask(gateway)) == 429
        assert gate_of(gateway, "upstream").unused

    tell(tmp_path, story, document, **limited(limit=1))


def test_an_operation_has_a_limit_of_its_own(tmp_path: Path) -> None:
    """By the document; other operations go on."""
    document = DOCUMENT.replace(
        "operationId: getThing", "operationId: getThing\n      x-gateway: {concurrency: {limit: 1}}"
    )

    async def story(gateway: Gateway, slow: Slow) -> None:
        async with several(gateway, 1) as tasks:
            await slow.asked(1)
            assert status_of(await ask(gateway)) == 503
            other = asyncio.create_task(ask(gateway, GET.replace(b"/things/1", b"/blobs")))
            await slow.asked(2)
            slow.answer(2)
            assert status_of(await other) == status_of(await tasks[0]) == 200

    tell(tmp_path, story, document)


def test_callers_do_not_take_each_others_slots(tmp_path: Path) -> None:
    """By consumer; without credentials that is the address. Nothing is kept of callers that are gone."""

    async def story(gateway: Gateway, slow: Slow) -> None:
        gates = next(iter(gateway.runtime.gates.values()))
        async with several(gateway, 1) as tasks:
            await slow.asked(1)
            assert len(gates) == 1
            assert status_of(await ask(gateway)) == 503
            assert len(gates) == 1
            slow.answer()
            assert status_of(await tasks[0]) == 200
        await until(lambda: len(gates) == 0)

    tell(tmp_path, story, **limited(limit=1, by="consumer"))


def test_a_tunnel_keeps_its_slot_until_it_ends(tmp_path: Path) -> None:
    """After 101 the exchange goes on."""
    document = DOCUMENT.replace("'304': {description: not changed}", "'101': {description: switched}")
    request = GET.replace(b"\r\n\r\n", b"\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\n")

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_message(reader)
        writer.write(b"HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: chat\r\n\r\n")
        await reader.read()

    async def run() -> None:
        async with running(tmp_path, Origin(serve), document, **limited(limit=1)) as gateway:
            reader, writer = await gateway.connect()
            writer.write(request)
            assert status_of(await reader.readuntil(b"\r\n\r\n")) == 101
            assert status_of(await ask(gateway)) == 503
            writer.close()
            await until(lambda: gate_of(gateway, "upstream").unused)

    asyncio.run(run())


def test_an_adaptive_limit_learns_from_answers(tmp_path: Path) -> None:
    """From the time until the head of the answer; refusals of our own teach nothing."""

    async def story(gateway: Gateway, slow: Slow) -> None:
        gate = gate_of(gateway, "upstream")
        assert status_of(await ask(gateway, GET.replace(b"/1 ", b"/x "))) == 400
        assert gate._adaptive.samples == 0
        async with several(gateway, 1) as tasks:
            await slow.asked(1)
            slow.answer()
            assert status_of(await tasks[0]) == 200
        await until(lambda: gate._adaptive.samples == 1)
        assert 0 < gate._adaptive.total < PATIENCE

    tell(tmp_path, story, **limited(limit=4, adaptive=True))

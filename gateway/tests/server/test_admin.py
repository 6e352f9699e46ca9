"""The admin port, over real sockets."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.server.admin import Admin
from gateway.server.listener import Listener
from gateway.server.runtime import exchange_maker, make_runtime
from gateway.server.sweep import Sweep
from gateway.tests.harness import GET, Gateway, Origin, body_of, field_of, read_message, running, status_of

Ask = Callable[..., Awaitable[bytes]]


def administered(tmp_path: Path, story: Callable[[Ask, Gateway], Awaitable[None]], draining: bool = False) -> None:
    """Run a story about the admin port of a gateway."""

    async def run() -> None:
        loop = asyncio.get_running_loop()
        async with running(tmp_path, Origin()) as gateway:
            generation, metrics = gateway.generation, gateway.generation.segment.worker(1)
            sweep = Sweep(loop, 0.5)
            runtime = make_runtime(generation, metrics, None, loop, sweep)
            admin = Admin(runtime, generation, lambda: draining)
            settings = generation.settings
            maker = exchange_maker(runtime)
            listener = Listener(
                loop, admin.serve, maker, settings.limits, settings.timeouts, sweep, lambda change: None
            )
            server = await loop.create_server(listener, "127.0.0.1", 0)

            async def ask(path: bytes, method: bytes = b"GET", raw: bytes = b"") -> bytes:
                reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
                writer.write(raw or b"%b %b HTTP/1.1\r\nHost: a\r\n\r\n" % (method, path))
                async with asyncio.timeout(5):
                    answer = await read_message(reader, method == b"HEAD")
                writer.close()
                return answer

            await story(ask, gateway)
            server.close()
            listener.abort()
            sweep.stop()

    asyncio.run(run())


def test_it_tells_that_it_lives_and_is_ready(tmp_path: Path) -> None:
    """With the hash of the table, of each contract, and how the last reload went."""

    async def story(ask: Ask, gateway: Gateway) -> None:
        assert body_of(await ask(b"/live")) == b'{"live":true}'
        answer = await ask(b"/ready")
        assert status_of(answer) == 200
        ready = json.loads(body_of(answer))
        table = gateway.generation.table
        assert (ready["ready"], ready["table"], ready["reload"]) == (True, table.digest, "none")
        assert list(ready["contracts"]) == ["api"]
        gateway.generation.status.reloaded(["api.yaml:1:1: error: x: y"])
        again = await ask(b"/ready")
        assert status_of(again) == 200, "the former documents are served: that is ready"
        assert json.loads(body_of(again))["findings"] == ["api.yaml:1:1: error: x: y"]

    administered(tmp_path, story)


def test_a_draining_worker_is_alive_and_not_ready(tmp_path: Path) -> None:
    """So that a load balancer stops asking it."""

    async def story(ask: Ask, gateway: Gateway) -> None:
        assert status_of(await ask(b"/live")) == 200
        answer = await ask(b"/ready")
        assert (status_of(answer), json.loads(body_of(answer))["ready"]) == (503, False)

    administered(tmp_path, story, draining=True)


def test_metrics_are_those_of_all_workers(tmp_path: Path) -> None:
    """In Prometheus' text format; requests to the admin port are not among them."""

    async def story(ask: Ask, gateway: Gateway) -> None:
        await gateway.ask(GET)
        answer = await ask(b"/metrics")
        assert (field_of(answer, b"content-type") or b"").startswith(b"text/plain; version=0.0.4")
        lines = body_of(answer).decode().splitlines()
        requests = [line for line in lines if line.startswith("gateway_requests_total{")]
        assert [line.rsplit(" ", 1)[1] for line in requests if not line.endswith(" 0")] == ["1"]
        assert 'operation="getThing"' in "".join(requests)

    administered(tmp_path, story)


def test_routes_are_listed(tmp_path: Path) -> None:
    """Each with its modes and backend."""

    async def story(ask: Ask, gateway: Gateway) -> None:
        routes: list[dict[str, Any]] = json.loads(body_of(await ask(b"/routes")))["routes"]
        assert len(routes) == 6
        assert {"api", "method", "path", "operation", "backend", "request", "response"} == set(routes[0])
        assert ("GET", "/v1/things/{id}") in {(route["method"], route["path"]) for route in routes}

    administered(tmp_path, story)


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [(b"/", b"GET", 404), (b"/live/", b"GET", 404), (b"/live", b"POST", 405), (b"/live", b"HEAD", 200)],
)
def test_it_answers_nothing_else(tmp_path: Path, path: bytes, method: bytes, status: int) -> None:
    """404 says what there is, 405 what is allowed."""

    async def story(ask: Ask, gateway: Gateway) -> None:
        answer = await ask(path, method)
        assert status_of(answer) == status
        if status == 404:
            assert "/live, /ready, /metrics, /routes" in json.loads(body_of(answer))["detail"]
        if status == 405:
            assert field_of(answer, b"allow") == b"GET, HEAD"

    administered(tmp_path, story)


def test_what_cannot_be_read_is_refused_as_on_the_public_port(tmp_path: Path) -> None:
    """With a problem document."""

    async def story(ask: Ask, gateway: Gateway) -> None:
        assert status_of(await ask(b"", raw=b"GET /live HTTP/1.1\r\n\r\n")) == 400
        assert status_of(await ask(b"", raw=b"nonsense\r\n\r\n")) == 400

    administered(tmp_path, story)

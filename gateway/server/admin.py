"""The admin port: is it alive, is it ready, what does it count, what does it route?

Answered by the workers themselves, from memory that all of them share; so it works while backends are down, needs no
further process, and any worker tells the numbers of all.
"""

from collections.abc import Callable

import orjson

from gateway.contract.compiled import CompiledOperation
from gateway.errors import Kind, Refusal
from gateway.observe.metrics import render
from gateway.request.exchange import Exchange, Page, Runtime
from gateway.request.respond import refuse, send_page
from gateway.server.generation import Generation

_JSON = [(b"Content-Type", b"application/json"), (b"Cache-Control", b"no-store")]
_JWKS = [(b"Content-Type", b"application/jwk-set+json"), (b"Cache-Control", b"max-age=60")]
_METRICS = [(b"Content-Type", b"text/plain; version=0.0.4; charset=utf-8"), (b"Cache-Control", b"no-store")]


class Admin:
    """`serve` of the admin listener. `draining` tells whether this worker is about to end."""

    def __init__(self, runtime: Runtime, generation: Generation, draining: Callable[[], bool]) -> None:
        self._runtime = runtime
        self._generation = generation
        self._draining = draining
        self._routes = orjson.dumps({"routes": [_route(operation) for operation in generation.table.operations]})
        self._answers: dict[bytes, Callable[[], Page]] = {
            b"/live": lambda: Page(200, _JSON, b'{"live":true}'),
            b"/ready": self._ready,
            b"/metrics": lambda: Page(200, _METRICS, render(generation.segments, generation.retired)),
            b"/routes": lambda: Page(200, _JSON, self._routes),
            b"/jwks.json": lambda: Page(200, _JWKS, generation.table.jwks),
        }

    async def serve(self, exchange: Exchange) -> None:
        """Answer one request."""
        try:
            send_page(self._runtime, exchange, self._page(exchange))
        except Refusal as refusal:
            refuse(self._runtime, exchange, refusal)

    def _page(self, exchange: Exchange) -> Page:
        if exchange.unreadable is not None:
            raise exchange.unreadable
        answer = self._answers.get(exchange.head.path)
        if answer is None:
            raise Refusal(Kind.NOT_FOUND, f"There are {', '.join(path.decode() for path in self._answers)} here.")
        if exchange.head.method not in (b"GET", b"HEAD"):
            raise Refusal(Kind.METHOD_NOT_ALLOWED, "Use GET or HEAD.", headers=((b"Allow", b"GET, HEAD"),))
        return answer()

    def _ready(self) -> Page:
        draining = self._draining()
        document = {
            "ready": not draining,
            "table": self._generation.table.digest,
            "contracts": self._generation.segment.contracts,
            **self._generation.status.read(),
        }
        return Page(503 if draining else 200, _JSON, orjson.dumps(document))


def _route(operation: CompiledOperation) -> dict[str, str]:
    return {
        "api": operation.api,
        "method": operation.method,
        "path": operation.template,
        "operation": operation.operation_id,
        "backend": operation.backend.name,
        "request": operation.request_mode,
        "response": operation.response_mode,
    }

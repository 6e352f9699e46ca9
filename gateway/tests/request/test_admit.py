"""How often clients may ask, over real sockets: what is refused, when, and what they are told."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from gateway.config import Issuer, RateLimit
from gateway.errors import Kind, Refusal
from gateway.limits.policy import SECOND, Charge, CountersUnavailable, Reading
from gateway.limits.shared import SharedCounters
from gateway.request import handle
from gateway.security.principal import Principal
from gateway.tests.harness import DOCUMENT, GET, OK, Gateway, Origin, body_of, field_of, running, status_of

T = 1_700_000_000 * SECOND
SECURED = DOCUMENT.replace(
    "      operationId: getThing\n", "      operationId: getThing\n      security: [{token: []}]\n"
).replace("components:\n", "components:\n  securitySchemes: {token: {type: http, scheme: bearer}}\n")
ANN = Principal("ann", "https://id.example", frozenset(), {}, 0.0)


def limited(text: str, document: str = DOCUMENT) -> str:
    """The document with these keys of `x-gateway` at its GET."""
    return document.replace(
        "      operationId: getThing\n", f"      operationId: getThing\n      x-gateway: {{{text}}}\n"
    )


class Clock:
    """Stands still until told."""

    now = T

    def __call__(self) -> int:
        return self.now


def play(
    folder: Path, story: Callable[[Gateway, Clock, Origin], Awaitable[None]], document: str, **settings: Any
) -> None:
    """A gateway whose counters live by a clock of their own."""

    async def run() -> None:
        origin = settings.pop("origin", None) or Origin()
        async with running(folder, origin, document, **settings) as gateway:
            clock = Clock()
            gateway.runtime.counters = SharedCounters(64, clock, b"")
            await story(gateway, clock, origin)

    asyncio.run(run())


async def statuses(gateway: Gateway, number: int, request: bytes = GET) -> list[int]:
    """Of so many requests."""
    return [status_of(answer) for answer in await gateway.ask(*[request] * number)]


def test_refusal(tmp_path: Path) -> None:
    """429 with a problem document and the header fields; the backend is not asked; later all is well again."""

    async def story(gateway: Gateway, clock: Clock, origin: Origin) -> None:
        assert await statuses(gateway, 2) == [200, 200]
        (answer,) = await gateway.ask(GET)
        assert status_of(answer) == 429
        assert field_of(answer, b"Content-Type") == b"application/problem+json"
        assert field_of(answer, b"Retry-After") == b"30"
        assert field_of(answer, b"RateLimit-Policy") == b'"few";q=2;w=60'
        assert field_of(answer, b"RateLimit") == b'"few";r=0;t=30'
        problem = json.loads(body_of(answer))
        assert problem["type"].endswith("#too-many-requests") and problem["status"] == 429
        assert 'rate limit "few" is used up' in problem["detail"] and "30 seconds" in problem["detail"]
        assert len(origin.requests) == 2
        clock.now += 30 * SECOND
        assert await statuses(gateway, 2) == [200, 429]
        sample = 'api="api",operation="getThing",method="GET",path="/v1/things/{id}"'
        assert gateway.totals()["gateway_rate_limited_total", f'{sample},policy="few"'] == 2
        assert gateway.totals()["gateway_refused_total", f'{sample},cause="rate-limit"'] == 2

    play(tmp_path, story, limited("rate-limit: {requests: 2, per: 1m, name: few}"))


def test_good_answers_say_what_is_left(tmp_path: Path) -> None:
    """Of each limit; what a backend says under the same names is replaced, and other operations say nothing."""

    async def story(gateway: Gateway, clock: Clock, origin: Origin) -> None:
        first, second = await gateway.ask(GET, GET)
        assert field_of(first, b"RateLimit") == b'"all";r=9;t=1, "own";r=4;t=12'
        assert field_of(second, b"RateLimit") == b'"all";r=8;t=1, "own";r=3;t=12'
        assert field_of(second, b"RateLimit-Policy") == b'"all";q=10;w=1, "own";q=5;w=60'
        assert second.lower().count(b"ratelimit:") == second.lower().count(b"ratelimit-policy:") == 1
        (other,) = await gateway.ask(b"GET /v1/blobs HTTP/1.1\r\nHost: a\r\n\r\n")
        assert field_of(other, b"RateLimit") == b'"all";r=7;t=1'

    theirs = OK.replace(b"Content-Length", b'RateLimit: "x";r=1\r\nratelimit-policy: "x";q=1\r\nContent-Length')
    play(
        tmp_path,
        story,
        limited("rate-limit: {requests: 5, per: 1m, name: own}"),
        origin=Origin().replies(theirs),
        rate_limits={"all": RateLimit(10, by="api")},
        api={"rate_limits": ("all",)},
    )


def test_who_costs_more_comes_less_often(tmp_path: Path) -> None:
    """And what costs nothing always passes, and says what is left."""

    async def story(gateway: Gateway, clock: Clock, origin: Origin) -> None:
        assert await statuses(gateway, 4) == [200, 200, 200, 429]
        free = await gateway.ask(*[b"GET /v1/blobs HTTP/1.1\r\nHost: a\r\n\r\n"] * 20)
        assert {status_of(answer) for answer in free} == {200}
        assert field_of(free[-1], b"RateLimit") == b'"all";r=1;t=6'

    document = limited("cost: 3").replace(
        "operationId: getBlob\n", "operationId: getBlob\n      x-gateway: {cost: 0}\n"
    )
    rate_limits = {"all": RateLimit(10, "1m", by="api")}
    play(tmp_path, story, document, rate_limits=rate_limits, api={"rate_limits": ("all",)})


def test_leaky_requests_wait_for_their_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On the event loop, without holding anything; who would wait too long is refused."""
    waits: list[float] = []
    real = asyncio.sleep

    async def sleep(seconds: float) -> None:
        if seconds:
            waits.append(seconds)
        await real(0)

    async def story(gateway: Gateway, clock: Clock, origin: Origin) -> None:
        monkeypatch.setattr("gateway.request.admit.asyncio.sleep", sleep)
        assert await statuses(gateway, 4) == [200, 200, 200, 429]
        monkeypatch.undo()
        assert waits == [0.1, 0.2]

    play(tmp_path, story, limited("rate-limit: {requests: 10, algorithm: leaky, delay: 2}"))


def test_a_flood_of_bad_tokens_is_bounded(tmp_path: Path) -> None:
    """Limits by address come before authentication; the others after it, so that it uses up nobody's budget."""

    async def story(gateway: Gateway, clock: Clock, origin: Origin) -> None:
        bad = GET.replace(b"\r\n\r\n", b"\r\nAuthorization: Bearer x.y.z\r\n\r\n")
        assert await statuses(gateway, 5, bad) == [401, 401, 401, 429, 429]
        clock.now += 100 * SECOND
        (answer,) = await gateway.ask(bad)
        assert field_of(answer, b"RateLimit-Policy") == b'"guesses";q=3;w=1', "the budget of the API was not asked"

    play(
        tmp_path,
        story,
        SECURED,
        rate_limits={"guesses": RateLimit(3), "all": RateLimit(1, "day", "api", "fixed")},
        api={"rate_limits": ("guesses", "all")},
        issuers={"main": Issuer("https://id.example", ("a",), jwks="https://id.example/jwks.json")},
    )


def signed_in(monkeypatch: pytest.MonkeyPatch, *callers: Principal | None) -> None:
    """Authentication that finds these callers, one after the other."""
    coming = iter(callers)

    async def authenticate(*_: object) -> Principal | None:
        return next(coming)

    monkeypatch.setattr(handle, "authenticate", authenticate)


ISSUERS = {"main": Issuer("https://id.example", ("a",), jwks="https://id.example/jwks.json")}


def test_each_consumer_has_a_budget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever is behind the same address."""
    bob = Principal("bob", "https://id.example", frozenset(), {}, 0.0)
    signed_in(monkeypatch, ANN, ANN, bob, bob, ANN)

    async def story(gateway: Gateway, clock: Clock, origin: Origin) -> None:
        assert await statuses(gateway, 5) == [200, 429, 200, 429, 429]

    play(tmp_path, story, limited("rate-limit: {requests: 1, by: consumer}", SECURED), issuers=ISSUERS)


def test_the_quota_of_an_api_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A policy that the key names, counted by key, besides the operation's own; an unknown one lets nobody in."""
    gold, other, lost = (
        Principal("app", "keys", frozenset(), {}, 0.0, key=key, quota=quota)
        for key, quota in (("k1", "gold"), ("k2", "gold"), ("k3", "silver"))
    )
    signed_in(monkeypatch, gold, gold, gold, other, ANN, lost)

    async def story(gateway: Gateway, clock: Clock, origin: Origin) -> None:
        answers = await gateway.ask(*[GET] * 6)
        assert [status_of(answer) for answer in answers] == [200, 200, 429, 200, 200, 503]
        assert field_of(answers[0], b"RateLimit") == b'"own";r=99;t=1, "gold";r=1;t=30'
        assert field_of(answers[2], b"RateLimit") == b'"own";r=98;t=1, "gold";r=0;t=30', "nothing else was taken"
        assert field_of(answers[4], b"RateLimit") == b'"own";r=96;t=1'
        assert any(key[1].endswith('policy="gold"') for key in gateway.totals())

    play(
        tmp_path,
        story,
        limited("rate-limit: {requests: 100, by: api, name: own}", SECURED),
        issuers=ISSUERS,
        rate_limits={"gold": RateLimit(2, "1m")},
    )


def test_a_quota_is_not_charged_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the operation has the same limit by key."""
    app = Principal("app", "keys", frozenset(), {}, 0.0, key="k1", quota="gold")
    signed_in(monkeypatch, app, app, app)

    async def story(gateway: Gateway, clock: Clock, origin: Origin) -> None:
        answers = await gateway.ask(*[GET] * 3)
        assert [status_of(answer) for answer in answers] == [200, 200, 429]
        assert field_of(answers[0], b"RateLimit") == b'"gold";r=1;t=30'

    limits = {"gold": RateLimit(2, "1m", by="key")}
    play(tmp_path, story, limited("rate-limit: gold", SECURED), issuers=ISSUERS, rate_limits=limits)


def test_fail_closed(tmp_path: Path) -> None:
    """Where nothing can be counted nothing is let through."""

    class Broken:
        async def take(self, charges: Sequence[Charge]) -> Sequence[Reading]:
            raise CountersUnavailable("secret place")

    async def story(gateway: Gateway, clock: Clock, origin: Origin) -> None:
        gateway.runtime.counters = Broken()
        (answer,) = await gateway.ask(GET)
        assert status_of(answer) == 503 and field_of(answer, b"Retry-After") == b"1"
        assert b"secret" not in answer
        assert origin.requests == []

    play(tmp_path, story, limited("rate-limit: {requests: 1}"))


def test_the_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Addresses, authentication, everything else, and only then the message is looked at."""
    steps: list[str] = []

    async def authenticate(*_: object) -> Principal:
        steps.append("authenticate")
        return ANN

    async def validate(*_: object) -> None:
        steps.append("validate")
        raise Refusal(Kind.INVALID_REQUEST, "as if")

    class Counting:
        async def take(self, charges: Sequence[Charge]) -> Sequence[Reading]:
            steps.append(" ".join(charge.policy.name for charge in charges))
            return [Reading(True, 1, 0, 0) for _ in charges]

    async def story(gateway: Gateway, clock: Clock, origin: Origin) -> None:
        gateway.runtime.counters = Counting()
        await gateway.ask(GET)
        assert steps == ["guesses", "authenticate", "each", "validate"]

    monkeypatch.setattr(handle, "authenticate", authenticate)
    monkeypatch.setattr(handle, "validate_request", validate)
    limits = {"each": RateLimit(9, by="consumer"), "guesses": RateLimit(9)}
    play(tmp_path, story, limited("rate-limit: [each, guesses]", SECURED), issuers=ISSUERS, rate_limits=limits)

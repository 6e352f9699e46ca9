"""A caller's token exchanged: for how long what came of it is remembered, and how much of it."""

import asyncio
from collections.abc import Mapping

import pytest

from gateway.security import token_exchange
from gateway.security.token_endpoint import Endpoint, Grant, Refused
from gateway.security.token_exchange import REFUSED_FOR, TokenExchange
from gateway.security.token_source import TokenSource

ENDPOINT = Endpoint("https://id.example/t", "id", "secret", 30.0)
FOREVER = 1e12


class World:
    """Clocks, and an endpoint whose tokens are good for 100 seconds."""

    def __init__(self) -> None:
        self.clock = 1000.0
        self.forms: list[Mapping[str, str]] = []
        self.error: Exception | None = None
        source = TokenSource("API x", ENDPOINT, self.now, self.ask)
        self.exchange = TokenExchange(source, "backend", "read", 10.0, self.now, lambda: self.clock + 1e6)

    def now(self) -> float:
        return self.clock

    def ask(self, endpoint: Endpoint, form: Mapping[str, str]) -> Grant:
        self.forms.append(form)
        if self.error is not None:
            raise self.error
        return Grant(b"for-" + form["subject_token"].encode() + b"-%d" % len(self.forms), 100.0)


def test_what_is_asked_for() -> None:
    """The parameters of RFC 8693 section 2.1."""
    world = World()
    assert asyncio.run(world.exchange.token(b"abc", FOREVER)) == b"for-abc-1"
    assert world.forms == [
        {
            "grant_type": "urn:ietf:params:oauth:grant-type:token-exchange",
            "subject_token": "abc",
            "subject_token_type": "urn:ietf:params:oauth:token-type:access_token",
            "requested_token_type": "urn:ietf:params:oauth:token-type:access_token",
            "audience": "backend",
            "scope": "read",
        }
    ]


def test_it_is_remembered_until_either_token_expires() -> None:
    """Each caller's own."""

    async def story() -> None:
        world = World()
        expires = world.clock + 1e6 + 50
        assert (
            await asyncio.gather(*(world.exchange.token(b"abc", FOREVER) for _ in range(200))) == [b"for-abc-1"] * 200
        )
        assert await world.exchange.token(b"short", expires) == b"for-short-2"
        world.clock += 49.9
        assert await world.exchange.token(b"short", expires) == b"for-short-2"
        world.clock += 0.1
        assert await world.exchange.token(b"short", expires) == b"for-short-3"
        world.clock += 39.9
        assert await world.exchange.token(b"abc", FOREVER) == b"for-abc-1"
        world.clock += 0.1
        assert await world.exchange.token(b"abc", FOREVER) == b"for-abc-4"

    asyncio.run(story())


def test_a_refusal_is_remembered_for_a_moment() -> None:
    """A caller who is refused does not make the endpoint work for each request."""

    async def story() -> None:
        world = World()
        world.error = Refused("invalid_grant")
        for _ in range(20):
            with pytest.raises(Refused, match="invalid_grant"):
                await world.exchange.token(b"abc", FOREVER)
        assert len(world.forms) == 1
        world.error = None
        world.clock += REFUSED_FOR
        assert await world.exchange.token(b"abc", FOREVER) == b"for-abc-2"

    asyncio.run(story())


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest go first; no token of a caller is kept, only its digest."""
    monkeypatch.setattr(token_exchange, "CACHE_ENTRIES", 3)

    async def story() -> None:
        world = World()
        for name in (b"a", b"b", b"c", b"d", b"d"):
            await world.exchange.token(name, FOREVER)
        assert len(world.forms) == 4
        assert len(world.exchange._known) == 3
        assert all(len(key) == 32 for key in world.exchange._known)
        await world.exchange.token(b"b", FOREVER)
        assert len(world.forms) == 4
        await world.exchange.token(b"a", FOREVER)
        assert len(world.forms) == 5

    asyncio.run(story())

"""The gateway's own token: cached, renewed ahead of its end, used as long as it is good."""

import asyncio
from collections.abc import Mapping

import pytest

from gateway.security.client_token import AHEAD, BETWEEN, ClientToken, form_of, usable
from gateway.security.token_endpoint import Endpoint, Failed, Grant, Refused
from gateway.security.token_source import NoToken, TokenSource

ENDPOINT = Endpoint("https://id.example/t", "id", "secret", 30.0)


class World:
    """A clock, and an endpoint whose tokens are good for 100 seconds."""

    def __init__(self) -> None:
        self.clock = 1000.0
        self.count = 0
        self.error: Exception | None = None
        self.mine = ClientToken(TokenSource("API x", ENDPOINT, self.now, self.ask), "", "", 10.0, self.now)

    def now(self) -> float:
        return self.clock

    def ask(self, endpoint: Endpoint, form: Mapping[str, str]) -> Grant:
        self.count += 1
        if self.error is not None:
            raise self.error
        return Grant(b"token-%d" % self.count, 100.0)

    async def settled(self) -> None:
        """What goes on in the background is done."""
        while others := asyncio.all_tasks() - {asyncio.current_task()}:
            await asyncio.wait(others)
        await asyncio.sleep(0)


def test_one_token_serves_until_it_is_renewed_in_the_background() -> None:
    """The request that begins the renewal does not wait for it."""

    async def story() -> None:
        world = World()
        assert await asyncio.gather(*(world.mine.token() for _ in range(200))) == [b"token-1"] * 200
        world.clock += 90 * AHEAD
        assert await asyncio.gather(*(world.mine.token() for _ in range(50))) == [b"token-1"] * 50
        await world.settled()
        assert await world.mine.token() == b"token-2"
        assert world.count == 2

    asyncio.run(story())


def test_while_renewing_fails_the_token_is_used_until_its_end() -> None:
    """With some time between attempts; then there is none."""

    async def story() -> None:
        world = World()
        await world.mine.token()
        world.error = Failed("https://id.example/t: no connection")
        world.clock += 90 * AHEAD
        for _ in range(10):
            assert await world.mine.token() == b"token-1"
        await world.settled()
        assert await world.mine.token() == b"token-1"
        await world.settled()
        assert world.count == 2
        world.clock += BETWEEN
        assert await world.mine.token() == b"token-1"
        await world.settled()
        assert world.count == 3
        world.clock = 1090.0
        with pytest.raises(NoToken):
            await world.mine.token()
        world.error = None
        world.clock += 60.0
        assert await world.mine.token() == b"token-5"

    asyncio.run(story())


def test_a_refusal_is_no_token() -> None:
    """The gateway's caller has nothing to do with it."""

    async def story() -> None:
        world = World()
        world.error = Refused("access_denied")
        with pytest.raises(NoToken, match="access_denied"):
            await world.mine.token()

    asyncio.run(story())


def test_what_is_asked_for() -> None:
    """Empty settings are not sent."""
    assert form_of("", "") == {"grant_type": "client_credentials"}
    assert form_of("a", "b c") == {"grant_type": "client_credentials", "audience": "a", "scope": "b c"}


@pytest.mark.parametrize(("seconds", "leeway", "left"), [(100, 10, 90), (12, 10, 6), (5, 10, 2.5), (60, 0, 60)])
def test_a_short_token_is_used_for_half_of_its_time(seconds: float, leeway: float, left: float) -> None:
    """Or the endpoint would be asked for every request."""
    assert usable(seconds, leeway) == left

"""Asking while requests go on: one question for many, patience with an endpoint that fails, bounds."""

import asyncio
import gc
import threading
from collections.abc import Callable, Mapping

import pytest

from gateway.security import token_source
from gateway.security.token_endpoint import Endpoint, Failed, Grant, Refused
from gateway.security.token_source import FIRST_PAUSE, OURS, PATIENCE, NoToken, TokenSource

GRANT = Grant(b"token", 60.0)
FORM = {"a": "b"}


class Asked:
    """An endpoint that says what `say` does; `count` is how often it was asked."""

    def __init__(self, say: Callable[[], Grant] = lambda: GRANT) -> None:
        self.say = say
        self.count = 0
        self.clock = 0.0

    def __call__(self, endpoint: Endpoint, form: Mapping[str, str]) -> Grant:
        self.count += 1
        return self.say()

    def source(self, timeout: float = 30.0) -> TokenSource:
        return TokenSource("API x", Endpoint("https://id.example/t", "id", "secret", timeout), lambda: self.clock, self)


def fail() -> Grant:
    raise Failed("https://id.example/t: no connection")


async def outcome(source: TokenSource, key: bytes = b"k") -> Grant | Exception:
    try:
        return await source.grant(key, FORM)
    except (NoToken, Refused) as error:
        return error


def test_many_that_need_the_same_ask_once() -> None:
    """And one that gives up does not take the question with it."""

    async def story() -> None:
        gate = threading.Event()

        def say() -> Grant:
            gate.wait(30)
            return GRANT

        asked = Asked(say)
        source = asked.source()
        waiting = [asyncio.create_task(source.grant(b"k", FORM)) for _ in range(200)]
        other = asyncio.create_task(source.grant(b"other", FORM))
        await asyncio.sleep(0)
        waiting.pop().cancel()
        gate.set()
        assert set(await asyncio.gather(*waiting, other)) == {GRANT}
        assert asked.count == 2
        await source.grant(b"k", FORM)
        assert asked.count == 3, "an answer is not kept here"

    asyncio.run(story())


def test_after_some_failures_nobody_asks_for_a_while_then_one() -> None:
    """The pause doubles only when the one that went ahead fails too; a success ends it."""

    async def story() -> None:
        asked = Asked(fail)
        source = asked.source()
        for _ in range(PATIENCE):
            assert isinstance(await outcome(source), NoToken)
        refused = await outcome(source)
        assert isinstance(refused, NoToken) and refused.wait == FIRST_PAUSE
        assert asked.count == PATIENCE
        asked.clock += FIRST_PAUSE
        several = await asyncio.gather(*(outcome(source, b"%d" % n) for n in range(20)))
        assert all(isinstance(each, NoToken) for each in several)
        assert asked.count == PATIENCE + 1, "one goes ahead"
        asked.clock += FIRST_PAUSE
        assert isinstance(await outcome(source), NoToken)
        assert asked.count == PATIENCE + 1, "the pause has doubled"
        asked.clock += FIRST_PAUSE
        asked.say = lambda: GRANT
        assert await outcome(source) == GRANT
        assert await outcome(source) == GRANT

    asyncio.run(story())


def test_failures_at_the_same_time_are_one_reason_to_pause() -> None:
    """An outage of a moment does not shut everybody out for long."""

    async def story() -> None:
        asked = Asked(fail)
        source = asked.source()
        await asyncio.gather(*(outcome(source, b"%d" % n) for n in range(100)))
        refused = await outcome(source)
        assert isinstance(refused, NoToken) and refused.wait == FIRST_PAUSE

    asyncio.run(story())


@pytest.mark.parametrize("code", ["invalid_grant", "invalid_request", "access_denied"])
def test_a_refusal_is_the_callers_and_no_failure(code: str) -> None:
    """However often it comes, others are asked for."""

    async def story() -> None:
        def refuse() -> Grant:
            raise Refused(code)

        asked = Asked(refuse)
        source = asked.source()
        for _ in range(2 * PATIENCE):
            assert str(await outcome(source)) == code
        assert asked.count == 2 * PATIENCE

    asyncio.run(story())


def test_clients_that_leave_fill_no_log() -> None:
    """Nobody is told of a failure for which nobody waits any more; requests wait without a task."""
    logged: list[str] = []

    async def story() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: logged.append(context["message"]))
        gate = threading.Event()

        def say() -> Grant:
            gate.wait(30)
            return fail()

        source = Asked(say).source()
        request = source.grant(b"k", FORM)
        request.send(None)
        with pytest.raises(ConnectionResetError):
            request.throw(ConnectionResetError())
        flight = source.flight(b"k", FORM)
        gate.set()
        await asyncio.wait((flight,))
        del flight, request
        gc.collect()

    asyncio.run(story())
    assert logged == []


@pytest.mark.parametrize("code", sorted(OURS))
def test_a_refusal_of_the_gateway_itself_is_a_failure(code: str) -> None:
    """The caller is not blamed for the gateway's settings."""

    async def story() -> None:
        def refuse() -> Grant:
            raise Refused(code)

        assert isinstance(await outcome(Asked(refuse).source()), NoToken)

    asyncio.run(story())


def test_a_request_waits_no_longer_than_twice_the_timeout() -> None:
    """Even if a thread hangs."""

    async def story() -> None:
        gate = threading.Event()

        def hang() -> Grant:
            gate.wait(30)
            return GRANT

        try:
            found = await outcome(Asked(hang).source(timeout=0.05))
        finally:
            gate.set()
        assert isinstance(found, NoToken)

    asyncio.run(story())


def test_open_questions_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """What comes on top is told to try again at once, and asks nothing."""
    monkeypatch.setattr(token_source, "MOST", 5)

    async def story() -> None:
        gate = threading.Event()

        def hang() -> Grant:
            gate.wait(30)
            return GRANT

        asked = Asked(hang)
        source = asked.source()
        open_ = [asyncio.create_task(outcome(source, b"%d" % n)) for n in range(5)]
        await asyncio.sleep(0)
        assert isinstance(await outcome(source, b"more"), NoToken)
        gate.set()
        assert await asyncio.gather(*open_) == [GRANT] * 5
        assert await outcome(source, b"more") == GRANT
        assert asked.count == 6

    asyncio.run(story())


def test_another_event_loop_starts_anew() -> None:
    """What a process inherits by fork is not waited for."""
    source = Asked().source()
    assert asyncio.run(outcome(source)) == GRANT
    assert asyncio.run(outcome(source)) == GRANT

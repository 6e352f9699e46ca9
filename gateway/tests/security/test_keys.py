"""Keys stay fresh without anybody waiting for it: against a real server whose requests are counted."""

import asyncio
import gc
import logging
import threading
import weakref
from collections.abc import Awaitable, Callable, Iterator
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from gateway.config import Issuer
from gateway.security import keys as module
from gateway.security.fetch import FetchError, Trust
from gateway.security.keys import KeySet, KeysUnavailable
from gateway.tests.security.issuing import ISSUER, Publisher, jwk, jwks, publisher

ONE = jwks(jwk("RSA"))
TWO = jwks(jwk("RSA"), jwk("RSA other"))


@pytest.fixture
def public() -> Iterator[Publisher]:
    """A server on a free port that publishes one key."""
    with publisher() as running:
        running.publish("/keys", ONE)
        yield running


def settings(public: Publisher, **changes: Any) -> Issuer:
    """An issuer whose keys this server has, and that is not refreshed during a test."""
    return Issuer(ISSUER, ("a",), public.url + "/keys", **{"refresh": 3600.0, "cooldown": 3600.0, **changes})


def kids(trust: Trust | None) -> set[str | None]:
    """The key ids known."""
    return {kid for kid, _, _ in trust.keys.material} if trust else set()


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something that happens in the background; the test's own time limit is the last resort."""
    while not condition():
        await asyncio.sleep(0.005)


def run(test: Callable[[], Awaitable[None]]) -> None:
    """Run a test on an event loop of its own, 10 seconds at most."""
    asyncio.run(asyncio.wait_for(test(), 10))


def gate(public: Publisher) -> threading.Event:
    """Make the server answer only after the event is set."""
    opened, answer = threading.Event(), public.answers["/keys"]

    def wait(request: BaseHTTPRequestHandler) -> None:
        opened.wait(10)
        answer(request)

    public.answers["/keys"] = wait
    return opened


def test_first_fetch_is_shared(public: Publisher) -> None:
    """Everybody who asks while the first fetch is under way gets its result."""

    async def test() -> None:
        keys = KeySet("test", settings(public))
        answers = await asyncio.gather(*(keys.known() for _ in range(50)))
        assert all(kids(trust) == {"RSA"} for trust in answers)
        assert len(public.asked) == 1

    run(test)


def test_known_keys_cost_no_fetch(public: Publisher) -> None:
    """Once known, keys are given without asking again."""

    async def test() -> None:
        keys = KeySet("test", settings(public))
        for _ in range(10):
            await keys.known()
        assert len(public.asked) == 1

    run(test)


def test_start_in_advance(public: Publisher) -> None:
    """A worker may fetch before the first request; starting twice is starting once."""

    async def test() -> None:
        keys = KeySet("test", settings(public))
        keys.start()
        keys.start()
        await until(lambda: keys.trust is not None)
        assert len(public.asked) == 1

    run(test)


def test_loop_goes_on(public: Publisher) -> None:
    """While an issuer is slow the event loop serves others."""

    async def test() -> None:
        opened = gate(public)
        keys = KeySet("test", settings(public))
        waiting = asyncio.create_task(keys.known())
        await until(lambda: bool(public.asked))
        for _ in range(100):
            await asyncio.sleep(0)
        assert not waiting.done()
        opened.set()
        assert kids(await waiting) == {"RSA"}

    run(test)


def test_unknown_kid_single_flight(public: Publisher) -> None:
    """Many requests with unknown keys start one fetch, and all of them see what it brings."""

    async def test() -> None:
        keys = KeySet("test", settings(public))
        await keys.known()
        public.publish("/keys", TWO)
        answers = await asyncio.gather(*(keys.renewed() for _ in range(50)))
        assert all(kids(trust) == {"RSA", "RSA other"} for trust in answers)
        assert len(public.asked) == 2

    run(test)


def test_cooldown(public: Publisher) -> None:
    """Unknown keys start at most one fetch per cool-down."""
    clock = [0.0]

    async def test() -> None:
        keys = KeySet("test", settings(public, cooldown=30.0), now=lambda: clock[0])
        await keys.known()
        for moment, fetches in [(0, 2), (0, 2), (29.9, 2), (30, 3), (31, 3), (59, 3), (60, 4)]:
            clock[0] = moment
            await keys.renewed()
            assert (moment, len(public.asked)) == (moment, fetches)

    run(test)


def test_giving_up_does_not_stop_the_fetch(public: Publisher) -> None:
    """A client that leaves does not take the fetch of the others with it."""

    async def test() -> None:
        opened = gate(public)
        keys = KeySet("test", settings(public))
        leaving, staying = asyncio.create_task(keys.known()), asyncio.create_task(keys.known())
        await until(lambda: bool(public.asked))
        leaving.cancel()
        opened.set()
        assert kids(await staying) == {"RSA"}
        assert len(public.asked) == 1

    run(test)


def test_refresh(public: Publisher) -> None:
    """At the refresh age keys are fetched again with nobody asking."""

    async def test() -> None:
        keys = KeySet("test", settings(public, refresh=0.02))
        await keys.known()
        public.publish("/keys", TWO)
        await until(lambda: kids(keys.trust) == {"RSA", "RSA other"})

    run(test)


def test_stale_while_failing(public: Publisher, caplog: pytest.LogCaptureFixture) -> None:
    """While refreshing fails the keys known before stay, the log says so, and the next success is taken."""

    async def test() -> None:
        keys = KeySet("test", settings(public, refresh=0.02))
        await keys.known()
        public.publish("/keys", b"down", 503)
        await until(lambda: len(caplog.records) >= 2)
        assert kids(await keys.known()) == {"RSA"}
        public.publish("/keys", TWO)
        await until(lambda: kids(keys.trust) == {"RSA", "RSA other"})

    run(test)
    text = caplog.records[0].getMessage()
    assert f"{public.url}/keys: it answers 503" in text
    assert "the keys fetched earlier stay in use" in text


def test_unreachable_at_start(
    public: Publisher, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without keys nobody waits for the next try; the log names the place and what to do; the try comes by itself."""
    monkeypatch.setattr(module, "FIRST_RETRY", 0.05)

    async def test() -> None:
        keys = KeySet("runnerly", settings(public))
        public.publish("/keys", b"", 404)
        with pytest.raises(KeysUnavailable, match="issuer runnerly could not be fetched"):
            await keys.known()
        asked = len(public.asked)
        with pytest.raises(KeysUnavailable):
            await keys.known()
        assert len(public.asked) == asked
        public.publish("/keys", ONE)
        await until(lambda: keys.trust is not None)
        assert kids(await keys.known()) == {"RSA"}

    run(test)
    text = caplog.records[0].getMessage()
    assert f"{public.url}/keys: it answers 404" in text
    assert "503" in text
    assert "issuers.runnerly in gateway.yaml" in text
    assert "next try in 0.05 s" in text


def test_retries_slow_down(public: Publisher) -> None:
    """The time between tries doubles up to 30 seconds, and never exceeds the refresh age."""
    keys = KeySet("test", settings(public))
    delays = []
    for keys._failures in (0, 1, 2, 3, 5, 6, 1000):
        delays.append(keys._delay())
    assert delays == [3600, 1, 2, 4, 16, 30, 30]
    quick = KeySet("test", settings(public, refresh=0.5))
    quick._failures = 9
    assert quick._delay() == 0.5


def test_withdrawn_key(public: Publisher) -> None:
    """Those who remember verified tokens are told when a key is gone, not when one is added."""

    async def test() -> None:
        keys = KeySet("test", settings(public, cooldown=0.0))
        lost: list[int] = []
        keys.on_loss.append(lambda: lost.append(1))
        await keys.known()
        public.publish("/keys", TWO)
        await keys.renewed()
        assert lost == []
        public.publish("/keys", ONE)
        await keys.renewed()
        assert lost == [1]

    run(test)


def test_everything_withdrawn(public: Publisher, caplog: pytest.LogCaptureFixture) -> None:
    """An empty set is believed: no key is used any more, and callers are not blamed."""

    async def test() -> None:
        keys = KeySet("test", settings(public, cooldown=0.0))
        await keys.known()
        public.publish("/keys", jwks())
        with pytest.raises(KeysUnavailable, match="publishes no usable key"):
            await keys.renewed()

    run(test)
    assert caplog.records[-1].levelno == logging.ERROR


def test_left_out_keys_are_said_once(public: Publisher, caplog: pytest.LogCaptureFixture) -> None:
    """A key that is not used is said in the log when it appears, not at every fetch."""

    async def test() -> None:
        public.publish("/keys", jwks(jwk("RSA"), jwk("RSA 1024")))
        keys = KeySet("test", settings(public, cooldown=0.0))
        await keys.known()
        await keys.renewed()

    run(test)
    assert [record.getMessage() for record in caplog.records if "1024 bits" in record.getMessage()] == [
        "issuer test: a key is left out: key 1: its modulus has 1024 bits; 2048 to 8192 are accepted"
    ]


def test_another_event_loop(public: Publisher) -> None:
    """A set that moves to another event loop starts anew there, with what it knows."""
    keys = KeySet("test", settings(public))
    for fetches in (1, 2):
        run(keys.known)  # type: ignore[arg-type]
        assert len(public.asked) == fetches


def test_unused_set_ends(public: Publisher) -> None:
    """A set that a reload has replaced is not kept alive by its own alarm."""

    async def test() -> None:
        keys = KeySet("test", settings(public, refresh=0.02))
        await keys.known()
        await until(keys._idle)
        gone = weakref.ref(keys)
        del keys
        gc.collect()
        assert gone() is None
        asked = len(public.asked)
        await asyncio.sleep(0.1)
        assert len(public.asked) == asked

    run(test)


def test_fault_of_our_own_is_retried() -> None:
    """Even an exception that no fetch should raise does not end the refreshing."""
    attempts: list[int] = []

    def load(issuer: Issuer) -> Trust:
        attempts.append(1)
        raise FetchError("no") if len(attempts) > 1 else RuntimeError("a fault")

    async def test() -> None:
        keys = KeySet("test", Issuer(ISSUER, ("a",), "keys", refresh=0.01), load=load)
        with pytest.raises(RuntimeError):
            await keys.known()
        await until(lambda: len(attempts) > 1)

    run(test)

"""The list of revocations that machines share: in a real Redis, seen by every worker, kept while Redis is away."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.limits.redis_link import StoreFailed
from gateway.limits.redis_script import TAG
from gateway.security.principal import Principal
from gateway.security.revocation import Denylist
from gateway.server import revocations
from gateway.server.revocations import KEY, entries_of, shared_revocations
from gateway.tests.processes import Backend, Process
from gateway.tests.redis_server import RedisServer, needs_redis
from gateway.tests.server.test_credentials import MORE, SECURED, key, settled, statuses

__all__ = ("key",)

SHARED = MORE.replace(
    "revocation: {file: revoked}", "revocation: {file: revoked, shared: true}\nstore: {url: 'env:REDIS'}"
)


@pytest.fixture
def redis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RedisServer]:
    """A server of our own, and its URL in the environment."""
    server = RedisServer(tmp_path).start()
    monkeypatch.setenv("REDIS", server.url)
    yield server
    server.kill()


def test_entries_of_an_answer(caplog: pytest.LogCaptureFixture) -> None:
    """What is not understood is logged without a word of it, and the rest counts."""
    reply = [b"sub anna", b"inf", b"secret", b"1", b"jti a b", b"1.5e9", b"sub \xff", b"1"]
    assert entries_of(reply, "r:1") == {("sub", "anna"): float("inf"), ("jti", "a b"): 1.5e9}
    assert len(caplog.records) == 2 and "secret" not in caplog.text


def test_without_a_shared_list_there_is_nothing_to_do() -> None:
    """Nor anything to wait for."""
    denylist = Denylist([])
    assert denylist.known
    asyncio.run(_nothing(denylist))


async def _nothing(denylist: Denylist) -> None:
    shared_revocations(None, denylist, asyncio.get_running_loop())()


@needs_redis
def test_two_workers_of_two_machines_see_a_revocation(tmp_path: Path, redis: RedisServer, key: str) -> None:
    """Within a second, and that it is over; while Redis is away nothing changes."""
    backend = Backend()
    machines = []
    for name in ("one", "two"):
        folder = tmp_path / name
        folder.mkdir()
        for file in ("keys", "users", "revoked"):
            (folder / file).write_bytes((tmp_path / file).read_bytes())
        machines.append(Process(folder, backend, document=SECURED, more=SHARED))
    try:
        assert [statuses(machine, key) for machine in machines] == [{200}, {200}]
        redis.ask(b"ZADD", KEY, b"+inf", f"key {key[3:15]}".encode(), b"+inf", b"nonsense")
        for machine in machines:
            print(f"seen after {settled(machine, key, 401):.2f} s")
        redis.kill()
        machines[0].wait_for("what was read before stays in force")
        assert [statuses(machine, key) for machine in machines] == [{401}, {401}]
        redis.start()
        for machine in machines:
            settled(machine, key, 200)
        redis.ask(b"ZADD", KEY, b"%d" % (time.time() - 1), f"key {key[3:15]}".encode())
        assert [statuses(machine, key) for machine in machines] == [{200}, {200}]
    finally:
        for machine in machines:
            machine.stop()
        backend.close()


@needs_redis
def test_before_the_list_was_read_nobody_gets_in(tmp_path: Path, redis: RedisServer, key: str) -> None:
    """503 for a good key, 401 for none; as soon as Redis is there, the key counts."""
    redis.kill()
    backend = Backend()
    machine = Process(tmp_path, backend, document=SECURED, more=SHARED)
    try:
        assert statuses(machine, key) == {503}
        assert statuses(machine, "") == {401}
        redis.start()
        settled(machine, key, 200)
    finally:
        machine.stop()
        backend.close()


def test_a_list_that_is_not_known_is_no_empty_list() -> None:
    """The refusal says when to come again."""
    denylist = Denylist([], sharing=True)
    who = Principal("anna", "main", frozenset(), {}, 0.0)
    with pytest.raises(Exception, match="not read yet"):
        denylist.revoked(who)
    denylist.shared = {("sub", "anna"): float("inf")}
    assert denylist.known and denylist.revoked(who)


def test_the_list_is_where_the_counters_are() -> None:
    """In a cluster a hash tag says which node has a key; the connection of a worker leads to one."""
    assert TAG in KEY


class Cluster:
    """A connection that answers these, one after the other, then the last one; `followed` is what it was told."""

    def __init__(self, *replies: object) -> None:
        self.replies = list(replies)
        self.followed: list[str] = []

    async def ask(self, *words: bytes) -> object:
        """The next answer."""
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]

    def follow(self, reason: str) -> None:
        """Note it."""
        self.followed.append(reason)


def test_a_list_on_another_node_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """And an answer that is none does not end the watch."""
    monkeypatch.setattr(revocations, "INTERVAL", 0.001)
    link = Cluster(StoreFailed("MOVED 7 10.0.0.7:6379"), 5, [b"sub anna", b"inf"])
    denylist = Denylist([], sharing=True)

    async def story() -> None:
        task = asyncio.create_task(revocations._watch(link, "redis", denylist))
        async with asyncio.timeout(20):
            while not denylist.known:
                await asyncio.sleep(0.001)
        task.cancel()

    asyncio.run(story())
    assert link.followed == ["MOVED 7 10.0.0.7:6379", "5"] and denylist.shared == {("sub", "anna"): float("inf")}

"""The soak finds what it is there to find; and a short one passes."""

import asyncio
import os
import socket
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest

from benchmarks.soak import watch
from benchmarks.soak.__main__ import text
from benchmarks.soak.run import Result, run
from benchmarks.soak.traffic import Asked, Making, Soak, asking, client, get, good, post
from gateway.tests.harness import Origin

GET_ONE = get("one", b"/v1/things?n=1", b"", 200)
RIGHT = b'HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n"/v1/things?n=1"'


def soak(port: int = 0) -> Soak:
    """One that has nothing to do yet."""
    return Soak(port, [b"X-Api-Key: 0123456789abcdef\r\n"], Random(1))


def test_twenty_seconds_with_a_kill(tmp_path: Path) -> None:
    """No wrong answer, exact limits, nothing hostile at the backend, and nothing left over."""
    result = asyncio.run(run(tmp_path, 20.0, kills=1, seed=1))
    assert result.violations == [], text(result)
    assert result.seen["reads with credentials: 200"] > 100
    assert result.seen["hostile requests"] > 100


@pytest.mark.parametrize(
    ("answers", "wrong"),
    [
        ([RIGHT], ""),
        ([RIGHT.replace(b"n=1", b"n=2")], "n=2"),
        ([RIGHT.replace(b"200 OK", b"503 No")], "503"),
    ],
)
def test_an_answer_is_judged_by_what_was_asked(answers: Sequence[bytes], wrong: str) -> None:
    """Somebody else's is wrong, however well formed."""

    async def story() -> Soak:
        server = await asyncio.start_server(Origin().replies(*answers), "127.0.0.1", 0)
        found = soak()
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        asked: list[Asked] = [GET_ONE]
        assert await asking(found, reader, writer, asked)
        assert asked == []
        writer.close()
        server.close()
        return found

    violations = asyncio.run(story()).violations
    assert len(violations) == bool(wrong) and wrong in "".join(violations)


@pytest.mark.parametrize("killed", [True, False])
def test_a_lost_connection_is_right_only_with_its_worker(killed: bool) -> None:
    """By the port of the client."""

    async def story() -> Soak:
        found = soak()

        async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            if killed:
                found.lost.add(writer.get_extra_info("peername")[1])
            found.over = 0.0
            writer.close()

        server = await asyncio.start_server(cut, "127.0.0.1", 0)
        found.port = server.sockets[0].getsockname()[1]
        found.over = float("inf")
        await client(found, Making(limited=(b"/v1/steady",)), 0.0)
        server.close()
        return found

    found = asyncio.run(story())
    assert bool(found.unanswered["/v1/steady"]) is killed
    assert len(found.violations) == (not killed)


def test_each_good_request_has_an_answer_of_its_own() -> None:
    """So that none can be taken for another."""
    found = soak()
    bodies = [good(found).body for _ in range(200)]
    assert None not in bodies and len(set(bodies)) == len(bodies)


def test_a_refusal_has_no_body_to_compare() -> None:
    """Its status is enough."""
    assert get("x", b"/", b"", 401).body is None
    assert post("x", b"/", b"", b"{", 400).body is None


def test_growth_is_measured_after_warm_up() -> None:
    """From the median of the first third to that of the last."""
    samples = [(float(at), 1_000_000 * (50 if at < 10 else 60 + at)) for at in range(40)]
    grown, slope = watch.growth(samples, 10)
    assert grown == pytest.approx(20.0, abs=1) and slope == pytest.approx(60.0)
    assert watch.growth(samples, 100) == (0.0, 0.0)


def test_connections_of_a_process_are_found() -> None:
    """By the ports of its clients; connections to a backend are no files of its own."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        before = watch.others(os.getpid(), port)
        with socket.create_connection(("127.0.0.1", port)) as there:
            here, _ = server.accept()
            with here:
                assert watch.peers_of(os.getpid(), port) == {there.getsockname()[1]}
                assert watch.others(os.getpid(), port) == before + 1
        assert watch.anonymous(os.getpid()) > 1_000_000


def test_violations_are_reported() -> None:
    """Behind the counts and figures."""
    told = text(Result({"reads: 200": 5}, ["a figure"], ["something"]))
    assert told.splitlines() == ["         5  reads: 200", "", "a figure", "", "VIOLATION: something"]

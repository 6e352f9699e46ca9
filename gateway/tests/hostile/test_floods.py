"""Many connections, slow ones, and such as vanish: memory stays bounded, good requests are answered, all of it ends."""

import contextlib
import resource
import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.tests.hostile import usage
from gateway.tests.hostile.attacks import DOCUMENT
from gateway.tests.hostile.victim import GOOD, OK, PATIENCE, Victim
from gateway.tests.processes import Backend, Process

MANY = 2000
SETTINGS = """
timeouts: {first-byte: 2s, head: 2s, body: 2s, idle: 2s, write: 2s}
validate: {unknown-query: allow}
limits: {connections: 4000, connections-per-address: 4000}
"""
RESET = struct.pack("ii", 1, 0)
HEAD = b"GET /v1/things HTTP/1.1\r\nHost: a\r\nX: "
UPLOAD = b"POST /v1/json HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
LARGE = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n"


class Flooded(Victim):
    """A gateway whose connections are counted."""

    def __init__(self, process: Process, backend: Backend) -> None:
        super().__init__(process)
        self.process = process
        self.backend = backend

    def open(self) -> float:
        """Open client connections, that of whoever asks for something good among them."""
        return self.process.metric("gateway_open_connections")

    def await_quiet(self) -> None:
        """Until nobody is left but who asks for something good."""
        deadline = time.monotonic() + PATIENCE
        while self.open() > 1:
            assert time.monotonic() < deadline, f"{self.open()} connections are still open"
            time.sleep(0.05)


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Flooded]:
    """A gateway in front of a backend that always answers the same."""
    backend = Backend(OK)
    process = Process(folder, backend, document=DOCUMENT, more=SETTINGS)
    victim = Flooded(process, backend)
    try:
        yield victim
    finally:
        victim.stop()
        process.stop()
        backend.close()


@pytest.fixture(scope="module", autouse=True)
def enough_files() -> Iterator[None]:
    """Sockets for all, here and in the gateway."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = max(soft, 8 * MANY)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture(scope="module")
def flooded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flooded]:
    """One for several floods: what one leaves behind, the next finds."""
    with running(tmp_path_factory.mktemp("flooded")) as victim:
        yield victim


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[Flooded]:
    """One of its own."""
    with running(tmp_path) as victim:
        yield victim


def vanish(sock: socket.socket) -> None:
    """End with a reset."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    sock.close()


@pytest.mark.parametrize(
    ("sent", "megabytes"),
    [(b"", 40), (HEAD + b"a" * 4000, 100), (UPLOAD, 60)],
    ids=["silent", "slow heads", "slow bodies"],
)
def test_connections_that_never_end_a_request_are_bounded(flooded: Flooded, sent: bytes, megabytes: int) -> None:
    """2,000 at once: little memory for each, others are answered, and the deadline ends them all."""
    victim = flooded
    before, used = usage.resident(victim.pids), usage.cpu(victim.pids)
    with contextlib.ExitStack() as stack:
        for _ in range(MANY):
            sock = stack.enter_context(victim.connect())
            sock.sendall(sent)
        victim.await_quiet()
    grown, seconds = usage.peak(victim.pids) - before, usage.cpu(victim.pids) - used
    print(f"{MANY} connections: {grown / 2**20:.0f} MB, {seconds:.2f} s, others waited {victim.slowest:.2f} s")
    assert grown < megabytes * 2**20 and seconds < 10
    assert victim.failures == []


@pytest.mark.parametrize("sent", [b"", HEAD, UPLOAD + b"a" * 50_000, GOOD * 20])
def test_a_flood_of_resets_leaves_nothing_behind(flooded: Flooded, sent: bytes) -> None:
    """500 connections that say something and vanish."""
    victim = flooded
    before = usage.resident(victim.pids)
    for _ in range(500):
        sock = victim.connect()
        with contextlib.suppress(OSError):
            sock.sendall(sent)
        vanish(sock)
    victim.await_quiet()
    assert usage.peak(victim.pids) - before < 40 * 2**20
    assert victim.failures == []


def test_half_open_connections_end(flooded: Flooded) -> None:
    """A client that has said its last word without ending its request is not waited for."""
    victim = flooded
    with contextlib.ExitStack() as stack:
        for _ in range(300):
            sock = stack.enter_context(victim.connect())
            sock.sendall(HEAD)
            sock.shutdown(socket.SHUT_WR)
        victim.await_quiet()
    assert victim.failures == []


def test_answers_that_nobody_reads_are_not_held(alone: Flooded) -> None:
    """20 clients ask for 32 MB and read nothing: the backend waits, and then they are cut."""
    victim = alone
    before = usage.resident(victim.pids)
    victim.stop()
    victim.backend.reply = LARGE % 2**25 + b"x" * 2**25
    with contextlib.ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(victim.connect()).sendall(GOOD)
        victim.await_quiet()
    grown = usage.peak(victim.pids) - before
    print(f"20 unread answers: {grown / 2**20:.0f} MB")
    assert grown < 60 * 2**20


def test_pipelined_requests_whose_answers_nobody_reads_are_bounded(alone: Flooded) -> None:
    """As much as the sockets take is sent; only some of it is read, and then the client is cut."""
    victim = alone
    victim.backend.reply = LARGE % 2**18 + b"x" * 2**18
    before = usage.resident(victim.pids)
    with contextlib.ExitStack() as stack:
        for _ in range(20):
            sock = stack.enter_context(victim.connect(0.5))
            with contextlib.suppress(OSError):
                sock.sendall(GOOD * 100_000)
        victim.await_quiet()
    grown = usage.peak(victim.pids) - before
    print(f"20 clients that only ask: {grown / 2**20:.0f} MB")
    assert grown < 60 * 2**20 and victim.failures == []


def test_a_hundred_pipelined_requests_are_answered(flooded: Flooded) -> None:
    """On each of some connections, in order and whole."""
    victim = flooded
    for _ in range(5):
        with victim.connect() as sock:
            sock.sendall(GOOD * 100)
            answers = b""
            while answers.count(b"HTTP/1.1 200 OK\r\n") < 100 or not answers.endswith(b"{}"):
                piece = sock.recv(65536)
                assert piece, "closed early"
                answers += piece
            assert answers.count(b"{}") == 100

"""The liar, as a process: each lie is the one that it claims to be."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
import requests

from backends.common.app import read
from backends.liar.lies import NAMES
from backends.tests.conftest import processes

Exchange = tuple[socket.socket, str]


@pytest.fixture(scope="module")
def liar() -> Iterator[str]:
    """Its base URL."""
    with processes() as start:
        yield f"{start('liar')[1]}/liar"


@pytest.fixture
def connection(liar: str) -> Iterator[socket.socket]:
    """A connection to it."""
    parts = urlsplit(liar)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as connection:
        yield connection


def raw(connection: socket.socket, lie: str, enough: int = 1 << 30) -> bytes:
    """What comes back for a lie until the connection ends, at most about `enough` bytes."""
    connection.sendall(
        f"GET /liar/things/7?lie={lie}&delay=0 HTTP/1.1\r\nHost: liar\r\nConnection: close\r\n\r\n".encode()
    )
    got = b""
    while len(got) < enough:
        piece = connection.recv(1 << 16)
        if not piece:
            break
        got += piece
    return got


def test_honest_answers(liar: str) -> None:
    """Without a lie it keeps its contract; what is sent is what comes back."""
    thing = requests.get(f"{liar}/things/8", timeout=10)
    assert (thing.json(), thing.headers["X-Revision"]) == ({"id": 8, "name": "lamp", "size": 30}, "1")
    sent = {"id": 1, "name": "chair", "size": 2}
    assert requests.post(f"{liar}/things", json=sent, timeout=10).json() == sent
    assert requests.get(f"{liar}/things/404", timeout=10).status_code == 404
    assert requests.get(f"{liar}/streams?size=100000", timeout=10).content == bytes(100000)
    assert requests.head(f"{liar}/streams?size=5", timeout=10).headers["Content-Length"] == "5"
    for body in (bytes(200000), iter([bytes(100), bytes(50)])):
        answer = requests.post(f"{liar}/streams", data=body, timeout=10)
        assert answer.json() == {"bytes": 200000 if isinstance(body, bytes) else 150}


def test_every_lie_is_documented() -> None:
    """The table in the document names exactly the lies there are."""
    lines = read("liar")["info"]["description"].splitlines()
    assert {line.split("`")[1] for line in lines if line.startswith("| `")} == NAMES


def test_unknown_lie_is_a_failure_and_not_the_truth(liar: str) -> None:
    """A misspelt lie cannot make a test pass."""
    assert requests.get(f"{liar}/things/7?lie=staus", timeout=10).status_code == 500


def test_it_counts_what_arrives(liar: str) -> None:
    """Requests are counted and the last head is kept, those for the counts excepted."""
    before = requests.get(f"{liar}/seen", timeout=10).json()
    requests.get(f"{liar}/things/7?lie=status", timeout=10)
    after = requests.get(f"{liar}/seen", timeout=10).json()
    assert after["requests"] - before["requests"] == 1
    assert after["last"].startswith("GET /liar/things/7?lie=status HTTP/1.1\r\n")


JSON = "application/json"


@pytest.mark.parametrize(
    ("lie", "status", "media_type", "revision", "body"),
    [
        ("status", 418, JSON, "1", b'{"id": 7, "name": "lamp", "size": 30}'),
        ("type", 200, JSON, "1", b'{"id": 7, "name": "lamp", "size": "thirty"}'),
        ("property", 200, JSON, "1", b'{"id": 7, "name": "lamp", "size": 30, "secret": "token"}'),
        ("required", 200, JSON, "1", b'{"name": "lamp", "size": 30}'),
        ("header", 200, JSON, None, b'{"id": 7, "name": "lamp", "size": 30}'),
        ("header-value", 200, JSON, "newest", b'{"id": 7, "name": "lamp", "size": 30}'),
        ("syntax", 200, JSON, "1", b'{"id": 7, "name": "lamp", "size": 30'),
        ("duplicate-key", 200, JSON, "1", b'{"id": 7, "name": "lamp", "size": 30, "id": 8}'),
        ("media-type", 200, "text/html", "1", b"<html>Sorry</html>"),
        ("no-media-type", 200, None, "1", b'{"id": 7, "name": "lamp", "size": 30}'),
        ("empty", 200, JSON, "1", b""),
        ("redirect", 302, None, None, b""),
        ("slow-head", 200, JSON, "1", b'{"id": 7, "name": "lamp", "size": 30}'),
        ("slow-body", 200, JSON, "1", b'{"id": 7, "name": "lamp", "size": 30}'),
        ("close-idle", 200, JSON, "1", b'{"id": 7, "name": "lamp", "size": 30}'),
        ("until-close", 200, JSON, "1", b'{"id": 7, "name": "lamp", "size": 30}'),
        ("trailers", 200, JSON, "1", b'{"id": 7, "name": "lamp", "size": 30}'),
    ],
)
def test_lies_that_are_http(
    liar: str, lie: str, status: int, media_type: str | None, revision: str | None, body: bytes
) -> None:
    """A client that knows nothing of the contract sees a whole answer."""
    got = requests.get(f"{liar}/things/7?lie={lie}&delay=0.01", timeout=10, allow_redirects=False)
    fields = got.headers
    assert (got.status_code, got.content) == (status, body)
    assert (fields.get("Content-Type"), fields.get("X-Revision")) == (media_type, revision)


@pytest.mark.parametrize(
    ("lie", "first", "last"),
    [
        ("informational", b"HTTP/1.1 103 Early Hints\r\n", b"}"),
        ("cut-head", b"HTTP/1.1 200 OK\r\n", None),
        ("cut-body", b"HTTP/1.1 200 OK\r\n", b'{"id": 7, "name": '),
        ("cut-chunk", b"HTTP/1.1 200 OK\r\n", b'40\r\n{"id": 7, "name"'),
        ("no-answer", b"", b""),
        ("trailers", b"HTTP/1.1 200 OK\r\n", b"0\r\nX-Checksum: 1234\r\n\r\n"),
        ("bad-chunk", b"HTTP/1.1 200 OK\r\n", b'many\r\n{"id": 7, "name": "lamp", "size": 30}'),
        ("short-length", b"HTTP/1.1 200 OK\r\n", b'Content-Length: 1\r\n\r\n{"id": 7, "name": "lamp", "size": 30}'),
        ("not-http", b"220 ", b"ready\r\n"),
    ],
)
def test_lies_on_the_wire(connection: socket.socket, lie: str, first: bytes, last: bytes | None) -> None:
    """The bytes begin and end as told, and then the connection ends."""
    got = raw(connection, lie)
    assert got.startswith(first)
    assert b"\r\n\r\n" not in got if last is None else got.endswith(last)


@pytest.mark.parametrize(
    ("lie", "part", "count"),
    [
        ("double-length", b"Content-Length:", 2),
        ("length-and-chunks", b"Transfer-Encoding: chunked", 1),
        ("length-and-chunks", b"Content-Length:", 1),
        ("smuggle", b"HTTP/1.1 200", 2),
        ("many-headers", b"X-Many-", 10000),
        ("huge-header", b"x" * (128 << 10), 1),
        ("too-large", b"x" * (16 << 20), 1),
        ("until-close", b"Content-Length:", 0),
    ],
)
def test_lies_of_framing_and_size(connection: socket.socket, lie: str, part: bytes, count: int) -> None:
    """What should be there once is there twice, or is as large as told."""
    assert raw(connection, lie).count(part) == count


def test_endless_does_not_end(connection: socket.socket) -> None:
    """There is always more."""
    assert len(raw(connection, "endless", 5 << 20)) >= 5 << 20


def test_stall_sends_half_and_waits(connection: socket.socket) -> None:
    """Half of the body comes, the rest does not, and the connection stays."""
    connection.settimeout(0.5)
    got = b""
    with suppress(TimeoutError):
        while piece := raw(connection, "stall", 1):
            got += piece
    assert got.endswith(b'\r\n\r\n{"id": 7, "name": ')


def test_reset(connection: socket.socket) -> None:
    """The client sees a reset, not an end."""
    with pytest.raises(ConnectionResetError):
        raw(connection, "reset")


def test_close_reused(liar: str, connection: socket.socket) -> None:
    """The first answer is honest, the second request on the connection gets none."""
    request = b"GET /liar/things/7?lie=close-reused HTTP/1.1\r\nHost: liar\r\n\r\n"
    connection.sendall(request)
    got = b""
    while not got.endswith(b"}"):
        got += connection.recv(1 << 16)
    connection.sendall(request)
    assert connection.recv(1 << 16) == b""


@pytest.mark.parametrize(
    "request_text",
    [
        b"\r\n\r\n",
        b"GET\r\n\r\n",
        b"x" * (1 << 19),
        b"POST /liar/things HTTP/1.1\r\nContent-Length: x\r\n\r\n",
    ],
)
def test_broken_requests_do_it_no_harm(liar: str, connection: socket.socket, request_text: bytes) -> None:
    """It hangs up and goes on serving others."""
    with suppress(OSError):
        connection.sendall(request_text)
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(100) == b""
    assert requests.get(f"{liar}/things/7", timeout=10).ok


def test_only_for_this_machine() -> None:
    """A liar is not offered to the network."""
    done = subprocess.run(
        [sys.executable, "-m", "backends.liar", "--host", "0.0.0.0"], capture_output=True, text=True, timeout=20
    )
    assert done.returncode == 2
    assert "loopback" in done.stderr

"""What an idle keep-alive connection costs: resident memory of the worker with many of them open."""

import socket

from benchmarks import proc
from benchmarks.claims import Claim
from benchmarks.peers import Launch, Place, gateway
from benchmarks.processes import raise_file_limit
from benchmarks.session import Session

CONNECTIONS = 10_000
LIMIT_MB = 150.0
SPARE_FILES = 500
REQUEST = b"GET /v1/runs/42?units=metric HTTP/1.1\r\nHost: bench\r\n\r\n"
MEGABYTE = 1e6


class NotServed(Exception):
    """A connection below the limit got no answer."""


def measure(session: Session) -> list[Claim]:
    """Open the connections, use each once, and look at the worker while all of them are idle."""
    count = min(CONNECTIONS, raise_file_limit() - SPARE_FILES)
    with session.backend() as backend, session.serve("idle", _launch, backend.port) as served:
        before = proc.resident(served.worker)
        connections = [_used_connection(served.port) for _ in range(count)]
        after = proc.resident(served.worker)
        try:
            still_open = sum(_answers(connection) for connection in connections)
        finally:
            for connection in connections:
                connection.close()
    how = (
        f"from {before / MEGABYTE:.0f} MB without connections: {(after - before) / count / 1000:.1f} kB each; "
        f"{still_open} of {count} answered again afterwards"
    )
    return [Claim(f"{count} idle keep-alive connections: RSS of the worker", after / MEGABYTE, "MB", LIMIT_MB, how)]


def _launch(place: Place) -> Launch:
    return gateway(place, limits={"connections": CONNECTIONS + SPARE_FILES}, timeouts={"idle": 600.0})


def _used_connection(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    if not _answers(connection):
        raise NotServed("a new connection got no answer")
    return connection


def _answers(connection: socket.socket) -> bool:
    try:
        connection.sendall(REQUEST)
        return connection.recv(4096).startswith(b"HTTP/1.1 200")
    except OSError:
        return False

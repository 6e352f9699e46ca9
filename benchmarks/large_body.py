"""A body of one megabyte, judged as a whole: how fast, and how long everybody else waits meanwhile."""

import contextlib
import http.client
import time

from benchmarks import documents, ping, stream
from benchmarks.claims import Claim
from benchmarks.peers import Launch, Place, gateway
from benchmarks.session import Session
from benchmarks.workloads import JSON_TYPE, NEW_RUN, padded

SIZE = 1_000_000
MEGABYTE = 1e6
PING_TARGET = "/v1/blob"
QUIET = 0.5  # seconds of pinging with nothing else going on, for comparison


class Refused(Exception):
    """A good body was not accepted."""


def measure(session: Session, count: int = 50) -> list[Claim]:
    """Send `count` bodies one after the other while another process pings on its own connection."""
    body = batch(SIZE)
    # The table's backend answers before it has read a body; here that would stall the connection, not the gateway.
    with (
        session.serve("blob", stream.blob_backend, on_load_cpu=True) as backend,
        session.serve("large", _launch, backend.port) as served,
    ):
        _post(served.port, body, 2)
        quiet = ping.longest(served.port, PING_TARGET, session.cpus.load, lambda: time.sleep(QUIET))
        seconds: list[float] = []
        stall = ping.longest(
            served.port, PING_TARGET, session.cpus.load, lambda: seconds.extend(_post(served.port, body, count))
        )
    how = f"{count} bodies of {len(body)} bytes, one after the other"
    waits = f"longest round trip of a small GET from another process; {quiet * 1000:.1f} ms with nothing else going on"
    speed = len(body) * count / sum(seconds) / MEGABYTE
    return [
        Claim("1 MB JSON body validated and forwarded", speed, "MB/s", how=how),
        Claim("longest stall while such bodies are judged", stall * 1000, "ms", how=waits),
    ]


def batch(size: int) -> bytes:
    """A JSON array of valid runs, at most `size` bytes."""
    item = padded(NEW_RUN)
    return b"[" + b",".join([item] * ((size - 1) // (len(item) + 1))) + b"]"


def _launch(place: Place) -> Launch:
    document = documents.write_json(documents.batches(), place.folder / "batches.json")
    return Launch(gateway(place, document, validate={"response": "block"}).command, ready=PING_TARGET)


def _post(port: int, body: bytes, count: int) -> list[float]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    seconds = []
    with contextlib.closing(connection):
        for _ in range(count):
            started = time.monotonic()
            connection.request("POST", "/v1/batches", body, {"Content-Type": JSON_TYPE})
            response = connection.getresponse()
            answer = response.read()
            seconds.append(time.monotonic() - started)
            if response.status != 204:
                raise Refused(f"status {response.status}: {answer[:500]!r}")
    return seconds

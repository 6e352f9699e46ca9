"""A body of one megabyte, judged as a whole: how fast, and how long everybody else waits meanwhile."""

import http.client
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from benchmarks import documents
from benchmarks.claims import Claim
from benchmarks.peers import Launch, Place, gateway
from benchmarks.session import Session
from benchmarks.workloads import JSON_TYPE, NEW_RUN, padded

SIZE = 1_000_000
PAUSE = 0.002  # seconds between two pings
MEGABYTE = 1e6


class Refused(Exception):
    """A good body was not accepted."""


@dataclass(slots=True)
class Pings:
    """Round trips of tiny requests on a connection of their own, in seconds."""

    port: int
    taken: list[float] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Ping until stopped."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        while not self.stopped.wait(PAUSE):
            started = time.monotonic()
            connection.request("GET", "/v1/runs/42")
            connection.getresponse().read()
            self.taken.append(time.monotonic() - started)
        connection.close()


def measure(session: Session, count: int = 50) -> list[Claim]:
    """Send `count` bodies one after the other while another connection pings."""
    body = batch(SIZE)
    with session.backend() as backend, session.serve("large", _launch, backend.port) as served:
        _post(served.port, body, 2)
        quiet = _longest_ping(served.port, lambda: time.sleep(0.5))
        seconds: list[float] = []
        stall = _longest_ping(served.port, lambda: seconds.extend(_post(served.port, body, count)))
    how = f"{count} bodies of {len(body)} bytes, one after the other"
    waits = (
        f"longest round trip of a GET on another connection, sent {PAUSE * 1000:.0f} ms after the answer to the one "
        f"before; {quiet * 1000:.1f} ms when nothing else runs"
    )
    return [
        Claim("1 MB JSON body validated and forwarded", len(body) * count / sum(seconds) / MEGABYTE, "MB/s", how=how),
        Claim("longest stall while such bodies are judged", stall * 1000, "ms", how=waits),
    ]


def batch(size: int) -> bytes:
    """A JSON array of valid runs, at most `size` bytes."""
    item = padded(NEW_RUN)
    return b"[" + b",".join([item] * ((size - 1) // (len(item) + 1))) + b"]"


def _launch(place: Place) -> Launch:
    document = documents.write_json(documents.batches(), place.folder / "batches.json")
    return gateway(place, document, validate={"response": "block"})


def _post(port: int, body: bytes, count: int) -> list[float]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    seconds = []
    for _ in range(count):
        started = time.monotonic()
        connection.request("POST", "/v1/batches", body, {"Content-Type": JSON_TYPE})
        response = connection.getresponse()
        answer = response.read()
        seconds.append(time.monotonic() - started)
        if response.status != 201:
            raise Refused(f"status {response.status}: {answer[:500]!r}")
    connection.close()
    return seconds


def _longest_ping(port: int, meanwhile: Callable[[], object]) -> float:
    pings = Pings(port)
    thread = threading.Thread(target=pings.run)
    thread.start()
    try:
        meanwhile()
    finally:
        pings.stopped.set()
        thread.join()
    return max(pings.taken)

"""How much memory a body takes that is far larger than memory should ever be used for it."""

import http.client
import sys
import time
from collections.abc import Callable, Iterator

from benchmarks import documents, proc
from benchmarks.claims import Claim
from benchmarks.peers import Launch, Place, gateway
from benchmarks.session import Served, Session

LIMIT_MB = 60.0
MEGABYTE = 1e6
PIECE = b"\0" * (1 << 20)
TIMEOUT = 120.0


class Truncated(Exception):
    """Fewer bytes came than were announced, or the upload was refused."""


def measure(session: Session, size: int = 1 << 30) -> list[Claim]:
    """Stream `size` bytes down and up; report the worker's peak above what it held before."""
    with (
        session.serve("blob", blob_backend, on_load_cpu=True) as backend,
        session.serve("stream", _gateway, backend.port) as served,
    ):
        return [_peak(served, size, "download", _download), _peak(served, size, "upload", _upload)]


def blob_backend(place: Place) -> Launch:
    """The backend that reads every body to its end."""
    return Launch([sys.executable, "-m", "benchmarks.blob_backend", str(place.port)], ready="/v1/blob")


def _gateway(place: Place) -> Launch:
    document = documents.write_json(documents.streams(), place.folder / "streams.json")
    launch = gateway(place, document)
    return Launch(launch.command, ready="/v1/blob")


def _peak(served: Served, size: int, name: str, transfer: Callable[[int, int], None]) -> Claim:
    worker = served.worker
    transfer(served.port, len(PIECE))  # what the first transfer allocates once and keeps is not its peak
    proc.reset_peak(worker)
    before, started = proc.resident(worker), time.monotonic()
    transfer(served.port, size)
    seconds = time.monotonic() - started
    above = (proc.peak_resident(worker) - before) / MEGABYTE
    how = f"peak (VmHWM) above the {before / MEGABYTE:.0f} MB before; {size / seconds / MEGABYTE:.0f} MB/s"
    return Claim(f"{size / (1 << 30):g} GiB {name}: peak RSS above start", above, "MB", LIMIT_MB, how)


def _download(port: int, size: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    connection.request("GET", f"/v1/blob?size={size}")
    response = connection.getresponse()
    received = 0
    buffer = bytearray(len(PIECE))
    while count := response.readinto(buffer):
        received += count
    connection.close()
    if (response.status, received) != (200, size):
        raise Truncated(f"download: status {response.status}, {received} of {size} bytes")


def _upload(port: int, size: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    headers = {"Content-Type": "application/octet-stream", "Content-Length": str(size)}
    connection.request("PUT", "/v1/blob", _pieces(size), headers)
    response = connection.getresponse()
    response.read()
    connection.close()
    if response.status != 204:
        raise Truncated(f"upload: status {response.status}")


def _pieces(size: int) -> Iterator[bytes]:
    while size > 0:
        yield PIECE[:size]
        size -= len(PIECE)

"""What judging costs by media type and content coding: the same runs, written in each of them.

Bodies are sent one after the other on one connection, so a figure holds the whole price of a request that finds the
gateway idle; what matters is the ratio to JSON in the same run. CPU is that of the gateway's processes.
"""

import contextlib
import csv
import gzip
import http.client
import io
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlencode
from xml.sax.saxutils import escape

import brotli
import cbor2
import msgpack
import yaml
from backports import zstd

from benchmarks import documents, proc, stream
from benchmarks.claims import Claim
from benchmarks.large_body import Refused
from benchmarks.peers import Launch, Place, gateway
from benchmarks.session import Served, Session
from benchmarks.workloads import JSON_TYPE, NEW_RUN

LARGE = 1_000_000
BOUNDARY = "runs"
Run = Mapping[str, Any]


class Kind(NamedTuple):
    """How runs are written: `small` one of them, `large` many; None where the format has no list."""

    name: str
    content_type: str
    small: Callable[[Run], bytes]
    large: Callable[[Sequence[Run]], bytes] | None
    coding: str = ""


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def _csv(runs: Sequence[Run]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(NEW_RUN))
    writer.writeheader()
    writer.writerows(runs)
    return text.getvalue().encode()


def _multipart(run: Run) -> bytes:
    part = '--{}\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    return ("".join(part.format(BOUNDARY, *pair) for pair in run.items()) + f"--{BOUNDARY}--\r\n").encode()


def _coded(coding: str, compress: Callable[[bytes], bytes]) -> Kind:
    return Kind(
        f"JSON, {coding}", JSON_TYPE, lambda run: compress(_json(run)), lambda runs: compress(_json(runs)), coding
    )


def _xml(run: Run) -> str:
    return f"<NewRun>{''.join(f'<{name}>{escape(str(value))}</{name}>' for name, value in run.items())}</NewRun>"


def _yaml(value: Any) -> bytes:
    return str(yaml.dump(value, Dumper=documents.Plain)).encode()


def _lines(runs: Sequence[Run]) -> bytes:
    return b"".join(_json(run) + b"\n" for run in runs)


KINDS = (
    Kind("JSON", JSON_TYPE, _json, _json),
    _coded("gzip", gzip.compress),
    _coded("br", brotli.compress),
    _coded("zstd", zstd.compress),
    Kind("urlencoded form", "application/x-www-form-urlencoded", lambda run: urlencode(run).encode(), None),
    Kind("multipart form", f"multipart/form-data; boundary={BOUNDARY}", _multipart, None),
    Kind(
        "XML",
        "application/xml",
        lambda run: _xml(run).encode(),
        lambda runs: f"<runs>{''.join(map(_xml, runs))}</runs>".encode(),
    ),
    Kind("YAML", "application/yaml", _yaml, _yaml),
    Kind("CSV", "text/csv", lambda run: _csv([run]), _csv),
    Kind("MessagePack", "application/msgpack", msgpack.packb, msgpack.packb),
    Kind("CBOR", "application/cbor", cbor2.dumps, cbor2.dumps),
    Kind("NDJSON, item by item", "application/x-ndjson", lambda run: _lines([run]), _lines),
)


def measure(session: Session, small: int = 1500, large: int = 12) -> list[Claim]:
    """CPU per request with one run, and CPU for a body of a megabyte, for each kind."""
    with (
        session.serve("blob", stream.blob_backend, on_load_cpu=True) as backend,
        session.serve("media", _launch, backend.port) as served,
    ):
        return [*_claims(served, "one run", small, _small), *_claims(served, "1 MB of runs", large, _large)]


def _claims(served: Served, what: str, count: int, write: Callable[[Kind], bytes | None]) -> list[Claim]:
    claims = []
    reference = 0.0
    for kind in KINDS:
        body = write(kind)
        if body is None:
            continue
        target = "/v1/run" if what == "one run" else "/v1/runs"
        cost = _cost(served, target, kind, body, count)
        reference = reference or cost
        claims.append(
            Claim(f"{what} as {kind.name}", cost * 1e6, "us", how=f"{len(body)} bytes; {cost / reference:.2f} x JSON")
        )
    return claims


def _small(kind: Kind) -> bytes:
    return kind.small(dict(NEW_RUN))


def _large(kind: Kind) -> bytes | None:
    runs = [dict(NEW_RUN)] * (LARGE // len(_json(NEW_RUN)))
    return kind.large(runs) if kind.large else None


def _cost(served: Served, target: str, kind: Kind, body: bytes, count: int) -> float:
    """Seconds of CPU that one request takes."""
    fields = {"Content-Type": kind.content_type} | ({"Content-Encoding": kind.coding} if kind.coding else {})
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
    with contextlib.closing(connection):
        for number in range(-2, count):
            if number == 0:
                before = proc.cpu_seconds(served.pid)
            connection.request("POST", target, body, fields)
            response = connection.getresponse()
            answer = response.read()
            if response.status != 204:
                raise Refused(f"{kind.name}: status {response.status}: {answer[:500]!r}")
    return (proc.cpu_seconds(served.pid) - before) / count


def _launch(place: Place) -> Launch:
    document = documents.write_json(documents.media(), place.folder / "media.json")
    limits = {"body": 8 * LARGE, "coding-ratio": 10_000}
    return Launch(gateway(place, document, validate={"response": "off"}, limits=limits).command, ready="/v1/blob")

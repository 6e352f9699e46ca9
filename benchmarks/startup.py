"""How long the gateway takes from its start to its first answer when the document is large."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import documents, proc
from benchmarks.claims import Claim
from benchmarks.documents import Document
from benchmarks.peers import Launch, Place, gateway
from benchmarks.session import Session
from benchmarks.workloads import WORKLOADS
from gateway.tests.contract import many_files

SIZE = 3_000_000
FILES = 3000
LIMIT_SECONDS = 5.0
LIMIT_AGAIN = 1.0
FORMATS: dict[str, Callable[[Document], str]] = {"JSON": documents.to_json, "YAML": documents.to_yaml}


def measure(session: Session, size: int = SIZE, files: int = FILES) -> list[Claim]:
    """Seconds until the first 200 through the gateway, for one large document in each format and for one that is split
    over many files: at the first start, and when it starts again and nothing has changed. The backend is up before."""
    return [
        claim
        for path, what, ready in (*_large(session.folder, size), _split(session.folder, files))
        for claim in _first_answers(session, path, what, ready)
    ]


def _large(folder: Path, size: int) -> Iterator[tuple[Path, str, str]]:
    for name, dump in FORMATS.items():
        document = documents.of_size(size, dump)
        path = folder / f"large.{name.lower()}"
        path.write_text(dump(document))
        yield path, f"{path.stat().st_size / 1e6:.1f} MB of {name}, {len(document['paths'])} paths", WORKLOADS[0].target


def _split(folder: Path, files: int) -> tuple[Path, str, str]:
    """The backend knows none of its paths, so the page of the documentation is asked for."""
    return many_files.write(folder / "split", files), f"{files} files, YAML and JSON, {files // 2} paths", "/docs"


def _first_answers(session: Session, path: Path, what: str, ready: str) -> Iterator[Claim]:
    def launch(place: Place) -> Launch:
        cache = {"cache": str(session.folder / f"cache-{path.name}")}
        return Launch(gateway(place, contract=path, references=cache).command, ready=ready)

    for start, limit in (("start", LIMIT_SECONDS), ("start again", LIMIT_AGAIN)):
        with session.backend() as backend:
            started = time.monotonic()
            with session.serve("startup", launch, backend.port) as served:
                seconds = time.monotonic() - started
                memory = proc.resident(served.worker) / 1e6
        size, _, paths = what.rpartition(", ")
        how = f"{paths}; on one CPU; the worker then holds {memory:.0f} MB"
        yield Claim(f"{start} with {size}, until the first 200", seconds, "s", limit, how)

"""How long the gateway takes from its start to its first answer when the document is large."""

import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import documents
from benchmarks.claims import Claim
from benchmarks.documents import Document
from benchmarks.peers import gateway
from benchmarks.session import Session

SIZE = 3_000_000
LIMIT_SECONDS = 3.0
FORMATS: tuple[tuple[str, Callable[[Document, Path], Path]], ...] = (
    ("JSON", documents.write_json),
    ("YAML", documents.write_yaml),
)


def measure(session: Session, size: int = SIZE) -> list[Claim]:
    """Seconds until the first 200 through the gateway, once for each format; the backend is up before."""
    document = documents.of_size(size)
    return [_first_answer(session, document, name, write) for name, write in FORMATS]


def _first_answer(session: Session, document: Document, name: str, write: Callable[[Document, Path], Path]) -> Claim:
    path = write(document, session.folder / f"large.{name.lower()}")
    with session.backend() as backend:
        started = time.monotonic()
        with session.serve(f"startup-{name}", lambda place: gateway(place, path), backend.port):
            seconds = time.monotonic() - started
    how = f"{len(document['paths'])} paths, {path.stat().st_size / 1e6:.1f} MB, on one CPU"
    return Claim(f"start with a large {name} document, until the first 200", seconds, "s", LIMIT_SECONDS, how)

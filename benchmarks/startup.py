"""How long the gateway takes from its start to its first answer when the document is large."""

import time
from collections.abc import Callable
from functools import partial

from benchmarks import documents
from benchmarks.claims import Claim
from benchmarks.documents import Document
from benchmarks.peers import gateway
from benchmarks.session import Session

SIZE = 3_000_000
LIMIT_SECONDS = 3.0
FORMATS: dict[str, Callable[[Document], str]] = {"JSON": documents.to_json, "YAML": documents.to_yaml}


def measure(session: Session, size: int = SIZE) -> list[Claim]:
    """Seconds until the first 200 through the gateway, once for each format; the backend is up before."""
    return [_first_answer(session, name, documents.of_size(size, dump), dump) for name, dump in FORMATS.items()]


def _first_answer(session: Session, name: str, document: Document, dump: Callable[[Document], str]) -> Claim:
    path = session.folder / f"large.{name.lower()}"
    path.write_text(dump(document))
    with session.backend() as backend:
        started = time.monotonic()
        with session.serve(f"startup-{name}", partial(gateway, contract=path), backend.port):
            seconds = time.monotonic() - started
    how = f"{len(document['paths'])} paths, {path.stat().st_size / 1e6:.1f} MB, on one CPU"
    return Claim(f"start with a large {name} document, until the first 200", seconds, "s", LIMIT_SECONDS, how)

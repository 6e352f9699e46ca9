"""How long the gateway takes from its start to its first answer when the document is large."""

import time
from collections.abc import Callable, Iterator
from functools import partial

from benchmarks import documents
from benchmarks.claims import Claim
from benchmarks.documents import Document
from benchmarks.peers import gateway
from benchmarks.session import Session

SIZE = 3_000_000
LIMIT_SECONDS = 5.0
LIMIT_AGAIN = 1.0
FORMATS: dict[str, Callable[[Document], str]] = {"JSON": documents.to_json, "YAML": documents.to_yaml}


def measure(session: Session, size: int = SIZE) -> list[Claim]:
    """Seconds until the first 200 through the gateway, for each format: at its first start, and when it starts again
    and finds the document unchanged. The backend is up before."""
    return [
        claim
        for name, dump in FORMATS.items()
        for claim in _first_answers(session, name, documents.of_size(size, dump), dump)
    ]


def _first_answers(session: Session, name: str, document: Document, dump: Callable[[Document], str]) -> Iterator[Claim]:
    path = session.folder / f"large.{name.lower()}"
    path.write_text(dump(document))
    how = f"{len(document['paths'])} paths, {path.stat().st_size / 1e6:.1f} MB, on one CPU"
    launch = partial(gateway, contract=path, references={"cache": str(session.folder / f"cache-{name}")})
    for what, limit in (("start", LIMIT_SECONDS), ("start again", LIMIT_AGAIN)):
        with session.backend() as backend:
            started = time.monotonic()
            with session.serve(f"startup-{name}", launch, backend.port):
                seconds = time.monotonic() - started
        yield Claim(f"{what} with a large {name} document, until the first 200", seconds, "s", limit, how)

"""Does a request cost more when the document has more paths?"""

import contextlib
import statistics
from functools import partial

from benchmarks import documents, table
from benchmarks.claims import Claim
from benchmarks.peers import gateway
from benchmarks.session import Served, Session
from benchmarks.workloads import WORKLOADS

PATHS = 609  # as many as the largest document of the reference corpus of public APIs
LIMIT = 1.05
GET = WORKLOADS[0]


def measure(session: Session, rounds: int, seconds: float) -> list[Claim]:
    """CPU per GET with `PATHS` paths, divided by the same with one path: the median over alternating rounds."""
    with contextlib.ExitStack() as stack:
        backend = stack.enter_context(session.backend())
        one = _start(stack, session, 1, backend.port)
        many = _start(stack, session, PATHS, backend.port)
        table.warm_up(session, [one, many], (GET,))
        ratios = [_ratio(session, one, many, seconds) for _ in range(rounds)]
    how = f"{rounds} pairs of runs, ratios from {min(ratios):.3f} to {max(ratios):.3f}"
    return [Claim(f"{PATHS} paths against 1 path: CPU per request", statistics.median(ratios), "x", LIMIT, how)]


def _start(stack: contextlib.ExitStack, session: Session, count: int, backend_port: int) -> Served:
    path = documents.write_json(documents.with_paths(count), session.folder / f"paths-{count}.json")
    launch = partial(gateway, contract=path, validate={"response": "block"})
    return stack.enter_context(session.serve(f"paths-{count}", launch, backend_port))


def _ratio(session: Session, one: Served, many: Served, seconds: float) -> float:
    base = table.sample(session, one, GET, seconds).cpu
    return table.sample(session, many, GET, seconds).cpu / base

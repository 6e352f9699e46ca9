"""Before anything is timed: does each peer give the same answers? A fast wrong answer is no result."""

import http.client
import json
from collections.abc import Iterable

from benchmarks.http import Answer, ask
from benchmarks.peers import Peer
from benchmarks.workloads import EXPECTATIONS, Expectation


def concerned(checks: frozenset[str]) -> Iterable[Expectation]:
    """The expectations that a peer with these `checks` must meet."""
    return (e for e in EXPECTATIONS if e.concerns == "all" or e.concerns in checks)


def difference(expectation: Expectation, answer: Answer) -> str | None:
    """What is wrong with `answer`, or None."""
    if answer.status not in expectation.statuses:
        wanted = " or ".join(str(status) for status in sorted(expectation.statuses))
        return f"{expectation.title}: status {answer.status}, expected {wanted}"
    if expectation.answer is not None and _decoded(answer.body) != json.loads(expectation.answer):
        return f"{expectation.title}: the body differs from the backend's"
    return None


def _decoded(body: bytes) -> object:
    try:
        return json.loads(body)
    except ValueError:
        return body


def differences(peer: Peer, port: int) -> list[str]:
    """Ask `peer` everything that concerns it; returns one line per wrong answer."""
    found = []
    for expectation in concerned(peer.checks):
        try:
            answer = ask(port, expectation.method, expectation.target, expectation.body, expectation.content_type)
        except (OSError, http.client.HTTPException) as error:
            found.append(f"{expectation.title}: no answer ({error!r})")
            continue
        if wrong := difference(expectation, answer):
            found.append(wrong)
    return found

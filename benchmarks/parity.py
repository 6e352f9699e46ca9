"""Before anything is timed: does each peer give the same answers? A fast wrong answer is no result."""

import http.client
import json
from collections.abc import Iterable, Mapping

from benchmarks.http import NO_HEADERS, Answer, ask
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


def brought(expectation: Expectation, headers: Mapping[str, str]) -> dict[str, str]:
    """The header fields of a good request, as `expectation` changes them."""
    kept = {name: value for name, value in headers.items() if name != expectation.without}
    if expectation.spoilt in kept:
        kept[expectation.spoilt] = spoilt(kept[expectation.spoilt])
    return kept


def spoilt(credential: str) -> str:
    """Another credential of the same form: one letter near its end is another one."""
    at = len(credential) - 9
    return credential[:at] + ("A" if credential[at] != "A" else "B") + credential[at + 1 :]


def differences(peer: Peer, port: int, headers: Mapping[str, str] = NO_HEADERS) -> list[str]:
    """Ask `peer` everything that concerns it, with what a good request brings; one line per wrong answer."""
    found = []
    for expectation in concerned(peer.checks):
        try:
            asked = (expectation.method, expectation.target, expectation.body, expectation.content_type)
            answer = ask(port, *asked, brought(expectation, headers))
        except (OSError, http.client.HTTPException) as error:
            found.append(f"{expectation.title}: no answer ({error!r})")
            continue
        if wrong := difference(expectation, answer):
            found.append(wrong)
    return found

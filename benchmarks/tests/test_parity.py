"""Peers must give the same answers before they are timed."""

import pytest

from benchmarks import parity
from benchmarks.http import Answer
from benchmarks.peers import BOTH, NOTHING, PEERS, REQUEST, Peer
from benchmarks.processes import free_port
from benchmarks.workloads import EXPECTATIONS, NOT_FOUND, OK, Expectation

GOOD = Expectation("a good GET", "all", "GET", "/", OK, answer=b'{"a": 1}')


@pytest.mark.parametrize(
    ("answer", "wrong"),
    [
        (Answer(200, b'{"a":1}'), None),
        (Answer(200, b'{"a":2}'), "body differs"),
        (Answer(200, b"<html>"), "body differs"),
        (Answer(502, b'{"a":1}'), "status 502, expected 200"),
    ],
)
def test_an_answer_is_compared_by_status_and_meaning(answer: Answer, wrong: str | None) -> None:
    """JSON is compared as data: white space is no difference."""
    found = parity.difference(GOOD, answer)
    assert found is None if wrong is None else found is not None and wrong in found


def test_a_refusal_is_compared_by_status_alone() -> None:
    """Each peer words its errors its own way."""
    missing = Expectation("an unknown path", "request", "GET", "/x", NOT_FOUND)
    assert parity.difference(missing, Answer(404, b"anything")) is None


@pytest.mark.parametrize(
    ("checks", "more"), [(NOTHING, set()), (REQUEST, {"request"}), (BOTH, {"request", "response"})]
)
def test_a_peer_is_asked_what_it_claims_to_check(checks: frozenset[str], more: set[str]) -> None:
    """Nobody gets away with checking less than its row says."""
    asked = {expectation.concerns for expectation in parity.concerned(checks)}
    assert asked == {"all"} | more
    assert sum(1 for _ in parity.concerned(BOTH)) == len(EXPECTATIONS)


def test_silence_is_a_difference() -> None:
    """A peer that does not answer is left out, not crashed on."""
    peer: Peer = PEERS[0]
    found = parity.differences(peer, free_port())
    assert len(found) == 2
    assert all("no answer" in line for line in found)

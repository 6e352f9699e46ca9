"""Peers must give the same answers before they are timed."""

import pytest

from benchmarks import parity
from benchmarks.http import Answer
from benchmarks.peers import BOTH, NOTHING, PEERS, REQUEST, WHOLE, Peer
from benchmarks.processes import free_port
from benchmarks.workloads import EXPECTATIONS, NOT_FOUND, OK, RUN_JSON, Expectation
from gateway.tests.processes import Backend

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
    ("checks", "more"),
    [(NOTHING, set()), (REQUEST, {"request"}), (BOTH, {"request", "response"}), (WHOLE.checks, WHOLE.checks)],
)
def test_a_peer_is_asked_what_it_claims_to_check(checks: frozenset[str], more: set[str]) -> None:
    """Nobody gets away with checking less than its row says."""
    asked = {expectation.concerns for expectation in parity.concerned(checks)}
    assert asked == {"all"} | more
    assert sum(1 for _ in parity.concerned(WHOLE.checks)) == len(EXPECTATIONS)


def test_silence_is_a_difference() -> None:
    """A peer that does not answer is left out, not crashed on."""
    peer: Peer = PEERS[0]
    found = parity.differences(peer, free_port())
    assert len(found) == 2
    assert all("no answer" in line for line in found)


def test_who_asks_for_credentials_has_to_refuse() -> None:
    """A peer that lets everybody in, and as often as they like, does not get into the table."""
    backend = Backend(b"HTTP/1.1 200 OK\r\nContent-Length: 240\r\nContent-Type: application/json\r\n\r\n" + RUN_JSON)
    good = {"Authorization": "Bearer header.claims.signature", "X-Api-Key": "gk_0123456789"}
    found = "; ".join(parity.differences(WHOLE, backend.port, good))
    backend.close()
    for title in ("no token", "a token with another signature", "no API key", "another API key", "more than the limit"):
        assert f"{title}: status 200" in found or f"{title} allows: status 200" in found


@pytest.mark.parametrize(
    ("without", "spoilt", "brought"),
    [
        ("", "", {"A": "0123456789", "B": "x"}),
        ("A", "", {"B": "x"}),
        ("", "A", {"A": "0A23456789", "B": "x"}),
    ],
)
def test_a_request_brings_what_the_question_wants(without: str, spoilt: str, brought: dict[str, str]) -> None:
    """All of it, less one field, or with one that is wrong."""
    asked = Expectation("x", "all", "GET", "/", OK, without=without, spoilt=spoilt)
    assert parity.brought(asked, {"A": "0123456789", "B": "x"}) == brought

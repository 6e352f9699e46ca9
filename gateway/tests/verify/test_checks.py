"""What has to be true of an exchange."""

import pytest

from gateway.tests.verify.subjects import reply, thing
from gateway.verify import checks
from gateway.verify.message import Reply, Request

FINE = reply(200, b'{"ok":true}', content_type="application/json", x_rank="1")


def test_a_documented_valid_answer_is_fine() -> None:
    """Success and documented refusals alike."""
    assert checks.promised(thing(), FINE) == []
    assert checks.promised(thing(), reply(409)) == []


def test_a_failure_is_a_problem_even_when_documented() -> None:
    """5XX in the document does not make a crash right."""
    found = checks.promised(thing(), reply(503))
    assert any("failed with 503" in message for message in found)


def test_the_broken_clause_is_named() -> None:
    """Place, pointer, keyword and reason."""
    found = checks.promised(thing(), reply(200, b'{"ok":1}', content_type="application/json", x_rank="1"))
    assert len(found) == 1
    assert found[0].startswith("body /ok: type: ")


@pytest.mark.parametrize(
    ("status", "fine"), [(400, True), (415, True), (422, True), (404, False), (200, False), (502, False)]
)
def test_the_gateway_refuses_with_a_clients_fault(status: int, fine: bool) -> None:
    """Anything else means that the clause was not enforced, or not at the gateway."""
    assert (checks.refused(reply(status)) == []) is fine


@pytest.mark.parametrize(("status", "fine"), [(400, True), (404, True), (200, False), (500, False), (302, False)])
def test_a_backend_rejects_with_a_documented_status(status: int, fine: bool) -> None:
    """Success and failure are both wrong answers to a request that breaks the contract."""
    assert (checks.rejected(thing(), reply(status)) == []) is fine


@pytest.mark.parametrize(
    ("expected", "given", "fine"),
    [
        (("200", {"ok": True}), FINE, True),
        (("2XX", {"ok": True}), FINE, True),
        (("200", {"ok": False}), FINE, False),
        (("404", {"ok": True}), FINE, False),
        (("4XX", {"ok": True}), FINE, False),
        (("200", "gone"), reply(200, b"gone"), True),
    ],
)
def test_a_named_example_gets_the_answer_that_is_shown(expected: tuple[str, object], given: Reply, fine: bool) -> None:
    """Status and content."""
    assert (checks.as_shown(expected, given) == []) is fine


def test_a_problem_shows_its_evidence() -> None:
    """Which request, which answer; long bodies are cut."""
    request = Request("PUT", "/things/1", "units=metric", (), b"x" * 1000)
    text = checks.Problem(thing(), "a case", "it is wrong", request, reply(500, b"oops")).text()
    lines = text.splitlines()
    assert lines[0] == "test PUT /things/{id}: a case: it is wrong"
    assert lines[1].startswith("    sent PUT /v1/things/1?units=metric xxx")
    assert lines[1].endswith("(1000 bytes)")
    assert lines[2] == "    got  500 oops"


def test_a_request_that_is_wrong_itself_is_reported() -> None:
    """An example that breaks its own contract proves nothing."""
    assert checks.sound(thing(), Request("PUT", "/things/0", None, (), b""))

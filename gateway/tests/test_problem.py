"""From refusals to problem documents."""

import json
from http import HTTPStatus

import pytest

from gateway.errors import Fault, Kind, Refusal, Violation
from gateway.problem import FIELDS, MAX_ERRORS, PROBLEMS, REASONS, answer, page


@pytest.mark.parametrize("kind", Kind)
def test_every_refusal_has_a_document_of_one_shape(kind: Kind) -> None:
    """RFC 9457: the members of all of them, the media type, and nothing of the reason."""
    status, fields, body = answer(Refusal(kind, "Something.", reason="secret"), "0123")
    document = json.loads(body)
    assert document == {
        "type": f"/docs/problems#{kind.value}",
        "title": PROBLEMS[kind].title,
        "status": status,
        "detail": "Something.",
        "instance": "urn:request:0123",
    }
    assert fields == list(FIELDS)
    assert status in REASONS


@pytest.mark.parametrize("kind", Kind)
def test_the_status_says_whose_fault_it_is(kind: Kind) -> None:
    """4xx the client's, 5xx not; HTTP has two 5xx that are about the request all the same."""
    problem = PROBLEMS[kind]
    if problem.fault is Fault.CLIENT:
        assert 400 <= problem.status < 500 or problem.status in (501, 505)
    else:
        assert problem.status >= 500


@pytest.mark.parametrize("status", REASONS)
def test_reason_phrases_are_those_of_the_registry(status: int) -> None:
    """RFC 9110 section 15, in its present wording."""
    renamed = {413: "Content Too Large", 414: "URI Too Long", 422: "Unprocessable Content"}
    assert REASONS[status].decode() == renamed.get(status, HTTPStatus(status).phrase)


@pytest.mark.parametrize(
    ("violation", "error"),
    [
        (
            Violation("query", "limit", "", "maximum", "must be at most 50"),
            {"in": "query", "name": "limit", "keyword": "maximum", "message": "must be at most 50"},
        ),
        (
            Violation("query", "filter", "/a", "type", "must be a string"),
            {"in": "query", "name": "filter", "pointer": "/a", "keyword": "type", "message": "must be a string"},
        ),
        (
            Violation("body", "", "/a/0", "type", "must be a string"),
            {"in": "body", "pointer": "/a/0", "keyword": "type", "message": "must be a string"},
        ),
        (
            Violation("body", "", "", "required", "a request body is required"),
            {"in": "body", "pointer": "", "keyword": "required", "message": "a request body is required"},
        ),
    ],
)
def test_each_violation_has_a_name_or_a_pointer(violation: Violation, error: dict[str, str]) -> None:
    """A parameter is named; a place in a value is pointed to, the whole body with the empty pointer."""
    refusal = Refusal(Kind.INVALID_REQUEST, "No.", (violation,))
    assert json.loads(answer(refusal, "1")[2])["errors"] == [error]


def test_errors_are_bounded() -> None:
    """A thousand violations do not make a long answer."""
    many = tuple(Violation("body", "", f"/{n}", "type", "must be a string") for n in range(1000))
    assert len(json.loads(answer(Refusal(Kind.INVALID_REQUEST, "No.", many), "1")[2])["errors"]) == MAX_ERRORS


def test_an_operation_may_have_its_own_status_and_fields() -> None:
    """422 where the document says so; a challenge beside the media type."""
    refusal = Refusal(Kind.INVALID_REQUEST, "No.", headers=((b"Allow", b"GET"),), status=422)
    status, fields, body = answer(refusal, "1")
    assert (status, json.loads(body)["status"]) == (422, 422)
    assert fields[len(FIELDS) :] == [(b"Allow", b"GET")]


def test_the_page_has_a_section_for_each_kind() -> None:
    """The `type` of a problem leads to its heading."""
    assert [line[3:] for line in page().splitlines() if line.startswith("## ")] == [kind.value for kind in PROBLEMS]
    assert set(PROBLEMS) == set(Kind)

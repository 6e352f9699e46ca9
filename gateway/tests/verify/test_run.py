"""A backend held to its document."""

import json
from collections.abc import Sequence

import pytest

from gateway.tests.verify.subjects import reply, thing
from gateway.verify.cases import Case
from gateway.verify.judge import judge_request
from gateway.verify.message import Edit, Reply, Request
from gateway.verify.run import verify
from gateway.verify.subject import Subject


def honest(subject: Subject, request: Request) -> Reply:
    """A backend that keeps the document of `thing`."""
    if judge_request(subject, request):
        return reply(400)
    return reply(200, b'{"ok":true}', content_type="application/json", x_rank="1")


def test_an_honest_backend_has_no_problems() -> None:
    """And every kind of request was sent to it."""
    problems, coverage = verify([thing()], honest)
    assert problems == []
    assert all(int(count) > 5 for count in coverage.rows()[0][1:3])


def accepts_everything(subject: Subject, request: Request) -> Reply:
    return reply(200, b'{"ok":true}', content_type="application/json", x_rank="1")


def refuses_everything(subject: Subject, request: Request) -> Reply:
    return reply(400)


def crashes_on_long_names(subject: Subject, request: Request) -> Reply:
    if b"aaaaa" in (request.body or b"") and not judge_request(subject, request):
        return reply(500)
    return honest(subject, request)


def forgets_a_header(subject: Subject, request: Request) -> Reply:
    answer = honest(subject, request)
    return answer._replace(lookup={b"content-type": b"application/json"}) if answer.status == 200 else answer


def answers_otherwise_than_shown(subject: Subject, request: Request) -> Reply:
    answer = honest(subject, request)
    return answer._replace(body=b'{"ok":false}') if answer.status == 200 else answer


@pytest.mark.parametrize(
    ("backend", "message"),
    [
        (accepts_everything, "the backend answered 200 to a request that breaks it"),
        (refuses_everything, "no valid request was answered with success"),
        (crashes_on_long_names, "a valid request failed with 500"),
        (forgets_a_header, "header x-rank: required"),
        (answers_otherwise_than_shown, "the document shows"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_backend_that_drifted_is_caught(backend: object, message: str) -> None:
    """Each fault is named."""
    problems, _ = verify([thing()], backend)  # type: ignore[arg-type]
    assert any(message.lower() in problem.message.lower() for problem in problems), [p.message for p in problems]


def test_credentials_and_ids_of_the_moment_are_sent() -> None:
    """Asked for once per valid request, with the case in hand."""
    sent: list[tuple[str, bytes | None]] = []

    def moment(_subject: Subject, case: Case) -> Sequence[Edit]:
        return [Edit(("header", "Authorization"), f"Bearer {len(case.name)}")]

    def send(subject: Subject, request: Request) -> Reply:
        sent.append((request.method, request.lookup.get(b"authorization")))
        return honest(subject, request)

    verify([thing()], send, moment)
    assert all(authorization is not None for _, authorization in sent)


def test_two_runs_send_the_same() -> None:
    """A finding can be looked at again."""
    runs: list[list[str]] = []
    for _ in range(2):
        sent: list[str] = []

        def send(subject: Subject, request: Request, sent: list[str] = sent) -> Reply:
            sent.append(json.dumps([request.method, request.path, request.query, str(request.body)]))
            return honest(subject, request)

        verify([thing()], send)
        runs.append(sent)
    assert runs[0] == runs[1]

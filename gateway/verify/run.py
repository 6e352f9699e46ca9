"""Hold a running backend to its document: the whole of the checks, in the order that needs the least state."""

from collections.abc import Callable, Iterator, Sequence
from random import Random

from gateway.verify import cases, checks
from gateway.verify.cases import Case
from gateway.verify.checks import Problem
from gateway.verify.coverage import VALID, VIOLATION, Coverage
from gateway.verify.message import Edit, Reply, Request, Send
from gateway.verify.subject import Subject

Moment = Callable[[Subject, Case], Sequence[Edit]]  # ids, entity tags and credentials for the request to come
Judge = Callable[[Subject, Reply], list[str]]


def nothing(_subject: Subject, _case: Case) -> Sequence[Edit]:
    """The moment of a backend that needs none."""
    return ()


def exercise(
    subject: Subject, chosen: Sequence[Case], send: Send, moment: Moment, coverage: Coverage
) -> Iterator[Problem]:
    """Send valid requests; the answers must be documented, valid and, where one is shown, the one that is shown."""
    for case in chosen:
        request = cases.build(subject, case, moment(subject, case))
        reply = send(subject, request)
        coverage.record(subject, VALID, reply.status)
        found = checks.sound(subject, request) + checks.promised(subject, reply)
        if case.expected is not None:
            found += checks.as_shown(case.expected, reply)
        yield from _problems(subject, case, found, request, reply)


def violate(
    subject: Subject, chosen: Sequence[Case], send: Send, moment: Moment, coverage: Coverage, judge: Judge
) -> Iterator[Problem]:
    """Send requests that break one clause each; `judge` says what is wrong with the answers."""
    edits = moment(subject, chosen[0]) if chosen else ()
    for case in chosen:
        request = cases.build(subject, case, edits)
        reply = send(subject, request)
        coverage.record(subject, VIOLATION, reply.status)
        yield from _problems(subject, case, judge(subject, reply), request, reply)


def _problems(subject: Subject, case: Case, found: list[str], request: Request, reply: Reply) -> Iterator[Problem]:
    if found:
        yield Problem(subject, case.name, "; ".join(found), request, reply)


def verify(
    subjects: Sequence[Subject], send: Send, moment: Moment = nothing, seed: int = 0
) -> tuple[list[Problem], Coverage]:
    """Everything there is to say about a backend that is asked directly, and what was exercised to find it out."""
    coverage = Coverage(subjects)
    found: list[Problem] = []
    for subject in subjects:
        found += exercise(subject, cases.examples(subject), send, moment, coverage)
    for subject in subjects:
        found += exercise(subject, cases.valid(subject, Random(seed)), send, moment, coverage)
    for subject in subjects:
        chosen = [case for case in cases.violations(subject) if not case.implied]
        found += violate(subject, chosen, send, moment, coverage, checks.rejected)
    return found + vacuous(subjects, coverage), coverage


def vacuous(subjects: Sequence[Subject], coverage: Coverage) -> list[Problem]:
    """Operations of which nothing was proved."""
    unexercised, unsuccessful = coverage.unexercised(), coverage.unsuccessful()
    return [
        Problem(subject, "coverage", message)
        for subject in subjects
        for names, message in (
            (unexercised, "no valid request was sent"),
            (unsuccessful, "no valid request was answered with success"),
        )
        if subject.name in names
    ]

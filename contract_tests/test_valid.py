"""Requests that keep the contract are answered as it says."""

from random import Random

from contract_tests.conftest import World
from contract_tests.states import varied
from gateway.verify import cases
from gateway.verify.coverage import Coverage
from gateway.verify.run import exercise
from gateway.verify.subject import Subject


def test_examples_of_the_document_are_answered_as_documented(
    subject: Subject, world: World, coverage: Coverage
) -> None:
    """Whoever copies an example from the document gets a documented, valid answer."""
    problems = list(exercise(subject, cases.examples(subject), world.send, world.state.moment, coverage))
    assert not problems, "\n".join(problem.text() for problem in problems)


def test_valid_requests_are_answered_as_documented(
    subject: Subject, world: World, coverage: Coverage, seed: int
) -> None:
    """Requests at the edges of what the schemas allow get documented, valid answers."""
    chosen = varied(subject, cases.valid(subject, Random(seed)))
    assert chosen, "no valid request could be made from the schemas"
    problems = list(exercise(subject, chosen, world.send, world.state.moment, coverage))
    assert not problems, "\n".join(problem.text() for problem in problems)

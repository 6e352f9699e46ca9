"""Requests that break one clause of the contract go nowhere."""

import json
from random import Random

from contract_tests.conftest import World
from gateway.verify import cases, checks
from gateway.verify.coverage import Coverage
from gateway.verify.message import Reply
from gateway.verify.run import violate
from gateway.verify.subject import Subject


def refused_by_the_gateway(_subject: Subject, reply: Reply) -> list[str]:
    """400, 415 or 422, and the problem document is one that only the gateway writes."""
    found = checks.refused(reply)
    if not found and not str(json.loads(reply.body).get("type")).startswith("/docs/problems#"):
        found.append("the refusal is not the gateway's own")
    return found


def test_each_broken_clause_is_refused_and_the_backend_does_not_see_it(
    routed: Subject, world: World, coverage: Coverage
) -> None:
    """Every clause of every parameter and body property is enforced before the backend is asked."""
    chosen = cases.violations(routed)
    assert chosen, "no request that breaks the contract could be made"
    edits = world.state.moment(routed, chosen[0])
    before = world.seen()
    problems = list(violate(routed, chosen, world.send, lambda *_: edits, coverage, refused_by_the_gateway))
    assert not problems, "\n".join(problem.text() for problem in problems)
    assert world.seen() == before, "a request that was refused reached a backend all the same"


def test_what_keeps_the_contract_is_seen(routed: Subject, world: World) -> None:
    """The counters count: a valid request reaches its backend, once, and only that backend's own calls come on top."""
    case = cases.valid(routed, Random(0))[0]
    request = cases.build(routed, case, world.state.moment(routed, case))
    before = world.seen([routed.api])
    world.send(routed, request)
    assert before is None or world.seen([routed.api]) == before + 1


def test_no_parameter_and_no_property_is_left_out(subject: Subject) -> None:
    """Each parameter and each property of each body has at least one clause that gets broken."""
    clauses = [case.violates for case in cases.violations(subject)]
    names = {f"{each.place} {each.name} " for each in subject.operation.parameters}
    for media in subject.operation.body.content if subject.operation.body else ():
        if media.schema is not None:
            names |= {f"body /{name} " for name in subject.sampler.facts(media.schema).properties}
    assert [name for name in sorted(names) if not any(clause.startswith(name) for clause in clauses)] == []


def test_a_backend_asked_directly_rejects_each_broken_clause(
    internal: Subject, world: World, coverage: Coverage
) -> None:
    """Where no gateway stands before an operation, the backend itself rejects, with documented answers."""
    chosen = [case for case in cases.violations(internal) if not case.implied]
    problems = list(violate(internal, chosen, world.send, world.state.moment, coverage, checks.rejected))
    assert not problems, "\n".join(problem.text() for problem in problems)

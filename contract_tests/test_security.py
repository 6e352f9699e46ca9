"""Operations with security open to nothing but a good token with the documented scopes."""

from random import Random

from contract_tests.conftest import World
from contract_tests.tokens import WRONG, Tokens
from gateway.verify import cases
from gateway.verify.checks import broken
from gateway.verify.coverage import SECURITY, Coverage
from gateway.verify.credentials import GOOD, LACKING, Offer, expected
from gateway.verify.message import ABSENT, Edit, Reply, Request
from gateway.verify.subject import Subject

AUTHORIZATION = ("header", "Authorization")


def authorization(state: str, scopes: frozenset[str], tokens: Tokens) -> str:
    """The field with a token in this state, for an operation that demands these scopes."""
    if state == GOOD:
        return f"Bearer {tokens.get()}"
    if state == LACKING:
        return f"Bearer {tokens.get(tokens.scopes - {min(scopes)})}"
    return WRONG[state](tokens)


def test_each_way_in(secured: Subject, offer: Offer, world: World, coverage: Coverage) -> None:
    """What the specification makes of the credentials decides: in, 401 with a challenge, or 403, as documented; who is
    not let in does not reach the backend."""
    status = expected(secured.requirements, offer)
    scopes = frozenset[str]().union(*(scopes for either in secured.requirements for scopes in either.values()))
    assert len(offer) <= 1, "the operations of `specs` demand one token, not several credentials"
    value = next((authorization(state, scopes, world.tokens) for state in offer.values()), ABSENT)
    if status == 200:
        assert world.send(secured, asking(secured, value, world)).status not in (401, 403)
        return
    reply = ask(secured, value, world, coverage)
    assert reply.status == status
    assert reply.lookup[b"www-authenticate"].startswith(b"Bearer ")
    assert not broken(secured, reply)


def test_with_a_scope_missing_the_answer_is_403(secured: Subject, world: World, coverage: Coverage) -> None:
    """Each scope that the document demands is needed; 403 as documented, and the backend does not see the request."""
    scopes = {scope for requirement in secured.requirements for needed in requirement.values() for scope in needed}
    assert scopes, "an operation with security that demands no scope is open to every client"
    for scope in sorted(scopes):
        token = world.tokens.get(world.tokens.scopes - {scope})
        reply = ask(secured, f"Bearer {token}", world, coverage)
        assert reply.status == 403, scope
        assert b"insufficient_scope" in reply.lookup[b"www-authenticate"]
        assert not broken(secured, reply)


def ask(subject: Subject, authorization: object, world: World, coverage: Coverage) -> Reply:
    """A request that is fine but for its credentials; nothing of it may reach a backend through the gateway."""
    request = asking(subject, authorization, world)
    before = world.seen()
    reply = world.send(subject, request)
    assert world.seen() == before, "the request reached a backend"
    coverage.record(subject, SECURITY, reply.status)
    return reply


def asking(subject: Subject, authorization: object, world: World) -> Request:
    """A request that is fine, with this Authorization field."""
    case = cases.valid(subject, Random(0))[0]
    return cases.build(subject, case, [*world.state.prepared(subject, case), Edit(AUTHORIZATION, authorization)])


def test_internal_operations_are_not_routed(internal: Subject, world: World) -> None:
    """The gateway does not know what the document marks internal, whoever asks."""
    case = cases.valid(internal, Random(0))[0]
    request = cases.build(internal, case, world.state.moment(internal, case))
    before = world.seen()
    reply = world.client.send(world.system.gateway, internal.mount, request)
    assert reply.status in (404, 405)
    assert world.seen() == before

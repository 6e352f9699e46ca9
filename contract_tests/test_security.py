"""Operations with security open to nothing but a good token with the documented scopes."""

import time
from collections.abc import Callable
from random import Random

import pytest

from contract_tests.conftest import World
from contract_tests.tokens import Tokens
from gateway.verify import cases
from gateway.verify.checks import broken
from gateway.verify.coverage import SECURITY, Coverage
from gateway.verify.message import ABSENT, Edit, Reply
from gateway.verify.subject import Subject

AUTHORIZATION = ("header", "Authorization")


def bearer(make: Callable[[Tokens], str]) -> Callable[[Tokens], str]:
    return lambda tokens: f"Bearer {make(tokens)}"


NOT_GOOD: dict[str, Callable[[Tokens], object]] = {
    "no token": lambda tokens: ABSENT,
    "another scheme": lambda tokens: f"Basic {tokens.get()}",
    "no JSON Web Token": bearer(lambda tokens: "abc"),
    "changed claims": bearer(
        lambda tokens: ".".join([*tokens.get().split(".")[:1], "e30", tokens.get().split(".")[2]])
    ),
    "expired": bearer(lambda tokens: tokens.forged(exp=int(time.time()) - 60)),
    "not valid yet": bearer(lambda tokens: tokens.forged(nbf=int(time.time()) + 600)),
    "wrong audience": bearer(lambda tokens: tokens.forged(aud="somebody-else")),
    "wrong issuer": bearer(lambda tokens: tokens.forged(iss="http://issuer.example")),
    "somebody else's key": bearer(Tokens.foreign),
}


@pytest.mark.parametrize("kind", NOT_GOOD)
def test_without_a_good_token_the_answer_is_401(secured: Subject, kind: str, world: World, coverage: Coverage) -> None:
    """401 with a challenge, as documented, and the backend does not see the request."""
    reply = ask(secured, NOT_GOOD[kind](world.tokens), world, coverage)
    assert reply.status == 401
    assert reply.lookup[b"www-authenticate"].startswith(b"Bearer")
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
    case = cases.valid(subject, Random(0))[0]
    edits = [*world.state.prepared(subject, case), Edit(AUTHORIZATION, authorization)]
    before = world.seen()
    reply = world.send(subject, cases.build(subject, case, edits))
    assert world.seen() == before, "the request reached a backend"
    coverage.record(subject, SECURITY, reply.status)
    return reply


def test_internal_operations_are_not_routed(internal: Subject, world: World) -> None:
    """The gateway does not know what the document marks internal, whoever asks."""
    case = cases.valid(internal, Random(0))[0]
    request = cases.build(internal, case, world.state.moment(internal, case))
    before = world.seen()
    reply = world.client.send(world.system.gateway, internal.mount, request)
    assert reply.status in (404, 405)
    assert world.seen() == before

"""A backend that breaks its contract: the tests and the gateway come to the same verdict on each lie."""

import pytest

from contract_tests.conftest import World, every_subject
from contract_tests.system import STRICT
from gateway.verify.judge import judge_reply
from gateway.verify.message import serialise
from gateway.verify.subject import Subject

# Lie: (place, keyword) of the clause it breaks; what the document says is none of these.
LIES = {
    "status": ("status", "undocumented"),
    "type": ("body", "type"),
    "property": ("body", "additionalProperties"),
    "required": ("body", "required"),
    "header": ("header", "required"),
    "header-value": ("header", "type"),
    "syntax": ("body", "syntax"),
    "duplicate-key": ("body", "syntax"),
    "media-type": ("header", "media-type"),
    "no-media-type": ("header", "media-type"),
    "empty": ("body", "required"),
    "redirect": ("status", "undocumented"),
}


@pytest.fixture
def thing(world: World) -> Subject:
    """The operation that lies when asked to, as the gateway passes it on."""
    if world.system.counters is None:
        pytest.skip("the liar runs only where these tests start the system, not at --url")
    return next(each for each in every_subject() if each.api == "liar" and each.operation.operation_id == "getThing")


def ask(world: World, subject: Subject, mount: str, lie: str | None) -> "tuple[int, list[tuple[str, str]]]":
    """Status, and what the tests' judge finds in the answer."""
    values = {("path", "thing_id"): 7} | ({("query", "lie"): lie} if lie else {})
    reply = world.client.send(world.system.gateway, mount, serialise(subject, values))
    return reply.status, [(found.place, found.keyword) for found in judge_reply(subject, reply)]


@pytest.mark.parametrize("lie", LIES)
def test_a_lie_is_seen_by_the_tests_and_blocked_by_the_gateway(lie: str, thing: Subject, world: World) -> None:
    """Observed, the lie passes and the tests name the clause; blocked, it is a 502."""
    assert LIES[lie] in ask(world, thing, thing.mount, lie)[1]
    assert ask(world, thing, STRICT, lie)[0] == 502


@pytest.mark.parametrize("lie", [None, "trailers", "until-close", "close-idle"])
def test_the_truth_is_not_blamed(lie: str | None, thing: Subject, world: World) -> None:
    """Honest answers, however they are sent, are fine for both."""
    assert ask(world, thing, thing.mount, lie) == (200, [])
    assert ask(world, thing, STRICT, lie) == (200, [])

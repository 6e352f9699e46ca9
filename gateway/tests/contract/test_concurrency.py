"""Which concurrency limits an operation gets."""

from dataclasses import replace

import pytest

from gateway.config import Api, Concurrency, Settings
from gateway.contract.concurrency import check_concurrency, slot_plans
from gateway.contract.model import Behaviour, Contract, Location, Operation
from gateway.limits.concurrency import SlotPlan

WHERE = Location("a.yaml", 1, 1, "")
OPERATION = Operation("GET", "/a", "/v1", None, False, (), None, (), (), Behaviour(), WHERE)
WRITTEN = {"limit": 5, "queue": 3, "wait": 0.5, "adaptive": True}
LIMITED = replace(OPERATION, behaviour=Behaviour(concurrency=WRITTEN))


def plans(operation: Operation, limit: Concurrency, workers: int = 1, name: str = "api") -> tuple[SlotPlan, ...]:
    """The plans of an operation of an API with this limit."""
    return slot_plans(Settings(workers=workers), Api(name=name, concurrency=limit), operation, "http://h")


def test_none() -> None:
    """Most operations have no limit, and nothing to do for it."""
    assert plans(OPERATION, Concurrency()) == ()


def test_the_narrower_limit_comes_first() -> None:
    """The document's own, then the backend's."""
    own, backend = plans(LIMITED, Concurrency(8, queue=2))
    assert own == SlotPlan("api GET /v1/a", 5, 3, 0.5, False, True)
    assert backend == SlotPlan("upstream http://h", 8, 2, 1.0, False, False)


def test_workers_share() -> None:
    """Rounded up, so that nobody is left without: at most workers - 1 too many."""
    (backend,) = plans(OPERATION, Concurrency(5, queue=1), workers=4)
    assert (backend.limit, backend.queue) == (2, 1)


@pytest.mark.parametrize(("limit", "workers", "told"), [(0, 4, False), (3, 4, True), (4, 4, False), (1, 1, False)])
def test_a_limit_below_the_number_of_workers_is_told(limit: int, workers: int, told: bool) -> None:
    """Of a document at the operation, of the settings at the setting: each worker lets at least one through."""
    written = replace(OPERATION, behaviour=Behaviour(concurrency={"limit": limit} if limit else None))
    api = Api(name="api", concurrency=Concurrency(limit))
    contract = Contract("api", "A", "1", "3.1", ("a.yaml",), "", "/v1", {}, {}, {}, {}, {}, (written,))
    found = list(check_concurrency(contract, Settings(workers=workers, apis=(api,)), api))
    places = [(finding.where.file, finding.where.pointer) for finding in found]
    assert places == ([("a.yaml", ""), ("gateway.yaml", "/apis/0/concurrency/limit")] if told else [])
    assert all("each of 4 workers lets one through" in finding.message for finding in found)


def test_who_shares_slots_with_whom() -> None:
    """By upstream everybody, by consumer the operations of an API, by operation nobody."""
    other = replace(LIMITED, method="PUT")
    for by, shared in (("upstream", True), ("consumer", True), ("operation", False)):
        limit = Concurrency(5, by=by)
        assert (plans(LIMITED, limit)[1].name == plans(other, limit)[1].name) is shared
        assert (plans(LIMITED, limit)[1].name == plans(LIMITED, limit, name="b")[1].name) is (by == "upstream")
    assert (
        plans(LIMITED, Concurrency(9, by="operation"))[0].name != plans(LIMITED, Concurrency(9, by="operation"))[1].name
    )

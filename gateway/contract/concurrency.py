"""Which concurrency limits hold for an operation: the document's own, then what the settings say of its API."""

from collections.abc import Iterator

from gateway.config import Api, Concurrency, Settings
from gateway.contract.findings import Finding, Severity
from gateway.contract.in_settings import in_settings
from gateway.contract.model import Contract, Location, Operation
from gateway.limits.concurrency import SlotPlan


def check_concurrency(contract: Contract, settings: Settings, api: Api) -> Iterator[Finding]:
    """Limits that are so low that the workers' shares, rounded up, are far more than them."""
    for operation in contract.operations:
        said = operation.behaviour.concurrency or {}
        yield from _too_low(said.get("limit", 0), settings.workers, operation.where)
    if api in settings.apis:
        where = in_settings(f"/apis/{settings.apis.index(api)}/concurrency/limit")
        yield from _too_low(api.concurrency.limit, settings.workers, where)


def _too_low(limit: int, workers: int, where: Location) -> Iterator[Finding]:
    if 0 < limit < workers:
        message = f"a concurrency limit of {limit}, but each of {workers} workers lets one through"
        hint = f"raise the limit to {workers} or more, or run no more workers than it lets through"
        yield Finding(where, Severity.WARNING, "concurrency-share", message, hint)


def slot_plans(settings: Settings, api: Api, operation: Operation, origin: str) -> tuple[SlotPlan, ...]:
    """The limits of an operation, the narrower one first: who waits for the backend already has a slot of its own.

    `origin` is the backend's, which several APIs may share.
    """
    own = f"{api.name} {operation.method} {operation.server_path}{operation.template}"
    plans = []
    if said := operation.behaviour.concurrency:
        plans.append(_plan(Concurrency(**{"by": "operation", **said}), own, settings.workers))
    if api.concurrency.limit:
        shared = {"upstream": f"upstream {origin}", "consumer": f"consumers of {api.name}"}
        plans.append(_plan(api.concurrency, shared.get(api.concurrency.by, f"{own} (settings)"), settings.workers))
    return tuple(plans)


def _plan(said: Concurrency, name: str, workers: int) -> SlotPlan:
    """A worker's share, rounded up."""
    return SlotPlan(
        name,
        limit=-(-said.limit // workers),
        queue=-(-said.queue // workers),
        wait=said.wait,
        by_consumer=said.by == "consumer",
        adaptive=said.adaptive,
    )

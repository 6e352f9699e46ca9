"""Which concurrency limits hold for an operation: the document's own, then what the settings say of its API."""

from gateway.config import Api, Concurrency, Settings
from gateway.contract.model import Operation
from gateway.limits.concurrency import SlotPlan


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

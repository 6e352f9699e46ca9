"""One of the requests at the same time: take a slot of each concurrency limit, or wait for it, or be refused.

Slots are taken when nothing but the backend is left to wait for, so that no client can hold one by sending slowly what
is judged before it is forwarded. They come back when the exchange is over, however it ends: `Exchange.held`.
"""

import asyncio
from collections.abc import Sequence
from math import ceil

from gateway.errors import Kind, Refusal
from gateway.limits.concurrency import Gate, SlotPlan
from gateway.limits.keys import of_consumer
from gateway.request.exchange import Exchange, Runtime


async def occupy(runtime: Runtime, exchange: Exchange, plans: Sequence[SlotPlan]) -> None:
    """Take a slot of each plan. Raises Refusal(OVERLOADED) when there is no room to wait, or it took too long."""
    for plan in plans:
        gates = runtime.gates[plan.name]
        key = of_consumer(exchange.principal, exchange.address) if plan.by_consumer else b""
        gate = gates.find(key)
        try:
            if not gate.enter():
                await _wait(runtime, exchange, plan, gate)
        except BaseException:
            gates.forget(key)
            raise

        def leave(plan: SlotPlan = plan, gate: Gate = gate, key: bytes = key) -> None:
            if plan.adaptive and (seconds := _backend_time(exchange)):
                gate.learn(seconds)
            gate.leave()
            runtime.gates[plan.name].forget(key)

        exchange.held += (leave,)


async def _wait(runtime: Runtime, exchange: Exchange, plan: SlotPlan, gate: Gate) -> None:
    loop = asyncio.get_running_loop()
    row = exchange.operation.row if exchange.operation is not None else 0
    future: asyncio.Future[bool] = loop.create_future()
    if not gate.line_up(future):
        runtime.metrics.queued(row, "full")
        raise _refusal(plan, "Too many requests are being served at the same time.")
    timer = loop.call_later(plan.wait, gate.late, future)
    try:
        granted = await future
    except BaseException:
        gate.step_out(future)
        raise
    finally:
        timer.cancel()
    runtime.metrics.queued(row, "served" if granted else "late")
    if not granted:
        raise _refusal(plan, "Too many requests were being served at the same time for too long.")


def _backend_time(exchange: Exchange) -> float:
    """How long the backend took, in seconds; 0.0 when the exchange does not tell, such as one whose body the client
    was still sending, or one that did not reach the backend."""
    if exchange.upload is not None:
        return 0.0
    return exchange.backend_seconds if exchange.error == Kind.BACKEND_TIMEOUT.value else exchange.head_seconds


def _refusal(plan: SlotPlan, detail: str) -> Refusal:
    seconds = b"%d" % max(1, ceil(plan.wait))
    headers, reason = ((b"Retry-After", seconds),), f"limit {plan.name}"
    return Refusal(Kind.OVERLOADED, detail, headers=headers, reason=reason, cause="concurrency")

"""How often may they ask? Every limit is charged at once, or none is.

Limits by address come before authentication, so that credentials cannot be guessed faster than the limit allows. All
others come after it: whoever has no good credentials must not use up what belongs to others.
"""

import asyncio
from collections.abc import Sequence

from gateway.errors import Kind, Refusal
from gateway.limits import headers
from gateway.limits.plan import Plan
from gateway.limits.policy import Charge, CountersUnavailable, Reading
from gateway.request.exchange import Exchange, Runtime

RETRY_AFTER = b"1"  # seconds; nothing can be counted meanwhile


async def admit(runtime: Runtime, exchange: Exchange, plan: Plan | None) -> None:
    """Charge the request to the counters of `plan`, and to the quota of the caller's key; wait where a limit says so.

    Raises Refusal: 429, or 503 when nothing can be counted.
    """
    caller, address = exchange.principal, exchange.address or exchange.head.peer
    charges = [] if plan is None else [check.charge(caller, address) for check in plan.checks]
    policies = b"" if plan is None else plan.advertised
    if caller is not None and caller.quota:
        quota = _quota(exchange, caller.quota)
        if quota not in charges:
            charges.append(quota)
            policies = headers.advertised([charge.policy for charge in charges])
    try:
        assert runtime.counters is not None
        readings = await runtime.counters.take(charges)
    except CountersUnavailable as error:
        detail = "Requests cannot be counted at the moment. Try again later."
        again = ((headers.RETRY_AFTER, RETRY_AFTER),)
        raise Refusal(Kind.OVERLOADED, detail, headers=again, reason=str(error), cause="rate-limit") from None
    exchange.answered += (
        (headers.RATE_LIMIT_POLICY, policies),
        (headers.RATE_LIMIT, headers.current(charges, readings)),
    )
    wait = 0
    for reading in readings:
        if not reading.passed:
            raise _refusal(runtime, exchange, charges, readings)
        if reading.wait > wait:
            wait = reading.wait
    if wait:
        await asyncio.sleep(wait / 1e6)


def _quota(exchange: Exchange, name: str) -> Charge:
    """What the caller's API key is charged. Raises Refusal for a quota that nobody has configured."""
    operation, caller = exchange.operation, exchange.principal
    check = None if operation is None else operation.quotas.get(name)
    if check is None:
        raise Refusal(
            Kind.OVERLOADED,
            "The quota of this key cannot be counted at the moment.",
            headers=((headers.RETRY_AFTER, b"60"),),
            reason=f'the key has the quota "{name}", which is not under rate-limits',
            cause="rate-limit",
        )
    return check.charge(caller, "")


def _refusal(runtime: Runtime, exchange: Exchange, charges: list[Charge], readings: Sequence[Reading]) -> Refusal:
    exhausted = [charge.policy for charge, reading in zip(charges, readings, strict=True) if not reading.passed]
    operation = exchange.operation
    if operation is not None:
        for policy in exhausted:
            runtime.metrics.limited(operation.row, operation.policies.index(policy.name))
    field = headers.retry_after(readings)
    names = " and ".join(f'"{policy.name}"' for policy in exhausted)
    return Refusal(
        Kind.TOO_MANY_REQUESTS,
        f"Too many requests: rate limit {names} is used up. Try again in {int(field[1])} seconds.",
        headers=(field,),
        reason=f"rate limit {names} by {exhausted[0].by}",
    )

"""Which rate limits hold for an operation: those that the settings say of its API, and those of the document.

Limits of the settings always hold; the document adds to them, and cannot lift them. A limit of `gateway.yaml` is one
budget wherever its name stands. A limit that a document writes out itself is one budget for all operations that inherit
it: for the document, the path or the operation, where it is written.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from gateway.config import Api, RateLimit, Settings
from gateway.config.decode import did_you_mean
from gateway.config.rates import capacity_of
from gateway.contract.findings import Finding, Severity
from gateway.contract.model import Contract, Operation, Requirement
from gateway.contract.security import enforced
from gateway.limits.plan import Check, Plan, check_of, plan_of, policy_of, quota_of

_PERSONAL = ("consumer", "key", "claim")


class RateLimits(NamedTuple):
    """What `CompiledOperation` says of rate limits."""

    early: Plan | None  # before authentication: by address, or everything where nobody has to say who they are
    limits: Plan | None  # after it
    quotas: Mapping[str, Check]  # by name, for callers whose API key has one
    policies: tuple[str, ...]  # all that may refuse a request; counted by


class _Declared(NamedTuple):
    name: str
    scope: str
    limit: RateLimit


def with_limits(contract: Contract, settings: Settings, api: Api) -> Contract:
    """The contract with the limits of the settings among its own, the former first, and what keys may have."""
    names = tuple(dict.fromkeys(api.rate_limits))
    keys = _keys(contract) if settings.rate_limits else frozenset()
    if not names and not keys:
        return contract

    def limited(operation: Operation) -> Operation:
        said = operation.behaviour
        own = tuple(given for given in said.rate_limits if given not in names)
        quotas = not keys.isdisjoint(_schemes(enforced(operation, api)))
        return replace(operation, behaviour=replace(said, rate_limits=(*names, *own), quotas=quotas))

    return replace(contract, operations=tuple(map(limited, contract.operations)))


def default_name(given: Mapping[str, Any]) -> str:
    """Of a limit that is written out without a name: "10-per-1s"."""
    limit = RateLimit(**given)
    return f"{limit.requests}-per-{limit.per}"


def _declared(contract: Contract, operation: Operation, settings: Settings) -> Iterator[_Declared]:
    """Those that exist; the others are found by `check_limits`."""
    said = operation.behaviour
    path = f"{contract.api} {operation.server_path}{operation.template}"
    place = {"document": contract.api, "path": path, "operation": _key(contract, operation)}[said.rate_scope]
    for given in said.rate_limits:
        if isinstance(given, str):
            if given in settings.rate_limits:
                yield _Declared(given, f"policy {given}", settings.rate_limits[given])
        else:
            written = {key: value for key, value in given.items() if key != "name"}
            name = given.get("name") or default_name(written)
            yield _Declared(name, f"{said.rate_scope} {place} {name}", RateLimit(**written))


def _key(contract: Contract, operation: Operation) -> str:
    return f"{contract.api} {operation.method} {operation.server_path}{operation.template}"


def _keys(contract: Contract) -> frozenset[str]:
    """The schemes that are API keys."""
    return frozenset(name for name, scheme in contract.schemes.items() if scheme.type == "apiKey")


def _schemes(security: Iterable[Requirement]) -> Iterator[str]:
    return (name for requirement in security for name, _ in requirement)


def check_limits(contract: Contract, settings: Settings) -> Iterator[Finding]:
    """What cannot be kept of the limits of a contract (`with_limits`)."""
    for operation in contract.operations:
        title = f"{operation.method} {operation.template}"
        for severity, rule, message, hint in _flaws(contract, operation, settings):
            yield Finding(operation.where, severity, rule, f"{title}: {message}", hint)


def _flaws(contract: Contract, operation: Operation, settings: Settings) -> Iterator[tuple[Severity, str, str, str]]:
    said, error = operation.behaviour, Severity.ERROR
    known = list(settings.rate_limits)
    keys = _keys(contract)
    for name in (given for given in said.rate_limits if isinstance(given, str) and given not in known):
        yield error, "rate-limit", f'there is no rate limit "{name}" in gateway.yaml', did_you_mean(name, known)
    seen: set[str] = set()
    for name, _, limit in _declared(contract, operation, settings):
        if name in seen:
            yield error, "rate-limit", f'two rate limits are called "{name}"', "give one of them another `name`"
        seen.add(name)
        most = capacity_of(limit)
        if said.cost > most:
            message = f'a cost of {said.cost} is more than rate limit "{name}" ever lets through, which is {most}'
            yield error, "rate-limit", message, "lower `x-gateway.cost`, or raise the limit or its burst"
        if limit.by.partition(":")[0] in _PERSONAL and not any(operation.security):
            message = f'rate limit "{name}" is by {limit.by}, but nobody has to say who they are'
            yield Severity.WARNING, "rate-limit-anonymous", message, "callers are counted by address: write by: address"
        elif limit.by == "key" and keys.isdisjoint(_schemes(operation.security)):
            message, hint = f'rate limit "{name}" is by key, but nobody is asked for an API key', "write by: consumer"
            yield Severity.WARNING, "rate-limit-anonymous", f"{message}: callers are counted by consumer", hint


def rate_limits(contract: Contract, operation: Operation, settings: Settings, anonymous: bool) -> RateLimits:
    """The limits of one operation, which is `anonymous` where nobody has to say who they are; only for what
    `check_limits` has no error about."""
    cost, key = operation.behaviour.cost, _key(contract, operation)
    checks = [
        check_of(policy_of(*declared), cost, key, contract.api) for declared in _declared(contract, operation, settings)
    ]
    early = [check for check in checks if anonymous or check.policy.by == "address"]
    late = [check for check in checks if check not in early]
    quotas = {} if anonymous else settings.rate_limits
    return RateLimits(
        plan_of(early),
        plan_of(late),
        {name: quota_of(policy_of(name, f"policy {name}", limit), cost) for name, limit in quotas.items()},
        tuple(dict.fromkeys([*(check.policy.name for check in checks), *quotas])),
    )

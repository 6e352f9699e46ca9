"""`x-gateway.rate-limit`: its schema, and what the schema cannot say."""

from collections.abc import Iterator
from typing import Any

from gateway.config import RateLimit
from gateway.config.limiting import ALGORITHMS
from gateway.config.rates import faults
from gateway.contract.rules.node import Node
from gateway.contract.rules.rule import Flaw

NAME = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"

POLICY: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["requests"],
    "properties": {
        "name": {"type": "string", "pattern": NAME},
        "requests": {"type": "integer", "minimum": 1},
        "per": {"type": "string"},
        "by": {"type": "string"},
        "algorithm": {"enum": list(ALGORITHMS)},
        "burst": {"type": "integer", "minimum": 1},
        "delay": {"type": "integer", "minimum": 0},
    },
}
_TYPES = {"requests": int, "burst": int, "delay": int, "per": str, "by": str, "algorithm": str}
RATE_LIMIT: dict[str, Any] = {
    "type": ["object", "array", "string"],
    "if": {"type": "object"},
    "then": POLICY,
    "else": {"items": {"type": ["object", "string"], "if": {"type": "object"}, "then": POLICY}},
}
"""JSON Schema of `x-gateway.rate-limit`: a policy, or the name of one in gateway.yaml, or a list of both."""


def policies(given: Node) -> Iterator[Node]:
    """Those that are written out in `x-gateway`."""
    limits = given.get("rate-limit")
    if limits and isinstance(limits.value, dict):
        yield limits
    elif limits and isinstance(limits.value, list):
        yield from (limits.child(index) for index, each in enumerate(limits.value) if isinstance(each, dict))


def not_kept(given: Node) -> Iterator[Flaw]:
    """What the schema cannot say of the limits in `x-gateway`."""
    for limit in policies(given):
        said = {key: limit.value[key] for key, kind in _TYPES.items() if type(limit.value.get(key)) is kind}
        if said.get("requests", 0) > 0 and said.get("algorithm", ALGORITHMS[0]) in ALGORITHMS:
            for key, message, hint in faults(RateLimit(**said)):
                yield Flaw(limit.get(key) or limit, f"x-gateway.rate-limit: {message}", hint)

"""Rules about `x-gateway`: unknown words are refused, because a misspelt limit is no limit."""

import difflib
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

import jsonschema_rs

from gateway.config import MODES
from gateway.contract.findings import Severity
from gateway.contract.rules import rate_limit
from gateway.contract.rules.documents import document, operation
from gateway.contract.rules.node import Node
from gateway.contract.rules.rule import Flaw, Rule
from gateway.contract.rules.view import View

PASS = r"^(media:[^/\sA-Z]+/[^A-Z]+|parameter:(path|query|querystring|header|cookie)\.\S+|security:\S+)$"

DATE: dict[str, Any] = {
    "type": "string",
    "anyOf": [
        {"format": "date", "pattern": "^[12]"},
        {"format": "date-time", "pattern": "^[12].*T.*:[0-5][0-9](Z|[+-][0-9:]+)$"},
    ],
}
"""An ISO 8601 date, with or without a time of day."""

CONCURRENCY: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["limit"],
    "properties": {
        "limit": {"type": "integer", "minimum": 1},
        "queue": {"type": "integer", "minimum": 0},
        "wait": {"type": "number", "minimum": 0},
        "by": {"enum": ["operation", "consumer"]},
        "adaptive": {"type": "boolean"},
    },
    "not": {
        "type": "object",
        "required": ["by", "adaptive"],
        "properties": {"by": {"const": "consumer"}, "adaptive": {"const": True}},
    },
}

OWNER: dict[str, Any] = {
    "type": ["object", "boolean"],
    "not": {"const": True},
    "additionalProperties": False,
    "required": ["parameter", "claim"],
    "properties": {
        "parameter": {"type": "string", "minLength": 1},
        "claim": {"type": "string", "minLength": 1},
        "unless-scope": {"type": "string", "pattern": r"^[\x21\x23-\x5b\x5d-\x7e]+$"},
    },
}
"""Whose object it is; `false` takes back what was said above."""

NETWORKS: dict[str, Any] = {
    "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
}
ADDRESSES: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"allow": NETWORKS, "deny": NETWORKS},
}

X_GATEWAY: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "timeout": {"type": "number", "exclusiveMinimum": 0},
        "body-limit": {"type": "integer", "minimum": 0},
        "internal": {"type": "boolean"},
        "owner": OWNER,
        "addresses": ADDRESSES,
        "rate-limit": rate_limit.RATE_LIMIT,
        "cost": {"type": "integer", "minimum": 0},
        "concurrency": CONCURRENCY,
        "deprecation": DATE,
        "sunset": DATE,
        "pass": {"type": "array", "items": {"type": "string", "pattern": PASS}},
        "validate": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "request": {"enum": list(MODES)},
                "response": {"enum": list(MODES)},
                "sample": {"type": "number", "minimum": 0, "maximum": 1},
                "unknown-query": {"enum": ["refuse", "allow"]},
            },
        },
    },
}
"""JSON Schema of `x-gateway`, at the root, at a path item or at an operation."""

MEDIA_TYPE: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"item-schema": {"type": ["object", "boolean"]}},
}
"""JSON Schema of `x-gateway` in a Media Type Object; what the schema of the items says is for the rules of schemas."""

LATER = frozenset({"upstream", "retries", "cache"})
_validator = jsonschema_rs.Draft202012Validator(X_GATEWAY, validate_formats=True)
_media_validator = jsonschema_rs.Draft202012Validator(MEDIA_TYPE)


def behaviours(view: View) -> Iterator[Node]:
    """Every `x-gateway` of the root, of path items and of operations."""
    items = (item for _, levels in view.paths for item in levels)
    owners = [view.root, *items, *(op.node for op in view.operations)]
    for owner in owners:
        if node := owner.get("x-gateway"):
            yield node


def media_behaviours(view: View) -> Iterator[Node]:
    """Every `x-gateway` of a Media Type Object of a message, once."""
    seen = set()
    for op in view.operations:
        for media in (*op.body, *(media for response in op.responses for media in response.content)):
            node = media.node.get("x-gateway")
            if node and id(media.node.value) not in seen:
                seen.add(id(media.node.value))
                yield node


def unknown_keys(node: Node) -> Iterator[tuple[Node, list[str]]]:
    """Keys of `x-gateway`, and of the objects in it, that are not in the schema, with those that are."""
    levels = [(node, X_GATEWAY["properties"])]
    for name, schema in X_GATEWAY["properties"].items():
        if "properties" in schema and (inner := node.get(name)):
            levels.append((inner, schema["properties"]))
    levels += ((policy, rate_limit.POLICY["properties"]) for policy in rate_limit.policies(node))
    for level, properties in levels:
        for key, child in level.items():
            if key not in properties:
                yield child, sorted(properties)


def x_gateway_unknown(view: View) -> Iterator[Flaw]:
    for node in media_behaviours(view):
        for key, child in node.items():
            if key not in MEDIA_TYPE["properties"]:
                yield Flaw(child, f"x-gateway of a media type has no key {key!r}", "known is item-schema")
    for node in behaviours(view):
        for child, allowed in unknown_keys(node):
            if child.key not in LATER:
                close = difflib.get_close_matches(child.key, allowed, 1)
                hint = f"did you mean {close[0]!r}?" if close else f"known are {', '.join(allowed)}"
                yield Flaw(child, f"x-gateway has no key {child.key!r}", hint)


def x_gateway_later(view: View) -> Iterator[Flaw]:
    for node in behaviours(view):
        for key, child in node.items():
            if key in LATER:
                yield Flaw(child, f"x-gateway key {key!r} is not enforced yet", "remove it until it is")


def x_gateway_value(view: View) -> Iterator[Flaw]:
    validators = [(_validator, behaviours(view)), (_media_validator, media_behaviours(view))]
    for validator, node in ((validator, node) for validator, nodes in validators for node in nodes):
        for error in validator.iter_errors(node.value):
            if error.kind.name == "additionalProperties":
                continue
            name = ".".join(["x-gateway", *(str(step) for step in error.instance_path)])
            yield Flaw(node.at(error.instance_path), f"{name}: {error.message}", expectation(error.kind, name))
    for node in behaviours(view):
        yield from rate_limit.not_kept(node)
    for lists in (node.get("addresses") for node in behaviours(view)):
        yield from _no_networks(lists) if lists else ()


def _no_networks(lists: Node) -> Iterator[Flaw]:
    """Texts under `addresses` that are no networks."""
    for _, child in lists.items():
        given = child.value if isinstance(child.value, list) else [child.value]
        for text in (text for text in given if isinstance(text, str)):
            try:
                ip_network(text)
            except ValueError as error:
                yield Flaw(child, f"x-gateway.addresses: {error}", "for example 10.0.0.0/8 or 2001:db8::/32")


def expectation(kind: Any, name: str = "") -> str:
    """A hint for values whose schema does not explain itself."""
    if name.startswith("x-gateway.owner"):
        return "write owner: {parameter: NAME, claim: NAME}, with unless-scope: SCOPE where staff may see all, or false"
    if name.startswith("x-gateway.addresses"):
        return "write networks such as 10.0.0.0/8, one or a list of them"
    if name.startswith("x-gateway.rate-limit"):
        return "write {requests: 10, per: 1s}, or the name of a policy in gateway.yaml, or a list of both"
    if kind.name == "anyOf":
        return "write a date such as 2027-06-30, or 2027-06-30T23:59:59Z"
    if kind.name == "not":
        return "a limit is adaptive by operation, not by consumer"
    if kind.name == "pattern":
        return "write media:TYPE/SUBTYPE in lower case, parameter:PLACE.NAME or security:SCHEME"
    return ""


ERROR = Severity.ERROR


def with_behaviour(text: str) -> str:
    return document(operation(extra=f"x-gateway: {{{text}}}"))


GOOD = with_behaviour("timeout: 2.5, validate: {response: block}")

RULES = (
    Rule(
        "x-gateway-unknown",
        ERROR,
        "`x-gateway` has an unknown key",
        "Known are `timeout` (seconds), `body-limit` (bytes), `internal`, `deprecation`, `sunset` (dates), "
        "`rate-limit`, `cost`, `pass`, `owner` with `parameter`, `claim` and `unless-scope`, `validate` with "
        "`request`, `response`, `sample` and `unknown-query`, `concurrency` with `limit`, `queue`, `wait` "
        "(seconds), `by` and `adaptive`, and `addresses` with `allow` and `deny`; at the root, at a path item and "
        "at an operation. The more specific place wins; `pass` adds up. In a media type there is `item-schema`, "
        "what `itemSchema` is since 3.2.",
        x_gateway_unknown,
        with_behaviour("time-out: 2.5"),
        GOOD,
    ),
    Rule(
        "x-gateway-value",
        ERROR,
        "`x-gateway` has a value of the wrong type",
        "Times are numbers of seconds, sizes whole numbers of bytes, modes `block`, `observe`, `sample` or `off`.",
        x_gateway_value,
        with_behaviour("timeout: soon"),
        GOOD,
    ),
    Rule(
        "x-gateway-later",
        ERROR,
        "`x-gateway` asks for something that is not enforced yet",
        "`upstream`, `retries` and `cache` have their place in the vocabulary and no "
        "effect yet. A limit that is written down and not enforced would be worse than none.",
        x_gateway_later,
        with_behaviour("cache: {seconds: 10}"),
        GOOD,
    ),
)

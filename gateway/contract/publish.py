"""The consumers' document: all routed operations under their public paths, derived from the contracts.

What consumers may call is what the document shows: internal operations and all that only they refer to are left
out, servers are the gateway itself, and the problem documents that the gateway answers are added wherever an
operation does not document the status. The result is in the highest OpenAPI version that any contract uses.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.contract import publish_oauth as oauth
from gateway.contract import yaml_write
from gateway.contract.bundle import Bundle, Published, collect
from gateway.contract.lift import TARGETS
from gateway.contract.merge import merge, name_operations
from gateway.contract.model import Contract
from gateway.contract.shapes import put_operation
from gateway.problem import TYPE_BASE

# A contract and its public path, "" or "/data"; None when each operation is mounted under the path of its own server.
Mounted = tuple[Contract, str | None]

PROBLEM: Mapping[str, Any] = {
    "type": "object",
    "description": "What went wrong, and what to change (RFC 9457).",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "description": f"`{TYPE_BASE}` and the kind"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "instance": {"type": "string", "format": "uri-reference", "description": "The request id, as in the log"},
        "errors": {
            "type": "array",
            "description": "Each violation of the contract. Values that were sent are never repeated.",
            "items": {
                "type": "object",
                "required": ["in", "keyword", "message"],
                "properties": {
                    "in": {"type": "string", "enum": ["path", "query", "header", "cookie", "body", "status"]},
                    "name": {"type": "string", "description": "The parameter or header"},
                    "pointer": {"type": "string", "description": "JSON Pointer (RFC 6901) into the value"},
                    "keyword": {"type": "string", "description": "The rule that is broken"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}


@dataclass(frozen=True, slots=True)
class GatewayAnswer:
    """A response that the gateway itself may give to an operation."""

    name: str
    description: str
    happens: Callable[[Published], bool]
    headers: tuple[tuple[str, str, str], ...] = ()  # name, type, description


def _always(op: Published) -> bool:
    return True


def _protected(op: Published) -> bool:
    passes = op.operation.behaviour.passes
    return any(f"security:{name}" not in passes for either in op.operation.security for name, _ in either)


def _guarded(op: Published) -> bool:
    return _protected(op) or op.operation.behaviour.addresses is not None


def _has_body(op: Published) -> bool:
    return "requestBody" in op.node


def _limited(op: Published) -> bool:
    return op.operation.behaviour.quotas or bool(op.operation.behaviour.rate_limits)


_RATE_LIMIT = (
    ("RateLimit", "string", "What is left of each rate limit (draft-ietf-httpapi-ratelimit-headers)"),
    ("RateLimit-Policy", "string", "The rate limits themselves"),
)
_RETRY_AFTER = ("Retry-After", "integer", "Seconds to wait (RFC 9110 section 10.2.3)")
_CHALLENGE = (("WWW-Authenticate", "string", "What is missing (RFC 9110 section 11.6.1)"),)
ANSWERS: Mapping[int, GatewayAnswer] = {
    400: GatewayAnswer("GatewayBadRequest", "The request breaks the contract; `errors` says where.", _always),
    401: GatewayAnswer("GatewayUnauthorized", "No valid credentials.", _protected, _CHALLENGE),
    403: GatewayAnswer("GatewayForbidden", "The caller may not do this.", _guarded, _CHALLENGE),
    404: GatewayAnswer("GatewayNotFound", "No such path.", lambda op: "{" in op.path),
    413: GatewayAnswer("GatewayContentTooLarge", "The body is too large.", _has_body),
    415: GatewayAnswer("GatewayUnsupportedMediaType", "Not a documented media type.", _has_body),
    429: GatewayAnswer("GatewayTooManyRequests", "A rate limit is used up.", _limited, (_RETRY_AFTER, *_RATE_LIMIT)),
    500: GatewayAnswer("GatewayInternalError", "The gateway failed.", _always),
    502: GatewayAnswer("GatewayBadGateway", "The backend failed or broke its contract.", _always),
    503: GatewayAnswer(
        "GatewayUnavailable",
        "Not available now.",
        _always,
        (_RETRY_AFTER,),
    ),
    504: GatewayAnswer("GatewayTimeout", "The backend did not answer in time.", _always),
}


def publish(contracts: Sequence[Mounted], title: str = "") -> dict[str, Any]:
    """The document of all `contracts`. The same contracts give the same document, byte for byte."""
    target = max((contract.dialect for contract, _ in contracts), default="3.0")
    target = target if target in TARGETS else "3.0"
    bundles = [collect(contract, mount, target) for contract, mount in contracts]
    name_operations(bundles)
    oauth.settle(bundles)
    operations = [op for bundle in bundles for op in bundle.operations]
    for op in operations:
        _tell_limits(op)
    used = {status for op in operations for status in _add_answers(op)}
    responses = {ANSWERS[status].name: _response(ANSWERS[status]) for status in sorted(used)}
    components = merge(bundles, {"schemas": {"Problem": PROBLEM}, "responses": responses})
    paths: dict[str, dict[str, Any]] = {}
    for op in operations:
        put_operation(paths.setdefault(op.path, dict(op.path_item)), op.method, op.node)
    return {
        "openapi": TARGETS[target],
        "info": _info(contracts, title),
        "servers": [{"url": "/"}],
        "tags": _tags(bundles),
        "paths": paths,
        "components": components,
    }


def publish_one(contract: Contract, mount: str | None) -> dict[str, Any]:
    """The document of one API."""
    return publish([(contract, mount)])


def as_json(document: Mapping[str, Any]) -> bytes:
    """UTF-8 bytes of `document`."""
    return json.dumps(document, separators=(",", ":")).encode()


def as_yaml(document: Mapping[str, Any]) -> bytes:
    """UTF-8 bytes of `document`."""
    return yaml_write.write(document).encode()


def _add_answers(op: Published) -> list[int]:
    """Add the gateway's answers that the operation does not document; which ones."""
    responses: dict[str, Any] = op.node.setdefault("responses", {})
    added = []
    for status, answer in ANSWERS.items():
        documented = {str(status), f"{status // 100}XX"} | ({"422"} if status == 400 else set())
        if answer.happens(op) and not documented & responses.keys():
            responses[str(status)] = {"$ref": f"#/components/responses/{answer.name}"}
            added.append(status)
    return added


def _tell_limits(op: Published) -> None:
    """The header fields about rate limits, in responses that the operation documents itself (a reference is others',
    too)."""
    responses: dict[str, Any] = op.node.setdefault("responses", {})
    for status, response in responses.items() if _limited(op) else ():
        if isinstance(response, dict) and "$ref" not in response and not status.startswith("x-"):
            documented = response.get("headers", {})
            known = {name.lower() for name in documented}
            told = tuple(field for field in _RATE_LIMIT if field[0].lower() not in known)
            responses[status] = response | {"headers": documented | _headers(told)}


def _headers(fields: tuple[tuple[str, str, str], ...]) -> dict[str, Any]:
    return {name: {"description": description, "schema": {"type": kind}} for name, kind, description in fields}


def _response(answer: GatewayAnswer) -> dict[str, Any]:
    media = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    response: dict[str, Any] = {"description": f"{answer.description} Answered by the gateway."}
    if answer.headers:
        response["headers"] = _headers(answer.headers)
    return response | {"content": media}


def _info(contracts: Sequence[Mounted], title: str) -> dict[str, Any]:
    if len(contracts) == 1:
        contract = contracts[0][0]
        info = contract.document.get("info")
        kept = {key: value for key, value in info.items() if key != "x-gateway"} if isinstance(info, dict) else {}
        return kept | {"title": title or contract.title, "version": contract.version}
    listed = "\n".join(
        f"- **{contract.title}** {contract.version}, below `{_mount(contract, mount)}`" for contract, mount in contracts
    )
    version = "+".join(dict.fromkeys(contract.version for contract, _ in contracts)) or "0"
    return {
        "title": title or "All APIs",
        "version": version,
        "description": f"All APIs behind this gateway:\n\n{listed}",
    }


def _mount(contract: Contract, mount: str | None) -> str:
    return (contract.server_path if mount is None else mount.rstrip("/")) or "/"


def _tags(bundles: Sequence[Bundle]) -> list[dict[str, Any]]:
    """Tag Objects for the tags in use; an operation without tags gets one that is named after its API."""
    tags: dict[str, dict[str, Any]] = {}
    for bundle in bundles:
        given = bundle.contract.document.get("tags")
        named = [tag for tag in given if isinstance(tag, dict)] if isinstance(given, list) else []
        described = {tag["name"]: tag for tag in named if isinstance(tag.get("name"), str)}
        described.setdefault(bundle.api, {"name": bundle.api, "description": bundle.contract.title})
        for op in bundle.operations:
            used = op.node.get("tags")
            names = [name for name in used if isinstance(name, str)] if isinstance(used, list) else []
            op.node["tags"] = names or [bundle.api]
            for name in op.node["tags"]:
                tags.setdefault(name, dict(described.get(name, {"name": name})))
    return list(tags.values())

"""Contracts from documents given as YAML text, for tests that need no more than what `publish` reads."""

from collections.abc import Mapping
from typing import Any

import yaml

from gateway.contract.model import Behaviour, Contract, Location, Operation

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def contract(api: str, text: str, files: Mapping[str, str] = {}) -> Contract:
    """The contract of `text`; `files` are further files beside it, by relative name."""
    documents = {f"specs/{name}": _parse(body) for name, body in {"root.yaml": text, **files}.items()}
    document = documents["specs/root.yaml"]
    dialect = "2.0" if "swagger" in document else document["openapi"][:3]
    return Contract(
        api=api,
        title=document["info"]["title"],
        version=document["info"]["version"],
        dialect=dialect,
        sources=tuple(documents),
        digest="",
        server_path="",
        document=document,
        documents=documents,
        request_schemas={},
        response_schemas={},
        schemes={},
        operations=tuple(_operations(document, documents)),
    )


def _parse(text: str) -> Any:
    """YAML with string keys, as the loader of the gateway gives it."""
    return _string_keys(yaml.safe_load(text))


def _string_keys(node: Any) -> Any:
    if isinstance(node, dict):
        return {str(key): _string_keys(value) for key, value in node.items()}
    return [_string_keys(item) for item in node] if isinstance(node, list) else node


def _operations(document: Any, documents: Any) -> list[Operation]:
    found = []
    for template, item in document["paths"].items():
        if "$ref" in item:
            item = documents["specs/" + item["$ref"]]
        for method in METHODS:
            if method in item:
                found.append(_operation(document, template, method, item[method]))
    return found


def _operation(document: Any, template: str, method: str, node: Any) -> Operation:
    said = node.get("x-gateway", {})
    security = node.get("security", document.get("security", []))
    return Operation(
        method=method.upper(),
        template=template,
        server_path="",
        operation_id=node.get("operationId"),
        deprecated=False,
        parameters=(),
        body=None,
        responses=(),
        security=tuple(
            tuple((name, frozenset(scopes)) for name, scopes in requirement.items()) for requirement in security
        ),
        behaviour=Behaviour(internal=said.get("internal", False), passes=frozenset(said.get("pass", ()))),
        where=Location("specs/root.yaml", 1, 1, ""),
    )

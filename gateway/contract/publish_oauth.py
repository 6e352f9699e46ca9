"""OAuth 2 schemes as consumers need them: one scheme for one issuer, endpoints at their public address."""

import json
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urljoin, urlsplit

from gateway.contract.bundle import Bundle
from gateway.contract.model import Contract, Operation

ENDPOINTS = ("tokenUrl", "authorizationUrl", "refreshUrl", "deviceAuthorizationUrl")


def settle(bundles: Sequence[Bundle]) -> None:
    """Change the security schemes of `bundles` in place."""
    for bundle in bundles:
        drop_internal_scopes(bundle)
    point_endpoints_here(bundles)
    share_scopes(bundles)


def drop_internal_scopes(bundle: Bundle) -> None:
    """Leave out the scopes that nothing but internal operations asks for."""
    internal = {scope for op in bundle.contract.operations if op.behaviour.internal for scope in _scopes(op)}
    internal -= {scope for published in bundle.operations for scope in _scopes(published.operation)}
    for _, scheme in _schemes(bundle):
        for flow in scheme["flows"].values():
            flow["scopes"] = {name: text for name, text in flow.get("scopes", {}).items() if name not in internal}


def share_scopes(bundles: Sequence[Bundle]) -> None:
    """Give OAuth 2 schemes that differ in nothing but their scopes the scopes of all, so that they become one."""
    alike: dict[str, list[dict[str, Any]]] = {}
    for bundle in bundles:
        for name, scheme in _schemes(bundle):
            bare = {kind: {**flow, "scopes": None} for kind, flow in scheme["flows"].items()}
            alike.setdefault(json.dumps([name, bare], sort_keys=True), []).append(scheme)
    for schemes in alike.values():
        for kind in schemes[0]["flows"]:
            scopes = {name: text for scheme in schemes for name, text in scheme["flows"][kind]["scopes"].items()}
            for scheme in schemes:
                scheme["flows"][kind]["scopes"] = scopes


def point_endpoints_here(bundles: Sequence[Bundle]) -> None:
    """Where an OAuth 2 endpoint (RFC 6749 section 3) is itself a routed operation, its URL becomes the public path.

    It is recognised by the server URL of its own document, or by the public path: relative, or below a loopback
    address, where a document's author has the gateway.
    """
    public = {
        server.rstrip("/") + op.operation.template: op.path
        for bundle in bundles
        for server in _servers(bundle.contract)
        for op in bundle.operations
    }
    by_path = {urlsplit(url).path: path for url, path in public.items()} | {path: path for path in public.values()}
    for bundle in bundles:
        own = next(iter(_servers(bundle.contract)), "")
        for _, scheme in _schemes(bundle):
            for flow in scheme["flows"].values():
                for key in flow.keys() & set(ENDPOINTS):
                    url = urljoin(own + "/", flow[key])
                    here = public.get(url) or (by_path.get(urlsplit(url).path) if _is_local(flow[key]) else None)
                    flow[key] = here or flow[key]


def _schemes(bundle: Bundle) -> Iterator[tuple[str, dict[str, Any]]]:
    """The OAuth 2 schemes of a bundle: name, Security Scheme Object."""
    for (section, name), node in bundle.components.items():
        if section == "securitySchemes" and isinstance(node.get("flows"), dict):
            yield name, node


def _scopes(operation: Operation) -> set[str]:
    return {scope for either in operation.security for _, scopes in either for scope in scopes}


def _is_local(url: str) -> bool:
    """Whether a URL is relative or leads to this machine."""
    host = urlsplit(url).hostname
    return host is None or host in ("localhost", "::1") or host.startswith("127.")


def _servers(contract: Contract) -> list[str]:
    """The server URLs of a document, as written; for 2.0 put together from host and basePath."""
    document = contract.document
    if contract.dialect != "2.0":
        return [server.get("url", "") for server in document.get("servers", ())]
    host, base = document.get("host", ""), document.get("basePath", "")
    return [f"{scheme}://{host}{base}" for scheme in document.get("schemes", ("http",))] if host else [base]

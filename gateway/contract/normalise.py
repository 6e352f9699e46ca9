"""A source to a `Contract`: references resolved, inheritance applied, versions erased."""

from collections.abc import Iterator, Mapping
from typing import Any

from gateway.contract import collector
from gateway.contract import pointer as pointers
from gateway.contract.cursor import Cursor
from gateway.contract.dialect import DIALECTS, Dialect
from gateway.contract.grammar import operations
from gateway.contract.load import Source
from gateway.contract.model import Behaviour, Contract, Networks, Operation, Owner, Requirement, SecurityScheme
from gateway.contract.rewrite import SchemaStore


def normalise(source: Source, api: str) -> Contract:
    """The contract of `source` under the name `api`. Only for a source in which `check` found no error."""
    with collector.paused():
        return _contract(source, api)


def _contract(source: Source, api: str) -> Contract:
    dialect = DIALECTS[source.dialect]
    root = Cursor(source, source.uri, "", source.root)
    store = SchemaStore(source, api)
    schemes = {scheme.name: scheme for scheme in dialect.schemes(root)}
    operations = tuple(_operations(root, dialect, store, schemes))
    request_schemas, response_schemas = store.documents()
    info = root.read("info", dict, {})
    return Contract(
        api=api,
        title=str(info.get("title", "")),
        version=str(info.get("version", "")),
        dialect=source.dialect,
        sources=tuple(source.files),
        digest=source.digest,
        server_path=dialect.server_path([root]),
        document=source.root,
        documents=source.files,
        request_schemas=request_schemas,
        response_schemas=response_schemas,
        schemes=schemes,
        operations=operations,
    )


def _operations(
    root: Cursor, dialect: Dialect, store: SchemaStore, schemes: Mapping[str, SecurityScheme]
) -> Iterator[Operation]:
    paths = root.child("paths")
    for template in paths.value if paths and isinstance(paths.value, dict) else ():
        own = paths.child(template) if paths and not template.startswith("x-") else None
        if own is None:
            continue
        levels = _path_levels(own)
        for method, node in _methods(levels, root.source.dialect).items():
            yield _operation(method, template, node, levels, root, dialect, store, schemes)


def _methods(levels: list[Cursor], dialect: str) -> dict[str, Cursor]:
    """The Operation Objects of a path item by method; of two the nearest counts."""
    found: dict[str, Cursor] = {}
    for level in levels:
        for method, tokens, node in operations(level.value, dialect):
            pointer = pointers.join(level.pointer, *tokens)
            found.setdefault(method, Cursor(level.source, level.uri, pointer, node))
    return found


def _path_levels(item: Cursor) -> list[Cursor]:
    """A Path Item Object and those its `$ref` leads to, the nearest first."""
    levels = [item]
    while isinstance(levels[-1].read("$ref", str), str):
        last = levels[-1]
        levels.append(Cursor(last.source, *last.source.resolve(last.uri, last.pointer, last.value["$ref"])))
    return levels


def _operation(
    method: str,
    template: str,
    node: Cursor,
    levels: list[Cursor],
    root: Cursor,
    dialect: Dialect,
    store: SchemaStore,
    schemes: Mapping[str, SecurityScheme],
) -> Operation:
    parameters = _merged_parameters([*reversed(levels), node])
    responses = node.child("responses")
    security = _security(node, root)
    return Operation(
        method=method,
        template=template,
        server_path=dialect.server_path([node, *levels, root]),
        operation_id=node.read("operationId", str),
        deprecated=node.read("deprecated", bool, False),
        parameters=tuple(dialect.parameters(parameters, store)),
        body=dialect.body(node, parameters, store),
        responses=tuple(
            dialect.response(status, response.follow(), node, store)
            for status in (responses.value if responses and isinstance(responses.value, dict) else ())
            if not status.startswith("x-") and responses and (response := responses.child(status))
        ),
        security=security,
        behaviour=behaviour([root, *reversed(levels), node]),
        where=node.where,
        query_keys=_query_keys(security, schemes),
    )


def _query_keys(security: tuple[Requirement, ...], schemes: Mapping[str, SecurityScheme]) -> tuple[str, ...]:
    """Names of the query parameters that the operation's security schemes document."""
    used = {name: schemes[name] for requirement in security for name, _ in requirement if name in schemes}
    return tuple(scheme.parameter for scheme in used.values() if (scheme.type, scheme.place) == ("apiKey", "query"))


def _merged_parameters(levels: list[Cursor]) -> list[Cursor]:
    """Parameter Objects in force: one per place and name, the most specific wins."""
    merged: dict[tuple[str, str], Cursor] = {}
    for level in levels:
        for parameter in level.items("parameters"):
            place, name = parameter.read("in", str, ""), parameter.read("name", str, "")
            merged[place, name.lower() if place == "header" else name] = parameter
    return list(merged.values())


def _security(operation: Cursor, root: Cursor) -> tuple[Requirement, ...]:
    """Security Requirement Objects: the operation's list, even an empty one, replaces the root's."""
    given: list[Any] = operation.read("security", list, root.read("security", list, []))
    return tuple(_requirement(each) for each in given)


def _requirement(given: Any) -> Requirement:
    """What is no Security Requirement Object asks for a scheme that nobody has: it must not open anything."""
    if not isinstance(given, dict):
        return ((f"{given!r:.40}", frozenset()),)
    return tuple(
        (name, frozenset(map(str, scopes)) if isinstance(scopes, list) else frozenset())
        for name, scopes in given.items()
    )


def behaviour(levels: list[Cursor]) -> Behaviour:
    """`x-gateway` in force: the most specific level wins key by key; `pass` is the union of all levels."""
    merged: dict[str, Any] = {}
    validate: dict[str, Any] = {}
    passes: set[str] = set()
    rate_scope = "document"
    for depth, level in enumerate(levels):
        given: Mapping[str, Any] = level.read("x-gateway", dict, {})
        merged |= given
        validate |= given.get("validate") or {}
        passes |= set(given.get("pass") or ())
        if "rate-limit" in given and depth:
            rate_scope = "path" if depth < len(levels) - 1 else "operation"
    limits = merged.get("rate-limit", [])
    return Behaviour(
        timeout=merged.get("timeout"),
        body_limit=merged.get("body-limit"),
        request_mode=validate.get("request"),
        response_mode=validate.get("response"),
        sample=validate.get("sample"),
        unknown_query=validate.get("unknown-query"),
        internal=merged.get("internal", False),
        deprecation=merged.get("deprecation"),
        sunset=merged.get("sunset"),
        owner=_owner(merged.get("owner")),
        addresses=_networks(merged["addresses"]) if merged.get("addresses") else None,
        concurrency=merged.get("concurrency"),
        passes=frozenset(passes),
        rate_limits=tuple(limits) if isinstance(limits, list) else (limits,),
        rate_scope=rate_scope,
        cost=merged.get("cost", 1),
    )


def _owner(given: Mapping[str, str] | bool | None) -> Owner | None:
    """None where nobody says whose it is, or somebody says that it is nobody's."""
    if not isinstance(given, Mapping):
        return None
    return Owner(given["parameter"], given["claim"], given.get("unless-scope", ""))


def _networks(given: Mapping[str, Any]) -> Networks:
    lists = (given.get(key, []) for key in ("allow", "deny"))
    return Networks(*((networks,) if isinstance(networks, str) else tuple(networks) for networks in lists))

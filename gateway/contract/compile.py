"""From settings and documents to the route table: everything that can be decided before the first request.

All findings of all documents are collected; only when none of them is an error is a table built.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from gateway.config import Api, Limits, Settings, Timeouts, UpstreamTls, Validate
from gateway.config.file import api_limits, api_timeouts, api_validate
from gateway.contract import collector
from gateway.contract.compiled import CompiledOperation, RouteTable
from gateway.contract.concurrency import check_concurrency, slot_plans
from gateway.contract.deprecation import deprecated_uses
from gateway.contract.findings import Finding, LoadError, Severity, errors, ordered
from gateway.contract.in_settings import placed
from gateway.contract.judges import Judges, compile_judges
from gateway.contract.levels import levelled
from gateway.contract.limiting import check_limits, rate_limits, with_limits
from gateway.contract.model import Contract, Operation
from gateway.contract.origins import compile_cors
from gateway.contract.outgoing import Keys, check_identity, check_outgoing, compile_outgoing, load_keys
from gateway.contract.ownership import owned
from gateway.contract.prepare import prepare
from gateway.contract.response_fields import announced, dropped_from_responses, set_fields
from gateway.contract.screening import compile_screen, outermost
from gateway.contract.security import compile_security
from gateway.contract.security_checks import check_security
from gateway.contract.servers import mount_of, prefix_of
from gateway.contract.stores import Stores, open_stores
from gateway.contract.table import Router, path_items, shape
from gateway.security.cors import Cors
from gateway.security.introduction import Introduction
from gateway.security.known import Known
from gateway.security.scheme import Alternatives
from gateway.security.screen import Screen
from gateway.upstream.backend import Backend
from gateway.validate.terms import Terms
from gateway.wire.withheld import Withheld


@dataclass(frozen=True, slots=True)
class Mounted:
    """A contract, what the settings say about it, and its judges."""

    contract: Contract
    api: Api
    judges: tuple[Judges, ...]  # of the contract's operations, in their order
    recalled: bool = False  # whether the contract came from the cache

    def mount(self, operation: Operation) -> str:
        """The public path prefix of an operation: "" or "/data"."""
        return mount_of(operation, self.api.path)

    def prefix(self, operation: Operation) -> str:
        """The path prefix of an operation at the backend."""
        return prefix_of(operation, self.api.upstream)


@dataclass(frozen=True, slots=True)
class Compiled:
    """What came of the settings. `table` is None exactly when `findings` holds an error."""

    table: RouteTable | None
    findings: list[Finding]
    mounted: tuple[Mounted, ...]


def compile_settings(settings: Settings, known: Known | None = None) -> Compiled:
    """Load, check and compile every API of `settings`.

    `known` carries what verifies credentials from one table to the next.
    """
    with collector.paused():
        return _compile(settings, Known() if known is None else known)


def _compile(settings: Settings, known: Known) -> Compiled:
    findings: list[Finding] = [*check_identity(settings)]
    mounted: list[Mounted] = []
    for api in settings.apis:
        try:
            item = _mounted(settings, api, findings)
        except LoadError as error:
            findings += error.findings
            continue
        if item is not None:
            mounted.append(item)
    stores, flaws = open_stores(settings)
    findings = [*levelled([*findings, *flaws, *_collisions(mounted)], settings.rules)]
    findings = [*placed(findings, settings.places)]
    table = None if errors(findings) else _build(settings, mounted, known, stores)
    return Compiled(table, ordered(findings), tuple(mounted))


def _mounted(settings: Settings, api: Api, findings: list[Finding]) -> Mounted | None:
    """One document, checked and compiled; adds to `findings`. None when it has errors. Raises LoadError."""
    prepared = prepare(api, settings.references)
    contract = prepared.contract
    findings += prepared.findings
    if contract is None:
        return None
    contract = with_limits(contract, settings, api)
    findings += check_security(contract, settings, api)
    findings += check_limits(contract, settings)
    findings += check_concurrency(contract, settings, api)
    findings += check_outgoing(contract, settings, api)
    terms = Terms(frozenset(api.passes), api_validate(settings, api), api_limits(settings, api))
    judges, flaws = compile_judges(prepared, contract, terms)
    findings += flaws
    return None if flaws else Mounted(contract, api, judges, prepared.recalled)


def _collisions(mounted: list[Mounted]) -> Iterator[Finding]:
    """Templates that would match the same paths once they are mounted: of different APIs, or of one whose operations
    have servers of their own."""
    seen: dict[str, tuple[Mounted, str, Operation]] = {}
    taken: set[tuple[str, str]] = set()
    for item in mounted:
        for operation in item.contract.operations:
            template = item.mount(operation) + operation.template
            other, known, first = seen.setdefault(shape(template), (item, template, operation))
            twice = (operation.method, template) in taken
            taken.add((operation.method, template))
            if twice or other is not item or known != template:
                where = first.where
                yield Finding(
                    operation.where,
                    Severity.ERROR,
                    "mounted-twice",
                    f"{template} of API {item.contract.api} is also a path of API "
                    f"{other.contract.api} ({where.file}:{where.line})",
                    "mount one of them elsewhere: give it a `path` in gateway.yaml",
                )


def _build(settings: Settings, mounted: list[Mounted], known: Known, stores: Stores) -> RouteTable:
    keys = load_keys(settings)
    backends: dict[tuple[str, UpstreamTls | None], Backend] = {}
    operations: list[CompiledOperation] = []
    entries: list[tuple[str, bytes, CompiledOperation | None]] = []
    for item in mounted:
        backend = _backend(item.api, len(backends))
        backend = backends.setdefault((backend.name, backend.tls), backend)
        for compiled in _operations(settings, item, backend, (known, stores), keys, len(operations) + 1):
            operations.append(compiled)
            entries.append((compiled.template, compiled.method.encode("ascii"), compiled))
        entries += (
            (item.mount(operation) + operation.template, operation.method.encode("ascii"), None)
            for operation in item.contract.operations
            if operation.behaviour.internal
        )
    return RouteTable(
        _digest(settings, mounted),
        tuple(operations),
        tuple(backends.values()),
        Router(path_items(entries)),
        set_fields(settings),
        stores.denylist,
        jwks=keys.published,
        addresses=outermost(settings),
    )


def _operations(
    settings: Settings, item: Mounted, backend: Backend, verifying: tuple[Known, Stores], keys: Keys, row: int
) -> Iterator[CompiledOperation]:
    contract, api = item.contract, item.api
    security = compile_security(contract, settings, api, *verifying)
    cors, screen = compile_cors(contract, api), compile_screen(settings, api)
    outgoing = compile_outgoing(contract, settings, api, keys)
    configured = api_validate(settings, api), api_limits(settings, api), api_timeouts(settings, api)
    for operation, judges in zip(contract.operations, item.judges, strict=True):
        if not operation.behaviour.internal:
            yield _operation(
                *(settings, item, operation, judges, backend, row, security(operation), configured),
                *(cors(operation), screen(operation), outgoing(operation)),
            )
            row += 1


def _hyphenated(operation: Operation) -> frozenset[bytes]:
    """Documented header parameters that a field with "_" for "-" could be taken for. One whose own name has both is
    left out: it would be taken for its twin."""
    names = {parameter.name.lower() for parameter in operation.parameters if parameter.place == "header"}
    return frozenset(
        name.encode("latin-1", "replace")
        for name in names
        if "-" in name and "_" not in name and name.replace("-", "_") not in names
    )


def _operation(
    settings: Settings,
    item: Mounted,
    operation: Operation,
    judges: Judges,
    backend: Backend,
    row: int,
    security: Alternatives,
    configured: tuple[Validate, Limits, Timeouts],
    cors: Cors | None,
    screen: Screen | None,
    outgoing: tuple[Withheld, Introduction | None],
) -> CompiledOperation:
    said = operation.behaviour
    validate, limits, timeouts = configured
    statuses = {response.status for response in operation.responses}
    if said.timeout is not None:
        timeouts = timeouts.within(said.timeout)
    rates = rate_limits(item.contract, operation, settings, anonymous=not any(security))
    return CompiledOperation(
        row=row,
        api=item.contract.api,
        method=operation.method,
        template=item.mount(operation) + operation.template,
        operation_id=operation.operation_id or "",
        backend=backend,
        mount=item.mount(operation).encode(),
        prefix=item.prefix(operation).encode(),
        security=security,
        parameters=judges.parameters,
        hyphenated=_hyphenated(operation),
        body=judges.body,
        responses=judges.responses,
        request_mode=said.request_mode or validate.request,
        response_mode=said.response_mode or validate.response,
        sample=validate.sample if said.sample is None else said.sample,
        body_limit=limits.body if said.body_limit is None else said.body_limit,
        stream_limit=limits.stream_body if said.body_limit is None else said.body_limit,
        response_limit=limits.response_body,
        invalid_status=422 if "422" in statuses and "400" not in statuses else 400,
        timeouts=timeouts,
        coding_ratio=limits.coding_ratio,
        pass_oversized=validate.oversized_response == "pass",
        upgrades="101" in statuses,
        deprecated=deprecated_uses(operation),
        announced=announced(settings, operation),
        withheld=outgoing[0],
        introduction=outgoing[1],
        owned=owned(operation),
        early=rates.early,
        limits=rates.limits,
        quotas=rates.quotas,
        policies=rates.policies,
        slots=slot_plans(settings, item.api, operation, backend.name),
        cors=cors,
        screen=screen,
        dropped_from_responses=dropped_from_responses(settings, cors),
    )


def _origin(api: Api) -> str:
    url = urlsplit(api.upstream)
    return f"{url.scheme}://{url.netloc}".lower()


def _backend(api: Api, index: int) -> Backend:
    url = urlsplit(api.upstream)
    port = url.port or (443 if url.scheme == "https" else 80)
    tls = api.tls if url.scheme == "https" else None
    return Backend(index, url.scheme, url.hostname or "", port, url.netloc.encode("idna"), _origin(api), tls)


def _digest(settings: Settings, mounted: list[Mounted]) -> str:
    """SHA-256 over what the table was built from."""
    digest = hashlib.sha256()
    for item in mounted:
        digest.update(f"{item.contract.digest} {item.api!r}\n".encode())
    digest.update(f"{settings.validate!r} {settings.limits!r} {settings.timeouts!r} {settings.rate_limits!r}".encode())
    digest.update(f"{settings.addresses!r} {settings.headers!r} {settings.filter!r}".encode())
    return digest.hexdigest()

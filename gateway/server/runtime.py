"""What a process needs to serve one generation: made once per worker, after fork."""

import asyncio
import random
import secrets
import time
from collections.abc import Callable
from email.utils import formatdate
from ipaddress import ip_network

from gateway.config import Settings
from gateway.limits.concurrency import Gates
from gateway.observe.accesslog import AccessLog, Entry
from gateway.observe.audit import AuditLog, Refused
from gateway.observe.metrics import Metrics
from gateway.request.exchange import Client, Exchange, Runtime
from gateway.server.generation import Generation
from gateway.server.revocations import shared_revocations
from gateway.server.store import counting
from gateway.server.sweep import Sweep, interval_for
from gateway.stream import Inbound
from gateway.upstream.pool import Pool, PoolLimits
from gateway.wire.address import AddressSet, plain
from gateway.wire.fields import client_of, request_id
from gateway.wire.message import RequestHead


def hex_tokens() -> Callable[[], bytes]:
    """A source of 32 random hexadecimal digits: unique, and no secret (a system call each would cost too much)."""
    bits = random.Random(secrets.randbits(256)).getrandbits
    return lambda: b"%032x" % bits(128)


def http_date(now: Callable[[], float]) -> Callable[[], bytes]:
    """The current time as an HTTP date (RFC 9110 section 5.6.7), formatted once a second."""
    second, text = 0, b""

    def date() -> bytes:
        nonlocal second, text
        current = int(now())
        if current != second:
            second, text = current, formatdate(current, usegmt=True).encode("ascii")
        return text

    return date


def sweep_for(loop: asyncio.AbstractEventLoop, settings: Settings) -> Sweep:
    """A sweep quick enough for the shortest timeout that it watches."""
    timeouts = settings.timeouts
    shortest = min(timeouts.first_byte, timeouts.head, timeouts.body, timeouts.idle, timeouts.write, timeouts.read)
    return Sweep(loop, interval_for(min(shortest, timeouts.total)))


def pools_for(generation: Generation, loop: asyncio.AbstractEventLoop, sweep: Sweep) -> tuple[Pool, ...]:
    """One pool per backend of the table."""
    settings, contexts = generation.settings, generation.upstream_tls
    limits = settings.limits
    bounds = PoolLimits(
        limits.backend_connections, settings.timeouts.backend_idle, limits.header_bytes, limits.header_count
    )
    return tuple(
        Pool(backend, bounds, loop, sweep.add, sweep.remove, contexts[backend.tls] if backend.tls is not None else None)
        for backend in generation.table.backends
    )


def make_runtime(
    generation: Generation,
    metrics: Metrics,
    access: AccessLog | None,
    loop: asyncio.AbstractEventLoop,
    sweep: Sweep,
    audit: AuditLog | None = None,
) -> Runtime:
    """Everything that the request line uses."""
    settings, table = generation.settings, generation.table
    counters, counting_ends = counting(settings.store, generation.store, generation.counters, metrics, loop)
    end = shared_revocations(generation.store, table.denylist, loop)

    def close() -> None:
        counting_ends()
        end()

    return Runtime(
        table=table,
        revoked=table.denylist.revoked if table.denylist is not None else None,
        pools=pools_for(generation, loop, sweep),
        metrics=metrics,
        trusted_proxies=AddressSet(map(ip_network, settings.trusted_proxies)),
        forwarded_field=settings.forwarded_field.encode("ascii"),
        scheme=b"https" if settings.tls.certificates else b"http",
        token=hex_tokens(),
        random=random.random,
        now=time.perf_counter,
        record=recorder(access, audit, time.perf_counter),
        date=http_date(time.time),
        page=generation.pages.respond if generation.pages is not None else lambda head: None,
        counters=counters,
        close=close,
        gates={plan.name: Gates(plan) for operation in table.operations for plan in operation.slots},
    )


def exchange_maker(runtime: Runtime) -> Callable[[RequestHead, Inbound, int | None, Client], Exchange]:
    """How a listener makes an exchange of what it has read."""
    proxies, token, now = runtime.trusted_proxies, runtime.token, runtime.now
    believed = runtime.forwarded_field

    def new_exchange(head: RequestHead, body: Inbound, length: int | None, client: Client) -> Exchange:
        trusted = head.peer in proxies
        address = client_of(head, believed, proxies) if trusted else plain(head.peer)
        return Exchange(head, body, length, client, request_id(head, trusted, token), trusted, now(), address=address)

    return new_exchange


def recorder(access: AccessLog | None, audit: AuditLog | None, now: Callable[[], float]) -> Callable[[Exchange], None]:
    """How a finished exchange gets into the logs."""

    def settle(exchange: Exchange) -> None:
        if access is not None:
            access.record(_entry(exchange, now()))
        if audit is not None and exchange.cause:
            audit.record(_refused(exchange))

    return settle


def doorkeeper(metrics: Metrics, audit: AuditLog | None) -> Callable[[str, str, str], None]:
    """How a connection that was closed before it was HTTP is counted, and gets into the log."""

    def turned_away(cause: str, peer: str, reason: str) -> None:
        metrics.turned_away(cause)
        if audit is not None:
            audit.record(Refused(time.time(), "", "connections", f"{cause}: {reason}", 0, plain(peer), *[""] * 6))

    return turned_away


def _entry(exchange: Exchange, now: float) -> Entry:
    operation, principal = exchange.operation, exchange.principal
    return Entry(
        time.time(),
        exchange.request_id.decode("ascii"),
        exchange.head.method.decode("ascii"),
        operation.template if operation is not None else "",
        operation.operation_id if operation is not None else "",
        operation.api if operation is not None else "",
        exchange.status,
        exchange.bytes_in,
        exchange.bytes_out,
        now - exchange.started,
        exchange.backend_seconds,
        operation.backend.name if operation is not None else "",
        principal.subject if principal is not None else "",
        exchange.address,
        exchange.request_violations or exchange.response_violations,
        exchange.error,
    )


def _refused(exchange: Exchange) -> Refused:
    operation, principal = exchange.operation, exchange.principal
    return Refused(
        time=time.time(),
        id=exchange.request_id.decode("ascii"),
        cause=exchange.cause,
        reason=exchange.reason,
        status=exchange.status,
        client=exchange.address,
        subject=principal.subject if principal is not None else "",
        key=principal.key if principal is not None else "",
        api=operation.api if operation is not None else "",
        operation=operation.operation_id if operation is not None else "",
        method=exchange.head.method.decode("ascii"),
        path=operation.template if operation is not None else "",
    )

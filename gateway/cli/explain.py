"""`gateway explain`: what would happen to a request, step by step, and why.

The steps are those of `gateway.request.handle`, run on the same table with the same functions, so that this
command and the gateway cannot disagree. Only nothing is sent. Unlike the gateway it goes on after a refusal, to
show what else is wrong; the first refusal is the verdict.
"""

import asyncio
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, cast

import click

from gateway.cli.common import (
    FINDINGS,
    FINE,
    config_option,
    format_option,
    read_compiled,
    security_text,
    upstream_option,
)
from gateway.cli.explanation import Report, limit_text, show, slot_text
from gateway.cli.given import also_matching, near, parameters
from gateway.cli.origin import documented, origins, traced
from gateway.config import Settings
from gateway.contract.compile import Compiled
from gateway.contract.compiled import RouteTable
from gateway.contract.model import Operation
from gateway.errors import Kind, Refusal
from gateway.observe.metrics import OperationLabels, Segment
from gateway.request.authenticate import authenticate
from gateway.request.exchange import Answered, CheckedRequest, Client, Exchange, Match, Reply, Runtime
from gateway.request.forward import request_bytes
from gateway.request.own import own
from gateway.request.route import route
from gateway.request.validate_request import validate_request
from gateway.request.validate_response import validate_response
from gateway.request.watch import Tap, Watch
from gateway.stream import Inbound
from gateway.upstream.transport import BackendConnection
from gateway.validate.trace import keywords
from gateway.wire.address import AddressSet
from gateway.wire.framing import request_head
from gateway.wire.message import Field, ReplyHead, RequestHead

_FIELD = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*)")
_METHOD = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


class Message(NamedTuple):
    """What the command line says: a request; or, with `status`, the response to it."""

    method: str
    target: str
    fields: list[Field]
    body: bytes | None
    status: int = 0


@click.command()
@click.argument("method")
@click.argument("target")
@click.argument("file", required=False)
@click.option("-d", "--data", metavar="BODY", help="Body; @PATH reads a file. JSON unless a Content-Type is given.")
@click.option("-H", "--header", "headers", metavar="'NAME: VALUE'", multiple=True, help="Header field; repeatable.")
@click.option(
    "--response",
    type=click.IntRange(200, 599),
    metavar="STATUS",
    help="Explain a response with this status instead; body and fields are then those of the response.",
)
@upstream_option
@config_option
@format_option
@click.pass_context
def explain(
    ctx: click.Context,
    method: str,
    target: str,
    file: str | None,
    data: str | None,
    headers: Sequence[str],
    response: int | None,
    upstream: str | None,
    config: str | None,
    format: str,
) -> None:
    """Say what would happen to the request METHOD TARGET, and why. Nothing is sent to the backend.

    Each violation comes with the line of the document that it breaks. Exit code 0: it would be forwarded; 1: it
    would be refused.

    \b
    Examples:
      gateway explain GET '/v1/runs?limit=x' specs/dataservice.yaml
      gateway explain POST /v1/runs -d '{"title": 1}' -H 'Authorization: Bearer TOKEN'
      gateway explain GET /v1/runs --response 200 -d '[{"id": "x"}]'
    """
    if not _METHOD.fullmatch(method):
        raise click.BadParameter(f"{method!r} is not a method", param_hint="METHOD")
    message = Message(method.upper(), target, [_field(text) for text in headers], _body(data), response or 0)
    settings, compiled, table = read_compiled(file, upstream, config)
    report = asyncio.run(_explain(settings, compiled, table, message))
    show(report, format)
    ctx.exit(FINDINGS if report.refusal else FINE)


def _field(text: str) -> Field:
    match = _FIELD.fullmatch(text)
    if match is None:
        raise click.BadParameter(f"{text!r} is not NAME: VALUE", param_hint="-H")
    return match[1].encode(), match[2].strip(" \t").encode("utf-8", "surrogateescape")


def _body(data: str | None) -> bytes | None:
    if data is None or not data.startswith("@"):
        return data if data is None else data.encode("utf-8", "surrogateescape")
    try:
        return Path(data[1:]).read_bytes()
    except (OSError, ValueError) as error:
        raise click.BadParameter(f"cannot read {data[1:]}: {error}", param_hint="-d") from None


async def _explain(settings: Settings, compiled: Compiled, table: RouteTable, message: Message) -> Report:
    report = Report()
    body = None if message.status else message.body
    fields = _completed([(b"Host", b"localhost")], [] if message.status else message.fields, body)
    try:
        target = message.target.encode("utf-8", "surrogateescape")
        head = request_head(message.method.encode(), target, "1.1", fields, _lookup(fields), "127.0.0.1")
    except Refusal as refusal:
        report.refuse("request", refusal)
        return report
    runtime, exchange = _runtime(table), _exchange(head, body or b"")
    match = _route(report, table, exchange)
    if match is None:
        return report
    contract, operation = documented(compiled, match.operation)
    with keywords() as found:
        if message.status:
            await _response(report, runtime, CheckedRequest(exchange, match.operation, b"", True, False), message)
        else:
            _screen(report, match)
            await _security(report, table, exchange, match)
            _owner(report, exchange, match)
            _limits(report, match)
            _parameters(report, exchange, match, operation)
            await _request(report, runtime, exchange, match)
    said = {violation: traced(violation, found) for _, violation in report.violations}
    report.places = origins(said, settings, contract, operation, message.status)
    return report


def _completed(usual: list[Field], fields: list[Field], body: bytes | None) -> list[Field]:
    """The fields that everybody sends, where they are not given."""
    given = {name.lower() for name, _ in fields}
    if body is not None:
        usual = [*usual, (b"Content-Type", b"application/json"), (b"Content-Length", b"%d" % len(body))]
    return [*(one for one in usual if one[0].lower() not in given), *fields]


def _lookup(fields: list[Field]) -> dict[bytes, bytes]:
    """As `RequestHead.lookup` wants it."""
    found: dict[bytes, bytes] = {}
    for name, value in fields:
        low = name.lower()
        joint = b"; " if low == b"cookie" else b", "
        found[low] = found[low] + joint + value if low in found else value
    return found


class _NoSource:
    """The body is here already; nothing can be paused."""

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...

    def wanted(self) -> None: ...


def _inbound(body: bytes) -> Inbound:
    inbound = Inbound(asyncio.get_running_loop(), _NoSource())
    if body:
        inbound.feed(body)
    inbound.finish()
    return inbound


def _exchange(head: RequestHead, body: bytes) -> Exchange:
    client = cast(Client, None)  # nobody is answered here
    return Exchange(head, _inbound(body), len(body), client, b"explained", trusted=False, started=0.0)


def _runtime(table: RouteTable) -> Runtime:
    """A worker's surroundings, without connections; in mode `sample` every request is judged."""
    labels = [OperationLabels(o.api, o.operation_id, o.method, o.template) for o in table.operations]
    return Runtime(
        table=table,
        pools=(),
        metrics=Segment.create(labels, 1).worker(0),
        trusted_proxies=AddressSet(()),
        scheme=b"http",
        token=lambda: b"0" * 31 + b"1",
        random=lambda: 0.0,
        now=time.monotonic,
        record=lambda exchange: None,
        date=lambda: b"",
    )


def _route(report: Report, table: RouteTable, exchange: Exchange) -> Match | None:
    templates = [operation.template for operation in table.operations]
    path = exchange.head.path
    try:
        match = route(table, exchange)
    except Answered as answered:
        report.say("route", "a browser's question about a page of another origin")
        report.verdict = f"{answered.page.status}, answered by the gateway"
        return None
    except Refusal as refusal:
        report.refuse("route", refusal)
        if refusal.kind is Kind.METHOD_NOT_ALLOWED:
            report.say("route", f"methods here: {dict(refusal.headers)[b'Allow'].decode()}")
        if refusal.kind is Kind.NOT_FOUND:
            for template, reason in near(templates, path):
                report.say("route", f"near: {template} ({reason})")
        return None
    operation = match.operation
    name = f" ({operation.operation_id})" if operation.operation_id else ""
    report.say("route", f"{operation.method} {operation.template}{name} of API {operation.api}")
    for template in also_matching(templates, operation.template, path):
        report.say("route", f"not {template}: what is literal in a path wins over variables")
    return match


def _screen(report: Report, match: Match) -> None:
    """Which lists there are: the address is that of no client."""
    screen = match.operation.screen
    for lists in screen.lists if screen else ():
        report.say("addresses", f"the client's must pass the lists of {lists.place}")
    if screen and screen.filter:
        report.say("filter", "is asked, but not here")


async def _security(report: Report, table: RouteTable, exchange: Exchange, match: Match) -> None:
    report.say("security", f"needs: {security_text(match.operation.security)}")
    listed = table.denylist  # only files are read here: what is shared with other machines is not known
    revoked = listed.revoked if listed is not None and listed.known else None
    try:
        principal = await authenticate(match.operation.security, exchange.head, revoked)
    except Refusal as refusal:
        report.refuse("security", refusal)
    else:
        exchange.principal = principal
        report.say("security", f"caller: {principal.subject if principal else 'not asked for'}")


def _owner(report: Report, exchange: Exchange, match: Match) -> None:
    owned = match.operation.owned
    if owned is None:
        return
    staff = f", or the caller has the scope {owned.unless_scope}" if owned.unless_scope else ""
    name = owned.name.decode("utf-8", "replace")
    report.say("owner", f"needs: {owned.place} {name} is the caller's {owned.claim}{staff}")
    try:
        own(owned, match, exchange)
    except Refusal as refusal:
        report.refuse("owner", refusal)


def _limits(report: Report, match: Match) -> None:
    """What is counted, in the order in which it is asked. Nothing is counted here."""
    for plan in (match.operation.early, match.operation.limits):
        for check in () if plan is None else plan.checks:
            report.say("limits", limit_text(check))
    for slot in match.operation.slots:
        report.say("limits", slot_text(slot))


def _parameters(report: Report, exchange: Exchange, match: Match, operation: Operation) -> None:
    check = match.operation.parameters
    if check is None:
        return
    head = exchange.head
    decoded = check.decode(match.values, head.query, head.lookup)
    report.parameters = list(parameters(operation, head, match.values, decoded))
    for shown in report.parameters:
        report.say("parameters", shown.line())


async def _request(report: Report, runtime: Runtime, exchange: Exchange, match: Match) -> None:
    operation = match.operation
    report.say("request", f"mode {operation.request_mode}")
    try:
        checked = await validate_request(runtime, exchange, match)
        await _watched(checked.watch, checked.body or b"")
    except Refusal as refusal:
        report.violated("request", exchange.request_violations)
        report.refuse("request", refusal)
        return
    report.violated("request", exchange.request_violations)
    outcome = "breaks the contract" if exchange.request_violations else "keeps the contract"
    report.say("request", outcome if operation.request_mode != "off" else "not judged")
    target = request_bytes(runtime, checked).split(b" ", 2)[1].decode("ascii")
    report.forwarded = f"{operation.backend.scheme}://{operation.backend.authority.decode()}{target}"
    report.verdict = f"forwarded to {report.forwarded}"
    report.say("response", f"mode {operation.response_mode}")


async def _watched(watch: Watch | None, body: bytes) -> None:
    """Judge a body that is judged while it passes. Raises Refusal."""
    if watch is not None:
        if body:
            await watch.piece(body)
        await watch.end()


async def _response(report: Report, runtime: Runtime, checked: CheckedRequest, message: Message) -> None:
    """Judged as in mode `observe`, which sees everything that is wrong; the mode in force decides what comes of it."""
    operation, body = checked.operation, message.body or b""
    report.say("response", f"mode {operation.response_mode}")
    fields = _completed([], message.fields, message.body)
    fields = _completed([(b"Content-Length", b"%d" % len(body))], fields, None)
    bodiless = message.method == "HEAD" or message.status in (204, 304)
    connection = cast(BackendConnection, None)  # nothing is waited for
    reply = Reply(ReplyHead(message.status, b"", fields, _lookup(fields)), _inbound(body), bodiless, connection)
    watch = (await validate_response(runtime, checked, reply)).watch
    await _watched(watch, reply.body.take())
    violations = checked.exchange.response_violations
    report.violated("response", violations)
    if isinstance(watch, Tap) and len(body) > operation.response_limit:
        report.say("response", f"the body is not judged: it has more than {operation.response_limit} bytes")
    if violations and operation.response_mode == "block":
        report.refuse("response", Refusal(Kind.INVALID_RESPONSE, "The backend's answer does not keep the contract."))
        return
    report.say("response", "breaks the contract" if violations else "keeps the contract")
    report.verdict = "passed on, and counted" if violations and operation.response_mode != "off" else "passed on"

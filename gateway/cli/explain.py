"""`gateway explain`: what would happen to a request, step by step, and why.

The steps are those of `gateway.request.handle`, run on the same table with the same functions, so that this
command and the gateway cannot disagree. Only nothing is sent. Unlike the gateway it goes on after a refusal, to
show what else is wrong; the first refusal is the verdict.
"""

import asyncio
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast

import click

from gateway import problem
from gateway.cli.common import (
    FINDINGS,
    FINE,
    config_option,
    echo_json,
    format_option,
    read_table,
    security_text,
    upstream_option,
)
from gateway.contract.compiled import RouteTable
from gateway.errors import Kind, Refusal, Violation
from gateway.observe.metrics import OperationLabels, Segment
from gateway.request.authenticate import authenticate
from gateway.request.exchange import Client, Exchange, Match, Runtime
from gateway.request.forward import request_bytes
from gateway.request.route import route
from gateway.request.validate_request import validate_request
from gateway.stream import Inbound
from gateway.wire.framing import request_head
from gateway.wire.message import Field, RequestHead

_FIELD = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*)")
_METHOD = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


@dataclass
class Report:
    """What was found out: pairs of step and line, the first refusal, and where the request would go."""

    lines: list[tuple[str, str]] = field(default_factory=list)
    violations: Sequence[Violation] = ()
    refusal: Refusal | None = None
    forwarded: str = ""

    def say(self, step: str, line: str) -> None:
        self.lines.append((step, line))

    def refuse(self, step: str, refusal: Refusal) -> None:
        status = refusal.status or problem.PROBLEMS[refusal.kind].status
        self.say(step, f"refused with {status} {refusal.kind.value}: {refusal.detail}")
        self.refusal = self.refusal or refusal


@click.command()
@click.argument("method")
@click.argument("target")
@click.argument("file", required=False)
@click.option("-d", "--data", metavar="BODY", help="Body; @PATH reads a file. JSON unless a Content-Type is given.")
@click.option("-H", "--header", "headers", metavar="'NAME: VALUE'", multiple=True, help="Header field; repeatable.")
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
    upstream: str | None,
    config: str | None,
    format: str,
) -> None:
    """Say what would happen to the request METHOD TARGET, and why. Nothing is sent to the backend.

    Exit code 0: it would be forwarded; 1: it would be refused.

    \b
    Examples:
      gateway explain GET '/v1/runs?limit=x' specs/dataservice.yaml
      gateway explain POST /v1/runs -d '{"title": 1}' -H 'Authorization: Bearer TOKEN'
    """
    if not _METHOD.fullmatch(method):
        raise click.BadParameter(f"{method!r} is not a method", param_hint="METHOD")
    fields = [_field(text) for text in headers]
    table = read_table(file, upstream, config)
    report = asyncio.run(_explain(table, method.upper(), target, fields, _body(data)))
    _show(report, format)
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


async def _explain(table: RouteTable, method: str, target: str, fields: list[Field], body: bytes | None) -> Report:
    report = Report()
    fields = _completed(fields, body)
    try:
        raw = target.encode("utf-8", "surrogateescape")
        head = request_head(method.encode(), raw, "1.1", fields, _lookup(fields), "127.0.0.1")
    except Refusal as refusal:
        report.refuse("request", refusal)
        return report
    runtime, exchange = _runtime(table), _exchange(head, body or b"")
    match = _route(report, table, exchange)
    if match is not None:
        await _security(report, exchange, match)
        _parameters(report, exchange, match)
        await _judge(report, runtime, exchange, match)
    return report


def _completed(fields: list[Field], body: bytes | None) -> list[Field]:
    """The fields that every client sends."""
    given = {name.lower() for name, _ in fields}
    usual = [(b"Host", b"localhost")]
    if body is not None:
        usual += [(b"Content-Type", b"application/json"), (b"Content-Length", b"%d" % len(body))]
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


def _exchange(head: RequestHead, body: bytes) -> Exchange:
    inbound = Inbound(asyncio.get_running_loop(), _NoSource())
    if body:
        inbound.feed(body)
    inbound.finish()
    client = cast(Client, None)  # nobody is answered here
    return Exchange(head, inbound, len(body), client, b"explained", trusted=False, started=0.0)


def _runtime(table: RouteTable) -> Runtime:
    """A worker's surroundings, without connections; in mode `sample` every request is judged."""
    labels = [OperationLabels(o.api, o.operation_id, o.method, o.template) for o in table.operations]
    return Runtime(
        table=table,
        pools=(),
        metrics=Segment.create(labels, 1).worker(0),
        trusted_proxies=(),
        scheme=b"http",
        token=lambda: b"0" * 31 + b"1",
        random=lambda: 0.0,
        now=time.monotonic,
        record=lambda exchange: None,
        date=lambda: b"",
    )


def _route(report: Report, table: RouteTable, exchange: Exchange) -> Match | None:
    try:
        match = route(table, exchange)
    except Refusal as refusal:
        report.refuse("route", refusal)
        if refusal.kind is Kind.METHOD_NOT_ALLOWED:
            report.say("route", f"methods here: {dict(refusal.headers)[b'Allow'].decode()}")
        if refusal.kind is Kind.NOT_FOUND:
            for template in _near(table, exchange.head.path):
                report.say("route", f"near: {template}")
        return None
    operation = match.operation
    name = f" ({operation.operation_id})" if operation.operation_id else ""
    report.say("route", f"{operation.method} {operation.template}{name} of API {operation.api}")
    return match


def _near(table: RouteTable, path: bytes) -> list[str]:
    templates = list(dict.fromkeys(operation.template for operation in table.operations))
    return get_close_matches(path.decode("utf-8", "replace"), templates, n=3, cutoff=0.5)


async def _security(report: Report, exchange: Exchange, match: Match) -> None:
    report.say("security", f"needs: {security_text(match.operation.security)}")
    try:
        principal = await authenticate(match.operation.security, exchange.head)
    except Refusal as refusal:
        report.refuse("security", refusal)
    else:
        report.say("security", f"caller: {principal.subject if principal else 'not asked for'}")


def _parameters(report: Report, exchange: Exchange, match: Match) -> None:
    check = match.operation.parameters
    if check is None:
        return
    for place, name, value in check.decode(match.values, exchange.head.query, exchange.head.lookup):
        report.say("parameters", f"{place} {name} = {value!r}")


async def _judge(report: Report, runtime: Runtime, exchange: Exchange, match: Match) -> None:
    operation = match.operation
    report.say("request", f"mode {operation.request_mode}")
    try:
        checked = await validate_request(runtime, exchange, match)
    except Refusal as refusal:
        _violations(report, refusal.violations)
        report.refuse("request", refusal)
        return
    _violations(report, exchange.request_violations)
    if not exchange.request_violations:
        report.say("request", "keeps the contract" if operation.request_mode != "off" else "not judged")
    target = request_bytes(runtime, checked).split(b" ", 2)[1].decode("ascii")
    report.forwarded = f"{operation.backend.scheme}://{operation.backend.authority.decode()}{target}"
    report.say("response", f"mode {operation.response_mode}")


def _violations(report: Report, violations: Sequence[Violation]) -> None:
    report.violations = violations
    for violation in violations:
        where = " ".join(filter(None, (violation.place, violation.name, violation.pointer)))
        report.say("request", f"violation: {where}: {violation.keyword}: {violation.message}")


def _show(report: Report, format: str) -> None:
    refusal = report.refusal
    status = None if refusal is None else refusal.status or problem.PROBLEMS[refusal.kind].status
    if format == "json":
        found: dict[str, Any] = {
            "steps": [{"step": step, "text": text} for step, text in report.lines],
            "violations": [violation._asdict() for violation in report.violations],
        }
        if refusal:
            found["refused"] = {"status": status, "type": refusal.kind.value}
        else:
            found["forwarded"] = report.forwarded
        echo_json(found)
        return
    verdict = f"{status} {refusal.kind.value}" if refusal else f"forwarded to {report.forwarded}"
    for step, text in (*report.lines, ("verdict", verdict)):
        click.echo(f"{step:<11} {text}")

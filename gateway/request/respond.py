"""Step 11: the only place where response heads are made."""

from gateway import problem
from gateway.errors import Refusal
from gateway.request.exchange import CheckedReply, Exchange, Page, Runtime
from gateway.request.tunnel import tunnel
from gateway.wire import fields
from gateway.wire.message import Field


async def respond(runtime: Runtime, exchange: Exchange, checked: CheckedReply) -> None:
    """Pass the reply on. Raises BackendLost when it breaks off after its head was sent, and Refusal when what follows
    breaks the contract; then the client is cut."""
    reply = checked.reply
    head = reply.head
    passed = _reply_fields(runtime, exchange, checked)
    if head.status == 101 and exchange.operation is not None:
        passed += ((b"Connection", b"Upgrade"), (b"Upgrade", head.lookup[b"upgrade"]))
        await tunnel(exchange, reply, passed, exchange.operation.timeouts.tunnel)
        return
    whole, watch = checked.whole, checked.watch
    if whole is None and reply.body.complete and not reply.bodiless and not checked.ahead:
        # It is all here already: one write instead of several.
        whole = reply.body.take()
    if whole is None and not reply.bodiless:
        await _stream(exchange, checked, passed)
        return
    exchange.begun = True
    exchange.status = head.status
    exchange.bytes_out = len(whole or b"")
    exchange.client.send(head.status, head.reason, passed, whole)
    if watch is not None:
        if whole:
            await watch.piece(whole)
        await watch.end()


async def _stream(exchange: Exchange, checked: CheckedReply, passed: list[Field]) -> None:
    reply, client = checked.reply, exchange.client
    head = reply.head
    length = head.lookup.get(b"content-length")
    reply.connection.streaming()
    exchange.begun = True
    exchange.status = head.status
    client.begin(head.status, head.reason, passed, None if length is None else int(length))
    if checked.first:
        await _write(exchange, checked.first)
    watch = checked.watch
    before = watch if checked.ahead else None
    after = None if checked.ahead else watch
    while data := await reply.body.piece():
        if before is not None:
            last = reply.body.complete  # while this piece is judged, more may come
            await before.piece(data)
            if last:
                await before.end()
        await _write(exchange, data)
        if after is not None:
            await after.piece(data)
    if before is not None:
        await before.end()
    client.end()
    if after is not None:
        await after.end()


async def _write(exchange: Exchange, data: bytes) -> None:
    exchange.bytes_out += len(data)
    await exchange.client.write(data)


def _reply_fields(runtime: Runtime, exchange: Exchange, checked: CheckedReply) -> list[Field]:
    head, operation = checked.reply.head, exchange.operation
    dropped = fields.DROPPED_FROM_RESPONSES if operation is None else operation.dropped_from_responses
    passed = fields.kept(head.fields, head.lookup, dropped)
    if checked.reply.bodiless and head.status not in (101, 204) and b"content-length" in head.lookup:
        # The length that the same GET would have had (RFC 9110 section 8.6); with 204 it would announce a body.
        passed.append((b"Content-Length", head.lookup[b"content-length"]))
    if b"date" not in head.lookup:
        # RFC 9110 section 6.6.1: whoever forwards a response without a date adds one.
        passed.append((b"Date", runtime.date()))
    if operation is not None and operation.announced:
        passed += (field for field in operation.announced if field[0].lower() not in head.lookup)
    if exchange.answered:
        passed = fields.with_answered(passed, head.lookup, exchange.answered)
    passed += runtime.table.set_fields
    passed.append((b"X-Request-Id", exchange.request_id))
    return passed


def refuse(runtime: Runtime, exchange: Exchange, refusal: Refusal) -> None:
    """Answer with a problem document, or cut the connection when a response has begun."""
    exchange.error = refusal.kind.value
    if refusal.cause:
        exchange.cause, exchange.reason = refusal.cause, refusal.reason or refusal.detail
        exchange.principal = exchange.principal or refusal.caller
        runtime.metrics.refused(0 if exchange.operation is None else exchange.operation.row, refusal.cause)
    if exchange.begun:
        exchange.client.cut()
        return
    send(runtime, exchange, *problem.answer(refusal, exchange.request_id.decode()))


def send_page(runtime: Runtime, exchange: Exchange, page: Page) -> None:
    """Answer with something prepared at load."""
    send(runtime, exchange, page.status, page.fields, page.body)


def send(runtime: Runtime, exchange: Exchange, status: int, own: list[Field], body: bytes) -> None:
    """A whole response of the gateway's own; HEAD gets its head only."""
    passed = [*own, *exchange.answered, (b"Date", runtime.date()), (b"X-Request-Id", exchange.request_id)]
    if runtime.table.set_fields:
        given = {name.lower() for name, _ in passed}
        passed += (field for field in runtime.table.set_fields if field[0].lower() not in given)
    exchange.begun = True
    exchange.status = status
    reason = problem.REASONS.get(status, b"")
    if exchange.head.method == b"HEAD" or status == 304:
        if status != 304:
            passed.append((b"Content-Length", b"%d" % len(body)))
        exchange.client.send(status, reason, passed, None)
    else:
        exchange.bytes_out = len(body)
        exchange.client.send(status, reason, passed, body)

"""Step 6: the only place where response heads are made."""

from gateway import problem
from gateway.errors import Refusal
from gateway.request.exchange import CheckedReply, Exchange, Page, Runtime
from gateway.wire import fields
from gateway.wire.message import Field


async def respond(runtime: Runtime, exchange: Exchange, checked: CheckedReply) -> None:
    """Pass the reply on. Raises BackendLost when it breaks off after its head was sent; then the client is cut."""
    reply = checked.reply
    head = reply.head
    passed = _reply_fields(runtime, exchange, checked)
    whole = checked.whole
    if whole is None and reply.body.complete and not reply.bodiless:
        # It is all here already: one write instead of several.
        whole = reply.body.take()
        if checked.judge is not None:
            checked.judge(whole if len(whole) <= checked.limit else None)
    if whole is not None or reply.bodiless:
        exchange.begun = True
        exchange.status = head.status
        exchange.bytes_out = len(whole or b"")
        exchange.client.send(head.status, head.reason, passed, whole)
        return
    await _stream(exchange, checked, passed)


async def _stream(exchange: Exchange, checked: CheckedReply, passed: list[Field]) -> None:
    reply, client = checked.reply, exchange.client
    head = reply.head
    length = head.lookup.get(b"content-length")
    reply.connection.streaming()
    exchange.begun = True
    exchange.status = head.status
    client.begin(head.status, head.reason, passed, None if length is None else int(length))
    tap: list[bytes] | None = [] if checked.judge is not None else None
    while data := await reply.body.piece():
        exchange.bytes_out += len(data)
        if tap is not None:
            tap.append(data)
            if exchange.bytes_out > checked.limit:
                tap = None
        await client.write(data)
    if checked.judge is not None:
        checked.judge(None if tap is None else b"".join(tap))
    client.end()


def _reply_fields(runtime: Runtime, exchange: Exchange, checked: CheckedReply) -> list[Field]:
    head = checked.reply.head
    passed = fields.kept(head.fields, head.lookup, fields.DROPPED_FROM_RESPONSES)
    if checked.reply.bodiless and head.status != 204 and b"content-length" in head.lookup:
        # The length that the same GET would have had (RFC 9110 section 8.6); with 204 it would announce a body.
        passed.append((b"Content-Length", head.lookup[b"content-length"]))
    if b"date" not in head.lookup:
        # RFC 9110 section 6.6.1: whoever forwards a response without a date adds one.
        passed.append((b"Date", runtime.date()))
    passed.append((b"X-Request-Id", exchange.request_id))
    return passed


def refuse(runtime: Runtime, exchange: Exchange, refusal: Refusal) -> None:
    """Answer with a problem document, or cut the connection when a response has begun."""
    exchange.error = refusal.kind.value
    if exchange.begun:
        exchange.client.cut()
        return
    send(runtime, exchange, *problem.answer(refusal, exchange.request_id.decode()))


def send_page(runtime: Runtime, exchange: Exchange, page: Page) -> None:
    """Answer with something prepared at load."""
    send(runtime, exchange, page.status, page.fields, page.body)


def send(runtime: Runtime, exchange: Exchange, status: int, own: list[Field], body: bytes) -> None:
    """A whole response of the gateway's own; HEAD gets its head only."""
    passed = [*own, (b"Date", runtime.date()), (b"X-Request-Id", exchange.request_id)]
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

"""Step 9: hand the request to the backend. Prepare once, attempt under the retry rule."""

import asyncio

from gateway.contract.compiled import CompiledOperation
from gateway.errors import Kind, Refusal
from gateway.request.exchange import CheckedRequest, Exchange, Reply, Runtime
from gateway.request.validate_request import too_large
from gateway.upstream.lost import BackendLost
from gateway.upstream.pool import Pool
from gateway.upstream.retry import may_repeat
from gateway.upstream.transport import BackendConnection
from gateway.wire import fields
from gateway.wire.message import Field
from gateway.wire.withheld import without_cookies, without_parameters, without_passwords

_REFUSALS = {
    "connect": (Kind.BACKEND_UNREACHABLE, "The backend could not be reached."),
    "tls": (Kind.BACKEND_UNREACHABLE, "The backend could not be reached securely."),
    "timeout": (Kind.BACKEND_TIMEOUT, "The backend did not answer in time."),
    "reset": (Kind.BACKEND_FAILED, "The backend closed the connection before its answer was complete."),
    "protocol": (Kind.BACKEND_FAILED, "The backend's answer is not valid HTTP."),
}


async def forward(runtime: Runtime, checked: CheckedRequest) -> Reply:
    """Send the request and wait for the head of the reply. Raises Refusal for every failure of the backend."""
    exchange, operation = checked.exchange, checked.operation
    pool = runtime.pools[operation.backend.index]
    data = request_bytes(runtime, checked)
    exchange.backend_started = runtime.now()
    try:
        reply = await _attempt(pool, pool.idle(), data, checked)
        exchange.head_seconds = runtime.now() - exchange.backend_started
        return reply
    except BackendLost as lost:
        reused = lost.kind == "reset" and exchange.reused
        if not may_repeat(exchange.head.method, checked.body is not None, reused, lost.silent):
            raise lost_refusal(runtime, exchange, lost) from None
    runtime.metrics.backend_error(operation.row, "retried")
    try:
        return await _attempt(pool, None, data, checked)
    except BackendLost as lost:
        raise lost_refusal(runtime, exchange, lost) from None


async def _attempt(pool: Pool, connection: BackendConnection | None, data: bytes, checked: CheckedRequest) -> Reply:
    exchange, timeouts = checked.exchange, checked.operation.timeouts
    if connection is None:
        connection = await pool.connect(timeouts.connect)
    exchange.connection = connection
    exchange.reused = connection.exchanges > 0
    bodiless = exchange.head.method == b"HEAD"
    body = connection.start(data, bodiless, timeouts.read, timeouts.total, exchange.client.inform, checked.upgrade)
    if checked.body is None:
        exchange.upload = _upload(checked, connection)
    head = await connection.head()
    return Reply(head, body, bodiless or head.status in (101, 204, 304), connection)


def _upload(checked: CheckedRequest, connection: BackendConnection) -> "asyncio.Task[None]":
    """Send the request body while the reply is awaited: a backend may answer before it has read everything."""
    connection.uploading(True)
    return asyncio.get_running_loop().create_task(_pump(checked, connection))


async def _pump(checked: CheckedRequest, connection: BackendConnection) -> None:
    """Pass the body on. A piece that breaks the contract, and so the end of the body, never reaches the backend."""
    body, length = checked.exchange.body, checked.exchange.length
    watch, limit = checked.watch, checked.operation.stream_limit
    try:
        while data := await body.piece():
            if limit and body.received > limit:
                raise too_large(limit)
            if length is not None and body.received > length:
                raise _other_length()
            if watch is not None:
                last = body.complete or body.received == length  # while this piece is judged, more may come
                await watch.piece(data)
                if last:
                    await watch.end()
            await connection.write(b"%x\r\n%b\r\n" % (len(data), data) if length is None else data)
        if watch is not None:
            await watch.end()
        if length is None:
            await connection.write(b"0\r\n\r\n")
        elif body.received != length:
            # Were the connection used again, the next request would be taken for the rest of this body.
            raise _other_length()
        connection.uploading(False)
    except BackendLost:
        pass  # whoever waits for the reply learns of it too
    except Exception as error:
        connection.give_up(error)


def request_bytes(runtime: Runtime, checked: CheckedRequest) -> bytes:
    """The request as the backend sees it: what was checked, byte for byte, between fields that are ours."""
    exchange, operation = checked.exchange, checked.operation
    head = exchange.head
    target = _target(operation, head.path)
    query = head.query
    if query and operation.withheld.query:
        query = without_parameters(query, operation.withheld.query) or None
    if query is not None:
        target = b"%b?%b" % (target, query)
    passed = _passed(checked)
    if operation.hyphenated:
        passed = fields.without_twins(passed, operation.hyphenated)
    passed = fields.without_content_twins(passed, head.lookup)
    if exchange.outgoing:
        passed = [*passed, *exchange.outgoing]
    lines = [b"%b: %b\r\n" % field for field in passed]
    body = checked.body
    if body is None:
        framing = b"Transfer-Encoding: chunked\r\n" if exchange.length is None else _length(exchange.length)
    elif body or b"content-length" in head.lookup or exchange.length is None:
        framing = _length(len(body))
    else:
        framing = b""
    if checked.upgrade:
        framing += b"Connection: Upgrade\r\nUpgrade: %b\r\n" % checked.upgrade
    return b"%b %b HTTP/1.1\r\nHost: %b\r\n%b%bX-Request-Id: %b\r\nTraceparent: %b\r\n%b\r\n%b" % (
        head.method,
        target,
        operation.backend.authority,
        b"".join(lines),
        fields.forwarding(head, exchange.address, runtime.forwarded_field if exchange.trusted else b"", runtime.scheme),
        exchange.request_id,
        fields.traceparent(head, runtime.token),
        framing,
        body or b"",
    )


def _passed(checked: CheckedRequest) -> list[Field]:
    """The client's own fields that go on."""
    head, withheld, principal = checked.exchange.head, checked.operation.withheld, checked.exchange.principal
    dropped = withheld.fields
    if withheld.unverified and (principal is None or not principal.authorization):
        dropped = withheld.unverified  # somebody was let in by other credentials: these may be forged
    if checked.judge_response:
        passed = fields.kept_when_judged(head.fields, head.lookup, dropped)
    else:
        passed = fields.kept(head.fields, head.lookup, dropped)
    if withheld.cookies:
        passed = without_cookies(passed, withheld.cookies)
    return without_passwords(passed) if withheld.passwords else passed


def _length(length: int) -> bytes:
    return b"Content-Length: %d\r\n" % length


def _target(operation: CompiledOperation, path: bytes) -> bytes:
    """The raw path with the mount exchanged for the backend's prefix; the rest stays as it came."""
    mount, prefix = operation.mount, operation.prefix
    if mount == prefix:
        return path
    if not path.startswith(mount):
        # The mount was sent with needless escapes: it has as many segments all the same.
        mount = b"/".join(path.split(b"/")[: mount.count(b"/") + 1])
    return prefix + path[len(mount) :]


def lost_refusal(runtime: Runtime, exchange: Exchange, lost: BackendLost) -> Refusal:
    """Count the backend's failure and say it to the client."""
    if exchange.operation is not None:
        runtime.metrics.backend_error(exchange.operation.row, lost.kind)
    kind, detail = _REFUSALS[lost.kind]
    return Refusal(kind, detail, reason=lost.reason)


def _other_length() -> Refusal:
    return Refusal(Kind.MALFORMED_REQUEST, "The body is not as long as Content-Length says.")

"""The request line. Read this file first.

The order of the steps is a security property: nothing is read of a body before the caller is known, and nothing reaches
a backend that was not checked. Each step returns what the next one needs, so none can be left out.
"""

import logging

from gateway.errors import Kind, Refusal
from gateway.request.admit import admit
from gateway.request.authenticate import authenticate
from gateway.request.exchange import Answered, ClientGone, Exchange, Runtime
from gateway.request.forward import forward, lost_refusal
from gateway.request.introduce import introduce
from gateway.request.occupy import occupy
from gateway.request.own import own
from gateway.request.respond import refuse, respond, send_page
from gateway.request.route import route
from gateway.request.screen import screen, screen_address
from gateway.request.validate_request import validate_request
from gateway.request.validate_response import validate_response
from gateway.upstream.lost import BackendLost

log = logging.getLogger("gateway")


async def handle(runtime: Runtime, exchange: Exchange) -> None:
    """One exchange, start to end. Raises Refusal, Answered, BackendLost, ClientGone."""
    match = route(runtime.table, exchange)
    if match.operation.screen is not None:
        screen(runtime, exchange, match, match.operation.screen)
    if match.operation.early is not None:
        await admit(runtime, exchange, match.operation.early)
    exchange.principal = principal = await authenticate(match.operation.security, exchange.head, runtime.revoked)
    if match.operation.owned is not None:
        own(match.operation.owned, match, exchange)
    if match.operation.limits is not None or (principal is not None and principal.quota):
        await admit(runtime, exchange, match.operation.limits)
    checked = await validate_request(runtime, exchange, match)
    if match.operation.introduction is not None:
        await introduce(match.operation.introduction, exchange)
    if match.operation.slots:
        await occupy(runtime, exchange, match.operation.slots)
    reply = await forward(runtime, checked)
    checked_reply = await validate_response(runtime, checked, reply)
    await respond(runtime, exchange, checked_reply)


async def serve(runtime: Runtime, exchange: Exchange) -> None:
    """`handle`, with an end for every failure; then the connection, the log and the counters are settled."""
    try:
        await handle(runtime, exchange)
    except Refusal as refusal:
        _refuse_or_show(runtime, exchange, refusal)
    except Answered as answered:
        send_page(runtime, exchange, answered.page)
    except BackendLost as lost:
        refuse(runtime, exchange, lost_refusal(runtime, exchange, lost))
    except ClientGone:
        exchange.error = "client-gone"
    except Exception:
        log.exception("request %s failed", exchange.request_id.decode())
        refuse(runtime, exchange, Refusal(Kind.INTERNAL_ERROR, "The gateway could not handle the request."))
    finally:
        _settle(runtime, exchange)


def _refuse_or_show(runtime: Runtime, exchange: Exchange, refusal: Refusal) -> None:
    """What no document knows may be one of the gateway's own pages, for those who may call the gateway at all."""
    page = runtime.page(exchange.head) if refusal.kind is Kind.NOT_FOUND else None
    if page is None:
        refuse(runtime, exchange, refusal)
        return
    try:
        if runtime.table.addresses is not None:
            screen_address(exchange, runtime.table.addresses)
        send_page(runtime, exchange, page)
    except Refusal as denied:
        refuse(runtime, exchange, denied)


def _settle(runtime: Runtime, exchange: Exchange) -> None:
    now = runtime.now()
    operation, connection = exchange.operation, exchange.connection
    if operation is not None and connection is not None:
        if exchange.upload is not None and not exchange.upload.done():
            exchange.upload.cancel()
            connection.abort()
        exchange.backend_seconds = now - exchange.backend_started
        runtime.pools[operation.backend.index].release(connection)
    for give_back in exchange.held:
        give_back()
    runtime.metrics.request(0 if operation is None else operation.row, exchange.status, now - exchange.started)
    runtime.record(exchange)

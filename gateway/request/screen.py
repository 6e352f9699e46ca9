"""Step 2: may this address call, and what does the operator's own filter say? Before anybody is asked who they are."""

import logging
from types import MappingProxyType

from gateway.errors import Kind, Refusal
from gateway.request.exchange import Exchange, Match, Runtime
from gateway.security.screen import AddressLists, Filter, FilterRequest, Screen

log = logging.getLogger("gateway")


def screen(runtime: Runtime, exchange: Exchange, match: Match, rules: Screen) -> None:
    """Raises Refusal(FORBIDDEN), and Refusal(INTERNAL_ERROR) when the filter fails: what it did not pass goes no
    further."""
    for lists in rules.lists:
        screen_address(exchange, lists)
    if rules.filter is not None:
        _ask(runtime, rules.filter, exchange, match)


def screen_address(exchange: Exchange, lists: AddressLists) -> None:
    """Raises Refusal(FORBIDDEN)."""
    if objection := lists.objection(exchange.address):
        raise Refusal(Kind.FORBIDDEN, "This address may not call this.", reason=objection, cause="address")


def _ask(runtime: Runtime, chosen: Filter, exchange: Exchange, match: Match) -> None:
    head, operation = exchange.head, match.operation
    request = FilterRequest(
        head.method.decode("ascii"),
        operation.template,
        head.path.decode("latin-1"),
        (head.query or b"").decode("latin-1"),
        MappingProxyType(head.lookup),
        exchange.address,
        operation.api,
        operation.operation_id,
    )
    started = runtime.now()
    try:
        objection = chosen(request)
        if objection is not None and not isinstance(objection, str):
            raise TypeError(f"a filter returns None or a text, not {type(objection).__name__}")
    except Exception:
        log.exception("the filter failed for request %s", exchange.request_id.decode())
        raise Refusal(Kind.INTERNAL_ERROR, "The gateway could not judge the request.", cause="filter") from None
    finally:
        runtime.metrics.filtered(runtime.now() - started)
    if objection is not None:
        raise Refusal(Kind.FORBIDDEN, "The request is not allowed.", reason=f"filter: {objection}", cause="filter")

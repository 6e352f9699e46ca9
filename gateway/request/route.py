"""Step 1: which operation does the request mean? Path first, then method."""

from gateway.contract.compiled import RouteTable
from gateway.errors import Kind, Refusal
from gateway.request.exchange import Exchange, Match


def route(table: RouteTable, exchange: Exchange) -> Match:
    """Raises Refusal: NOT_FOUND, METHOD_NOT_ALLOWED with `Allow`, or MALFORMED_REQUEST for a path that is not UTF-8;
    and the listener's refusal of what it could not read, so that it is answered and logged like any other.
    """
    if exchange.unreadable is not None:
        raise exchange.unreadable
    head = exchange.head
    try:
        found = table.match(head.path)
    except UnicodeDecodeError:
        raise Refusal(Kind.MALFORMED_REQUEST, "The path is not UTF-8.") from None
    if found is None:
        raise Refusal(Kind.NOT_FOUND, "No documented path matches the request.")
    item, values = found
    operation = item.operations.get(head.method)
    if operation is None:
        raise Refusal(
            Kind.METHOD_NOT_ALLOWED,
            "The path is documented, but not with this method.",
            headers=((b"Allow", item.allow),),
        )
    exchange.operation = operation
    return Match(operation, values)

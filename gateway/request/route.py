"""Step 1: which operation does the request mean? Path first, then method."""

from gateway.contract.compiled import CompiledOperation, RouteTable
from gateway.contract.table import PathItem
from gateway.errors import Kind, Refusal
from gateway.request.exchange import Exchange, Match
from gateway.request.preflight import answer_preflight
from gateway.wire.path import other_readings


def route(table: RouteTable, exchange: Exchange) -> Match:
    """Raises Refusal: NOT_FOUND, METHOD_NOT_ALLOWED with `Allow`, or MALFORMED_REQUEST for a path that is not UTF-8;
    and the listener's refusal of what it could not read, so that it is answered and logged like any other. Raises
    Answered for what a browser asks before it sends a request (CORS).
    """
    if exchange.unreadable is not None:
        raise exchange.unreadable
    head = exchange.head
    try:
        found = table.match(head.path)
    except UnicodeDecodeError:
        raise Refusal(Kind.MALFORMED_REQUEST, "The path is not UTF-8.") from None
    if found is None or not found[0].operations:
        raise Refusal(Kind.NOT_FOUND, "No documented path matches the request.")
    item, values = found
    if b"%" in head.path or b";" in head.path or b"//" in head.path:
        _refuse_other_reading(table, head.path, item)
    if head.method == b"OPTIONS":
        answer_preflight(item, head.lookup)
    operation = item.operations.get(head.method)
    if operation is None:
        cors = next((known.cors for known in item.operations.values() if known.cors is not None), None)
        if cors is not None:
            exchange.answered += cors.answered(head.lookup.get(b"origin"))  # so that a page learns what is wrong
        raise Refusal(
            Kind.METHOD_NOT_ALLOWED,
            "The path is documented, but not with this method.",
            headers=((b"Allow", item.allow),),
        )
    exchange.operation = operation
    if operation.cors is not None:
        exchange.answered += operation.cors.answered(head.lookup.get(b"origin"))
    return Match(operation, values)


def _refuse_other_reading(table: RouteTable, path: bytes, item: PathItem[CompiledOperation]) -> None:
    """A backend that reads paths less strictly must not find an operation that was not judged here.

    `/users/a%2Fkeys` is the user `a/keys`, unless the documents know `/users/{name}/keys` too.
    """
    for reading in other_readings(path):
        try:
            other = table.match(reading)
        except UnicodeDecodeError:
            continue
        # `/map{;at}` beside `/map` is no trick: the document itself tells them apart by what some cut off.
        if other and other[0] is not item and not item.template.startswith(other[0].template + "{"):
            raise Refusal(Kind.MALFORMED_REQUEST, "The path means another operation to a server that reads it laxly.")

"""Counting what is deprecated and still in use. Only operations that have some of it come here."""

from collections.abc import Callable, Collection
from urllib.parse import unquote_to_bytes

from gateway.contract.compiled import CompiledOperation
from gateway.request.exchange import MetricsSink
from gateway.wire.message import RequestHead


def count_deprecated(metrics: MetricsSink, operation: CompiledOperation, head: RequestHead) -> None:
    """Count the operation, if it is deprecated, and each deprecated parameter that the request has.

    A parameter is found by its name; the members of an exploded object have names of their own and are not found.
    """
    read: dict[str, Collection[bytes]] = {}
    for index, (place, name) in enumerate(operation.deprecated):
        reader = _NAMES.get(place)
        if reader is not None:
            if place not in read:
                read[place] = reader(head)
            if (name.lower() if place == "header" else name).encode() not in read[place]:
                continue
        metrics.deprecated(operation.row, index)


def _query_names(head: RequestHead) -> set[bytes]:
    """`a` and `b[c]` for `?a=1&b[c]=2`, and the `b` of a `deepObject`."""
    names = {unquote_to_bytes(pair.partition(b"=")[0].replace(b"+", b" ")) for pair in (head.query or b"").split(b"&")}
    return names | {name.partition(b"[")[0] for name in names}


def _cookie_names(head: RequestHead) -> set[bytes]:
    return {pair.partition(b"=")[0].strip() for pair in head.lookup.get(b"cookie", b"").split(b";")}


# What is not here, such as path parameters and the operation itself, is used by every request.
_NAMES: dict[str, Callable[[RequestHead], Collection[bytes]]] = {
    "query": _query_names,
    "cookie": _cookie_names,
    "header": lambda head: head.lookup,
}

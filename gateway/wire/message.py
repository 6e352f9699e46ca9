"""Message heads as they came: fields as ordered pairs, plus one lower-case view for look-ups."""

from typing import NamedTuple

Field = tuple[bytes, bytes]


class RequestHead(NamedTuple):
    """A request head that passed the framing rules of `gateway.wire.framing`.

    `fields` keeps order, case and duplicates as received. `lookup` maps each lower-case name to its value;
    repeated fields are joined by ", " (RFC 9110 section 5.3), repeated `cookie` by "; ".
    """

    method: bytes
    path: bytes  # raw, before "?"
    query: bytes | None  # raw, after "?"; None when the target has no "?"
    fields: list[Field]
    lookup: dict[bytes, bytes]
    peer: str  # address of the TCP peer, "" when unknown


class ReplyHead(NamedTuple):
    """A final (not 1xx) response head from a backend."""

    status: int
    reason: bytes
    fields: list[Field]
    lookup: dict[bytes, bytes]

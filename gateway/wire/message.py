"""Message heads as they came: fields as ordered pairs, plus one lower-case view for look-ups."""

import re
from typing import NamedTuple

Field = tuple[bytes, bytes]

_PRINTABLE = re.compile(rb"[\t -~\x80-\xff]*\Z")


def lookup_of(fields: list[Field]) -> dict[bytes, bytes]:
    """Lower-case names to values; repeated fields joined as RFC 9110 section 5.3 says."""
    lookup = {name.lower(): value for name, value in fields}
    if len(lookup) != len(fields):
        lookup = {}
        for name, value in fields:
            low = name.lower()
            if low in lookup:
                lookup[low] += (b"; " if low == b"cookie" else b", ") + value
            else:
                lookup[low] = value
    return lookup


def printable(reason: bytes) -> bytes:
    """A reason phrase (RFC 9112 section 4); none, where it holds what must not be passed on."""
    return reason if _PRINTABLE.match(reason) else b""


class ClientCertificate(NamedTuple):
    """The certificate that a client proved in the TLS handshake.

    `thumbprint` is the base64url of the SHA-256 of its DER form (RFC 8705 section 3.1), `subject` its distinguished
    name (RFC 4514).
    """

    thumbprint: str
    subject: str


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
    peer: str  # address of the TCP peer, or what a trusted one says in a PROXY protocol header; "" when unknown
    certificate: ClientCertificate | None = None


class ReplyHead(NamedTuple):
    """A final (not 1xx) response head from a backend."""

    status: int
    reason: bytes
    fields: list[Field]
    lookup: dict[bytes, bytes]

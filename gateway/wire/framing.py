"""Which request heads are unambiguous enough to be forwarded.

llhttp has already refused what is wrong in the bytes (bare CR and LF, obs-fold, NUL, two lengths, bad chunk sizes).
Here are the rules about fields that must agree with each other (RFC 9110 section 7.2, RFC 9112 sections 3.2 and 6).
"""

import re

from gateway.errors import Kind, Refusal
from gateway.wire.fields import DROPPED_FROM_REQUESTS, USUAL_CONNECTIONS, named_by_connection
from gateway.wire.message import ClientCertificate, Field, RequestHead
from gateway.wire.path import check_target, split_target

# uri-host [":" port] as DNS names and addresses have it: no userinfo, no escapes, and no "," that could stem from
# two fields joined into one.
_HOST = re.compile(rb"(?:[A-Za-z0-9\-._~]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{0,5})?\Z")
# Names that must not come twice: each copy could be the one that somebody believes.
_SINGLE = (b"host", b"content-length", b"transfer-encoding", b"content-type", b"authorization", b"expect")
# Longer than any body, and short enough for those who count in 64 bits or in double precision (2**53).
_DIGITS = 15


def malformed(detail: str) -> Refusal:
    """The refusal after which the connection cannot be used any more."""
    return Refusal(Kind.MALFORMED_REQUEST, detail)


def request_head(
    method: bytes,
    target: bytes,
    version: str,
    fields: list[Field],
    lookup: dict[bytes, bytes],
    peer: str,
    certificate: ClientCertificate | None = None,
) -> RequestHead:
    """Judge a head as parsed and make it a `RequestHead`. Raises Refusal, mostly MALFORMED_REQUEST."""
    if version not in ("1.1", "1.0"):
        raise Refusal(Kind.VERSION_NOT_SUPPORTED, "This server speaks HTTP/1.1 and HTTP/1.0.")
    path, query, authority = split_target(target)
    check_target(path, query)
    if len(lookup) != len(fields):
        _refuse_repetitions(fields)
    _check_host(lookup.get(b"host"), authority, version)
    coding = lookup.get(b"transfer-encoding")
    if coding is not None:
        _check_coding(coding, lookup, version)
    elif len(lookup.get(b"content-length", b"")) > _DIGITS:
        raise Refusal(Kind.CONTENT_TOO_LARGE, "No body has the length that the field content-length says.")
    connection = lookup.get(b"connection")
    if connection is not None and connection not in USUAL_CONNECTIONS:
        # What ends here is not judged either: the backend must not miss a field that was found to be there.
        for name in named_by_connection(connection) - DROPPED_FROM_REQUESTS:
            lookup.pop(name, None)
    return RequestHead(method, path, query, fields, lookup, peer, certificate)


def _refuse_repetitions(fields: list[Field]) -> None:
    seen = set()
    for name, _ in fields:
        low = name.lower()
        if low in seen and low in _SINGLE:
            raise malformed(f"The field {low.decode('ascii', 'replace')} is given more than once.")
        seen.add(low)


def _check_host(host: bytes | None, authority: bytes | None, version: str) -> None:
    """RFC 9112 section 3.2: exactly one valid Host in HTTP/1.1; an absolute target must name the same one."""
    if host is None:
        if version == "1.1" or authority is not None:
            raise malformed("The field host is missing.")
        return
    if not _HOST.match(host):
        raise malformed("The field host is not a host name with an optional port.")
    if authority is not None and authority.lower() != host.lower():
        raise malformed("The request target names another host than the field host.")


def _check_coding(coding: bytes, lookup: dict[bytes, bytes], version: str) -> None:
    """RFC 9112 section 6.1: only `chunked`, once, in HTTP/1.1, and without a Content-Length beside it."""
    if version != "1.1" or b"content-length" in lookup:
        raise malformed("Transfer-Encoding together with Content-Length or in HTTP/1.0 is ambiguous.")
    if coding.strip().lower() != b"chunked":
        raise Refusal(Kind.NOT_IMPLEMENTED, "The only transfer coding understood here is chunked.")


def reply_flaw(status: int, version: str, lookup: dict[bytes, bytes]) -> str:
    """Why the head of a backend's reply cannot be trusted; empty when it can (RFC 9112 sections 2.3, 4 and 6.1)."""
    if not 100 <= status < 600:
        return "sent a status outside 100 to 599"
    if version not in ("1.1", "1.0"):
        return "is of another version of HTTP"
    coding = lookup.get(b"transfer-encoding")
    if coding is not None:
        if version == "1.0":
            return "uses a transfer coding in HTTP/1.0"
        if coding.strip().lower() != b"chunked":
            return "uses a transfer coding other than chunked"
    elif len(lookup.get(b"content-length", b"")) > _DIGITS:
        return "has a length that no body has"
    return ""

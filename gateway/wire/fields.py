"""Header fields on their way through: what is dropped, what is written, what is believed.

Hop-by-hop fields (RFC 9110 section 7.6.1) end here in both directions. Fields that tell a backend who is asking
(`Forwarded`, `X-Forwarded-*`) are written by the gateway and taken over only from trusted peers.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from gateway.wire.address import AddressSet, client_address, forwarded_elements, forwarded_for
from gateway.wire.message import Field, RequestHead

HOP_BY_HOP = frozenset(
    (
        b"connection",
        b"keep-alive",
        b"proxy-connection",
        b"proxy-authenticate",
        b"proxy-authorization",
        b"te",
        b"trailer",
        b"transfer-encoding",
        b"upgrade",
    )
)
# The gateway writes these itself for every request.
_WRITTEN = frozenset(
    (
        b"host",
        b"content-length",
        b"expect",
        b"via",
        b"forwarded",
        b"x-forwarded-for",
        b"x-forwarded-host",
        b"x-forwarded-proto",
        b"x-request-id",
        b"traceparent",
    )
)
# What backends and their frameworks take for another client, host, scheme or target than those that were judged. Caches
# and routers in front do not look at them, so that whoever may send them chooses what others get. The gateway passes
# none on, from whomever it is.
CLAIMS: dict[str, frozenset[bytes]] = {
    "address of the client": frozenset(
        b"x-real-ip x-client-ip client-ip true-client-ip cf-connecting-ip cf-connecting-ipv6 fastly-client-ip "
        b"fly-client-ip x-cluster-client-ip x-azure-clientip x-azure-socketip x-originating-ip x-remote-ip "
        b"x-remote-addr x-appengine-user-ip x-envoy-external-address x-original-forwarded-for x-forwarded "
        b"x-forwarded-by x-forwarded-client-ip x-forwarded-for-original forwarded-for".split()
    ),
    "host, scheme or port": frozenset(
        b"x-forwarded-server x-forwarded-port x-forwarded-scheme x-forwarded-protocol x-forwarded-ssl "
        b"x-forwarded-https x-original-host x-host x-http-host-override x-url-scheme x-scheme front-end-https "
        b"x-arr-ssl cloudfront-forwarded-proto".split()
    ),
    "target": frozenset(
        b"x-original-url x-original-uri x-rewrite-url x-forwarded-prefix x-forwarded-path x-forwarded-uri "
        b"x-forwarded-url x-forwarded-query x-forwarded-method x-script-name x-envoy-original-path "
        b"x-accel-redirect x-accel-mapping x-sendfile".split()
    ),
}
CLAIMED = frozenset[bytes]().union(*CLAIMS.values())
DROPPED_FROM_REQUESTS = HOP_BY_HOP | _WRITTEN | CLAIMED
# The content codings that are decoded for judging (gateway.validate.coding).
_CODINGS = (b"gzip", b"deflate", b"br", b"zstd")
_KNOWN = frozenset((*_CODINGS, b"x-gzip", b"identity"))
_CONTENT = frozenset((b"content-type", b"content-encoding"))
_REMEMBERED_LENGTH = 256  # bytes of an Accept-Encoding value, or of a host, which has fewer (RFC 1035 section 2.3.4)
_ZERO = re.compile(rb"[ \t]*;[ \t]*[qQ]=0(?:\.0{0,3})?\Z")
DROPPED_FROM_RESPONSES = HOP_BY_HOP | {b"content-length", b"x-request-id"}
# Fields that stay even if a client names them in Connection: without them the message means something else.
_NEVER_NAMED = frozenset((b"content-type", b"content-encoding", b"authorization", b"cookie", b"host", b"cache-control"))
_REQUEST_ID = re.compile(rb"[A-Za-z0-9\-._~+/=:]{1,128}\Z")
_TRACEPARENT = re.compile(
    rb"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-[\x21-\x7e]*)?\Z"
)

# What a proxy may say it was asked for: one host with an optional port, one scheme.
_SAID = {
    b"host": re.compile(rb"(?:[A-Za-z0-9\-._~]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?"),
    b"proto": re.compile(rb"(?:https?|wss?)", re.IGNORECASE),
}

# Lower case, and everything that is no letter or digit as "-", as CGI and its heirs make names of variables.
_SAME = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ_!#$%&'*+.^`|~", b"abcdefghijklmnopqrstuvwxyz" + b"-" * 14)
USUAL_CONNECTIONS = frozenset((b"keep-alive", b"close", b"Keep-Alive", b"Close"))


def spelled(name: bytes) -> bytes:
    """The name of a field as `kept` compares names."""
    return name.translate(_SAME)


def named_by_connection(connection: bytes) -> frozenset[bytes]:
    """The fields that a Connection value makes hop-by-hop."""
    return frozenset(part.strip().lower() for part in connection.split(b",")) - _NEVER_NAMED


def persists(lookup: dict[bytes, bytes], version: str) -> bool:
    """Whether the sender of a message keeps its connection open (RFC 9112 section 9.3)."""
    named = {part.strip(b" \t").lower() for part in lookup.get(b"connection", b"").split(b",")}
    return b"close" not in named and (version != "1.0" or b"keep-alive" in named)


def kept(fields: list[Field], lookup: dict[bytes, bytes], dropped: frozenset[bytes]) -> list[Field]:
    """The end-to-end fields in order, with their case and repetitions.

    `dropped` are names as `spelled` gives them: there are backends that read one spelling as the other, and would
    believe what was to be dropped.
    """
    connection = lookup.get(b"connection")
    if connection is not None and connection not in USUAL_CONNECTIONS:
        named = named_by_connection(connection)
        fields = [field for field in fields if field[0].lower() not in named]
    return [field for field in fields if field[0].translate(_SAME) not in dropped]


def kept_when_judged(
    fields: list[Field], lookup: dict[bytes, bytes], dropped: frozenset[bytes] = DROPPED_FROM_REQUESTS
) -> list[Field]:
    """The end-to-end fields of a request whose response will be judged.

    `Accept-Encoding` stays as it came as long as it asks for nothing that could not be decoded; else it is replaced by
    as much of it as can be. A twin of it with "_" is dropped.
    """
    asked = lookup.get(b"accept-encoding")
    if asked is None and b"accept_encoding" not in lookup:
        return kept(fields, lookup, dropped)
    reduced = None if asked is None else _decodable(asked)
    if reduced == asked and b"accept_encoding" not in lookup:
        return kept(fields, lookup, dropped)
    passed = kept(fields, lookup, dropped | {b"accept-encoding"})
    if reduced is not None:
        passed.append((b"Accept-Encoding", reduced))
    return passed


def _decodable(asked: bytes) -> bytes:
    """An Accept-Encoding value (RFC 9110 section 12.5.3) without codings that cannot be decoded."""
    return _remembered(asked) if len(asked) <= _REMEMBERED_LENGTH else _reduced(asked)


def _reduced(asked: bytes) -> bytes:
    members = [member.strip(b" \t") for member in asked.split(b",")]
    named = [member.partition(b";")[0].strip(b" \t").lower() for member in members]
    left: list[bytes] = []
    for member, name in zip(members, named, strict=True):
        weight = member[len(member.partition(b";")[0]) :]
        if not name or name in _KNOWN or (name == b"*" and _ZERO.match(weight)):
            left.append(member)
        elif name == b"*":
            left += (coding + weight for coding in _CODINGS if coding not in named)
    # Without the field, any coding would do.
    return asked if left == members else b", ".join(left) or b"identity"


_remembered = lru_cache(maxsize=64)(_reduced)


def with_answered(passed: list[Field], lookup: dict[bytes, bytes], answered: Sequence[Field]) -> list[Field]:
    """A backend's fields (`lookup`: as it sent them) with those of the gateway, which replace others of their name.

    Only Vary adds up; what the backend's own names already, or has said with `*`, is not said again (RFC 9110 section
    12.5.5).
    """
    own: list[Field] = []
    for field in answered:
        name = field[0].lower()
        if name == b"vary":
            if _varies(lookup, field[1].lower()):
                continue
        elif name in lookup:
            passed = [other for other in passed if other[0].lower() != name]
        own.append(field)
    return passed + own


def _varies(lookup: dict[bytes, bytes], name: bytes) -> bool:
    """Whether Vary names this field already, or all of them."""
    varies = {member.strip(b" \t").lower() for member in lookup.get(b"vary", b"").split(b",")}
    return name in varies or b"*" in varies


def without_twins(fields: list[Field], names: frozenset[bytes]) -> list[Field]:
    """Leave out what a backend that reads "_" as "-" would take for one of `names`, which alone was judged."""
    return [field for field in fields if b"_" not in field[0] or field[0].translate(_SAME) not in names]


def without_content_twins(fields: list[Field], lookup: dict[bytes, bytes]) -> list[Field]:
    """The same for the type and the coding of the content, by which it was judged."""
    twins = b"content_type" in lookup or b"content_encoding" in lookup
    return without_twins(fields, _CONTENT) if twins else fields


def protocols(upgrade: bytes) -> list[bytes]:
    """The protocols that an Upgrade value names (RFC 9110 section 7.8), in lower case."""
    return [name for part in upgrade.split(b",") if (name := part.strip(b" \t").lower())]


def switches(lookup: dict[bytes, bytes], offered: bytes) -> bool:
    """Whether a 101 leads to a protocol among those that were offered (RFC 9110 sections 7.8 and 15.2.2)."""
    chosen = protocols(lookup.get(b"upgrade", b""))
    named = named_by_connection(lookup.get(b"connection", b""))
    return b"upgrade" in named and bool(chosen) and set(chosen) <= set(protocols(offered))


def client_of(head: RequestHead, believed: bytes, trusted: AddressSet) -> str:
    """The client's address as our own proxies say it in the field `believed`: `x-forwarded-for` or `forwarded`.

    For requests of trusted peers only.
    """
    value = head.lookup.get(believed)
    if not value:
        return client_address(head.peer, (), trusted)
    if believed == b"forwarded":
        nodes = (None if element is None else element.get(b"for") for element in forwarded_elements(value))
        return client_address(head.peer, nodes, trusted)
    return client_address(head.peer, forwarded_for(value), trusted)


def request_id(head: RequestHead, trusted: bool, token: Callable[[], bytes]) -> bytes:
    """The trusted peer's own X-Request-Id if it is well formed, else a new one."""
    if trusted:
        given = head.lookup.get(b"x-request-id")
        if given is not None and _REQUEST_ID.match(given):
            return given
    return token()


def traceparent(head: RequestHead, token: Callable[[], bytes]) -> bytes:
    """W3C Trace Context: passed on when valid, else begun here. `token` gives 32 random hexadecimal digits."""
    given = head.lookup.get(b"traceparent")
    if given is not None and _TRACEPARENT.match(given):
        return given
    trace = token()
    return b"00-%b-%b-01" % (trace, trace[16:])


def forwarding(head: RequestHead, address: str, believed: bytes, scheme: bytes) -> bytes:
    """Via, Forwarded (RFC 7239) and X-Forwarded-* as wire lines.

    From a trusted peer, which speaks in the field `believed`, that chain is extended, the other one begins with the
    client's `address`, and host and scheme are those that the peer names last; from anybody else (`believed` is empty)
    both begin anew with the TCP peer.
    """
    lookup = head.lookup
    host = lookup.get(b"host", b"")
    peer = head.peer.encode("ascii")
    chain, proto, via = peer, scheme, b"1.1 gateway"
    element = b'for=%b;host="%b";proto=%b' % (_node(peer), host, scheme)
    earlier_via = lookup.get(b"via")
    if earlier_via:
        via = b"%b, %b" % (earlier_via, via)
    if believed:
        client = address.encode("ascii")
        earlier_chain, earlier_element = (b"", b"") if client == peer else (client, b"for=" + _node(client))
        if believed == b"forwarded":
            earlier_element = lookup.get(b"forwarded", b"")
            said = next(forwarded_elements(earlier_element), None) or {}
        else:
            earlier_chain = lookup.get(b"x-forwarded-for", b"")
            said = {name: lookup.get(b"x-forwarded-" + name, b"").rpartition(b",")[2] for name in _SAID}
        element = b"%b, %b" % (earlier_element, element) if earlier_element else element
        chain = b"%b, %b" % (earlier_chain, peer) if earlier_chain else peer
        host, proto = _believed(said, b"host", host), _believed(said, b"proto", scheme)
    return b"Via: %b\r\nForwarded: %b\r\nX-Forwarded-For: %b\r\nX-Forwarded-Host: %b\r\nX-Forwarded-Proto: %b\r\n" % (
        via,
        element,
        chain,
        host,
        proto,
    )


def _believed(said: Mapping[bytes, bytes], name: bytes, usual: bytes) -> bytes:
    """What the nearest proxy says, if it can be that. Further left may stand what a client has invented."""
    value = said.get(name)
    return (_credible(name, value) if value and len(value) <= _REMEMBERED_LENGTH else b"") or usual


@lru_cache(maxsize=64)
def _credible(name: bytes, value: bytes) -> bytes:
    value = value.strip(b" \t")
    return value if _SAID[name].fullmatch(value) else b""


def _node(address: bytes) -> bytes:
    return b'"[%b]"' % address if b":" in address else address or b"unknown"

"""Header fields on their way through."""

from ipaddress import ip_network

import pytest

from gateway.wire import fields
from gateway.wire.address import AddressSet, plain
from gateway.wire.message import Field, RequestHead, lookup_of

PROXIES = AddressSet([ip_network("10.0.0.0/8"), ip_network("fd00::/8")])
TOKEN = b"0123456789abcdef0123456789abcdef"


def head(*given: Field, peer: str = "192.0.2.1") -> RequestHead:
    """A request head with these fields."""
    return RequestHead(b"GET", b"/", None, list(given), lookup_of(list(given)), peer)


def kept(*given: Field, dropped: frozenset[bytes] = fields.DROPPED_FROM_REQUESTS) -> list[Field]:
    """What is passed on of these fields."""
    return fields.kept(list(given), lookup_of(list(given)), dropped)


@pytest.mark.parametrize("name", sorted(fields.DROPPED_FROM_REQUESTS))
def test_hop_by_hop_and_written_fields_end_here(name: bytes) -> None:
    """In any case, and with underscores, which some backends read as dashes."""
    assert kept((name.title(), b"x"), (b"A", b"b")) == [(b"A", b"b")]
    assert kept((name.upper().replace(b"-", b"_"), b"x")) == []
    assert kept((name.replace(b"-", b"."), b"x")) == []


def test_what_is_kept_keeps_order_case_and_repetitions() -> None:
    """Forwarded as it came."""
    given = [(b"B", b"2"), (b"a", b"1"), (b"b", b"3"), (b"X_Own", b"4")]
    assert kept(*given) == given


@pytest.mark.parametrize(
    ("connection", "left"),
    [
        (b"close", [b"X-A", b"X_B", b"Authorization"]),
        (b"x-a", [b"X_B", b"Authorization"]),
        (b"close, X-A ,x_b", [b"Authorization"]),
        (b"x_a, x-b", [b"X-A", b"X_B", b"Authorization"]),
        (b"authorization, cookie, host, content-type", [b"X-A", b"X_B", b"Authorization"]),
    ],
)
def test_fields_named_by_connection_are_dropped(connection: bytes, left: list[bytes]) -> None:
    """As they are named, except those without which the message would mean something else."""
    found = kept((b"Connection", connection), (b"X-A", b"1"), (b"X_B", b"2"), (b"Authorization", b"3"))
    assert [name for name, _ in found] == left


@pytest.mark.parametrize(
    ("asked", "passed"),
    [
        (b"gzip", b"gzip"),
        (b"GZIP;q=0.5 ,\tbr", b"GZIP;q=0.5 ,\tbr"),
        (b"gzip, deflate, br, zstd", b"gzip, deflate, br, zstd"),
        (b"x-gzip, identity;q=0", b"x-gzip, identity;q=0"),
        (b"", b""),
        (b"gzip, *;q=0", b"gzip, *;q=0"),
        (b"gzip, dcz, br;q=0.1", b"gzip, br;q=0.1"),
        (b"dcb, compress", b"identity"),
        (b"*", b"gzip, deflate, br, zstd"),
        (b"br;q=1.0, *;q=0.5", b"br;q=1.0, gzip;q=0.5, deflate;q=0.5, zstd;q=0.5"),
        (b"gzip " * 100, b"identity"),
    ],
)
def test_only_codings_that_can_be_decoded_are_asked_for(asked: bytes, passed: bytes) -> None:
    """When the answer is judged; as it came, if possible."""
    other = (b"Accept", b"a/b")
    given = [(b"aCCept-Encoding", asked), other]
    found = fields.kept_when_judged(given, lookup_of(given))
    assert found == (given if asked == passed else [other, (b"Accept-Encoding", passed)])


def test_repetitions_and_twins_of_accept_encoding() -> None:
    """Repetitions stay when nothing in them is unknown; what a backend could take for the field never does."""
    twice = [(b"Accept-Encoding", b"gzip"), (b"accept-encoding", b"br")]
    assert fields.kept_when_judged(twice, lookup_of(twice)) == twice
    twins = [(b"Accept-Encoding", b"gzip"), (b"Accept_Encoding", b"dcb")]
    assert fields.kept_when_judged(twins, lookup_of(twins)) == twins[:1]
    alone = twins[1:]
    assert fields.kept_when_judged(alone, lookup_of(alone)) == []


def test_a_backend_cannot_set_framing_or_the_request_id() -> None:
    """Both are the gateway's; everything else of a reply passes."""
    given = [(b"Content-Length", b"1"), (b"X-Request-Id", b"x"), (b"Via", b"b"), (b"Set-Cookie", b"a")]
    assert kept(*given, dropped=fields.DROPPED_FROM_RESPONSES) == given[2:]


CHAINS: list[tuple[bytes, bytes, str]] = [
    (b"x-forwarded-for", b"", "10.0.0.1"),
    (b"x-forwarded-for", b"203.0.113.9", "203.0.113.9"),
    (b"x-forwarded-for", b"6.6.6.6, 203.0.113.9", "203.0.113.9"),
    (b"x-forwarded-for", b"6.6.6.6,203.0.113.9 , 10.0.0.2", "203.0.113.9"),
    (b"x-forwarded-for", b"10.0.0.3, 10.0.0.2", "10.0.0.3"),
    (b"x-forwarded-for", b"6.6.6.6, nonsense, 10.0.0.2", "10.0.0.2"),
    (b"x-forwarded-for", b"203.0.113.9, 10.0.0.2, ", "10.0.0.1"),
    (b"x-forwarded-for", b"203.0.113.9, unknown", "10.0.0.1"),
    (b"x-forwarded-for", b"203.0.113.9:4711", "203.0.113.9"),
    (b"x-forwarded-for", b"[2001:DB8::0:1]:4711", "2001:db8::1"),
    (b"x-forwarded-for", b"2001:db8::1, fd00::2", "2001:db8::1"),
    (b"x-forwarded-for", b"::ffff:203.0.113.9", "203.0.113.9"),
    (b"x-forwarded-for", b"203.0.113.9, ::ffff:10.0.0.2", "203.0.113.9"),
    (b"x-forwarded-for", b"203.0.113.09", "10.0.0.1"),
    (b"x-forwarded-for", b"203.0.113.9" + b", 10.0.0.2" * 40, "10.0.0.2"),
    (b"forwarded", b"for=203.0.113.9", "203.0.113.9"),
    (b"forwarded", b'For="[2001:db8::1]:80";proto=https;by=10.0.0.2', "2001:db8::1"),
    (b"forwarded", b"for=6.6.6.6, for=203.0.113.9;host=a, for=10.0.0.2", "203.0.113.9"),
    (b"forwarded", b"for=203.0.113.9, for=_hidden", "10.0.0.1"),
    (b"forwarded", b"for=203.0.113.9, proto=https", "10.0.0.1"),
    (b"forwarded", b'for="6.6.6.6, for=203.0.113.9', "203.0.113.9"),
    (b"forwarded", b'x=";for=6.6.6.6, for="[2001:db8::1]"', "2001:db8::1"),
    (b"forwarded", b'for=6.6.6.6;x="\\", for="203.0.113.9:1"', "203.0.113.9"),
    (b"forwarded", b"for=6.6.6.6;for=7.7.7.7", "10.0.0.1"),
]


@pytest.mark.parametrize(("field", "value", "client"), CHAINS)
def test_the_client_is_the_first_from_the_right_that_is_no_proxy_of_ours(
    field: bytes, value: bytes, client: str
) -> None:
    """What stands further left may be its invention; what cannot be read ends the walk; the other field is nothing."""
    other = (b"Forwarded", b"for=9.9.9.9") if field != b"forwarded" else (b"X-Forwarded-For", b"9.9.9.9")
    assert fields.client_of(head((field, value), other, peer="10.0.0.1"), field, PROXIES) == client


@pytest.mark.parametrize(
    ("given", "trusted", "expected"),
    [
        (b"abc-1", True, b"abc-1"),
        (b"abc-1", False, TOKEN),
        (None, True, TOKEN),
        (b"", True, TOKEN),
        (b"a b", True, TOKEN),
        (b'a"b', True, TOKEN),
        (b"a" * 129, True, TOKEN),
        (b"a\n", True, TOKEN),
    ],
)
def test_a_request_id_is_believed_if_trusted_and_well_formed(
    given: bytes | None, trusted: bool, expected: bytes
) -> None:
    """Otherwise there is a new one."""
    sent = [] if given is None else [(b"X-Request-Id", given)]
    assert fields.request_id(head(*sent), trusted, lambda: TOKEN) == expected


VALID = b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


@pytest.mark.parametrize(
    ("given", "passed"),
    [
        (VALID, True),
        (b"cc" + VALID[2:] + b"-future", True),
        (None, False),
        (VALID.upper(), False),
        (b"ff" + VALID[2:], False),
        (b"00-" + b"0" * 32 + VALID[35:], False),
        (VALID[:36] + b"0" * 16 + b"-01", False),
        (VALID[:-1], False),
        (VALID + b"\n", False),
    ],
)
def test_a_valid_trace_goes_on_and_others_begin_anew(given: bytes | None, passed: bool) -> None:
    """W3C Trace Context section 3.2."""
    sent = [] if given is None else [(b"Traceparent", given)]
    begun = b"00-" + TOKEN + b"-" + TOKEN[16:] + b"-01"
    assert fields.traceparent(head(*sent), lambda: TOKEN) == (given if passed else begun)


EARLIER = [
    (b"Host", b"public.example"),
    (b"Via", b"1.1 edge"),
    (b"Forwarded", b"for=203.0.113.9"),
    (b"X-Forwarded-For", b"203.0.113.9"),
    (b"X-Forwarded-Host", b"shop.example"),
    (b"X-Forwarded-Proto", b"https"),
]


def written(given: list[Field], believed: bytes = b"", peer: str = "192.0.2.1") -> list[bytes]:
    """The lines for the backend of a request with these fields."""
    request = head(*given, peer=peer)
    client = fields.client_of(request, believed, PROXIES) if believed else plain(peer)
    return fields.forwarding(request, client, believed, b"http").splitlines()


def test_strangers_cannot_say_who_they_are() -> None:
    """The chain begins with the TCP peer; only Via, which claims nothing about the client, is extended."""
    assert written(EARLIER) == [
        b"Via: 1.1 edge, 1.1 gateway",
        b'Forwarded: for=192.0.2.1;host="public.example";proto=http',
        b"X-Forwarded-For: 192.0.2.1",
        b"X-Forwarded-Host: public.example",
        b"X-Forwarded-Proto: http",
    ]


def test_trusted_peers_are_believed_and_the_chain_extended() -> None:
    """In the field that they write; in the other one a client may have spoken, so it begins with the client."""
    assert written(EARLIER, b"x-forwarded-for", "10.0.0.1") == [
        b"Via: 1.1 edge, 1.1 gateway",
        b'Forwarded: for=203.0.113.9, for=10.0.0.1;host="public.example";proto=http',
        b"X-Forwarded-For: 203.0.113.9, 10.0.0.1",
        b"X-Forwarded-Host: shop.example",
        b"X-Forwarded-Proto: https",
    ]
    forged = [(b"Host", b"a"), (b"Forwarded", b"for=203.0.113.9;proto=https"), (b"X-Forwarded-For", b"6.6.6.6")]
    assert written([*forged, (b"X-Forwarded-Host", b"evil.example")], b"forwarded", "10.0.0.1") == [
        b"Via: 1.1 gateway",
        b'Forwarded: for=203.0.113.9;proto=https, for=10.0.0.1;host="a";proto=http',
        b"X-Forwarded-For: 203.0.113.9, 10.0.0.1",
        b"X-Forwarded-Host: a",
        b"X-Forwarded-Proto: https",
    ]


@pytest.mark.parametrize(
    ("host", "proto", "seen"),
    [
        (b"evil.example, shop.example:8443", b"http,  https", (b"shop.example:8443", b"https")),
        (b"[2001:db8::1]:1", b"WSS", (b"[2001:db8::1]:1", b"WSS")),
        (b'a"b', b"javascript", (b"a", b"http")),
        (b"shop.example/x", b"https://x", (b"a", b"http")),
        (b"user@shop.example", b"https,", (b"a", b"http")),
        (b"shop.example, ", b"https;x", (b"a", b"http")),
    ],
)
def test_host_and_scheme_are_what_the_nearest_proxy_says(host: bytes, proto: bytes, seen: tuple[bytes, bytes]) -> None:
    """And only what can be one: else the request's own host, and the scheme by which it came."""
    given = [(b"Host", b"a"), (b"X-Forwarded-Host", host), (b"X-Forwarded-Proto", proto)]
    lines = written(given, b"x-forwarded-for", "10.0.0.1")
    assert lines[3:] == [b"X-Forwarded-Host: " + seen[0], b"X-Forwarded-Proto: " + seen[1]]


def test_a_trusted_peer_that_says_nothing_is_the_client() -> None:
    """Such as a health check of the proxy itself."""
    lines = written([(b"Host", b"a")], b"x-forwarded-for", "10.0.0.1")
    assert lines[1:3] == [b'Forwarded: for=10.0.0.1;host="a";proto=http', b"X-Forwarded-For: 10.0.0.1"]


@pytest.mark.parametrize(("peer", "node"), [("2001:db8::1", b'for="[2001:db8::1]"'), ("", b"for=unknown")])
def test_peers_that_are_not_ipv4_are_written_as_rfc_7239_says(peer: str, node: bytes) -> None:
    """IPv6 in brackets and quotes; a peer without address is unknown."""
    assert node + b";" in written([(b"Host", b"a")], peer=peer)[1]


@pytest.mark.parametrize(
    ("value", "names"),
    [(b"", []), (b"websocket", [b"websocket"]), (b"H2C , ,\tFoo/1.0", [b"h2c", b"foo/1.0"])],
)
def test_protocols(value: bytes, names: list[bytes]) -> None:
    """Those of an Upgrade value, without empty members."""
    assert fields.protocols(value) == names


@pytest.mark.parametrize(
    ("lookup", "expected"),
    [
        ({b"connection": b"Upgrade", b"upgrade": b"WebSocket"}, True),
        ({b"connection": b"keep-alive, upgrade", b"upgrade": b"b"}, True),
        ({b"connection": b"close", b"upgrade": b"b"}, False),
        ({b"upgrade": b"b"}, False),
        ({b"connection": b"upgrade"}, False),
        ({b"connection": b"upgrade", b"upgrade": b"b, c"}, False),
    ],
)
def test_switches(lookup: dict[bytes, bytes], expected: bool) -> None:
    """Only to what was offered, and only when the connection's own fields say so."""
    assert fields.switches(lookup, b"websocket, b") is expected


@pytest.mark.parametrize(
    ("version", "connection", "expected"),
    [
        ("1.1", b"", True),
        ("1.1", b"x, keep-alive", True),
        ("1.1", b"Close", False),
        ("1.1", b"keep-alive , close", False),
        ("1.0", b"", False),
        ("1.0", b"Keep-Alive", True),
        ("1.0", b"keep-alive, close", False),
    ],
)
def test_persists(version: str, connection: bytes, expected: bool) -> None:
    """RFC 9112 section 9.3: `close` wins, then the version decides."""
    assert fields.persists({b"connection": connection}, version) is expected
    assert fields.persists({}, version) is (version == "1.1")


def test_twins_of_the_fields_that_content_is_judged_by_are_dropped() -> None:
    """A backend that reads "_" as "-" would take the content for something else."""
    given = [(b"Content-Type", b"a/b"), (b"Content_Type", b"c/d"), (b"content_ENCODING", b"gzip"), (b"X_Y", b"z")]
    assert fields.without_content_twins(given, lookup_of(given)) == [given[0], given[3]]
    assert fields.without_content_twins(given[:1], lookup_of(given[:1])) == given[:1]

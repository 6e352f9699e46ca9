"""Addresses and the networks they lie in."""

from ipaddress import IPv4Address, ip_network

import pytest

from gateway.wire.address import (
    REMEMBERED,
    AddressSet,
    _written,
    client_address,
    forwarded_elements,
    parsed,
    plain,
)

NETWORKS = AddressSet(
    map(
        ip_network, ["10.0.0.0/8", "10.1.0.0/16", "192.0.2.7", "fd00::/8", "::ffff:198.51.100.0/120", "2001:db8::1/128"]
    )
)


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("10.0.0.0", True),
        ("10.255.255.255", True),
        ("9.255.255.255", False),
        ("11.0.0.0", False),
        ("192.0.2.6", False),
        ("192.0.2.7", True),
        ("192.0.2.8", False),
        ("::ffff:10.1.2.3", True),
        ("198.51.100.9", True),
        ("fd00::1", True),
        ("fd00::1%eth0", True),
        ("fe80::1%eth0", False),
        ("2001:db8::1", True),
        ("2001:DB8:0::1", True),
        ("2001:db8::2", False),
        ("::a00:1", False),
        ("", False),
        ("unix", False),
        ("10.0.0.1 ", False),
    ],
)
def test_an_address_lies_in_a_network_or_not(address: str, inside: bool) -> None:
    """At every edge, in both families, asked once and again; what is no address lies nowhere."""
    assert [address in NETWORKS for _ in range(2)] == [inside, inside]


def test_no_networks_hold_nothing() -> None:
    """And the set is false, so that nobody need ask."""
    assert not AddressSet(()) and "10.0.0.1" not in AddressSet(()) and NETWORKS


def test_what_is_remembered_is_bounded() -> None:
    """A client with many addresses does not fill the memory."""
    networks = AddressSet([ip_network("10.0.0.0/8")])
    assert all(str(IPv4Address(0x0A000000 + number)) in networks for number in range(10000))
    assert networks._known.cache_info().currsize <= 4096


def test_no_more_is_remembered_of_written_addresses_than_is_said() -> None:
    """Whoever has a /64 has more addresses than any memory; a caller who asks again is not worked out again."""
    for number in range(REMEMBERED + 10):
        plain(f"2001:db8::{number:x}")
    assert _written.cache_info().currsize == REMEMBERED
    before = _written.cache_info().misses
    assert plain(f"2001:db8::{REMEMBERED:x}") == f"2001:db8::{REMEMBERED:x}"
    assert _written.cache_info().misses == before


@pytest.mark.parametrize(
    ("peer", "written"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:DB8:0:0::1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("", ""),
        (":", ":"),
    ],
)
def test_one_address_has_one_text(peer: str, written: str) -> None:
    """Whatever the listener was bound to."""
    assert plain(peer) == written


@pytest.mark.parametrize("text", ["", "1.2.3", "1.2.3.04", "0x7f.1", "1.2.3.4/8", "::1::", "12345::", "a.example"])
def test_what_is_no_address(text: str) -> None:
    """Python's own reader decides, which knows neither octal nor short forms."""
    assert parsed(text) is None


def test_nobody_but_a_proxy_is_believed() -> None:
    """The chain of a stranger is not looked at."""
    assert client_address("203.0.113.1", [b"10.0.0.1"], NETWORKS) == "203.0.113.1"


@pytest.mark.parametrize(
    ("value", "elements"),
    [
        (b"", [None]),
        (b"for=a;Proto=http, for=b", [{b"for": b"b"}, {b"for": b"a", b"proto": b"http"}]),
        (b'for="a,b;c" ; x=y', [{b"for": b"a,b;c", b"x": b"y"}]),
        (b'for=a, for="b', [None]),
        (b'x="a, for=b;c="d"', [{b"for": b"b", b"c": b"d"}, None]),
        (b'for="\\"", for=b', [{b"for": b"b"}, None]),
        (b"for", [None]),
        (b"for=", [None]),
    ],
)
def test_elements_of_forwarded(value: bytes, elements: list[dict[bytes, bytes] | None]) -> None:
    """RFC 7239 section 4, read from the right; one that cannot be read does not change those further right."""
    assert list(forwarded_elements(value))[: len(elements)] == elements

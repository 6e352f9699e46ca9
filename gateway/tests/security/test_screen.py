"""Who may call at all."""

from ipaddress import ip_network

import pytest

from gateway.security.screen import AddressLists, FilterRequest
from gateway.wire.address import AddressSet


def lists(allow: str = "", deny: str = "") -> AddressLists:
    """Lists of the gateway, separated by blanks."""
    return AddressLists(
        "the gateway", AddressSet(map(ip_network, allow.split())), AddressSet(map(ip_network, deny.split()))
    )


@pytest.mark.parametrize(
    ("allow", "deny", "address", "objection"),
    [
        ("10.0.0.0/8", "", "10.1.2.3", ""),
        ("10.0.0.0/8", "", "11.1.2.3", "11.1.2.3 is not allowed by the addresses of the gateway"),
        ("10.0.0.0/8", "", "::1", "::1 is not allowed by the addresses of the gateway"),
        ("10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "10.1.2.3 is denied by the addresses of the gateway"),
        ("10.1.2.3", "10.0.0.0/8", "10.1.2.3", "10.1.2.3 is denied by the addresses of the gateway"),
        ("", "10.0.0.0/8", "192.0.2.1", ""),
        ("", "10.0.0.0/8", "10.0.0.1", "10.0.0.1 is denied by the addresses of the gateway"),
        ("", "2001:db8::/32", "2001:db8:1::1", "2001:db8:1::1 is denied by the addresses of the gateway"),
        ("10.0.0.0/8", "", "", "an unknown address is not allowed by the addresses of the gateway"),
        ("", "10.0.0.0/8", "", "an unknown address is refused by the addresses of the gateway"),
        ("0.0.0.0/0", "", "::1", "::1 is not allowed by the addresses of the gateway"),
    ],
)
def test_deny_wins_and_an_empty_allow_is_everybody(allow: str, deny: str, address: str, objection: str) -> None:
    """Where there are lists, an address that is unknown may not call."""
    assert lists(allow, deny).objection(address) == objection


def test_a_filter_looks_fields_up_by_any_case() -> None:
    """And gets text, of which nothing is missing."""
    fields = {b"x-own": b"caf\xe9, b"}
    request = FilterRequest("GET", "/a/{b}", "/a/1", "", fields, "192.0.2.1", "api", "getA")
    assert (request.header("X-OWN"), request.header("x-other")) == ("café, b", "")

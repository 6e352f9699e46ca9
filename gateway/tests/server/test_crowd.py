"""Connections counted by address."""

from ipaddress import ip_network

import pytest

from gateway.server.crowd import Crowd
from gateway.wire.address import AddressSet

NOBODY = AddressSet(())


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("192.0.2.1", "::ffff:192.0.2.1", True),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("::1", "0.0.0.0", False),
        ("", "", True),
    ],
)
def test_who_counts_as_one(first: str, second: str, same: bool) -> None:
    """IPv6 by /64: that much one customer has at least."""
    crowd = Crowd(1, NOBODY)
    assert crowd.enter(first)
    assert crowd.enter(second) is not same


def test_places_come_free_and_nothing_is_remembered() -> None:
    """However many addresses there were; a refusal takes no place."""
    crowd = Crowd(2, NOBODY)
    for number in range(1000):
        address = f"2001:db8:0:{number:x}::1"
        assert [crowd.enter(address) for _ in range(4)] == [True, True, False, False]
        assert len(crowd) == 1
        crowd.leave(address)
        assert crowd.enter(address)
        crowd.leave(address)
        crowd.leave(address)
        assert len(crowd) == 0


def test_without_a_limit_and_for_our_own_proxies_nothing_is_counted() -> None:
    """0 is no limit."""
    for crowd in (Crowd(0, NOBODY), Crowd(1, AddressSet([ip_network("10.0.0.0/8")]))):
        assert all(crowd.enter("10.1.2.3") for _ in range(5))
        for _ in range(5):
            crowd.leave("10.1.2.3")
        assert len(crowd) == 0

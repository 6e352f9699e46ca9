"""Who is counted together."""

import pytest

from gateway.limits.keys import whose
from gateway.security.principal import Principal

ADDRESS = "192.0.2.7"
HERE = b"a" + bytes([192, 0, 2, 7])


def caller(**given: object) -> Principal:
    """A caller of one issuer."""
    values = {"subject": "ann", "issuer": "https://id", "scopes": frozenset(), "claims": {}, "expires": 0.0}
    return Principal(**(values | given))  # type: ignore[arg-type]


def key(by: str, who: Principal | None, address: str = ADDRESS) -> bytes:
    """The part of the key that says whose it is."""
    find = whose(by)
    assert find is not None
    return find(who, address)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.7", "192.0.2.7", True),
        ("192.0.2.7", "192.0.2.8", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.7", "192.0.2.7", True),
        ("::FFFF:c000:207", "192.0.2.7", True),
        ("::192.0.2.7", "192.0.2.7", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("", "/run/socket", True),
        ("", "0.0.0.0", False),
    ],
)
def test_addresses(one: str, other: str, same: bool) -> None:
    """IPv4 one by one however it is written, IPv6 by /64; whatever is none is one."""
    assert (key("address", None, one) == key("address", None, other)) is same


@pytest.mark.parametrize(
    ("by", "who", "expected"),
    [
        ("consumer", caller(), b"shttps://id\0ann"),
        ("consumer", caller(client="app"), b"shttps://id\0ann"),
        ("consumer", caller(subject="", client="app"), b"chttps://id\0app"),
        ("consumer", caller(subject=""), HERE),
        ("consumer", None, HERE),
        ("key", caller(key="k1"), b"khttps://id\0k1"),
        ("key", caller(), b"shttps://id\0ann"),
        ("key", None, HERE),
        ("claim:tenant", caller(claims={"tenant": "a"}), b'vhttps://id\0"a"'),
        ("claim:tenant", caller(claims={"tenant": 7}), b"vhttps://id\x007"),
        ("claim:tenant", caller(claims={"tenant": {"b": 1, "a": [None]}}), b'vhttps://id\0{"a": [null], "b": 1}'),
        ("claim:tenant", caller(claims={"tenant": None}), b"shttps://id\0ann"),
        ("claim:tenant", caller(), b"shttps://id\0ann"),
        ("claim:tenant", None, HERE),
        ("consumer", caller(subject="\ud800"), b"shttps://id\0\xed\xa0\x80"),
        ("claim:tenant", caller(claims={"tenant": "\ud800"}), b'vhttps://id\0"\\ud800"'),
    ],
)
def test_callers(by: str, who: Principal | None, expected: bytes) -> None:
    """Who has not what is asked for is counted by the next best thing, never not at all."""
    assert key(by, who) == expected


@pytest.mark.parametrize("by", ["operation", "api"])
def test_one_for_all(by: str) -> None:
    """Nobody in particular."""
    assert whose(by) is None


def test_nobody_can_be_taken_for_another() -> None:
    """A subject that looks like an address, a key or a claim is none; nor is that of another issuer."""
    names = {
        key("address", None),
        key("consumer", caller(subject="\xc0\0\2\7")),
        key("consumer", caller(subject="k1")),
        key("consumer", caller(subject="k1", issuer="https://other")),
        key("key", caller(key="k1")),
        key("claim:key", caller(claims={"key": "k1"})),
    }
    assert len(names) == 6

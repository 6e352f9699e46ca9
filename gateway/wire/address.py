"""Addresses: in which networks one lies, and whose it is behind proxies.

An address is text as sockets give it. IPv4 mapped into IPv6 (`::ffff:192.0.2.1`, as a dual-stack listener sees it) is
the IPv4 address; a zone (`%eth0`) says nothing to anybody else and is left out.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, collapse_addresses, ip_address

Network = IPv4Network | IPv6Network

REMEMBERED = 4096  # addresses whose answers are kept; a look-up takes 2 us, a remembered one less than a tenth
HOPS = 32  # members of a chain that are looked at
LONGEST = 64  # bytes of a member; an address in brackets with a port has no more
# The node of a Forwarded element (RFC 7239 section 6) or a member of X-Forwarded-For: an address, perhaps with a port.
_NODE = re.compile(r"(?:([0-9.]{7,15})|\[([0-9A-Fa-f:.]{2,45})\])(?::[0-9]{1,5})?|([0-9A-Fa-f:.]{2,45})")
_PAIR = re.compile(rb'[ \t]*([!#$%&\'*+.^_`|~0-9A-Za-z-]+)=(?:([!#$%&\'*+.^_`|~0-9A-Za-z-]+)|"([^"\\]*)")[ \t]*')


def parsed(text: str) -> IPv4Address | IPv6Address | None:
    """The address, IPv4 where it is IPv4; None when it is none."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def plain(peer: str) -> str:
    """An address as it is written everywhere; what is no address stays."""
    return peer if ":" not in peer else _written(peer)


@lru_cache(REMEMBERED)
def _written(peer: str) -> str:
    """Writing one anew takes 9 us, and every request of a dual-stack listener would pay that."""
    address = parsed(peer)
    return peer if address is None else str(address)


class AddressSet:
    """Networks that an address is looked up in: sorted ranges, so that their number hardly matters."""

    def __init__(self, networks: Iterable[Network]) -> None:
        given = list(map(_unmapped, networks))
        self._ranges = {
            4: _ranges(collapse_addresses(each for each in given if isinstance(each, IPv4Network))),
            6: _ranges(collapse_addresses(each for each in given if isinstance(each, IPv6Network))),
        }
        self._empty = not given
        self._known = lru_cache(REMEMBERED)(self._find)

    def __contains__(self, text: str) -> bool:
        return not self._empty and self._known(text)

    def __bool__(self) -> bool:
        return not self._empty

    def _find(self, text: str) -> bool:
        address = parsed(text)
        if address is None:
            return False
        starts, ends = self._ranges[address.version]
        index = bisect_right(starts, int(address)) - 1
        return index >= 0 and int(address) <= ends[index]


def _unmapped(network: Network) -> Network:
    """`::ffff:10.0.0.0/104` is 10.0.0.0/8."""
    mapped = getattr(network.network_address, "ipv4_mapped", None)
    return IPv4Network((mapped, network.prefixlen - 96)) if mapped is not None and network.prefixlen >= 96 else network


def _ranges(merged: Iterable[Network]) -> tuple[Sequence[int], Sequence[int]]:
    """The first and the last addresses of networks that are in order and do not overlap."""
    bounds = [(int(each.network_address), int(each.broadcast_address)) for each in merged]
    return [first for first, _ in bounds], [last for _, last in bounds]


def client_address(peer: str, chain: Iterable[bytes | None], trusted: AddressSet) -> str:
    """Who is behind our own proxies: the first address from the right that is not one of them.

    `chain` are the members that proxies added, the last one first. The peer added the first of them, so it has to be
    trusted; what stands behind an address that is not trusted may be anybody's invention and is not looked at. A member
    that is no address (None) ends the walk at the last good one.
    """
    address = plain(peer)
    for member in chain:
        if address not in trusted:
            break
        found = _member(member) if member is not None and len(member) <= LONGEST else ""
        if not found:
            break
        address = found
    return address


@lru_cache(REMEMBERED)
def _member(text: bytes) -> str:
    """The address that a member names, "" when it names none. Only short ones are remembered."""
    node = _NODE.fullmatch(text.decode("latin-1"))
    found = parsed(node[1] or node[2] or node[3]) if node is not None else None
    return "" if found is None else str(found)


def forwarded_for(value: bytes) -> Iterator[bytes | None]:
    """The members of an X-Forwarded-For value, the last one first; at most HOPS."""
    return (member.strip(b" \t") for member in reversed(value.rsplit(b",", HOPS)[-HOPS:]))


def forwarded_elements(value: bytes) -> Iterator[dict[bytes, bytes] | None]:
    """The elements of a Forwarded value (RFC 7239 section 4), the last one first: names in lower case to values.

    None for one that cannot be read. Quotes are paired from the right: those that a client left open further left do
    not change what our own proxy added.
    """
    for element in reversed(_outside_quotes(value, b",")[-HOPS:]):
        pairs = [_PAIR.fullmatch(pair) for pair in _outside_quotes(element, b";")]
        found = {pair[1].lower(): pair[2] or pair[3] or b"" for pair in pairs if pair is not None}
        yield found if len(found) == len(pairs) else None


def _outside_quotes(value: bytes, separator: bytes) -> list[bytes]:
    """Split at separators that are not between quotes."""
    if b'"' not in value:
        return value.split(separator)
    runs = value.split(b'"')
    parts = [b""]
    for index, run in enumerate(runs):
        if (len(runs) - index) % 2:
            first, *others = run.split(separator)
            parts[-1] += first
            parts += others
        else:
            parts[-1] += b'"' + run + b'"'
    return parts

"""How many connections each client address has."""

from collections import Counter

from gateway.wire.address import AddressSet, parsed

_PREFIX = 64  # bits of an IPv6 address that one customer has at least (RFC 6177)


class Crowd:
    """Counts connections up to `limit` for each address, IPv6 by /64; 0 is no limit. `exempt` are our own proxies.

    Only open connections are remembered, so memory is bounded by their number.
    """

    def __init__(self, limit: int, exempt: AddressSet) -> None:
        self._limit = limit
        self._exempt = exempt
        self._counts: Counter[str] = Counter()

    def enter(self, address: str) -> bool:
        """Whether one more may come; if so it counts until it leaves."""
        if not self._limit or address in self._exempt:
            return True
        key = _key(address)
        if self._counts[key] >= self._limit:
            return False
        self._counts[key] += 1
        return True

    def leave(self, address: str) -> None:
        """One that entered is gone."""
        if not self._limit or address in self._exempt:
            return
        key = _key(address)
        self._counts[key] -= 1
        if self._counts[key] <= 0:
            del self._counts[key]

    def __len__(self) -> int:
        return len(self._counts)


def _key(address: str) -> str:
    if ":" not in address:
        return address
    found = parsed(address)
    if found is None or found.version == 4:
        return str(found or address)
    return f"{int(found) >> (128 - _PREFIX):x}"

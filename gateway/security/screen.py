"""Who may call at all, whoever they are: lists of addresses, and a function of the operator's own."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from gateway.wire.address import AddressSet


class FilterRequest(NamedTuple):
    """What a filter sees of a request. Nothing of it can be changed."""

    method: str
    template: str  # the documented path, such as /v1/runs/{id}
    path: str  # as it was sent, before "?"
    query: str  # what was sent behind "?"
    headers: Mapping[bytes, bytes]  # names in lower case; `header` looks one up
    address: str  # of the client: behind trusted proxies, what they say
    api: str
    operation: str  # operationId, "" without one

    def header(self, name: str) -> str:
        """The value of a header field in Latin-1, repetitions joined by ", "; "" when it was not sent."""
        return self.headers.get(name.lower().encode("latin-1", "replace"), b"").decode("latin-1")


Filter = Callable[[FilterRequest], str | None]


class AddressLists(NamedTuple):
    """One pair of lists: `deny` wins, and an empty `allow` is everybody. `place` says whose lists these are."""

    place: str
    allow: AddressSet
    deny: AddressSet

    def objection(self, address: str) -> str:
        """Why an address may not call; "" when it may. One that is unknown is on no list, so that it may not."""
        if address in self.deny:
            return f"{address} is denied by the addresses of {self.place}"
        if self.allow and address not in self.allow:
            return f"{address or 'an unknown address'} is not allowed by the addresses of {self.place}"
        return "" if address else f"an unknown address is refused by the addresses of {self.place}"


class Screen(NamedTuple):
    """All lists must let an address pass, and then the filter the request."""

    lists: tuple[AddressLists, ...]
    filter: Filter | None

"""Whose a request is: the part of a counter's key that says who is counted.

A caller who has not what a limit counts by is counted by the next best thing, never not at all: without the claim or
the API key by consumer, and anonymous callers by address. Each kind of key begins with a letter of its own, so that
nobody can choose a subject that is another's address.
"""

import json
import socket
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Protocol


class Caller(Protocol):
    """What is asked of a `gateway.security.principal.Principal`."""

    @property
    def subject(self) -> str: ...
    @property
    def issuer(self) -> str: ...
    @property
    def client(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def claims(self) -> Mapping[str, Any]: ...


Whose = Callable[[Caller | None, str], bytes]  # of a caller (None: anonymous) and the client's address

_MAPPED = bytes(10) + b"\xff\xff"  # IPv4-mapped IPv6 addresses (RFC 4291 section 2.5.5.2)


def whose(by: str) -> Whose | None:
    """How to find the key for `by`; None when there is only one."""
    if by.startswith("claim:"):
        return _of_claim(by.removeprefix("claim:"))
    return _WHOSE[by]


def of_address(caller: Caller | None, address: str) -> bytes:
    """The client's network: IPv4 addresses one by one, IPv6 by /64, as whoever has one has all of them."""
    return _network(address)


@lru_cache(maxsize=4096)
def _network(address: str) -> bytes:
    try:
        return b"a" + socket.inet_pton(socket.AF_INET, address)
    except OSError:
        pass
    try:
        packed = socket.inet_pton(socket.AF_INET6, address.partition("%")[0])
    except OSError:
        return b"a"  # not an IP network: all of these are one
    return b"a" + (packed[12:] if packed.startswith(_MAPPED) else packed[:8])


def of_consumer(caller: Caller | None, address: str) -> bytes:
    """The subject of an issuer, or else the client that a token was issued to."""
    if caller is None:
        return of_address(caller, address)
    if caller.subject:
        return f"s{caller.issuer}\0{caller.subject}".encode("utf-8", "surrogatepass")
    if caller.client:
        return f"c{caller.issuer}\0{caller.client}".encode("utf-8", "surrogatepass")
    return of_address(caller, address)


def of_key(caller: Caller | None, address: str) -> bytes:
    """The API key, by its id in its store."""
    if caller is None or not caller.key:
        return of_consumer(caller, address)
    return f"k{caller.issuer}\0{caller.key}".encode("utf-8", "surrogatepass")


def _of_claim(name: str) -> Whose:
    def of_claim(caller: Caller | None, address: str) -> bytes:
        """The value of a claim, whatever its type."""
        value = None if caller is None else caller.claims.get(name)
        if caller is None or value is None:
            return of_consumer(caller, address)
        return f"v{caller.issuer}\0{json.dumps(value, sort_keys=True)}".encode("ascii", "replace")

    return of_claim


_WHOSE: Mapping[str, Whose | None] = {
    "operation": None,
    "api": None,
    "consumer": of_consumer,
    "key": of_key,
    "address": of_address,
}

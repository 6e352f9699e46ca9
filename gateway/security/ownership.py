"""Whose object is it? A parameter of the request has to say the same as a claim of the caller.

The parameter is read from the raw request and compared as text, before anything else is judged, whatever the mode of
validation. A request in which a backend could find another value than the one compared here is refused: names that are
repeated, or written so that some framework takes them for the parameter's (case, brackets, NUL, "." or blank for "_",
";" for "&"), a "+" in the value, which is a blank to some, and fields that do not reach the backend.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from urllib.parse import unquote_to_bytes

from gateway.security.principal import Principal
from gateway.wire.fields import named_by_connection
from gateway.wire.message import RequestHead

_SEPARATORS = re.compile(rb"[&;]")
_LOOSE = bytes.maketrans(b" .[-", b"____")
_LIKE_ANY = re.compile(rb"[\[\]%\0]+")


class Owned(NamedTuple):
    """An operation's `owner`, decided at load."""

    place: str  # path, query, header
    name: bytes  # of the parameter; of a header field in lower case
    at: int  # among the values of the path
    claim: str
    unless_scope: str  # callers with this scope may name anybody; "" is none

    def allows(self, principal: Principal | None, values: Sequence[str], head: RequestHead) -> bool:
        """Whether the caller may ask for what the request names. `values` are the raw ones of the path."""
        if principal is None:
            return False
        if self.unless_scope and self.unless_scope in principal.scopes:
            return True
        own = claimed(principal.claims, self.claim)
        return own is not None and own == self._named(values, head)

    def _named(self, values: Sequence[str], head: RequestHead) -> bytes | None:
        """The only thing that the request can be taken to name; None when there is none."""
        if self.place == "path":
            return unquote_to_bytes(values[self.at])
        if self.place == "query":
            return only_in_query(head.query or b"", self.name)
        if self.name in named_by_connection(head.lookup.get(b"connection", b"")):
            return None  # it would end here (RFC 9110 section 7.6.1)
        like = [name for name in head.lookup if name == self.name or _loose(name) == _loose(self.name)]
        return head.lookup[self.name] if like == [self.name] else None


def claimed(claims: Mapping[str, Any], name: str) -> bytes | None:
    """A claim as text, a whole number in decimal; None when it is absent, empty or anything else."""
    value = claims.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value:
        return None
    try:
        return value.encode()
    except UnicodeEncodeError:
        return None


def only_in_query(query: bytes, name: bytes) -> bytes | None:
    """The decoded value of a parameter that stands in a raw query exactly once, however it is read."""
    readings = list(_like(query.split(b"&"), name))
    if len(readings) != 1 or (b";" in query and list(_like(_SEPARATORS.split(query), name)) != readings):
        return None
    found, value = readings[0]
    return unquote_to_bytes(value) if found == name and b"+" not in value else None


def _like(pairs: Sequence[bytes], name: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Decoded names and raw values of the pairs whose name some reader could take for `name`."""
    loose = _loose(name)
    for pair in pairs:
        raw, _, value = pair.partition(b"=")
        key = _decoded(raw)
        stem = next(filter(None, _LIKE_ANY.split(key)), b"")
        if key == name or _loose(key) == loose or _loose(stem) == loose:
            yield key, value


def _loose(name: bytes) -> bytes:
    return name.strip().lower().translate(_LOOSE)


def _decoded(raw: bytes) -> bytes:
    return unquote_to_bytes(raw.replace(b"+", b" "))

"""Which pages of other origins may read an answer, and what they may send: the CORS protocol of the Fetch standard.

Browsers enforce it; the gateway says what is allowed, and answers their questions (preflights) itself. It is no
protection against requests: those that a form could send arrive without a question, whoever's page it is.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from gateway.wire.message import Field

VARY = (b"Vary", b"Origin")
VARY_PREFLIGHT = (
    b"Vary",
    b"Origin, Access-Control-Request-Method, Access-Control-Request-Headers, Access-Control-Request-Private-Network",
)
# What only the gateway says where it answers for an API; a backend's own would contradict it.
CORS_FIELDS = frozenset(
    (
        b"access-control-allow-origin",
        b"access-control-allow-credentials",
        b"access-control-allow-methods",
        b"access-control-allow-headers",
        b"access-control-allow-private-network",
        b"access-control-expose-headers",
        b"access-control-max-age",
    )
)


class Pages(NamedTuple):
    """Origins of pages. `public`: all of them, without credentials."""

    public: bool
    exact: frozenset[bytes]
    pattern: re.Pattern[bytes] | None  # for subdomains; matches whole origins

    def include(self, origin: bytes) -> bool:
        """Whether a page of this origin is one of them."""
        if self.public or origin in self.exact:
            return True
        return self.pattern is not None and self.pattern.fullmatch(origin) is not None


class Cors:
    """What pages of other origins may do with one operation; made at load.

    `headers` are the names, in lower case, of fields that they may send; `allowing` are the fields of an answer to a
    preflight that allows, and `exposing` those of any other answer, both besides the origin.
    """

    def __init__(
        self,
        pages: Pages,
        headers: frozenset[bytes],
        allowing: Sequence[Field],
        exposing: Sequence[Field],
        private_network: bool,
    ) -> None:
        self.pages = pages
        self.headers = headers
        self.private_network = private_network
        self._allowing = tuple(allowing)
        self._exposing = tuple(exposing)
        # `*` needs no Vary: the answer is the same for every page, and for none.
        self._others: tuple[Field, ...] = (_allow(b"*"), *exposing) if pages.public else (VARY,)
        self._known = {} if pages.public else {origin: self._allowed(origin) for origin in pages.exact}

    def answered(self, origin: bytes | None) -> tuple[Field, ...]:
        """The fields of an answer to a request with this Origin."""
        known = self._known.get(origin) if origin is not None else None
        if known is not None:
            return known
        if origin is None or self.pages.public or not self.pages.include(origin):
            return self._others
        return self._allowed(origin)

    def _allowed(self, origin: bytes) -> tuple[Field, ...]:
        return (_allow(origin), *self._exposing, VARY)

    def preflight(self, origin: bytes, methods: bytes, private: bool) -> list[Field]:
        """The fields of the answer to a preflight that there is no objection to."""
        fields = [_allow(b"*" if self.pages.public else origin), (b"Access-Control-Allow-Methods", methods)]
        if private:
            fields.append((b"Access-Control-Allow-Private-Network", b"true"))
        return [*fields, *self._allowing, VARY_PREFLIGHT]

    def objection(self, lookup: Mapping[bytes, bytes]) -> str:
        """Why a preflight is refused; "" when it is not. No text of the client's is in it."""
        asked = lookup.get(b"access-control-request-headers", b"")
        names = {name.strip(b" \t").lower() for name in asked.split(b",")} - {b""}
        if not self.pages.include(lookup[b"origin"]):
            return "Pages of this origin may not call this API."
        if not names <= self.headers:
            allowed = ", ".join(sorted(name.decode("latin-1") for name in self.headers))
            return f"Pages may not send all of these header fields here; they may send: {allowed}."
        if is_private(lookup) and not self.private_network:
            return "Pages of a public network may not call this private one."
        return ""


def _allow(origin: bytes) -> Field:
    return (b"Access-Control-Allow-Origin", origin)


def is_preflight(lookup: Mapping[bytes, bytes]) -> bool:
    """Whether an OPTIONS request is a browser's question (the Fetch standard, "CORS-preflight request")."""
    return b"origin" in lookup and b"access-control-request-method" in lookup


def is_private(lookup: Mapping[bytes, bytes]) -> bool:
    """Whether a preflight asks for an address of a more private network than the page's (Private Network Access)."""
    return lookup.get(b"access-control-request-private-network") == b"true"

"""What every way of authenticating has in common: one `Scheme` for each Security Scheme Object that is enforced."""

from typing import Protocol

from gateway.security.principal import Principal
from gateway.wire.message import RequestHead


class Unavailable(Exception):
    """No credentials of this kind can be judged at the moment (503). The text is for the log."""


class Scheme(Protocol):
    """Verifies one kind of credential. Made at load; one object serves all operations that name the scheme."""

    name: str  # of the issuers or store behind it; for logs

    # For WWW-Authenticate (RFC 9110 section 11.6.1): each an authentication scheme with its parameters, such as
    # `Basic realm="gateway", charset="UTF-8"`. Scopes and errors (RFC 6750) are added to Bearer and DPoP elsewhere.
    challenges: tuple[bytes, ...]

    def start(self) -> None:
        """Begin on the running event loop what goes on beside requests, such as fetching keys. Called once per
        process, before requests come; calling it again does nothing."""

    def offered(self, head: RequestHead) -> bytes | None:
        """The credential as it was sent; None when there is none of this kind. Raises InvalidToken when it is there
        twice, or cannot be read. Called for every request: what costs time waits for `verify`."""

    def recall(self, credential: bytes, head: RequestHead) -> Principal | None:
        """Whose it is, if it was verified before and is still good: the way of nearly all requests."""

    async def verify(self, credential: bytes, head: RequestHead) -> Principal:
        """Whose it is. Raises InvalidToken, and Unavailable."""


# A Security Requirement Object, compiled: every pair of scheme and scopes has to hold. `()` lets anonymous callers in.
Alternative = tuple[tuple[Scheme, frozenset[str]], ...]

# The security of an operation, compiled: one alternative has to hold. `()` is open.
Alternatives = tuple[Alternative, ...]

"""Who is calling, once the credentials were verified."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple


class Binding(NamedTuple):
    """What the sender of a token has to prove, by its `cnf` (RFC 7800); "" is nothing."""

    certificate: str = ""  # thumbprint of the client certificate, `x5t#S256` (RFC 8705 section 3.1)
    key: str = ""  # thumbprint of the key that signs DPoP proofs, `jkt` (RFC 9449 section 6.1)


@dataclass(frozen=True, slots=True)
class Principal:
    """A verified caller. `expires` is in seconds since the epoch (the token's `exp`).

    `issuer` says who vouches for the subject: the issuer of a token, or the store of a key or password. `client` is the
    client that the token was issued to (`azp`, `client_id`), `key` the id of an API key, `quota` the name of its rate
    limit; each "" when there is none. `authorization`: what the request has in its Authorization field was verified.
    """

    subject: str
    issuer: str
    scopes: frozenset[str]
    claims: Mapping[str, Any]
    expires: float
    client: str = ""
    key: str = ""
    quota: str = ""
    binding: Binding | None = None
    authorization: bool = False


class InvalidToken(Exception):
    """The credentials do not verify. The text may be shown to the client: it holds no part of the token."""

    error = b"invalid_token"  # RFC 6750 section 3.1


class Malformed(InvalidToken):
    """There is not exactly one credential that could be read."""

    error = b"invalid_request"


class ForeignToken(InvalidToken):
    """Another issuer's token, which may be good elsewhere."""

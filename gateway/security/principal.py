"""Who is calling, once the credentials were verified."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Principal:
    """A verified caller. `expires` is in seconds since the epoch (the token's `exp`).

    `issuer` says who vouches for the subject: the issuer of a token, or the store of a key or password. `client` is the
    client that the token was issued to (`azp`, `client_id`), `key` the id of an API key, `quota` the name of its rate
    limit; each "" when there is none.
    """

    subject: str
    issuer: str
    scopes: frozenset[str]
    claims: Mapping[str, Any]
    expires: float
    client: str = ""
    key: str = ""
    quota: str = ""


class InvalidToken(Exception):
    """The credentials do not verify. The text may be shown to the client: it holds no part of the token."""

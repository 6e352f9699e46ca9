"""Who is calling, once the credentials were verified."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Principal:
    """A verified caller. `expires` is in seconds since the epoch (the token's `exp`)."""

    subject: str
    issuer: str
    scopes: frozenset[str]
    claims: Mapping[str, Any]
    expires: float


class InvalidToken(Exception):
    """The credentials do not verify. The text may be shown to the client: it holds no part of the token."""

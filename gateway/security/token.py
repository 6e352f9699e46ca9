"""Access tokens as requests present them (RFC 6750 section 2.1): one scheme in front of the issuers that count."""

import re
from collections.abc import Sequence
from typing import Protocol

from gateway.security.principal import ForeignToken, InvalidToken, Malformed, Principal
from gateway.security.scheme import Unavailable
from gateway.wire.message import RequestHead

_B64TOKEN = re.compile(rb"[A-Za-z0-9._~+/-]+=*\Z")  # RFC 6750 section 2.1


class Verifier(Protocol):
    """Judges the tokens of one issuer, wherever they come from."""

    name: str

    def start(self) -> None:
        """See `Scheme.start`."""

    def recall(self, token: bytes) -> Principal | None:
        """Whose token this is, if it was verified before and is still good."""

    async def verify(self, token: bytes) -> Principal:
        """Whose token this is. Raises InvalidToken (ForeignToken for another issuer's), and Unavailable."""


class TokenScheme:
    """`Authorization: Bearer TOKEN`, where the token is of any of the issuers behind `verifiers`."""

    challenges: tuple[bytes, ...] = (b'Bearer realm="gateway"',)

    def __init__(self, verifiers: Sequence[Verifier]) -> None:
        self.name = ", ".join(verifier.name for verifier in verifiers)
        self.verifiers = tuple(verifiers)
        self._recalls = tuple(verifier.recall for verifier in verifiers)

    def start(self) -> None:
        """See `Scheme.start`."""
        for verifier in self.verifiers:
            verifier.start()

    def offered(self, head: RequestHead) -> bytes | None:
        """The token. Its form is judged by `verify`: one that is recalled has been judged."""
        value = head.lookup.get(b"authorization")
        return value[7:] if value is not None and value[:7].lower() == b"bearer " else None

    def recall(self, credential: bytes, head: RequestHead) -> Principal | None:
        """See `Scheme.recall`."""
        for recall in self._recalls:
            principal = recall(credential)
            if principal is not None:
                return principal
        return None

    async def verify(self, credential: bytes, head: RequestHead) -> Principal:
        """See `Scheme.verify`."""
        if not _B64TOKEN.match(credential):
            raise Malformed("the Authorization header does not hold exactly one token")
        return self.recall(credential, head) or await self._judged(credential)

    async def _judged(self, token: bytes) -> Principal:
        """By the issuer whose token it is. When none of them takes it, the one that came nearest says why."""
        misses: list[Exception] = []
        for verifier in self.verifiers:
            try:
                return await verifier.verify(token)
            except (InvalidToken, Unavailable) as miss:
                misses.append(miss)
        raise min(misses, key=_distance)


def _distance(miss: Exception) -> int:
    """An issuer that cannot be asked might know a token that no other calls its own."""
    return 2 if isinstance(miss, ForeignToken) else 1 if isinstance(miss, Unavailable) else 0

"""Access tokens as requests present them (RFC 6750 section 2.1): one scheme in front of the issuers that count."""

import re
from collections.abc import Sequence
from typing import Protocol

from gateway.security.dpop import CHALLENGE as DPOP
from gateway.security.dpop import Proofs
from gateway.security.principal import Binding, ForeignToken, InvalidToken, Malformed, Principal
from gateway.security.scheme import Unavailable
from gateway.wire.message import RequestHead

BEARER = b'Bearer realm="gateway"'

_B64TOKEN = re.compile(rb"[A-Za-z0-9._~+/-]+=*\Z")  # RFC 6750 section 2.1


class Verifier(Protocol):
    """Judges the tokens of one issuer, wherever they come from."""

    name: str
    asks: bool  # it shows every token to somebody else, to learn whose it is

    def start(self) -> None:
        """See `Scheme.start`."""

    def recall(self, token: bytes) -> Principal | None:
        """Whose token this is, if it was verified before and is still good."""

    async def verify(self, token: bytes) -> Principal:
        """Whose token this is. Raises InvalidToken (ForeignToken for another issuer's), and Unavailable."""


class TokenScheme:
    """`Authorization: Bearer TOKEN` (RFC 6750), or `Authorization: DPoP TOKEN` with a proof (RFC 9449), or either.

    The token is of any of the issuers behind `verifiers`. One that is bound to a certificate (RFC 8705) or a key counts
    only with its proof, which belongs to the request: however often the token was verified, each request proves anew.
    """

    def __init__(self, verifiers: Sequence[Verifier], proofs: Proofs | None = None, bearer: bool = True) -> None:
        self.name = ", ".join(verifier.name for verifier in verifiers)
        self.verifiers = tuple(verifiers)
        self.challenges = (BEARER,) * bearer + (DPOP,) * (proofs is not None)
        self._recalls = tuple(verifier.recall for verifier in verifiers)
        self._proofs = proofs
        self._bearer = bearer

    def start(self) -> None:
        """See `Scheme.start`."""
        for verifier in self.verifiers:
            verifier.start()

    def offered(self, head: RequestHead) -> bytes | None:
        """The token, with `DPoP ` before it where it comes with a proof. Its form is judged by `verify`: one that is
        recalled has been judged."""
        value = head.lookup.get(b"authorization")
        if value is None:
            return None
        if value[:7].lower() == b"bearer ":
            return value[7:] if self._bearer else None
        return value if self._proofs is not None and value[:5].lower() == b"dpop " else None

    def recall(self, credential: bytes, head: RequestHead) -> Principal | None:
        """See `Scheme.recall`. Nothing with `DPoP ` before it is ever known here: its proof has to be looked at."""
        for recall in self._recalls:
            principal = recall(credential)
            if principal is not None:
                return principal if principal.binding is None or _holds(principal.binding, head) else None
        return None

    async def verify(self, credential: bytes, head: RequestHead) -> Principal:
        """See `Scheme.verify`."""
        proofs = self._proofs if head.lookup.get(b"authorization", b"")[:5].lower() == b"dpop " else None
        token = credential if proofs is None else credential[5:]
        if not _B64TOKEN.match(token):
            raise Malformed("the Authorization header does not hold exactly one token")
        principal = self._recalled(token) or await self._judged(token)
        binding = principal.binding or Binding()
        if binding.certificate and not _shows(binding.certificate, head):
            raise InvalidToken("the token is bound to a client certificate that was not shown")
        if proofs is not None and not binding.key:
            raise InvalidToken("the token is bound to no key that could prove it")
        if proofs is not None and proofs.holder(head, token) != binding.key:
            raise InvalidToken("the token is bound to another key than that of the DPoP proof")
        if proofs is None and binding.key:
            raise InvalidToken("the token is bound to a key and needs a DPoP proof")
        return principal

    def _recalled(self, token: bytes) -> Principal | None:
        return next(filter(None, (recall(token) for recall in self._recalls)), None)

    async def _judged(self, token: bytes) -> Principal:
        """By the issuer whose token it is. When none of them takes it, the one that came nearest says why.

        A token that names one issuer, and does not count here, may count elsewhere: it is not shown to another one.
        """
        misses: list[Exception] = []
        for verifier in self.verifiers:
            if verifier.asks and 0 in map(_distance, misses):
                continue
            try:
                return await verifier.verify(token)
            except (InvalidToken, Unavailable) as miss:
                misses.append(miss)
        raise min(misses, key=_distance)


def _holds(binding: Binding, head: RequestHead) -> bool:
    """Whether a Bearer request proves all that its token is bound to."""
    return not binding.key and _shows(binding.certificate, head)


def _shows(thumbprint: str, head: RequestHead) -> bool:
    return head.certificate is not None and head.certificate.thumbprint == thumbprint


def _distance(miss: Exception) -> int:
    """An issuer that cannot be asked might know a token that no other calls its own."""
    return 2 if isinstance(miss, ForeignToken) else 1 if isinstance(miss, Unavailable) else 0

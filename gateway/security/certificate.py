"""Client certificates (`mutualTLS`): verified in the TLS handshake, here they only become a caller."""

from math import inf

from gateway.security.principal import InvalidToken, Principal
from gateway.wire.message import RequestHead

ISSUER = "tls.ca"  # the setting that says whose certificates are accepted


class CertificateScheme:
    """Whoever proved a certificate of an accepted authority. `subject` is its distinguished name; it has no scopes.

    HTTP has no registered authentication scheme for this, and a 401 has to carry a challenge (RFC 9110 section 15.5.2):
    `ClientCertificate` is our word for "connect again, with a certificate".
    """

    name = "client certificates"
    challenges: tuple[bytes, ...] = (b'ClientCertificate realm="gateway"',)

    def start(self) -> None:
        """Nothing goes on beside requests."""

    def offered(self, head: RequestHead) -> bytes | None:
        """The thumbprint."""
        return None if head.certificate is None else head.certificate.thumbprint.encode()

    def recall(self, credential: bytes, head: RequestHead) -> Principal | None:
        """Every handshake proves its certificate: there is nothing left to verify."""
        if head.certificate is None:
            return None
        return Principal(head.certificate.subject, ISSUER, frozenset(), {}, inf)

    async def verify(self, credential: bytes, head: RequestHead) -> Principal:
        """The same: `recall` knows everybody who has proved a certificate. Raises InvalidToken for anybody else."""
        principal = self.recall(credential, head)
        if principal is None:
            raise InvalidToken("no client certificate was proved")
        return principal

"""A client certificate that the handshake proved makes a caller without scopes."""

import asyncio

import pytest

from gateway.security.certificate import CertificateScheme
from gateway.security.principal import InvalidToken
from gateway.wire.message import ClientCertificate, RequestHead

HEAD = RequestHead(b"GET", b"/", None, [], {}, "")
PROVED = HEAD._replace(certificate=ClientCertificate("thumb", "CN=anna"))


def test_caller() -> None:
    """Its subject is who is calling; nothing has to be verified any more."""
    scheme = CertificateScheme()
    scheme.start()
    assert scheme.offered(PROVED) == b"thumb"
    principal = scheme.recall(b"thumb", PROVED)
    assert principal is not None
    assert (principal.subject, principal.issuer, principal.scopes) == ("CN=anna", "tls.ca", frozenset())
    assert asyncio.run(scheme.verify(b"thumb", PROVED)) == principal


def test_without_certificate() -> None:
    """No certificate, no caller, whatever fields say."""
    scheme = CertificateScheme()
    assert scheme.offered(HEAD._replace(lookup={b"x-client-cert": b"thumb"})) is None
    assert scheme.recall(b"thumb", HEAD) is None
    with pytest.raises(InvalidToken):
        asyncio.run(scheme.verify(b"thumb", HEAD))

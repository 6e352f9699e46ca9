"""TLS on the public listener: which certificate for which name, and who the client is.

Contexts are made in the master and inherited by fork, so all workers share the keys of session tickets and a client may
resume its session with any of them. When files change, each worker makes contexts of its own: until the next reload of
the settings a client resumes only where it began, and makes a full handshake elsewhere.
"""

import base64
import hashlib
import logging
import socket
import ssl
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from cryptography import x509

from gateway.config import Tls
from gateway.reread import Reread
from gateway.upstream.tls import UnusableFile, exposed, load_authorities, load_pair, restrict
from gateway.wire.message import ClientCertificate

log = logging.getLogger("gateway")

_VERIFY = {"off": ssl.CERT_NONE, "optional": ssl.CERT_OPTIONAL, "required": ssl.CERT_REQUIRED}
Choose = Callable[[ssl.SSLObject, str | None, ssl.SSLContext], None]


RAW: ContextVar[socket.socket | None] = ContextVar("RAW", default=None)  # under the connection that is being made


class _Object(ssl.SSLObject):
    """Tells the client why a handshake failed. The event loop would close the connection without the alert that says
    it, and leave people to guess which certificate is wrong."""

    outgoing: ssl.MemoryBIO
    raw: socket.socket | None

    def do_handshake(self) -> None:
        """See `ssl.SSLObject.do_handshake`."""
        try:
            super().do_handshake()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except ssl.SSLError:
            if self.raw is not None:
                with suppress(OSError):
                    self.raw.send(self.outgoing.read())
            raise


class _Context(ssl.SSLContext):
    sslobject_class = _Object

    def wrap_bio(self, incoming: ssl.MemoryBIO, outgoing: ssl.MemoryBIO, *args: Any, **kwargs: Any) -> ssl.SSLObject:
        """See `ssl.SSLContext.wrap_bio`."""
        connection = super().wrap_bio(incoming, outgoing, *args, **kwargs)
        assert isinstance(connection, _Object)
        connection.outgoing, connection.raw = outgoing, RAW.get()
        return connection


def server_context(tls: Tls) -> ssl.SSLContext:
    """The context of the first certificate, which hands over to those of the others by SNI (RFC 6066 section 3).

    Raises UnusableFile.
    """
    names: dict[str, ssl.SSLContext] = {}
    contexts = []
    for item in tls.certificates:
        context = _context(tls)
        load_pair(context, item.certificate, item.key)
        if exposed(item.key):
            log.warning("%s: every user can read this private key; chmod o-r", item.key)
        contexts.append(context)
        for name in names_of(item.certificate):
            names.setdefault(name, context)
    if len(contexts) > 1:
        contexts[0].sni_callback = chooser(names)
    return contexts[0]


def _context(tls: Tls) -> ssl.SSLContext:
    context = _Context(ssl.PROTOCOL_TLS_SERVER)
    restrict(context, tls.minimum)
    if tls.clients != "off":
        load_authorities(context, tls.ca)
        context.verify_mode = _VERIFY[tls.clients]
    return context


def names_of(path: str) -> list[str]:
    """The DNS names of the first certificate in a file, in lower case. Raises UnusableFile."""
    try:
        with open(path, "rb") as file:
            certificate = x509.load_pem_x509_certificate(file.read())
        if certificate.not_valid_after_utc < datetime.now(UTC):
            log.warning("%s: the certificate expired on %s", path, certificate.not_valid_after_utc.date())
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    except (OSError, ValueError) as error:
        raise UnusableFile(path, f"holds no certificate: {error}") from None
    return [name.lower() for name in names.get_values_for_type(x509.DNSName)]


def chooser(names: Mapping[str, ssl.SSLContext]) -> Choose:
    """What picks the certificate: the name itself, then a wildcard for its first label (RFC 9525 section 6.3)."""

    def choose(connection: ssl.SSLObject, name: str | None, default: ssl.SSLContext) -> None:
        if name:
            low = name.lower().rstrip(".")
            found = names.get(low) or names.get("*." + low.partition(".")[2])
            if found is not None:
                connection.context = found

    return choose


def overlook_names() -> None:
    """Say nothing of SNI that is no ASCII: `ssl` refuses the handshake, and would print a traceback for each."""
    usual = sys.unraisablehook

    def hook(unraisable: "sys.UnraisableHookArgs") -> None:
        if not (unraisable.exc_type is UnicodeDecodeError and isinstance(unraisable.object, bytes)):
            usual(unraisable)

    sys.unraisablehook = hook


def reread_context(tls: Tls) -> Reread[ssl.SSLContext]:
    """The context, made anew when its files change. Raises UnusableFile."""
    files = [path for item in tls.certificates for path in (item.certificate, item.key)]
    return Reread(lambda: server_context(tls), [*files, *([tls.ca] if tls.ca else [])])


def client_certificate(connection: ssl.SSLObject) -> ClientCertificate | None:
    """The certificate that the client proved, None without one. Raises ValueError when it has expired.

    A handshake refuses an expired one; a resumed session does not look at it again.
    """
    der = connection.getpeercert(binary_form=True)
    if der is None:
        return None
    certificate = x509.load_der_x509_certificate(der)
    if certificate.not_valid_after_utc < datetime.now(UTC):
        raise ValueError("the client certificate of a resumed session has expired")
    thumbprint = base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode("ascii")
    return ClientCertificate(thumbprint, certificate.subject.rfc4514_string())

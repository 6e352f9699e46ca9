"""TLS towards backends. Their certificates are always verified; nothing can switch that off."""

import os
import ssl

from gateway.config import UpstreamTls
from gateway.reread import Reread

VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
SUITES = "ECDHE+AESGCM:ECDHE+CHACHA20"  # of TLS 1.2: forward secrecy and AEAD (RFC 9325 section 4.2); 1.3 has no others


class UnusableFile(ValueError):
    """A certificate or key that TLS cannot be had with. `hint` says what to do."""

    def __init__(self, path: str, reason: str, hint: str = "") -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason
        self.hint = hint


def restrict(context: ssl.SSLContext, minimum: str) -> None:
    """What holds in both directions: versions, suites, HTTP/1.1; neither compression nor renegotiation."""
    context.minimum_version = VERSIONS[minimum]
    context.set_ciphers(SUITES)
    context.set_alpn_protocols(["http/1.1"])
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION


def load_pair(context: ssl.SSLContext, certificate: str, key: str) -> None:
    """Take over a certificate, with those that signed it, and its private key. Raises UnusableFile."""

    def ask() -> str:
        raise UnusableFile(key, "the private key is encrypted", "keep it without a password, readable by nobody else")

    for path in (certificate, key):
        _readable(path)
    try:
        context.load_cert_chain(certificate, key, ask)
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise UnusableFile(key, f"is not the private key of the certificate in {certificate}") from None
        reason = f"holds no certificate that can be used with {key}: {_said(error)}"
        hint = "the certificate comes first in its file, then those that signed it"
        raise UnusableFile(certificate, reason, hint) from None


def load_authorities(context: ssl.SSLContext, ca: str) -> None:
    """Believe the certificates in the file `ca`, be they roots or not. Raises UnusableFile."""
    _readable(ca)
    try:
        context.load_verify_locations(ca)
    except ssl.SSLError as error:
        raise UnusableFile(ca, f"holds no certificates: {_said(error)}") from None
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN


def _readable(path: str) -> None:
    try:
        with open(path, "rb"):
            pass
    except OSError as error:
        raise UnusableFile(path, f"cannot be read: {error.strerror}") from None


def _said(error: ssl.SSLError) -> str:
    return (error.reason or "it is not PEM").lower().replace("_", " ")


def client_context(tls: UpstreamTls) -> ssl.SSLContext:
    """How to connect to a backend. Raises UnusableFile."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # verifies the chain and the name
    context.hostname_checks_common_name = False  # RFC 9525 section 2
    restrict(context, tls.minimum)
    if tls.ca:
        load_authorities(context, tls.ca)
    else:
        context.load_default_certs()
    if tls.certificate:
        load_pair(context, tls.certificate, tls.key)
    return context


def reread_context(tls: UpstreamTls) -> Reread[ssl.SSLContext]:
    """The context, made anew when its files change. Raises UnusableFile."""
    return Reread(lambda: client_context(tls), [path for path in (tls.ca, tls.certificate, tls.key) if path])


def failure(error: ssl.SSLError) -> str:
    """What went wrong, for the log."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is refused: {error.verify_message}"
    return f"TLS failed: {_said(error)}"


def exposed(key: str) -> bool:
    """Whether users who are neither its owner nor in its group can read a private key."""
    return bool(os.stat(key).st_mode & 0o004)

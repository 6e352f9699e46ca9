"""What a client sent and a backend must not get: names of identity fields, and the credentials that end at the gateway.

Backends believe what a proxy says of the caller in a header field. Such a field is the proxy's alone, so that what a
client sends under one of these names never goes on; nor does it with "_" or "." for "-" (see `spelled`).
"""

from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from gateway.wire.fields import DROPPED_FROM_REQUESTS
from gateway.wire.message import Field

# In lower case. Who writes them, that is: whose backends believe them.
IDENTITY_FIELDS = frozenset(
    (
        # the client's certificate: RFC 9440, Envoy, nginx and its ingress controller, Apache, HAProxy, Traefik
        *(b"client-cert", b"client-cert-chain", b"x-forwarded-client-cert", b"x-client-cert"),
        *(b"x-client-certificate", b"x-ssl-cert", b"x-ssl-client-cert", b"x-ssl-client-verify", b"x-ssl-client-dn"),
        *(b"x-ssl-client-s-dn", b"x-ssl-client-i-dn", b"x-ssl-client-cn", b"x-ssl-client-serial"),
        *(b"x-ssl-client-sha1", b"x-ssl-client-fingerprint", b"x-ssl-subject", b"x-ssl-issuer"),
        *(b"ssl-client-cert", b"ssl-client-verify", b"ssl-client-subject-dn", b"ssl-client-issuer-dn"),
        *(b"x-forwarded-tls-client-cert", b"x-forwarded-tls-client-cert-info", b"x-client-dn", b"x-client-cn"),
        # the user: CGI and its heirs, oauth2-proxy, Grafana's and others' auth proxies
        *(b"remote-user", b"x-remote-user", b"x-remote-group", b"x-forwarded-user", b"x-forwarded-email"),
        *(b"x-forwarded-groups", b"x-forwarded-preferred-username", b"x-forwarded-access-token"),
        *(b"x-auth-request-user", b"x-auth-request-email", b"x-auth-request-groups"),
        *(b"x-auth-request-preferred-username", b"x-auth-request-access-token", b"x-webauth-user"),
        *(b"x-authenticated-user", b"x-authenticated-userid", b"x-authenticated-scope"),
        # the consumer: Kong, Google's ESPv2 and API Gateway, Azure, AWS
        *(b"x-consumer-id", b"x-consumer-username", b"x-consumer-custom-id", b"x-consumer-groups"),
        *(b"x-credential-identifier", b"x-credential-username", b"x-anonymous-consumer"),
        *(b"x-endpoint-api-userinfo", b"x-apigateway-api-userinfo", b"x-goog-iap-jwt-assertion"),
        *(b"x-ms-client-principal", b"x-ms-client-principal-id", b"x-ms-client-principal-name"),
        *(b"x-amzn-oidc-data", b"x-amzn-oidc-identity", b"x-amzn-oidc-accesstoken"),
    )
)

PROOFS = frozenset((b"authorization", b"dpop"))

# They ask a backend for another method than the one that was judged.
METHOD_OVERRIDES = frozenset((b"x-http-method-override", b"x-http-method", b"x-method-override"))


class Withheld(NamedTuple):
    """What of a request ends here, decided at load. Names of fields are as `gateway.wire.fields.spelled` gives them."""

    fields: frozenset[bytes]
    query: frozenset[bytes] = frozenset()  # names of parameters, decoded
    cookies: frozenset[bytes] = frozenset()
    passwords: bool = False  # `Authorization` of scheme Basic, where others go on
    unverified: frozenset[bytes] = frozenset()  # in place of `fields` where `Authorization` was not verified; or empty


ALWAYS = Withheld(DROPPED_FROM_REQUESTS | IDENTITY_FIELDS | METHOD_OVERRIDES)


def without_parameters(query: bytes, names: frozenset[bytes]) -> bytes:
    """A raw query without the parameters of these names; all others stay as they came, byte for byte."""
    pairs = query.split(b"&")
    kept = [pair for pair in pairs if _name(pair) not in names]
    return query if len(kept) == len(pairs) else b"&".join(kept)


def _name(pair: bytes) -> bytes:
    """As the gateway itself reads it when it looks for a key."""
    return unquote_to_bytes(pair.partition(b"=")[0].replace(b"+", b" "))


def without_cookies(fields: list[Field], names: frozenset[bytes]) -> list[Field]:
    """Fields without the cookies of these names (RFC 6265 section 4.2); the others stay as they were. A field with no
    cookie left goes."""
    passed = []
    for name, value in fields:
        if name.lower() == b"cookie":
            pieces = value.split(b";")
            kept = [piece for piece in pieces if piece.partition(b"=")[0].strip() not in names]
            if len(kept) != len(pieces):
                value = b";".join(kept).lstrip(b" \t")
                if not value:
                    continue
        passed.append((name, value))
    return passed


def without_passwords(fields: list[Field]) -> list[Field]:
    """Fields without `Authorization` of scheme Basic (RFC 7617)."""
    return [field for field in fields if not (field[0].lower() == b"authorization" and is_basic(field[1]))]


def is_basic(authorization: bytes) -> bool:
    """Whether credentials are a name and a password (RFC 7617)."""
    return authorization.lstrip(b" \t")[:5].lower() == b"basic"

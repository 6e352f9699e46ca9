"""What an issuer publishes, fetched: its metadata (OpenID Connect Discovery 1.0, RFC 8414) and its key set.

Everything here blocks; `gateway.security.keys` calls it in a thread.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from gateway.config import Issuer
from gateway.security import web
from gateway.security.jose import decode_object
from gateway.security.jwk import KeyTable, parse_jwks

TIMEOUT = 5.0  # seconds
DOCUMENT_BYTES = 1 << 20

_OPENID = "/.well-known/openid-configuration"
_OAUTH = "/.well-known/oauth-authorization-server"


@dataclass(frozen=True, slots=True)
class Trust:
    """Whom to believe: the exact `iss`, and the keys it signs with."""

    issuer: str
    keys: KeyTable


class FetchError(Exception):
    """Something an issuer should publish cannot be had. The text names the place and the reason."""


def load_trust(settings: Issuer) -> Trust:
    """Fetch what `settings` name; the metadata only for what the settings leave out. Raises FetchError."""
    issuer, jwks = settings.issuer, settings.jwks
    if not (issuer and jwks):
        metadata = _metadata(settings.discovery, issuer)
        issuer = metadata["issuer"]
        jwks = jwks or metadata["jwks_uri"]
    data = fetch(jwks)
    try:
        return Trust(issuer, parse_jwks(data, settings.algorithms))
    except ValueError as error:
        raise FetchError(f"{jwks}: {error}") from None


def _metadata(url: str, issuer: str) -> dict[str, Any]:
    try:
        metadata = decode_object(fetch(url))
    except ValueError as error:
        raise FetchError(f"{url}: {error}") from None
    said, jwks_uri = metadata.get("issuer"), metadata.get("jwks_uri")
    if not isinstance(said, str) or not (said == issuer if issuer else _is_base(said, url)):
        expected = issuer or base_of(url)
        raise FetchError(f"{url}: its `issuer` is not {expected}; metadata of another issuer are not believed")
    if not isinstance(jwks_uri, str) or not is_http(jwks_uri):
        raise FetchError(f"{url}: it names no `jwks_uri`")
    if url.startswith("https:") and not jwks_uri.startswith("https:"):
        raise FetchError(f"{url}: its `jwks_uri` gives up TLS")
    return metadata


def _is_base(issuer: str, url: str) -> bool:
    """A final slash of the issuer is dropped before the well-known path is added (Discovery section 4)."""
    return issuer.rstrip("/") == base_of(url).rstrip("/")


def base_of(url: str) -> str:
    """The issuer whose metadata belong at `url` (Discovery 1.0 section 4, RFC 8414 section 3.1)."""
    parts = urlsplit(url)
    if parts.path.endswith(_OPENID):
        path = parts.path.removesuffix(_OPENID)
    elif parts.path.startswith(_OAUTH):
        path = parts.path.removeprefix(_OAUTH)
    else:
        path = parts.path
    return f"{parts.scheme}://{parts.netloc}{path}"


def is_http(place: str) -> bool:
    """Whether `place` is an http(s) URL with a host and without credentials in it."""
    try:
        parts = urlsplit(place)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
    except ValueError:
        return False


def fetch(place: str) -> bytes:
    """The bytes of a URL or file: no redirects, at most 1 MiB, within 5 seconds. Raises FetchError."""
    if "://" in place:
        if not is_http(place):
            raise FetchError("only http and https URLs without credentials are fetched")
        return _fetch_url(place)
    try:
        with Path(place).open("rb") as file:
            return _bounded(place, file.read(DOCUMENT_BYTES + 1))
    except OSError as error:
        raise FetchError(f"{place}: {error.strerror}") from None


def _fetch_url(url: str) -> bytes:
    try:
        status, data = web.ask(url, TIMEOUT, DOCUMENT_BYTES)
    except web.NoAnswer as error:
        raise FetchError(str(error)) from None
    if status != 200:
        raise FetchError(f"{url}: it answers {status}, not 200; redirects are not followed")
    return data


def _bounded(place: str, data: bytes) -> bytes:
    if len(data) > DOCUMENT_BYTES:
        raise FetchError(f"{place}: more than {DOCUMENT_BYTES} bytes")
    return data

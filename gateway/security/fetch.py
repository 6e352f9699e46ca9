"""What an issuer publishes, fetched: its metadata (OpenID Connect Discovery 1.0, RFC 8414) and its key set.

Everything here blocks; `gateway.security.keys` calls it in a thread. What fetches is imported only where there is an
issuer: it takes longer than most documents.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from gateway.config import Issuer
from gateway.security.jose import decode_object
from gateway.security.jwk import KeyTable, parse_jwks

if TYPE_CHECKING:
    import requests

TIMEOUT = 5.0  # seconds: to connect, for each piece, and for the whole document
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


def ready() -> None:
    """Import what fetching needs, for the processes that are forked from this one."""
    import requests  # noqa: F401


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
    import requests
    from urllib3.exceptions import HTTPError

    deadline = time.monotonic() + TIMEOUT
    try:
        with requests.get(
            url,
            headers={"Accept": "application/json", "Accept-Encoding": "identity"},
            auth=lambda request: request,  # or a password for this host in ~/.netrc would be sent along
            timeout=TIMEOUT,
            allow_redirects=False,
            stream=True,
        ) as response:
            if response.status_code != 200:
                raise FetchError(f"{url}: it answers {response.status_code}, not 200; redirects are not followed")
            return _bounded(url, _read(url, response, deadline))
    except (requests.RequestException, HTTPError) as error:  # a host that cannot be comes as urllib3's own
        raise FetchError(f"{url}: {_reason(error)}") from None


def _read(url: str, response: requests.Response, deadline: float) -> bytes:
    """Read piece by piece, so that a server that trickles is noticed."""
    from urllib3.exceptions import HTTPError

    data = bytearray()
    try:
        while len(data) <= DOCUMENT_BYTES and (piece := response.raw.read1(65536)):
            data += piece
            if time.monotonic() > deadline:
                raise FetchError(f"{url}: not complete within {TIMEOUT:g} s")
    except (OSError, HTTPError) as error:
        raise FetchError(f"{url}: broken off: {type(error).__name__}") from None
    return bytes(data)


def _bounded(place: str, data: bytes) -> bytes:
    if len(data) > DOCUMENT_BYTES:
        raise FetchError(f"{place}: more than {DOCUMENT_BYTES} bytes")
    return data


def _reason(error: Exception) -> str:
    """requests' own texts hold object addresses and repeat the URL."""
    import requests

    reasons: tuple[tuple[type[Exception], str], ...] = (
        (requests.Timeout, f"no answer within {TIMEOUT:g} s"),
        (requests.exceptions.SSLError, "its TLS certificate is not accepted"),
        (requests.ConnectionError, "no connection"),
    )
    return next((text for kind, text in reasons if isinstance(error, kind)), type(error).__name__)

"""Flaws of the settings about what backends learn of the caller: `credentials` of an API, and `identity`."""

import os
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from gateway.config import Api, Credentials, Settings
from gateway.config.secret import SecretMissing, reveal

Flaw = tuple[str, str, str]  # JSON Pointer, message, hint

ASKING = ("exchange", "client")  # the modes that ask a token endpoint

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^`|~-]+", re.ASCII)  # RFC 9110 section 5.1, without "_", which many drop
_TAKEN = re.compile(
    r"(?i)(authorization|cookie|host|connection|upgrade|te|trailer|transfer-encoding|expect|via|forwarded|date|range|"
    r"proxy-.*|content-.*|accept.*|if-.*|x-forwarded-.*|x-real-ip|x-request-id|traceparent|tracestate)"
)


def credentials(settings: Settings) -> Iterator[Flaw]:
    """Each API's `credentials`: all that its mode needs, and nothing that would have no effect."""
    for index, api in enumerate(settings.apis):
        given = api.credentials
        place = f"/apis/{index}/credentials"
        if given.mode in ASKING:
            yield from _endpoint(api, place)
        else:
            yield from _without_effect(given, place)
        if given.identity and not settings.identity.key:
            hint = "write identity: {key: file:PATH}, a private key in PEM"
            yield f"{place}/identity", "the gateway has no key to sign with", hint


def _endpoint(api: Api, place: str) -> Iterator[Flaw]:
    given = api.credentials
    mode = f"credentials of mode {given.mode}"
    for key, text in (("token-url", given.token_url), ("client-id", given.client_id)):
        if not text:
            yield place, f"{mode} need `{key}`", ""
    if not given.client_secret:
        yield place, f"{mode} need `client-secret`", "write env:NAME or file:PATH"
    else:
        yield from _secret(f"{place}/client-secret", given.client_secret)
    if given.token_url and not _is_endpoint(given.token_url):
        message = f'"{given.token_url}" is not the URL of a token endpoint'
        yield f"{place}/token-url", message, "write https://HOST/PATH, without credentials and fragment"


def _without_effect(given: Credentials, place: str) -> Iterator[Flaw]:
    for name in ("token_url", "client_id", "client_secret", "audience", "scope"):
        if getattr(given, name):
            key = name.replace("_", "-")
            hint = f"set mode to {' or '.join(ASKING)}, or remove it"
            yield f"{place}/{key}", f"`{key}` has no effect in mode {given.mode}", hint


def identity(settings: Settings) -> Iterator[Flaw]:
    """The name of the field, and that the keys can be read."""
    ours = settings.identity
    if not _NAME.fullmatch(ours.header) or _TAKEN.fullmatch(ours.header):
        message = f'"{ours.header}" cannot be the name of the identity field'
        yield "/identity/header", message, "choose a field name that means nothing else, such as X-Gateway-Identity"
    if ours.key:
        yield from _secret("/identity/key", ours.key)
    elif ours.published:
        yield "/identity/published", "there is no `key` beside which these could be published", ""
    if ours.published and not os.path.isfile(ours.published):
        yield "/identity/published", f"there is no file {ours.published}", ""


def _secret(place: str, reference: str) -> Iterator[Flaw]:
    try:
        reveal(reference)
    except SecretMissing as error:
        name = re.sub(r"\.(\d+)\.", r"[\1].", place[1:].replace("/", "."))
        yield place, f"{name}: {error}", "a secret is never in the settings themselves"


def _is_endpoint(text: str) -> bool:
    """RFC 6749 section 3.2: no fragment. Credentials have their own settings."""
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError:
        return False
    plain = text.isascii() and not re.search(r"\s", text) and "@" not in url.netloc and not url.fragment
    return plain and url.scheme in ("http", "https") and bool(url.hostname) and port != 0


CREDENTIALS = (credentials, identity)

"""Flaws of the settings about credentials: stores, introspection, revocation."""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from gateway.config import KeyStore, PasswordStore, Settings

Flaw = tuple[str, str, str]  # JSON Pointer, message, hint

_SOURCES = ("file", "variable", "database")
_SECRET = re.compile(r"(env|file):.+", re.DOTALL)


def _stores(settings: Settings) -> Iterator[Flaw]:
    sections: tuple[tuple[str, Mapping[str, KeyStore | PasswordStore]], ...] = (
        ("keys", settings.keys),
        ("passwords", settings.passwords),
    )
    for section, stores in sections:
        for name, store in stores.items():
            given = [source for source in _SOURCES if getattr(store, source)]
            if len(given) != 1:
                said = f"has {' and '.join(given)}" if given else "has no source"
                hint = f"give it exactly one of {', '.join(_SOURCES)}"
                yield f"/{section}/{name}", f'store "{name}" under {section} {said}', hint


def _names(settings: Settings) -> Iterator[Flaw]:
    """`security` of an API names issuers and stores alike."""
    sections = {"issuers": settings.issuers, "keys": settings.keys, "passwords": settings.passwords}
    first: dict[str, str] = {}
    for section, named in sections.items():
        for name in named:
            if name in first:
                message = f'"{name}" is a name under {first[name]}, too'
                yield f"/{section}/{name}", message, "give each issuer and each store a name of its own"
            first.setdefault(name, section)


def _references(settings: Settings) -> Iterator[Flaw]:
    """A secret that stands in the file itself is out already. The text is not repeated."""
    places = [
        *((f"/keys/{name}/{key}", getattr(store, key)) for name, store in settings.keys.items() for key in _SECRETS),
        *((f"/passwords/{name}/database", store.database) for name, store in settings.passwords.items()),
        *(
            (f"/issuers/{name}/introspection/client-secret", issuer.introspection.client_secret)
            for name, issuer in settings.issuers.items()
        ),
    ]
    for pointer, text in places:
        if text and not _SECRET.fullmatch(text):
            yield pointer, f"{pointer[1:].replace('/', '.')} is a secret by itself", "write env:NAME or file:PATH"


_SECRETS = ("database", "pepper")


def _introspection(settings: Settings) -> Iterator[Flaw]:
    for name, issuer in settings.issuers.items():
        asked, pointer = issuer.introspection, f"/issuers/{name}/introspection"
        if not asked.url:
            if asked.client_id or asked.client_secret:
                yield pointer, f'introspection of issuer "{name}" has no url', "write url: https://HOST/PATH"
            continue
        if not _is_http(asked.url):
            message = f'introspection of issuer "{name}": url is no http or https URL without credentials'
            yield f"{pointer}/url", message, "write https://HOST/PATH"
        if not (asked.client_id and asked.client_secret):
            message = f'introspection of issuer "{name}" has no client-id and client-secret'
            yield pointer, message, "the issuer answers nobody whom it does not know (RFC 7662 section 2.1)"


def _published(settings: Settings) -> Iterator[Flaw]:
    for name, issuer in settings.issuers.items():
        for key, text in (("jwks", issuer.jwks), ("discovery", issuer.discovery)):
            if "://" in text and "@" in text:
                message = f'{key} of issuer "{name}" is a URL with credentials, and would be in logs'
                yield f"/issuers/{name}/{key}", message, "what an issuer publishes needs none"


def _is_http(text: str) -> bool:
    try:
        url = urlsplit(text)
        return url.scheme in ("http", "https") and bool(url.hostname) and "@" not in url.netloc
    except ValueError:
        return False


def _revocation(settings: Settings) -> Iterator[Flaw]:
    if settings.revocation.shared and not settings.store.url:
        yield "/revocation/shared", "revocation.shared: there is no shared store", "set store.url"


IDENTITY = (_stores, _names, _references, _introspection, _published, _revocation)

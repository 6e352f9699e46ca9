"""Flaws of where limits are counted, that types cannot say."""

import importlib.util
from collections.abc import Iterator

from gateway.config import Settings, Store
from gateway.config.redis_url import target_of
from gateway.config.secret import SecretMissing, reveal

Flaw = tuple[str, str, str]  # JSON Pointer, message, hint


def _url(settings: Settings) -> Iterator[Flaw]:
    """The reference leads to a URL that can be used, with what is installed."""
    if not settings.store.url:
        return
    try:
        target_of(reveal(settings.store.url).decode())
    except SecretMissing as error:
        yield "/store/url", f"store.url: {error}", "for example env:REDIS_URL, with redis://HOST:PORT/DB in it"
    except UnicodeDecodeError:
        yield "/store/url", "store.url: it is not UTF-8", ""
    except ValueError as error:
        yield "/store/url", f"store.url: {error}", "escape what is special in a password: %2F for /"
    if importlib.util.find_spec("hiredis") is None:
        yield "/store/url", "store.url: hiredis is not installed", "pip install contract-gateway[redis]"


def _useless(settings: Settings) -> Iterator[Flaw]:
    """Words about a server when there is none."""
    store, default = settings.store, Store()
    for name in ("on_failure", "timeout"):
        if not store.url and getattr(store, name) != getattr(default, name):
            key = name.replace("_", "-")
            yield f"/store/{key}", f"store.{key} has no effect without a url", "set store.url, or leave it out"


STORE = (_url, _useless)

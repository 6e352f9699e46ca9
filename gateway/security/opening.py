"""From the settings of a store to its content, kept fresh. Raises StoreError and SecretMissing."""

from collections.abc import Iterable
from typing import Any, TypeVar

from gateway.config import KeyStore, PasswordStore
from gateway.config.secret import SecretMissing, reveal
from gateway.security.api_key import Keys, known_keys
from gateway.security.basic import Users, known_users
from gateway.security.claims import ScopeTree
from gateway.security.database import KEYS, PASSWORDS, Database, DatabaseSource
from gateway.security.records import Flaw, Granted, parse_keys, parse_passwords
from gateway.security.stores import FileSource, Parse, Source, VariableSource, Watched

LEAST_PEPPER = 16  # bytes

T = TypeVar("T")


def open_keys(name: str, settings: KeyStore, quotas: Iterable[str]) -> Watched[Keys]:
    """The keys of the store of this name; `quotas` are the names of the rate limits that a key may have."""
    pepper = pepper_of(settings)
    allowed = frozenset(quotas)

    def keys(records: list[Any]) -> tuple[Keys, list[Flaw]]:
        return known_keys(name, records, pepper, allowed, _granted(settings))

    def parse(text: str) -> tuple[Keys, list[Flaw]]:
        records, flaws = parse_keys(text)
        content, more = keys(records)
        return content, flaws + more

    source: Source[Keys] = _lines(settings, parse) or DatabaseSource(database_of(settings), KEYS, keys)
    return Watched(f"keys {name}", source, settings.refresh)


def open_passwords(name: str, settings: PasswordStore) -> Watched[Users]:
    """The users of the store of this name."""

    def users(records: list[Any]) -> tuple[Users, list[Flaw]]:
        return known_users(name, records, _granted(settings))

    def parse(text: str) -> tuple[Users, list[Flaw]]:
        records, flaws = parse_passwords(text)
        content, more = users(records)
        return content, flaws + more

    source: Source[Users] = _lines(settings, parse) or DatabaseSource(database_of(settings), PASSWORDS, users)
    return Watched(f"passwords {name}", source, settings.refresh)


def _granted(settings: KeyStore | PasswordStore) -> Granted:
    """What the scopes of a store stand for."""
    return ScopeTree if settings.scopes == "hierarchical" else frozenset


def _lines(settings: KeyStore | PasswordStore, parse: Parse[T]) -> Source[T] | None:
    """The source of a store that consists of lines."""
    if settings.file:
        return FileSource(settings.file, parse)
    return VariableSource(settings.variable, parse) if settings.variable else None


def pepper_of(settings: KeyStore) -> bytes:
    """The secret that keys are hashed with; empty when there is none."""
    pepper = reveal(settings.pepper) if settings.pepper else b""
    if pepper and len(pepper) < LEAST_PEPPER:
        raise SecretMissing(f"the pepper has less than {LEAST_PEPPER} bytes: take 32 random ones, in base64")
    return pepper


def database_of(settings: KeyStore | PasswordStore) -> Database:
    """The database of a store."""
    return Database(reveal(settings.database).decode(errors="replace"))

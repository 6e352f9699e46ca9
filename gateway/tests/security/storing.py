"""Stores in memory, keys and heads for the tests of schemes."""

from typing import Any

from gateway.security.api_key import Keys, known_keys
from gateway.security.basic import Users, known_users
from gateway.security.hashing import PasswordHash, hash_key
from gateway.security.records import KeyRecord, PasswordRecord
from gateway.security.stores import Watched
from gateway.wire.message import Field, RequestHead, lookup_of

NOW = 1_800_000_000.0
ID = "abcdef012345"
KEY = b"gk_abcdef012345_" + b"s" * 43
CHEAP = PasswordHash("scrypt", (14, 8, 1), b"salt" * 4, bytes(32))


class Memory:
    """A source whose content a test puts there."""

    def __init__(self, content: Any) -> None:
        self.content = content

    def read(self, mark: object) -> tuple[object, Any] | None:
        """The content, as if it had changed."""
        return object(), self.content


def keys(*records: KeyRecord, pepper: bytes = b"", store: str = "partners") -> "Watched[Keys]":
    """A store of keys."""
    content, flaws = known_keys(store, records, pepper, ("gold",))
    assert not flaws
    return Watched(store, Memory(content), 3600.0)


def key_record(key: bytes = KEY, pepper: bytes = b"", **changes: Any) -> KeyRecord:
    """The record of a key of acme's."""
    return KeyRecord(**{"id": key.decode()[3:15], "hash": hash_key(key, pepper), "owner": "acme", **changes})


def users(*records: PasswordRecord, store: str = "people") -> "Watched[Users]":
    """A store of users."""
    content, flaws = known_users(store, records)
    assert not flaws
    return Watched(store, Memory(content), 3600.0)


def head(*fields: Field, query: bytes | None = None) -> RequestHead:
    """A request's head."""
    return RequestHead(b"GET", b"/", query, list(fields), lookup_of(list(fields)), "127.0.0.1")

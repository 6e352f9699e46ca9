"""The lines of stores: API keys as JSON objects, passwords as `NAME:HASH` and, after a colon, scopes.

Lines are read strictly, for a store that is half understood lets in callers that somebody meant to keep out. No
message holds a hash.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import inf
from typing import Any, NamedTuple
from unicodedata import normalize

from gateway.security.hashing import KeyHash, PasswordHash, parse_key_hash, parse_password_hash
from gateway.security.jose import decode_object

KEY_ID = re.compile(r"[a-z0-9]{12}")
SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")  # scope-token, RFC 6749 section 3.3
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_TEXTS = ("id", "hash", "owner", "expires", "quota", "created", "note", "revoked")

Granted = Callable[[Iterable[str]], frozenset[str]]  # what scopes stand for: themselves, or those below them too


class Flaw(NamedTuple):
    """What is wrong with a line; 0 is the store as a whole."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class KeyRecord:
    """What is known of an API key. Dates are RFC 3339 or "", `scopes` in the order in which they were granted."""

    id: str
    hash: KeyHash
    owner: str
    scopes: tuple[str, ...] = ()
    expires: str = ""
    quota: str = ""
    created: str = ""
    note: str = ""
    revoked: str = ""

    def members(self) -> dict[str, Any]:
        """What is written down; what is empty is left out."""
        found = {name: getattr(self, name) for name in _TEXTS if name != "hash"} | {"scopes": list(self.scopes)}
        return {"id": self.id, "hash": self.hash.text(), **{name: value for name, value in found.items() if value}}

    def line(self) -> str:
        """As a line of a file."""
        return json.dumps(self.members(), ensure_ascii=False)


class PasswordRecord(NamedTuple):
    """A user name, the hash of the password, and what the user may do."""

    name: str
    hash: PasswordHash
    scopes: tuple[str, ...] = ()

    def line(self) -> str:
        """As a line of a file."""
        return ":".join((self.name, self.hash.text(), *([" ".join(self.scopes)] if self.scopes else ())))


def date_of(text: str) -> float:
    """Seconds since the epoch of an RFC 3339 date or date and time, UTC where no zone is given. Raises ValueError."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text[:40]!r} is no date such as 2027-01-31 or 2027-01-31T12:00:00Z") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def lines_of(text: str) -> Iterator[tuple[int, str]]:
    """Number and text of each line that is neither empty nor a comment."""
    for number, line in enumerate(text.split("\n"), 1):
        line = line.strip()
        if line and not line.startswith("#"):
            yield number, line


def parse_keys(text: str) -> tuple[list[KeyRecord], list[Flaw]]:
    """The keys of a file, and the lines that cannot be understood."""
    records: dict[str, KeyRecord] = {}
    flaws: list[Flaw] = []
    for number, line in lines_of(text):
        try:
            record = key_record(_object(line))
            if record.id in records:
                raise ValueError(f"the key {record.id} is there twice")
        except ValueError as error:
            flaws.append(Flaw(number, str(error)))
        else:
            records[record.id] = record
    return list(records.values()), flaws


def _object(line: str) -> dict[str, Any]:
    try:
        return decode_object(line.encode())
    except ValueError:
        raise ValueError("not a JSON object with each member once") from None


def key_record(members: Mapping[str, Any]) -> KeyRecord:
    """One key from the members of its object. Raises ValueError."""
    if unknown := members.keys() - {*_TEXTS, "scopes"}:
        raise ValueError(f"unknown member {min(unknown)[:40]!r}")
    texts = {name: members.get(name, "") for name in _TEXTS}
    scopes = members.get("scopes", [])
    if not all(isinstance(value, str) for value in texts.values()) or not isinstance(scopes, list):
        raise ValueError("its members must be texts, and `scopes` a list of texts")
    if not KEY_ID.fullmatch(texts["id"]):
        raise ValueError("its `id` is not 12 lower-case letters and digits")
    if not texts["owner"] or _CONTROL.search(texts["owner"]):
        raise ValueError("it has no `owner`, or one with control characters")
    for name in ("expires", "revoked"):
        if texts[name]:
            date_of(texts[name])
    return KeyRecord(**{**texts, "hash": parse_key_hash(texts["hash"]), "scopes": scopes_of(scopes)})


def scopes_of(names: list[Any]) -> tuple[str, ...]:
    """The names of scopes. Raises ValueError when one could not be in a token either."""
    if not all(isinstance(name, str) and SCOPE.fullmatch(name) for name in names):
        raise ValueError("a scope is printable ASCII without blank, quote and backslash")
    return tuple(names)


def expiry(record: KeyRecord) -> float:
    """From when on the key counts no longer, in seconds since the epoch."""
    ends = [date_of(text) for text in (record.expires, record.revoked) if text]
    return min(ends, default=inf)


def parse_passwords(text: str) -> tuple[list[PasswordRecord], list[Flaw]]:
    """The users of a file, and the lines that cannot be understood."""
    records: dict[str, PasswordRecord] = {}
    flaws: list[Flaw] = []
    for number, line in lines_of(text):
        name, _, rest = line.partition(":")
        hash, _, scopes = rest.partition(":")
        try:
            record = password_record(name, hash, scopes)
            if record.name in records:
                raise ValueError(f"the user {name} is there twice")
        except ValueError as error:
            flaws.append(Flaw(number, str(error)))
        else:
            records[record.name] = record
    return list(records.values()), flaws


def password_record(name: str, hash: str, scopes: str) -> PasswordRecord:
    """One user; `scopes` are separated by blanks. Raises ValueError."""
    return PasswordRecord(user_name(name), parse_password_hash(hash), scopes_of(scopes.split()))


def user_name(text: str) -> str:
    """A user name in the form in which names are compared (RFC 8265 section 3.4: NFC). Raises ValueError."""
    if not text or ":" in text or has_control(text):
        raise ValueError("a user name is not empty and has neither colon nor control characters")
    return normalize("NFC", text)


def password_text(text: str) -> bytes:
    """The bytes of a password that are hashed (RFC 8265 section 4.2: NFC, UTF-8)."""
    return normalize("NFC", text).encode()


def has_control(text: str) -> bool:
    """Whether there are characters that RFC 7617 section 2 keeps out of names and passwords."""
    return _CONTROL.search(text) is not None

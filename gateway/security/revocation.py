"""What counts no longer although it verifies: tokens by `jti`, subjects by `sub`, API keys by id.

A list is a file of lines `jti ID`, `sub SUBJECT` or `key ID`, each with ` until=DATE` behind it where the entry may be
forgotten then. Every worker looks at it twice a second.
"""

import re
import time
from collections.abc import Callable, Iterable, Mapping
from math import inf

from gateway.errors import Kind, Refusal
from gateway.security.principal import Principal
from gateway.security.records import Flaw, date_of, lines_of
from gateway.security.stores import FileSource, Watched

INTERVAL = 0.5  # seconds between two looks, so that a change is seen within one

_ENTRY = re.compile(r"(jti|sub|key) (\S.*)")
_UNTIL = re.compile(r"(.*) until=(\S+)")

Entries = Mapping[tuple[str, str], float]  # kind and value to the time from which the entry is forgotten


def parse_revoked(text: str) -> tuple[Entries, list[Flaw]]:
    """The entries of a list, and the lines that cannot be understood."""
    entries: dict[tuple[str, str], float] = {}
    flaws: list[Flaw] = []
    for number, line in lines_of(text):
        dated = _UNTIL.fullmatch(line)
        try:
            pair = entry_of(dated[1] if dated else line)
            until = date_of(dated[2]) if dated else inf
        except ValueError as error:
            flaws.append(Flaw(number, str(error)))
        else:
            entries[pair] = max(until, entries.get(pair, until))
    return entries, flaws


def entry_of(text: str) -> tuple[str, str]:
    """Kind and value of an entry. Raises ValueError."""
    match = _ENTRY.fullmatch(text)
    if match is None:
        raise ValueError("not `jti ID`, `sub SUBJECT` or `key ID`, with ` until=DATE` or without")
    return match[1], match[2]


def revoked_file(path: str) -> Watched[Entries]:
    """The list in a file. What is wrong in a changed file takes nothing out of force, and keeps nothing else from
    coming into force: when in doubt, both count. What is taken out counts until two looks found the same file. Raises
    StoreError."""
    return Watched(f"revocation {path}", FileSource(path, parse_revoked), INTERVAL, lambda old, new: {**old, **new})


class Denylist:
    """All lists together. `now` gives seconds since the epoch.

    `sharing`: there is one more, which somebody else keeps in `shared`; it is None until it was read once.
    """

    def __init__(
        self, lists: Iterable[Watched[Entries]], now: Callable[[], float] = time.time, sharing: bool = False
    ) -> None:
        self._lists = tuple(lists)
        self._now = now
        self.sharing = sharing
        self.shared: Entries | None = None if sharing else {}

    @property
    def known(self) -> bool:
        """Whether every list was read."""
        return self.shared is not None

    def start(self) -> None:
        """Begin to look for changes, on the running event loop. Calling it again does nothing."""
        for entries in self._lists:
            entries.start()

    def revoked(self, principal: Principal) -> bool:
        """Whether the caller's credentials count no longer. Called for every request. Raises Refusal (503) as long as
        nobody knows."""
        shared = self.shared
        if shared is None:
            raise Refusal(
                Kind.OVERLOADED,
                "Credentials cannot be verified at the moment. Try again later.",
                headers=((b"Retry-After", b"5"),),
                reason="the shared list of revocations was not read yet",
                cause="credentials-unverified",
                caller=principal,
            )
        return self._in(shared, principal) or any(self._in(entries.value, principal) for entries in self._lists)

    def _in(self, listed: Entries, principal: Principal) -> bool:
        return bool(listed) and any(pair in listed and self._now() < listed[pair] for pair in _names(principal))


def _names(principal: Principal) -> Iterable[tuple[str, str]]:
    """What a principal may be listed by."""
    jti = principal.claims.get("jti")
    if isinstance(jti, str):
        yield "jti", jti
    yield "sub", principal.subject
    yield "key", principal.key

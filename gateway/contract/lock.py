"""The lock: what everything that references fetch has to be, so that a contract is the same tomorrow and in CI.

A lock is JSON: `{"version": 1, "files": {URL: {"sha256": hexadecimal, "size": bytes}}}`.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from gateway.config import References
from gateway.contract import store
from gateway.contract.reading import MAX_BYTES, Reader, TooLarge, fetch_url, read_file
from gateway.contract.references import ReferenceFlaw

_UPDATE = "look at what it says now, then run `gateway check --update-lock`"


class Entry(NamedTuple):
    """What one URL has to answer with."""

    sha256: str
    size: int


Lock = Mapping[str, Entry]


def entry(data: bytes) -> Entry:
    """The entry of this content."""
    return Entry(hashlib.sha256(data).hexdigest(), len(data))


def parse(data: bytes) -> Lock:
    """The lock in a file of these bytes; raises ValueError."""
    try:
        content: Any = json.loads(data)
        if content["version"] != 1:
            raise LookupError
        return {str(url): Entry(str(each["sha256"]), int(each["size"])) for url, each in content["files"].items()}
    except (LookupError, TypeError, AttributeError, RecursionError):
        raise ValueError("it does not have the form of a lock, version 1") from None


def text(lock: Lock) -> str:
    """A lock as it stands in its file, sorted by URL."""
    return json.dumps({"version": 1, "files": {url: lock[url]._asdict() for url in sorted(lock)}}, indent=2) + "\n"


def fetcher(references: References, fetch: Reader = fetch_url) -> Reader:
    """How URLs are read: by `fetch`, or only as the lock says when there is one. The reader raises `ReferenceFlaw` for
    what is not in the lock or differs. Content that is in the cache is not fetched."""
    if not references.lock:
        return fetch
    known: Lock | None = None

    def read(url: str, limit: int) -> bytes:
        nonlocal known
        if known is None:
            known = _read(references.lock)
        if url not in known:
            raise ReferenceFlaw("reference-unlocked", f"{url} is not in {references.lock}", _UPDATE)
        return _locked(url, known[url], limit, fetch, store.open_folder(references.cache))

    return read


def recorder(seen: dict[str, Entry], fetch: Reader = fetch_url) -> Reader:
    """Reads every URL by `fetch` and notes its entry in `seen`."""

    def read(url: str, limit: int) -> bytes:
        data = fetch(url, limit)
        seen[url] = entry(data)
        return data

    return read


def _read(path: str) -> Lock:
    try:
        return parse(read_file(path, MAX_BYTES))
    except (OSError, ValueError, TooLarge) as error:
        reason = getattr(error, "strerror", None) or str(error)
        message = f"the lock {path} cannot be read: {reason:.200}"
        raise ReferenceFlaw("reference-unlocked", message, "`gateway check --update-lock` writes it") from None


def _locked(url: str, wanted: Entry, limit: int, fetch: Reader, folder: str) -> bytes:
    cached = store.get(folder, wanted.sha256) if folder and wanted.sha256.isalnum() else None
    if cached is not None and entry(cached) == wanted and len(cached) <= limit:
        return cached
    data = fetch(url, limit)
    if entry(data) != wanted:
        raise ReferenceFlaw("reference-changed", f"{url} is not what the lock says", _UPDATE)
    if folder:
        store.put(folder, wanted.sha256, data)
    return data

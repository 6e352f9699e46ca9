"""A document made ready for compiling: read, checked and normalised, or recalled from the cache.

What was found out about the same bytes, by the same code and under the same settings, is not found out again. Every
file is read and compared by its digest all the same; neither names nor times are believed. The cache is a folder that
nobody else may write to (see `gateway.contract.store`), and what is read from it can make nothing but contracts and
findings. Only large documents are kept, and none with identities: which file such a reference means can change without
any of the files.
"""

from __future__ import annotations

import hashlib
import io
import os
import pickle  # what is read can make no other classes than those that `_Reader` names  # nosec B403
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from gateway.config import Api, References
from gateway.contract import findings as finding_types
from gateway.contract import model, store
from gateway.contract.findings import Finding, errors
from gateway.contract.fingerprint import code
from gateway.contract.lock import fetcher
from gateway.contract.model import Contract, Location
from gateway.contract.reading import MAX_BYTES, TooLarge, read_file
from gateway.contract.references import is_remote

if TYPE_CHECKING:
    from gateway.contract.load import Source

# Flaws of files that are none of the sources: they may be mended without a change of any of these.
_LEFT_OUT = frozenset(("document-unreadable", "document-too-large", "reference-unlocked", "reference-changed"))
WORTH = 300_000  # bytes; what comes to less is found out again as fast

Facts = tuple[Any, ...]  # all that findings and contract depend on, besides the bytes of the files


@dataclass(frozen=True, slots=True)
class Prepared:
    """`contract` is None exactly when `findings` holds an error."""

    contract: Contract | None
    findings: list[Finding]
    source: Callable[[], Source]
    recalled: bool

    def locate(self, uri: str, pointer: str) -> Location:
        """Where a node stands; after a recall the files are parsed for that."""
        return self.source().locate(uri, pointer)


def prepare(api: Api, references: References) -> Prepared:
    """The contract of an API with the findings of all rules. Raises `LoadError`."""
    facts = _facts(api, references)
    name = hashlib.sha256(repr(facts[:3]).encode()).hexdigest()
    known = _recall(name, facts, references)
    if known is not None:
        return Prepared(*known, cache(lambda: _load(api, references)), recalled=True)
    from gateway.contract.check import check_rules  # a recall does without the rules and the specification's schemas
    from gateway.contract.normalise import normalise

    source = _load(api, references)
    found = check_rules(source, frozenset(api.passes))
    contract = None if errors(found) else normalise(source, api.name)
    lasting = _LEFT_OUT.isdisjoint(finding.rule for finding in source.findings)
    if contract and lasting and not any(map(source.resolver.scoped, source.files)):
        _keep(name, facts, references, contract, found)
    return Prepared(contract, found, lambda: source, recalled=False)


def _load(api: Api, references: References) -> Source:
    from gateway.contract.load import load

    return load(api.contract, references)


def _facts(api: Api, references: References) -> Facts:
    allowed = (references.outside, references.remote)
    return os.path.abspath(api.contract), api.contract, api.name, tuple(sorted(api.passes)), allowed, code()


def _keep(name: str, facts: Facts, references: References, contract: Contract, found: list[Finding]) -> None:
    if references.cache == store.OFF:
        return
    try:
        head = pickle.dumps((facts, contract.sources, contract.digest))
        body = pickle.dumps((contract, found))
    except (pickle.PickleError, TypeError, RecursionError):
        return
    if len(body) >= WORTH and (folder := store.open_folder(references.cache)):
        store.put(folder, name, head + body)


def _recall(name: str, facts: Facts, references: References) -> tuple[Contract, list[Finding]] | None:
    """What was kept, if it is about these facts and the present bytes of all files; anything else is not there."""
    folder = store.open_folder(references.cache, make=False)
    data = store.get(folder, name) if folder else None
    if data is None:
        return None
    reader = _Reader(io.BytesIO(data))
    try:
        known, sources, digest = reader.load()
        if known != facts or _digest(sources, references) != digest:
            return None
        contract, found = _Reader(reader.file).load()
    except (pickle.PickleError, EOFError, LookupError, AttributeError, ValueError, TypeError, OSError, TooLarge):
        return None
    return contract, found


def _digest(sources: tuple[str, ...], references: References) -> str:
    """As `load` computes it."""
    digest, fetch = hashlib.sha256(), fetcher(references)
    for uri in sources:
        data = (fetch if is_remote(uri) else read_file)(uri, MAX_BYTES)
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return digest.hexdigest()


class _Reader(pickle.Unpickler):
    """Makes values of the contract's own classes, and calls nothing else."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file)
        self.file = file

    def find_class(self, module: str, name: str) -> Any:
        for home in (model, finding_types):
            found = vars(home).get(name)
            if module == home.__name__ and isinstance(found, type) and found.__module__ == module:
                return found
        raise pickle.UnpicklingError(f"{module}.{name} has no place in a contract")

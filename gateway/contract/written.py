"""The published documents as they are sent: written now, or recalled from the cache.

Writing megabytes takes longer than all else that a gateway does before it serves. Like a contract, what was written is
kept under all that it depends on: the bytes of all files by their digest, the paths they are mounted under, which
operations the settings limit, the code.
"""

from __future__ import annotations

import hashlib
import io
import pickle  # what is read can make no classes at all, see `_Reader`  # nosec B403
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from gateway.contract import store
from gateway.contract.fingerprint import code

if TYPE_CHECKING:
    from gateway.contract.model import Contract
    from gateway.contract.publish import Mounted

ALL = "All APIs"
WORTH = 100_000  # bytes; less is written again as fast


class Written(NamedTuple):
    """One published document."""

    title: str
    origins: tuple[str, ...]  # of OAuth 2 endpoints outside the gateway
    json: bytes
    yaml: bytes


def documents(contracts: Sequence[Mounted], cache: str = store.OFF) -> dict[str, Written]:
    """The documents of a gateway by name: that of all its APIs first, then those of each; of one API there is one.

    `cache` is the setting `references.cache`.
    """
    facts = (code(), tuple((each.api, each.sources, each.digest, mount, _limited(each)) for each, mount in contracts))
    name = hashlib.sha256(repr(("written", [each[:2] for each in facts[1]])).encode()).hexdigest()
    known = _recall(cache, name, facts)
    if known is not None:
        return known
    made = _make(contracts)
    if cache != store.OFF and sum(len(each.json) for each in made.values()) >= WORTH:
        _keep(cache, name, facts, made)
    return made


def _limited(contract: Contract) -> tuple[int, ...]:
    """Which operations have a rate limit: the settings may give one to any."""
    said = (operation.behaviour for operation in contract.operations)
    return tuple(n for n, each in enumerate(said) if each.rate_limits or each.quotas)


def _make(contracts: Sequence[Mounted]) -> dict[str, Written]:
    from gateway.contract.publish import as_json, as_yaml, publish, publish_one  # a recall does without

    published = {ALL: publish(contracts)} if len(contracts) != 1 else {}
    published |= {contract.api: publish_one(contract, mount) for contract, mount in contracts}
    return {
        name: Written(
            str(document["info"].get("title", name)), _token_origins(document), as_json(document), as_yaml(document)
        )
        for name, document in published.items()
    }


def _token_origins(document: Mapping[str, Any]) -> tuple[str, ...]:
    """Origins of OAuth 2 endpoints outside the gateway: "Authorize" has to reach them."""
    schemes = document["components"].get("securitySchemes", {}).values()
    urls = [flow.get("tokenUrl", "") for scheme in schemes for flow in scheme.get("flows", {}).values()]
    parts = [urlsplit(url) for url in urls]
    return tuple(sorted({f"{part.scheme}://{part.netloc}" for part in parts if part.scheme and part.netloc}))


def _keep(cache: str, name: str, facts: object, made: Mapping[str, Written]) -> None:
    if folder := store.open_folder(cache):
        store.put(folder, name, pickle.dumps((facts, [(key, *value) for key, value in made.items()])))


def _recall(cache: str, name: str, facts: object) -> dict[str, Written] | None:
    """What was kept, if it is about these facts; anything else is not there."""
    folder = store.open_folder(cache, make=False)
    data = store.get(folder, name) if folder else None
    if data is None:
        return None
    try:
        known, kept = _Reader(io.BytesIO(data)).load()
        return {key: Written(*value) for key, *value in kept} if known == facts else None
    except (pickle.PickleError, EOFError, LookupError, AttributeError, ValueError, TypeError):
        return None


class _Reader(pickle.Unpickler):
    """Makes texts, bytes and tuples of them, and nothing else."""

    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"{module}.{name} has no place among documents")

"""Which keyword of which schema a violation comes from, for those who explain. Serving does not ask.

A violation is what a peer may read, so it does not say where our documents stand. Whoever explains collects the places
beside it, while the same judges do the same work.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from jsonschema_rs import ValidationError

from gateway.errors import Violation

_KEYWORDS: ContextVar[dict[Violation, str] | None] = ContextVar("keywords", default=None)


@contextmanager
def keywords() -> Iterator[dict[Violation, str]]:
    """Violation to the URI of the violated keyword, of all that are found while this is open."""
    found: dict[Violation, str] = {}
    token = _KEYWORDS.set(found)
    try:
        yield found
    finally:
        _KEYWORDS.reset(token)


def note(violations: Iterable[Violation], error: ValidationError, judged: str = "", meant: str = "") -> None:
    """Remember what `violations` come from; the first place counts. The engine knows the schema at the URI `meant` as
    the one at `judged`, which says the same."""
    found = _KEYWORDS.get()
    if found is None:
        return
    uri = error.absolute_keyword_location or ""
    if uri.startswith(judged):
        uri = meant + uri.removeprefix(judged)
    for violation in violations:
        found.setdefault(violation, uri)

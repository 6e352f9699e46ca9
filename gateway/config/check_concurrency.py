"""Flaws of concurrency limits that types cannot say."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from gateway.config import Concurrency, Settings

Flaw = tuple[str, str, str]  # JSON Pointer, message, hint


def _one_word_for_each_upstream(settings: Settings) -> Iterator[Flaw]:
    """APIs in front of one backend share its limit, so they must agree about it."""
    said: dict[str, tuple[int, Concurrency]] = {}
    for index, api in enumerate(settings.apis):
        limit = api.concurrency
        if limit.limit and limit.by == "upstream":
            url = urlsplit(api.upstream)
            first, other = said.setdefault(f"{url.scheme}://{url.netloc}".lower(), (index, limit))
            if other != limit:
                message = f"apis[{first}] and apis[{index}] have different limits for the same upstream"
                yield f"/apis/{index}/concurrency", message, "say the same in both, or count by operation or consumer"


def _adaptive_is_not_by_consumer(settings: Settings) -> Iterator[Flaw]:
    """What one caller sees of a backend is too little to learn from."""
    for index, api in enumerate(settings.apis):
        if api.concurrency.adaptive and api.concurrency.by == "consumer":
            hint = "count by upstream or operation, or leave adaptive out"
            yield f"/apis/{index}/concurrency/adaptive", "a limit by consumer cannot be adaptive", hint


def _useless(settings: Settings) -> Iterator[Flaw]:
    """Words about a limit that is none."""
    for index, api in enumerate(settings.apis):
        if not api.concurrency.limit and api.concurrency != Concurrency():
            yield f"/apis/{index}/concurrency", "concurrency without a limit has no effect", "give it a limit"


CONCURRENCY = (_one_word_for_each_upstream, _adaptive_is_not_by_consumer, _useless)

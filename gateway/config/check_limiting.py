"""Flaws of rate limits that types cannot say."""

from collections.abc import Iterator
from difflib import get_close_matches

from gateway.config import Settings
from gateway.config.rates import NAME, faults

Flaw = tuple[str, str, str]  # JSON Pointer, message, hint


def _policies(settings: Settings) -> Iterator[Flaw]:
    """Each policy can be kept, and its name can stand in a header field."""
    for name, limit in settings.rate_limits.items():
        for key, message, hint in faults(limit):
            yield f"/rate-limits/{name}/{key}", f'rate limit "{name}": {message}', hint
        if not NAME.fullmatch(name):
            hint = "use letters, digits, dots, dashes and underscores"
            yield f"/rate-limits/{name}", f'"{name}" cannot be the name of a rate limit', hint


def _names(settings: Settings) -> Iterator[Flaw]:
    """What APIs name is there."""
    known = list(settings.rate_limits)
    for index, api in enumerate(settings.apis):
        for number, name in enumerate(api.rate_limits):
            if name not in known:
                close = get_close_matches(name, known, n=1)
                hint = f'did you mean "{close[0]}"?' if close else f"known are: {', '.join(known) or 'none'}"
                yield f"/apis/{index}/rate-limits/{number}", f'there is no rate limit "{name}" under rate-limits', hint


LIMITING = (_policies, _names)

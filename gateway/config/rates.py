"""What the words of a rate limit mean, and what is wrong with them."""

import re
from collections.abc import Iterator, Mapping

from gateway.config.limiting import RateLimit

MONTH = "month"
BY = ("operation", "api", "consumer", "key", "address")
WINDOWS = ("fixed", "sliding")
LONGEST_WAIT = 60  # seconds that a request may be held
MOST = 2**31 - 1  # units; the store keeps two such numbers in a word
MOST_LEVEL = 2**62  # microseconds times units; what a bucket holds is kept in a word, too

_SECONDS: Mapping[str, int] = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_WORDS = {"second": "1s", "minute": "1m", "hour": "1h", "day": "1d"}
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)  # of a policy; stands in header fields and metrics
_PERIOD = re.compile(r"([1-9][0-9]{0,5})(ms|s|m|h|d)", re.ASCII)

Fault = tuple[str, str, str]  # key, message, hint


def period_of(text: str) -> int:
    """Microseconds; 0 for a calendar month. Raises ValueError."""
    if text == MONTH:
        return 0
    match = _PERIOD.fullmatch(_WORDS.get(text, text))
    if match is None:
        raise ValueError(f'"{text}" is no time')
    return int(match[1]) * (1000 if match[2] == "ms" else _SECONDS[match[2]] * 1_000_000)


def burst_of(limit: RateLimit) -> int:
    """Units that pass at once: what is said, or else a whole period's, or for `leaky` one; 0 for windows."""
    if limit.algorithm in WINDOWS:
        return 0
    return limit.burst or (1 if limit.algorithm == "leaky" else limit.requests)


def capacity_of(limit: RateLimit) -> int:
    """The most units that one request could take."""
    return burst_of(limit) + limit.delay or limit.requests


def faults(limit: RateLimit) -> Iterator[Fault]:
    """All that its types cannot say."""
    if limit.requests < 1:
        yield "requests", "a limit lets at least one request through", "to let nobody through, mark it `internal`"
    if limit.by not in BY and not re.fullmatch(r"claim:\S+", limit.by):
        yield "by", f'nothing is counted by "{limit.by}"', f"write {', '.join(BY)} or claim:NAME"
    try:
        period = period_of(limit.per)
    except ValueError as error:
        yield "per", str(error), "write for example 1s, 10s, 5m, hour, day or month"
        return
    windows = limit.algorithm in WINDOWS
    if not period and not windows:
        yield "per", f"`{limit.algorithm}` needs a time that is always as long", "write 30d, or algorithm: fixed"
    if limit.burst and windows:
        yield "burst", f"`{limit.algorithm}` knows no burst: all of a window may come at once", "leave it out"
    if limit.delay and limit.algorithm != "leaky":
        yield "delay", f"`{limit.algorithm}` lets nobody wait", "leave it out, or write algorithm: leaky"
    elif limit.delay * period > LONGEST_WAIT * 1_000_000 * limit.requests:
        yield "delay", f"requests would wait for more than {LONGEST_WAIT} seconds", "let fewer of them wait"
    if max(limit.requests, limit.burst, limit.delay) > MOST or capacity_of(limit) * period > MOST_LEVEL:
        yield "requests", "that is more than can be counted", "a limit as high as this stops nobody: leave it out"

"""How many requests at the same time are good for a backend, found by watching how long it takes.

The idea is the gradient of Netflix's concurrency-limits (Gradient2) and of Envoy's adaptive concurrency: while answers
take about as long as they usually do, the limit may grow; when they take longer, work is queueing up somewhere behind
us, and the limit shrinks in proportion. Samples are put together in windows of about one round of requests, so that one
slow answer is not taken for a slow backend.
"""

from math import sqrt
from typing import NamedTuple

TOLERANCE = 1.5  # how many times longer than usual is still as usual
SMOOTHING = 0.2  # share of a newly found limit in the next one
MEMORY = 600  # windows over which "usual" is averaged
DOUBT = 0.05  # longer times count so much less for it: an overload that lasts must not pass for usual
FORGET = 0.95  # "usual" shrinks so in each window when answers are twice as fast: it was learnt in a bad time
LOWEST = 0.5  # a window at most halves the limit (before smoothing)
SHORTEST, LONGEST = 10, 100  # samples in a window


class Adaptive(NamedTuple):
    """What is known: the limit now, the usual time in seconds (0.0: none yet), and the window so far."""

    limit: float
    usual: float = 0.0
    samples: int = 0
    total: float = 0.0  # seconds
    busiest: int = 0  # requests at the same time


def start(most: int) -> Adaptive:
    """Before the first answer: the most that is allowed, so that a start in full traffic refuses nobody."""
    return Adaptive(float(most))


def least(most: int) -> int:
    """The limit never falls below this: some requests have to go through, to see when the backend has recovered."""
    return max(1, most // 20)


def floor(most: int) -> int:
    """Where a limit ends up that shrinks as fast as it can: there the room for a queue outweighs it."""
    return max(least(most), int((1 / (1 - LOWEST)) ** 2))


def sample(state: Adaptive, seconds: float, busy: int, most: int) -> Adaptive:
    """One answer took `seconds` while `busy` requests were under way."""
    limit, usual, count, total, busiest = state
    count, total, busiest = count + 1, total + seconds, max(busiest, busy)
    if count < min(LONGEST, max(SHORTEST, limit)):
        return Adaptive(limit, usual, count, total, busiest)
    return _next(limit, usual, total / count, busiest, most)


def _next(limit: float, usual: float, mean: float, busiest: int, most: int) -> Adaptive:
    """A window is complete: its mean, in seconds, against the usual time."""
    if usual == 0.0:
        usual = mean
    weight = 2 / (MEMORY + 1)
    if mean > usual:
        # Where hardly anybody is let through, it is not the doing of a crowd that answers take so long.
        weight = SMOOTHING if int(limit) <= floor(most) else weight * DOUBT
    usual += (mean - usual) * weight
    if usual > 2 * mean:
        usual *= FORGET
    if 2 * busiest < limit and mean <= TOLERANCE * usual:
        return Adaptive(limit, usual)  # so few requests say nothing about more of them
    gradient = max(LOWEST, min(1.0, TOLERANCE * usual / mean)) if mean > 0 else 1.0
    wanted = limit * gradient + sqrt(limit)  # the root: room for a short queue, without which nothing would ever grow
    limit += (wanted - limit) * SMOOTHING
    return Adaptive(min(float(most), max(float(least(most)), limit)), usual)

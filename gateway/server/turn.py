"""One exchange of a connection, in the order of the requests."""

from dataclasses import dataclass
from math import inf

from gateway.request.exchange import Exchange


@dataclass(slots=True, eq=False)
class Turn:
    """An exchange and what its answer's framing depends on."""

    exchange: Exchange
    keep_alive: bool
    version_11: bool
    expects: bool  # 100 (Continue), before the body is sent
    due: float = inf  # when the body must have come to its end, at MIN_RATE; inf until it is waited for

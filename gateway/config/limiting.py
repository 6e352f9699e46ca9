"""Settings about how much: rates, quotas, concurrency, and where the counts are kept."""

from dataclasses import dataclass

from gateway.config.declare import setting

ALGORITHMS = ("bucket", "leaky", "fixed", "sliding")


@dataclass(frozen=True, slots=True)
class RateLimit:
    """One policy: so many requests in a time, counted by something. `x-gateway.rate-limit` has the same keys. See
    [Limits](limits.md)."""

    requests: int = setting(0, "how many; a request counts as `x-gateway.cost` says, or 1", minimum=1, required=True)
    per: str = setting("1s", "in which time: `10s`, `5m`, `hour`, `day`; for windows also `month` (UTC)")
    by: str = setting(
        "address", "counted by `operation`, `api`, `consumer`, `key`, `address` (IPv6 by /64) or `claim:NAME`"
    )
    algorithm: str = setting(
        "bucket",
        "`bucket` (token bucket: bursts, then the rate), `leaky` (requests are spread by delay), `fixed` or `sliding` "
        "windows for quotas",
        choices=ALGORITHMS,
    )
    burst: int = setting(
        0, "requests at once (`bucket`, `leaky`); 0 is as many as `requests`, for `leaky` one", minimum=0
    )
    delay: int = setting(0, "further requests that wait their turn instead of being refused (`leaky`)", minimum=0)


@dataclass(frozen=True, slots=True)
class Concurrency:
    """How many requests at the same time; further ones wait in a bounded queue, or get 503. `x-gateway.concurrency` has
    the same keys."""

    limit: int = setting(0, "requests at the same time, of all workers together; 0 is no limit", minimum=0)
    queue: int = setting(0, "requests that may wait, in the order they came", minimum=0)
    wait: float = setting(1.0, "longest time to wait", unit="seconds", minimum=0)
    by: str = setting(
        "upstream",
        "counted by `upstream` (together with other APIs in front of the same backend), `operation` or `consumer`; in "
        "documents, where `operation` is the default, by `operation` or `consumer`",
        choices=("upstream", "operation", "consumer"),
    )
    adaptive: bool = setting(False, "find the limit by watching how long the backend takes; `limit` is the most")


@dataclass(frozen=True, slots=True)
class Store:
    """Where limits are counted. Without `url`, in memory that the workers of one machine share."""

    url: str = setting("", "Redis or Valkey: env:NAME or file:PATH of redis://HOST:PORT/DB", secret=True)
    keys: int = setting(
        65536,
        "callers that shared memory has room for, 32 bytes each; when it is full, who has used least is forgotten",
        minimum=64,
        maximum=2**26,
    )
    on_failure: str = setting(
        "local",
        "while Redis cannot be asked: `local` counts on each machine alone, `closed` answers 503",
        choices=("local", "closed"),
    )
    timeout: float = setting(0.05, "longest time a request waits for Redis", unit="seconds", minimum=0.001)

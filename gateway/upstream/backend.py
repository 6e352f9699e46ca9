"""Where an API's requests go."""

from dataclasses import dataclass

from gateway.config import UpstreamTls


@dataclass(frozen=True, slots=True)
class Backend:
    """One origin, reached in one way. `authority` is the Host that it sees; `index` is its place among the table's
    backends; `tls` is None exactly for http."""

    index: int
    scheme: str  # http, https
    host: str
    port: int
    authority: bytes
    name: str  # in logs: scheme and authority
    tls: UpstreamTls | None = None

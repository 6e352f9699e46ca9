"""Where an API's requests go."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backend:
    """One origin. `authority` is the Host that it sees; `index` is its place among the table's backends."""

    index: int
    scheme: str  # http, https
    host: str
    port: int
    authority: bytes
    name: str  # in logs: scheme and authority

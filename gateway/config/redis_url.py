"""Where a Redis or Valkey server is, from its URL. The URL is a secret: no message repeats a part of it."""

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

WRONG = "it is not of the form redis://HOST:PORT/DB, or rediss://USER:PASSWORD@HOST:PORT/DB for TLS"


@dataclass(frozen=True, slots=True)
class Target:
    """Where the server is, and who we are there."""

    host: str
    port: int
    tls: bool
    database: int
    user: str
    password: str = field(repr=False)

    @property
    def name(self) -> str:
        """For logs."""
        return f"{self.host}:{self.port}"

    def greeting(self) -> list[tuple[bytes, ...]]:
        """The commands that have to be said before anything else."""
        said: list[tuple[bytes, ...]] = []
        if self.password:
            names = (self.user.encode(),) if self.user else ()
            said.append((b"AUTH", *names, self.password.encode()))
        if self.database:
            said.append((b"SELECT", b"%d" % self.database))
        return said


def target_of(url: str) -> Target:
    """redis://[[USER]:PASSWORD@]HOST[:PORT][/DB], or rediss:// for TLS. Raises ValueError."""
    try:
        parts = urlsplit(url)
        port = parts.port
        database = int(parts.path.removeprefix("/") or 0)
    except ValueError:
        raise ValueError(WRONG) from None
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    lame = parts.query or parts.fragment or database < 0 or port == 0 or (user and not password)
    if parts.scheme not in ("redis", "rediss") or not parts.hostname or lame:
        raise ValueError(WRONG)
    return Target(parts.hostname, port or 6379, parts.scheme == "rediss", database, user, password)

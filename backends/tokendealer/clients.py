"""Who may ask for tokens, for whom and for what."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from backends.common import hashing
from backends.common.command import UsageError
from backends.tokendealer import files


@dataclass(frozen=True)
class Client:
    """A registered client. `secret` is concealed; the first audience is the default one."""

    id: str
    secret: str
    scopes: tuple[str, ...]
    audiences: tuple[str, ...]


Clients = Mapping[str, Client]


def register(id: str, secret: str, scopes: tuple[str, ...], audiences: tuple[str, ...]) -> Client:
    """A client with this secret, ready to be stored."""
    return Client(id, hashing.conceal(secret), scopes, audiences)


def authenticate(clients: Clients, id: str, secret: str) -> Client | None:
    """The client whose id and secret these are. An unknown id costs the same work as a wrong secret."""
    client = clients.get(id)
    return client if hashing.matches(secret, client.secret if client else None) else None


def load(path: Path) -> Clients:
    """The clients of a file, none when there is no file. Raises UsageError when others may read it."""
    try:
        return {
            entry["id"]: Client(**{**entry, "scopes": tuple(entry["scopes"]), "audiences": tuple(entry["audiences"])})
            for entry in files.read(path) or []
        }
    except (KeyError, TypeError):
        raise UsageError(f"{path} does not hold clients; restore it from a backup or remove it") from None


def save(path: Path, clients: Clients) -> None:
    """Write the clients, for their owner only."""
    files.write(path, [asdict(client) for client in clients.values()])

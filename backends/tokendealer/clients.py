"""Who may ask for tokens, for whom and for what. Secrets are kept as salted scrypt hashes (RFC 7914)."""

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from backends.common.launch import UsageError
from backends.tokendealer import files

COST = {"n": 1 << 14, "r": 8, "p": 1, "maxmem": 64 << 20, "dklen": 32}


@dataclass(frozen=True)
class Client:
    """A registered client. `salt` and `digest` are hexadecimal; the first audience is the default one."""

    id: str
    salt: str
    digest: str
    scopes: tuple[str, ...]
    audiences: tuple[str, ...]


Clients = Mapping[str, Client]
NOBODY = Client(id="", salt="00" * 16, digest="00" * 32, scopes=(), audiences=())


def digest(secret: str, salt: str) -> str:
    """Hash a secret. Takes tens of milliseconds, on purpose."""
    return hashlib.scrypt(secret.encode(), salt=bytes.fromhex(salt), **COST).hex()


def register(id: str, secret: str, scopes: tuple[str, ...], audiences: tuple[str, ...]) -> Client:
    """A client with this secret, ready to be stored."""
    salt = secrets.token_hex(16)
    return Client(id, salt, digest(secret, salt), scopes, audiences)


def authenticate(clients: Clients, id: str, secret: str) -> Client | None:
    """The client whose id and secret these are. An unknown id costs the same work as a wrong secret."""
    client = clients.get(id, NOBODY)
    right = hmac.compare_digest(digest(secret, client.salt), client.digest)
    return client if right and client is not NOBODY else None


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

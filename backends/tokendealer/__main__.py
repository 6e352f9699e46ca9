"""`python -m backends.tokendealer [keygen|rotate|add-client] --data DIR`: without a command, serve."""

import argparse
import secrets
import sys
import time
from pathlib import Path
from typing import Any

from connexion import AsyncApp
from connexion.exceptions import BadRequestProblem

from backends.common import app, command, launch
from backends.common.command import UsageError
from backends.tokendealer import clients, keys, operations
from backends.tokendealer.oauth import OAuthError

NAME = "tokendealer"
DEMO_SECRET = "demo-secret"
DEMO_SCOPES = {
    "demo": ("users:read", "users:write", "runs:read", "runs:write"),
    "reader": ("users:read", "runs:read"),
    "legacy": ("users:read", "runs:read", "runs:write"),
}


def build(data: Path, issuer: str, lifetime: int, **options: Any) -> AsyncApp:
    """The application; `data` holds `keys.json` and `clients.json`. Raises UsageError when they are no good."""
    if not keys.load(data / "keys.json"):
        raise UsageError(f"no signing key in {data}; run: python -m backends.{NAME} keygen --data {data}")
    if not clients.load(data / "clients.json"):
        raise UsageError(f"no client in {data}; run: python -m backends.{NAME} add-client ID --data {data}")
    service = app.build(NAME, operations.TokenDealer(data, issuer, lifetime, **options), strict=False)
    service.add_error_handler(
        BadRequestProblem,
        lambda _request, _error: operations.refuse(
            OAuthError("invalid_request", "A field is missing, too long or not text.")
        ),
    )
    return service


def keygen(arguments: argparse.Namespace) -> None:
    """Make the first signing key."""
    path = arguments.data / "keys.json"
    if keys.load(path):
        raise UsageError(f"{path} exists; use rotate to change the signing key")
    key = keys.generate(int(time.time()))
    keys.save(path, (key,))
    print(f"{key.kid} signs")


def rotate(arguments: argparse.Namespace) -> None:
    """Make a new signing key and retire the old one; a running service notices by itself."""
    path = arguments.data / "keys.json"
    ring = keys.load(path)
    if not ring:
        raise UsageError(f"no signing key in {arguments.data}; use keygen")
    now = int(time.time())
    ring = keys.rotate(ring, keys.generate(now), now)
    keys.save(path, ring)
    print(f"{ring[0].kid} signs, {', '.join(key.kid for key in ring[1:])} verifies until its last token has expired")


def add_client(arguments: argparse.Namespace) -> None:
    """Register a client and print its secret, once."""
    path = arguments.data / "clients.json"
    registered = dict(clients.load(path))
    if arguments.id in registered:
        raise UsageError(f"the client {arguments.id} exists")
    secret = secrets.token_urlsafe(32)
    scopes, audiences = tuple(arguments.scope), tuple(arguments.audience or ["runnerly"])
    registered[arguments.id] = clients.register(arguments.id, secret, scopes, audiences)
    clients.save(path, registered)
    print(secret)


def seed(data: Path) -> None:
    """Keys and clients with a known secret, so that a demonstration needs no preparation."""
    if not keys.load(data / "keys.json"):
        keys.save(data / "keys.json", (keys.generate(int(time.time())),))
    registered = dict(clients.load(data / "clients.json"))
    for id, scopes in DEMO_SCOPES.items():
        registered.setdefault(id, clients.register(id, DEMO_SECRET, scopes, ("runnerly",)))
    clients.save(data / "clients.json", registered)


def serve(arguments: argparse.Namespace) -> None:
    """Run the service."""
    if arguments.demo and not command.is_loopback(arguments.host):
        raise UsageError("--demo has a secret that everybody knows; it may only listen on the loopback interface")
    if not 1 <= arguments.lifetime <= keys.LONGEST_LIFETIME:
        raise UsageError(f"--lifetime must be between 1 and {keys.LONGEST_LIFETIME} seconds")
    if arguments.demo:
        seed(arguments.data)
    launch.serve(
        NAME,
        arguments,
        lambda url: build(arguments.data, arguments.issuer or f"{url}/auth", arguments.lifetime),
    )


def parse(argv: list[str]) -> argparse.Namespace:
    """The command line; `run` is the function to call."""
    commands = {"keygen": keygen, "rotate": rotate, "add-client": add_client}
    chosen = argv[0] if argv and argv[0] in commands else None
    if chosen is None:
        options = launch.parser(NAME, 8101)
        options.add_argument("--issuer", help="public URL of the service (default: its own URL)")
        options.add_argument("--lifetime", type=int, default=600, help="seconds a token lives (default: %(default)s)")
        options.add_argument("--demo", action="store_true", help=f"seed clients with the secret {DEMO_SECRET}")
        options.set_defaults(run=serve)
    else:
        options = argparse.ArgumentParser(prog=f"python -m backends.{NAME} {chosen}")
        options.set_defaults(run=commands[chosen])
        argv = argv[1:]
    if chosen == "add-client":
        options.add_argument("id", help="id of the new client")
        options.add_argument("--scope", action="append", default=[], help="a scope it may have; repeat for more")
        options.add_argument("--audience", action="append", help="whom its tokens may be for; repeat for more")
    options.add_argument("--data", type=Path, required=True, help="folder of the keys and clients")
    return options.parse_args(argv)


if __name__ == "__main__":
    arguments = parse(sys.argv[1:])
    command.main(NAME, lambda: arguments.run(arguments))

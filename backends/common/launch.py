"""Starting a service: one command line for all, gunicorn underneath."""

import argparse
import socket
from collections.abc import Callable
from typing import Any

from gunicorn.app.base import BaseApplication

from backends.common.command import UsageError, is_loopback, listen, url
from backends.common.framing import App, Framing
from backends.common.trust import TokenVerifier, Verify

BACKLOG = 512


def parser(name: str, port: int) -> argparse.ArgumentParser:
    """The options that every service has."""
    options = argparse.ArgumentParser(prog=f"python -m backends.{name}", description=f"Run the {name} service.")
    options.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    options.add_argument("--port", type=int, default=port, help="0 takes a free one (default: %(default)s)")
    options.add_argument("--workers", type=int, default=1, help="worker processes (default: %(default)s)")
    return options


def add_token_options(options: argparse.ArgumentParser) -> None:
    """The options of a service that is called with access tokens."""
    options.add_argument("--jwks", help="URL of the issuer's key set; verify tokens here, not only in the gateway")
    options.add_argument("--issuer", help="the issuer of the tokens; needed with --jwks")
    options.add_argument("--audience", default="runnerly", help="whom tokens are for (default: %(default)s)")


def token_verifier(arguments: argparse.Namespace) -> Verify | None:
    """The judge of tokens that the options ask for; None trusts the gateway. Raises UsageError."""
    if arguments.jwks and arguments.issuer:
        return TokenVerifier(arguments.jwks, arguments.issuer, arguments.audience)
    if arguments.jwks:
        raise UsageError("--jwks needs --issuer: whose tokens are good?")
    if not is_loopback(arguments.host):
        raise UsageError(f"{arguments.host} can be reached by others: give --jwks and --issuer to verify tokens")
    return None


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn around one ASGI application and one bound socket."""

    def __init__(self, name: str, app: App, bound: socket.socket, workers: int) -> None:
        self.name, self.app, self.workers = name, app, workers
        self.url = url(bound)
        self.descriptor = bound.detach()  # gunicorn owns it from here on
        super().__init__()

    def load_config(self) -> None:
        """Settings in place of gunicorn's command line."""
        settings: dict[str, Any] = {
            "bind": [f"fd://{self.descriptor}"],
            "backlog": BACKLOG,
            "worker_class": "asgi",
            "workers": self.workers,
            "graceful_timeout": 10,
            "loglevel": "warning",
            "proc_name": self.name,
            "control_socket_disable": True,
            "when_ready": self.announce,
        }
        for key, value in settings.items():
            self.cfg.set(key, value)

    def announce(self, _arbiter: object) -> None:
        """The socket listens: connections wait for a worker from here on."""
        print(f"{self.name} listening on {self.url}", flush=True)

    def load(self) -> App:
        """The application, built before the workers are forked."""
        return self.app


def serve(name: str, arguments: argparse.Namespace, build: Callable[[str], App]) -> None:
    """Bind, build the application for the URL it is served at, and run until SIGTERM or SIGINT."""
    bound = listen(arguments.host, arguments.port)
    Server(name, Framing(build(url(bound))), bound, arguments.workers).run()

"""`python -m backends.legacy`: serve the first generation's API through the gateway."""

import os
import sys

from connexion import AsyncApp

from backends.common import app, command, launch
from backends.common.client import Service, TokenSource
from backends.common.command import UsageError
from backends.common.trust import Verify
from backends.legacy.operations import Legacy

NAME = "legacy"
SECRET = "LEGACY_CLIENT_SECRET"
DEMO_SECRET = "demo-secret"
SCOPE = "users:read runs:read runs:write"


def build(gateway: str, client_id: str, client_secret: str, verify: Verify | None = None) -> AsyncApp:
    """The application; it finds the data service and the token dealer behind the gateway."""
    tokens = TokenSource(f"{gateway}/auth/oauth/token", client_id, client_secret, SCOPE)
    return app.build(NAME, Legacy(Service("data service", f"{gateway}/data", tokens)), verify)


def run(argv: list[str]) -> None:
    """Parse the command line and serve."""
    options = launch.parser(NAME, 8107)
    launch.add_token_options(options)
    options.add_argument("--gateway", default="http://127.0.0.1:8080", help="its URL (default: %(default)s)")
    options.add_argument("--client-id", default="legacy", help="own client id (default: %(default)s)")
    options.add_argument("--demo", action="store_true", help=f"use the demonstration's secret instead of ${SECRET}")
    arguments = options.parse_args(argv)
    verify = launch.token_verifier(arguments)
    secret = DEMO_SECRET if arguments.demo else os.environ.get(SECRET, "")
    if not secret:
        raise UsageError(f"set the client's secret in the environment variable {SECRET}")
    launch.serve(
        NAME, arguments, lambda _url: build(arguments.gateway.rstrip("/"), arguments.client_id, secret, verify)
    )


if __name__ == "__main__":
    command.main(NAME, lambda: run(sys.argv[1:]))

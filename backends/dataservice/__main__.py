"""`python -m backends.dataservice --data DIR`: serve users and runs."""

import argparse
import sys
from pathlib import Path

from connexion import AsyncApp

from backends.common import app, command, launch
from backends.common.command import UsageError
from backends.common.trust import Verify
from backends.dataservice import demo
from backends.dataservice.operations import DataService
from backends.dataservice.store import Store

NAME = "dataservice"


def build(store: Store, verify: Verify | None = None) -> AsyncApp:
    """The application over a database."""
    return app.build(NAME, DataService(store), verify)


def database(arguments: argparse.Namespace) -> str:
    """The URL of the database; raises UsageError."""
    if arguments.database:
        return str(arguments.database)
    if arguments.data is None:
        raise UsageError("give --data DIR for SQLite, or --database URL")
    arguments.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    return f"sqlite:///{arguments.data / 'dataservice.db'}"


def run(argv: list[str]) -> None:
    """Parse the command line and serve."""
    options = launch.parser(NAME, 8102)
    launch.add_token_options(options)
    options.add_argument("--data", type=Path, help="folder of the SQLite database")
    options.add_argument("--database", help="URL of another database, such as postgresql+psycopg://host/runnerly")
    options.add_argument("--demo", action="store_true", help="fill an empty database with a few runners")
    arguments = options.parse_args(argv)
    verify = launch.token_verifier(arguments)
    store = Store(database(arguments))
    if arguments.demo:
        demo.seed(store)
        store.engine.dispose()
    launch.serve(NAME, arguments, lambda _url: build(store, verify))


if __name__ == "__main__":
    command.main(NAME, lambda: run(sys.argv[1:]))

"""The data service on PostgreSQL: what depends on the database behaves as on SQLite."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from backends.common.command import UsageError
from backends.dataservice import demo
from backends.dataservice.__main__ import build
from backends.dataservice.store import Store
from backends.tests import test_dataservice as behaviour
from backends.tests.documented import DocumentedClient

NEEDED = ("initdb", "postgres")
USER = "postgres" if os.getuid() == 0 else None  # the server refuses to run as root
pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, NEEDED)) or find_spec("psycopg") is None, reason="PostgreSQL or psycopg is not installed"
)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A server of our own on a free port; the URL of its first database."""
    folder = Path(tempfile.mkdtemp(prefix="postgresql-"))
    database = str(folder / "db")
    if USER:
        shutil.chown(folder, USER)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "user": USER, "cwd": folder}
    subprocess.run(["initdb", "-D", database, "-U", "postgres", "-A", "trust", "-N"], check=True, **quiet)
    settings = ["-h", "127.0.0.1", "-p", str(port), "-k", str(folder), "-F"]
    process = subprocess.Popen(["postgres", "-D", database, *settings], **quiet)
    try:
        url = f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
        wait_for(url, process)
        yield url
    finally:
        process.terminate()
        process.wait(30)
        shutil.rmtree(folder)


def wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    """Return when the server can be used."""
    while process.poll() is None:
        try:
            Store(url)
        except UsageError:
            continue
        return
    pytest.fail("PostgreSQL does not start")


@pytest.fixture
def data(server: str, request: pytest.FixtureRequest) -> Iterator[DocumentedClient]:
    """The data service on a fresh database with the demonstration's runners."""
    name = f"test_{abs(hash(request.node.name))}"
    administration = create_engine(server, isolation_level="AUTOCOMMIT")
    with administration.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    administration.dispose()
    store = Store(f"{server.rpartition('/')[0]}/{name}")
    demo.seed(store)
    yield DocumentedClient("dataservice", build(store))
    store.engine.dispose()


@pytest.mark.parametrize(
    "check",
    [
        behaviour.test_what_is_registered_is_what_is_read,
        behaviour.test_address_is_taken_in_any_case,
        behaviour.test_two_who_register_at_once_do_not_both_get_the_address,
        behaviour.test_of_two_writers_one_learns_that_it_was_late,
        behaviour.test_etag_stands_for_these_very_bytes,
        behaviour.test_cursor_survives_changes,
        behaviour.test_deleting_a_user_takes_the_runs_along,
        behaviour.test_batch_can_be_repeated,
        behaviour.test_batches_at_the_same_time_add_each_run_once,
        behaviour.test_run_is_read_as_it_was_added,
        behaviour.test_strava_links,
    ],
)
def test_behaves_as_on_sqlite(data: DocumentedClient, check: Callable[[DocumentedClient], None]) -> None:
    """Transactions, conflicts, times and cascades."""
    check(data)


def test_pages_of_runs(data: DocumentedClient) -> None:
    """Comparing pairs of start and id works here, too."""
    behaviour.test_pages_of_runs_hold_every_run_once(data, 2)

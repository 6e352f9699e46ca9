"""Stores in SQL databases: real SQLite and, where it is installed, a real PostgreSQL."""

import logging
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from gateway.security.database import KEYS, PASSWORDS, Database, DatabaseSource, rows_of
from gateway.security.records import KeyRecord, PasswordRecord
from gateway.security.stores import StoreError, Watched
from gateway.tests.security.storing import CHEAP, key_record

sqlalchemy = pytest.importorskip("sqlalchemy")

NEEDED = ("initdb", "postgres")
USER = "postgres" if os.getuid() == 0 else None  # the server refuses to run as root
PATIENCE = 60.0


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    """A server of our own on a free port; the URL of its first database."""
    if not all(map(shutil.which, NEEDED)) or find_spec("psycopg") is None:
        pytest.skip("PostgreSQL or psycopg is not installed")
    folder = Path(tempfile.mkdtemp(prefix="postgresql-"))
    if USER:
        shutil.chown(folder, USER)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "user": USER, "cwd": folder}
    subprocess.run(["initdb", "-D", str(folder / "db"), "-U", "postgres", "-A", "trust", "-N"], check=True, **quiet)
    settings = ["-h", "127.0.0.1", "-p", str(port), "-k", str(folder), "-F"]
    process = subprocess.Popen(["postgres", "-D", str(folder / "db"), *settings], **quiet)
    url = f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
    try:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and process.poll() is None:
            try:
                Database(url).put(key_record())
            except StoreError:
                time.sleep(0.05)
            else:
                break
        else:
            pytest.fail("PostgreSQL does not start")
        yield url
    finally:
        process.terminate()
        process.wait(30)
        shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/store.db"
    url: str = request.getfixturevalue("postgresql")
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        for table in (KEYS, PASSWORDS):
            connection.execute(sqlalchemy.text(f"DROP TABLE IF EXISTS {table}"))
    engine.dispose()
    return url


def test_records_come_back_as_they_were_put(url: str) -> None:
    """Every member of a key and of a user; the second of the same name takes the place of the first."""
    database = Database(url)
    key = key_record(
        owner="Łódź 'quoted'", scopes=("a:b", "c"), expires="2027-01-31", quota="gold", note="x", revoked="2026-12-01"
    )
    user = PasswordRecord("Ångström", CHEAP, ("read",))
    for record in (key_record(), key, user):
        database.put(record)
    assert rows_of(database, KEYS) == [key]
    assert rows_of(database, PASSWORDS) == [user]
    database.remove(PASSWORDS, "Ångström")
    assert rows_of(database, PASSWORDS) == []


def test_a_change_is_seen(url: str) -> None:
    """What somebody changes by SQL counts at the next look; the same rows are no change."""
    database = Database(url)
    database.put(key_record())
    store: Watched[list[KeyRecord]] = Watched(
        "keys", DatabaseSource(database, KEYS, lambda records: (records, [])), 3600.0
    )
    before = store.value
    store.refresh()
    assert store.value is before
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text(f"UPDATE {KEYS} SET revoked = '2026-01-01'"))
    engine.dispose()
    store.refresh()
    assert [record.revoked for record in store.value] == ["2026-01-01"]


def test_rows_that_are_not_understood(url: str, caplog: pytest.LogCaptureFixture) -> None:
    """They are named by their key, without the hash; what was read before stays in force."""
    database = Database(url)
    database.put(key_record())
    store: Watched[list[KeyRecord]] = Watched(
        "keys", DatabaseSource(database, KEYS, lambda records: (records, [])), 3600.0
    )
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        row = "'bbbbbb012345', 'sha256:secret', 'o', '', '', '', '', '', ''"
        connection.execute(sqlalchemy.text(f"INSERT INTO {KEYS} VALUES ({row})"))
    engine.dispose()
    caplog.set_level(logging.ERROR)
    store.refresh()
    assert [record.owner for record in store.value] == ["acme"]
    assert "'bbbbbb012345': its hash" in caplog.text and "secret" not in caplog.text


def test_a_database_without_the_table(url: str) -> None:
    """Is said by the table's name, with nothing of the URL."""
    with pytest.raises(StoreError, match=f"does it have the table {KEYS}") as caught:
        Database(url).rows(KEYS)
    assert url.partition("://")[2] not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "no url",
        "nosuch://user:pass-word@host/db",
        "postgresql+psycopg://user:pass-word@127.0.0.1:1/db",
        "sqlite:////no/such/folder/pass-word.db",
    ],
)
def test_a_database_that_cannot_be_had(url: str) -> None:
    """Neither name nor password get into the text."""
    with pytest.raises(StoreError) as caught:
        Database(url).rows(KEYS)
    assert "pass-word" not in str(caught.value) and "user:" not in str(caught.value)


def test_without_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """The text names what to install."""
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    with pytest.raises(StoreError, match=r"contract-gateway\[database\]"):
        Database("sqlite://")

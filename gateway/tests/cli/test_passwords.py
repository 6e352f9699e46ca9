"""`gateway passwords`: what it sets is what a gateway accepts, and never on the command line."""

import json
import os
import pty
import select
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli import cli
from gateway.security import hashing
from gateway.security.hashing import derive, parse_password_hash
from gateway.security.records import parse_passwords
from gateway.tests.cli.conftest import SETTINGS

STORES = f"""{SETTINGS}
passwords:
  people: {{file: users.txt}}
  shared: {{database: "env:DATABASE"}}
  given: {{variable: GIVEN_USERS}}
"""
PEOPLE = ("--store", "people")


@pytest.fixture
def stores(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings with a store of each kind; hashing is quick."""
    (folder / "gateway.yaml").write_text(STORES)
    monkeypatch.setenv("DATABASE", f"sqlite:///{folder}/store.db")
    monkeypatch.setattr(hashing, "SCRYPT_COST", (14, 8, 1))
    return folder


def run(*arguments: str, typed: str = "") -> Result:
    """The command with this on standard input."""
    return CliRunner().invoke(cli, ["passwords", *arguments], input=typed, standalone_mode=False)


def failed(result: Result) -> str:
    """What bad usage says."""
    assert isinstance(result.exception, Exception)
    return str(result.exception)


@pytest.mark.parametrize("store", ["people", "shared"])
def test_a_life_of_a_user(stores: Path, store: str) -> None:
    """Set, listed, set again, removed."""
    if store == "shared":
        pytest.importorskip("sqlalchemy")
    here = ("--store", store)
    assert run("set", "anna", "--scope", "a:b", "--scope", "c", *here, typed="secret\n").return_value == 0
    assert run("set", "berta", *here, typed="other\r\n").return_value == 0
    assert run("list", *here).stdout == "anna [a:b c]\nberta\n"
    assert run("set", "anna", *here, typed="secret\n").return_value == 0
    listed = json.loads(run("list", *here, "--format", "json").stdout)
    assert sorted(user["name"] for user in listed) == ["anna", "berta"]
    assert all(user["scopes"] == [] for user in listed)
    assert run("remove", "anna", *here).return_value == 0
    assert run("list", *here).stdout == "berta\n"
    assert "no user anna" in failed(run("remove", "anna", *here))


def test_the_file_of_a_store(stores: Path) -> None:
    """It holds what verifies the password in its one form, and not the password."""
    run("set", "anna", *PEOPLE, typed="s\u0075\u0308cret\n")
    text = (stores / "users.txt").read_text()
    ((record,), flaws) = parse_passwords(text)
    assert not flaws and derive(record.hash, "s\xfccret".encode()) == record.hash.digest
    assert "cret" not in text


def test_a_variable_is_left_to_people(stores: Path) -> None:
    """The line is printed, for the place where the environment comes from."""
    result = run("set", "anna", "--store", "given", typed="secret\n")
    name, _, hash = result.stdout.strip().partition(":")
    assert name == "anna" and derive(parse_password_hash(hash), b"secret") == parse_password_hash(hash).digest


@pytest.mark.parametrize(
    ("arguments", "typed", "message"),
    [
        (("set", "anna", *PEOPLE), "", "a password has"),
        (("set", "anna", *PEOPLE), "\n", "a password has"),
        (("set", "anna", *PEOPLE), "a\x01b\n", "a password has"),
        (("set", "anna", *PEOPLE), "a" * 600, "a password has"),
        (("set", "a:b", *PEOPLE), "secret\n", "user name"),
        (("set", "anna", "--scope", "a b", *PEOPLE), "secret\n", "a scope is"),
        (("set", "anna"), "secret\n", "name one of the stores"),
        (("remove", "anna", "--store", "given"), "", "yourself"),
    ],
)
def test_bad_usage(stores: Path, arguments: tuple[str, ...], typed: str, message: str) -> None:
    """What to do is said, and nothing is written."""
    assert message in failed(run(*arguments, typed=typed))
    assert not (stores / "users.txt").exists()


def test_on_a_terminal_the_password_is_asked_for_and_not_shown(stores: Path) -> None:
    """Twice; nothing of it comes back."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "gateway", "passwords", "set", "anna", *PEOPLE]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True, cwd=stores)
    try:
        seen = b""
        for prompt in (b"Password: ", b"confirmation: ", b"set the password of anna"):
            while prompt not in seen:
                assert select.select([ours], [], [], 30)[0], seen
                seen += os.read(ours, 1024)
            os.write(ours, b"s3cret\n")
        assert process.wait(30) == 0
    finally:
        process.kill()
        process.wait()
        os.close(theirs)
        os.close(ours)
    assert b"s3cret" not in seen and (stores / "users.txt").exists()

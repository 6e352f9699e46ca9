"""From settings to stores: every source, and what a store may not be."""

from pathlib import Path

import pytest

from gateway.config import KeyStore, PasswordStore
from gateway.config.secret import SecretMissing
from gateway.security.database import Database
from gateway.security.opening import open_keys, open_passwords
from gateway.security.records import PasswordRecord
from gateway.security.stores import StoreError
from gateway.tests.security.storing import CHEAP, ID, key_record

USER = PasswordRecord("anna", CHEAP)
PEPPER = b"0123456789abcdef"


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, str]]:
    """The same key and user in a file, a variable and a database."""
    (tmp_path / "keys").write_text(key_record().line())
    (tmp_path / "users").write_text(USER.line())
    database = f"sqlite:///{tmp_path}/store.db"
    monkeypatch.setenv("LINES_OF_KEYS", key_record().line())
    monkeypatch.setenv("LINES_OF_USERS", USER.line())
    monkeypatch.setenv("DATABASE", database)
    return {
        "file": {"keys": str(tmp_path / "keys"), "users": str(tmp_path / "users")},
        "variable": {"keys": "LINES_OF_KEYS", "users": "LINES_OF_USERS"},
        "database": {"keys": "env:DATABASE", "users": "env:DATABASE"},
    }


@pytest.mark.parametrize("source", ["file", "variable", "database"])
def test_a_store_may_be_anywhere(
    source: str, sources: dict[str, dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It holds the same."""
    if source == "database":
        pytest.importorskip("sqlalchemy")
        for record in (key_record(), USER):
            Database(f"sqlite:///{tmp_path}/store.db").put(record)
    keys = open_keys("partners", KeyStore(**{source: sources[source]["keys"]}), ())
    users = open_passwords("people", PasswordStore(**{source: sources[source]["users"]}))
    assert list(keys.value) == [ID.encode()] and list(users.value) == ["anna"]
    assert (keys.interval, keys.title, users.title) == (5.0, "keys partners", "passwords people")


@pytest.mark.parametrize(("scopes", "below"), [("exact", False), ("hierarchical", True)])
def test_what_scopes_of_stores_stand_for(tmp_path: Path, scopes: str, below: bool) -> None:
    """Themselves, or those below them, too; never those above."""
    (tmp_path / "keys").write_text(key_record(scopes=("runs", "books:read")).line())
    (tmp_path / "users").write_text(PasswordRecord("anna", CHEAP, ("runs", "books:read")).line())
    keys = open_keys("partners", KeyStore(file=str(tmp_path / "keys"), scopes=scopes), ())
    users = open_passwords("people", PasswordStore(file=str(tmp_path / "users"), scopes=scopes))
    for known in (keys.value[ID.encode()], users.value["anna"]):
        granted = known.principal.scopes
        assert (frozenset({"runs:read"}) <= granted, frozenset({"runs"}) <= granted) == (below, True)
        assert not frozenset({"books"}) <= granted
        assert known.principal.claims["scope"] == "runs books:read"


def test_flaws_of_lines_and_of_their_meaning(tmp_path: Path) -> None:
    """Are found together."""
    path = tmp_path / "keys"
    path.write_text(f"{key_record(quota='gold').line()}\nnonsense\n")
    with pytest.raises(StoreError) as caught:
        open_keys("partners", KeyStore(file=str(path)), ("silver",))
    assert [flaw.line for flaw in caught.value.flaws] == [2, 0]


@pytest.mark.parametrize(("pepper", "message"), [("short", "less than 16 bytes"), (None, "is not set")])
def test_a_pepper_that_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pepper: str | None, message: str
) -> None:
    """It would protect nothing."""
    (tmp_path / "keys").write_text(key_record().line())
    monkeypatch.delenv("PEPPER", raising=False)
    if pepper is not None:
        monkeypatch.setenv("PEPPER", pepper)
    with pytest.raises(SecretMissing, match=message):
        open_keys("partners", KeyStore(file=str(tmp_path / "keys"), pepper="env:PEPPER"), ())

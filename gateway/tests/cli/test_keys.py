"""`gateway keys`: what it makes is what a gateway accepts, and is shown once."""

import json
import re
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.cli.keys import _date
from gateway.config import KeyStore
from gateway.security.api_key import ApiKeyScheme
from gateway.security.opening import open_keys
from gateway.tests.cli.conftest import SETTINGS, Gateway
from gateway.tests.security.storing import head

STORES = f"""{SETTINGS}
keys:
  partners: {{file: keys.txt, pepper: "env:PEPPER"}}
  shared: {{database: "env:DATABASE"}}
  given: {{variable: GIVEN_KEYS}}
rate-limits: {{gold: {{requests: 10, per: 1s}}}}
"""
PARTNERS = ("--store", "partners")


@pytest.fixture
def stores(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings with a store of each kind."""
    (folder / "gateway.yaml").write_text(STORES)
    monkeypatch.setenv("PEPPER", "0123456789abcdef")
    monkeypatch.setenv("DATABASE", f"sqlite:///{folder}/store.db")
    monkeypatch.delenv("GIVEN_KEYS", raising=False)
    return folder


def accepted(settings: KeyStore, key: str) -> str | None:
    """Whose key a gateway with this store takes it for."""
    scheme = ApiKeyScheme("p", "header", "X", [open_keys("p", settings, ("gold",))])
    found = scheme.recall(key.encode(), head())
    return found.subject if found else None


@pytest.mark.parametrize("store", ["partners", "shared"])
def test_a_life_of_a_key(stores: Path, gateway: Gateway, store: str) -> None:
    """Made, listed, used, revoked."""
    if store == "shared":
        pytest.importorskip("sqlalchemy")
    settings = (
        KeyStore(file="keys.txt", pepper="env:PEPPER") if store == "partners" else KeyStore(database="env:DATABASE")
    )
    made = gateway(
        *("keys", "create", "--store", store, "--owner", "acme", "--scope", "a:b", "--scope", "c"),
        *("--expires", "90d", "--quota", "gold", "--note", "für Łódź"),
    )
    assert made.exit_code == 0 and re.fullmatch(r"gk_[a-z0-9]{12}_[A-Za-z0-9_-]{43}\n", made.stdout)
    key = made.stdout.strip()
    id = key[3:15]
    assert id in made.stderr and key not in made.stderr
    assert accepted(settings, key) == "acme"
    (shown,) = json.loads(gateway("keys", "list", "--store", store, "--format", "json").stdout)
    assert (shown["id"], shown["owner"], shown["scopes"], shown["quota"]) == (id, "acme", ["a:b", "c"], "gold")
    assert (shown["state"], shown["note"]) == ("good", "für Łódź") and "hash" not in shown
    text = gateway("keys", "list", "--store", store).stdout
    assert text.startswith(f"{id} good until ") and "acme [a:b c] quota=gold # für Łódź" in text
    assert key[16:] not in text
    assert gateway("keys", "revoke", id, "--store", store).stdout == f"revoked {id} of acme\n"
    assert gateway("keys", "revoke", id, "--store", store).exit_code == 0
    assert accepted(settings, key) is None
    assert f"{id} revoked" in gateway("keys", "list", "--store", store).stdout


def test_the_file_of_a_store(stores: Path, gateway: Gateway) -> None:
    """It is the owner's alone, keeps comments, and holds no key."""
    first = gateway("keys", "create", *PARTNERS, "--owner", "a").stdout.strip()
    path = stores / "keys.txt"
    path.write_text("# partners\n" + path.read_text())
    second = json.loads(gateway("keys", "create", *PARTNERS, "--owner", "b", "--format", "json").stdout)
    gateway("keys", "revoke", first[3:15], *PARTNERS)
    lines = path.read_text().splitlines()
    assert lines[0] == "# partners" and len(lines) == 3 and second["store"] == "partners"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not any(key[16:] in path.read_text() for key in (first, second["key"]))


def test_a_key_can_be_revoked_in_a_broken_store(stores: Path, gateway: Gateway) -> None:
    """Somebody in a hurry need not mend the line of somebody else first."""
    key = gateway("keys", "create", *PARTNERS, "--owner", "a").stdout.strip()
    path = stores / "keys.txt"
    path.write_text("nonsense\n" + path.read_text())
    assert gateway("keys", "revoke", key[3:15], *PARTNERS).exit_code == 0
    assert "revoked" in path.read_text()
    listed = gateway("keys", "list", *PARTNERS)
    assert listed.exit_code == 2 and "keys.txt:1:1: error: credential-store" in listed.stderr


def test_a_variable_is_left_to_people(stores: Path, gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """They get the line to put there."""
    made = gateway("keys", "create", "--store", "given", "--owner", "a")
    line = made.stderr.splitlines()[-1]
    assert "environment variable GIVEN_KEYS" in made.stderr
    assert json.loads(gateway("keys", "create", "--store", "given", "--owner", "a", "--format", "json").stdout)["line"]
    monkeypatch.setenv("GIVEN_KEYS", line)
    assert accepted(KeyStore(variable="GIVEN_KEYS"), made.stdout.strip()) == "a"
    refused = gateway("keys", "revoke", made.stdout[3:15], "--store", "given")
    assert refused.exit_code == 2 and "yourself" in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("create", "--owner", "a"), "name one of the stores"),
        (("create", "--owner", "a", "--store", "nobody"), "no store nobody"),
        (("create", *PARTNERS), "--owner"),
        (("create", *PARTNERS, "--owner", ""), "owner"),
        (("create", *PARTNERS, "--owner", "a\nb"), "owner"),
        (("create", *PARTNERS, "--owner", "a", "--scope", "a b"), "a scope is"),
        (("create", *PARTNERS, "--owner", "a", "--expires", "soon"), "90d"),
        (("create", *PARTNERS, "--owner", "a", "--quota", "silver"), "rate-limits"),
        (("revoke", "nobody", *PARTNERS), "no key nobody"),
        (("list", *PARTNERS, "--config", "none.yaml"), "none.yaml"),
    ],
)
def test_bad_usage(stores: Path, gateway: Gateway, arguments: tuple[str, ...], message: str) -> None:
    """Exit code 2, what to do, and nothing is written."""
    (stores / "keys.txt").touch(0o600)
    result = gateway("keys", *arguments)
    assert result.exit_code == 2 and message in result.stderr
    assert (stores / "keys.txt").read_text() == ""


def test_without_the_pepper_no_key_is_made(stores: Path, gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would not be accepted later."""
    monkeypatch.delenv("PEPPER")
    result = gateway("keys", "create", *PARTNERS, "--owner", "a")
    assert result.exit_code == 2 and "PEPPER is not set" in result.stderr and not result.stdout


def test_days_are_counted_from_now() -> None:
    """A date is left as it is."""
    now = datetime(2026, 12, 31, 12, tzinfo=UTC)
    assert _date("2d", now) == "2027-01-02T12:00:00Z"
    assert (_date("2027-01-31", now), _date("", now)) == ("2027-01-31", "")

"""The stores of the settings: opened for each table, or findings that say what is wrong where."""

import os
from pathlib import Path
from typing import Any

import pytest

from gateway.config import Introspection, Issuer, KeyStore, PasswordStore, Revocation, Settings
from gateway.contract.findings import Severity
from gateway.contract.stores import open_stores
from gateway.tests.security.storing import key_record


def asking(url: str = "https://id.example/i", secret: str = "env:SECRET") -> dict[str, Any]:
    """Settings with an issuer that is asked about tokens."""
    return {"issuers": {"main": Issuer(introspection=Introspection(url, "gateway", secret))}}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A store of one key that only its owner can read."""
    path = tmp_path / "keys"
    path.touch(0o600)
    path.write_text(key_record().line() + "\n")
    return path


def test_stores_are_opened(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under their names, with the secrets of introspection; an empty store is one."""
    empty = file.with_name("empty")
    empty.touch(0o600)
    monkeypatch.setenv("SECRET", "s3cret")
    stores, findings = open_stores(
        Settings(
            keys={"partners": KeyStore(file=str(file))},
            passwords={"people": PasswordStore(file=str(empty))},
            revocation=Revocation(str(empty)),
            **asking(),
        )
    )
    assert not findings
    assert len(stores.keys["partners"].value) == 1 and not stores.passwords["people"].value
    assert stores.secrets == {"main": "s3cret"} and stores.denylist is not None
    assert open_stores(Settings())[0].denylist is None


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        ("\nnonsense\n", 2, "JSON object"),
        (key_record(quota="gold").line(), 0, "rate-limits"),
        (None, 0, "No such file"),
    ],
)
def test_what_cannot_be_understood_is_an_error_at_its_line(
    file: Path, content: str | None, line: int, message: str
) -> None:
    """What is wrong with the store as a whole is at the setting (line 0), with the command in the hint."""
    file.write_text(content) if content is not None else file.unlink()
    stores, (finding,) = open_stores(Settings(keys={"partners": KeyStore(file=str(file))}))
    assert not stores.keys
    assert finding.severity is Severity.ERROR and message in finding.message and finding.where.line == line
    assert "gateway keys create" in finding.hint
    assert str(file) in finding.message + finding.where.file


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"passwords": {"people": PasswordStore(variable="NO_SUCH_VARIABLE")}}, "$NO_SUCH_VARIABLE"),
        ({"keys": {"partners": KeyStore(database="env:NO_SUCH_VARIABLE")}}, "NO_SUCH_VARIABLE is not set"),
        ({"revocation": Revocation("/no/such/file")}, "/no/such/file"),
        (asking(secret="env:NO_SUCH_VARIABLE"), "NO_SUCH_VARIABLE is not set"),
    ],
)
def test_what_cannot_be_had_is_an_error(settings: dict[str, Any], message: str) -> None:
    """Nothing is served without it."""
    _, (finding,) = open_stores(Settings(**settings))
    assert finding.severity is Severity.ERROR and message in finding.message


def test_what_is_only_unwise_is_a_warning(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that every user can read, and tokens on the wire without TLS to another machine."""
    os.chmod(file, 0o644)
    monkeypatch.setenv("SECRET", "s3cret")
    settings = {"keys": {"partners": KeyStore(file=str(file))}, **asking("http://id.example/i")}
    stores, findings = open_stores(Settings(**settings))
    assert stores.keys and [finding.severity for finding in findings] == [Severity.WARNING] * 2
    assert findings[0].hint == f"chmod o= {file}" and "can read" in findings[0].message
    os.chmod(file, 0o602)
    assert "can change" in open_stores(Settings(**settings))[1][0].message
    assert open_stores(Settings(**asking("http://127.0.0.1:9/i")))[1] == []


def test_many_flaws_of_one_store_are_bounded(file: Path) -> None:
    """The first of them are enough to begin with."""
    file.write_text("nonsense\n" * 1000)
    _, findings = open_stores(Settings(keys={"partners": KeyStore(file=str(file))}))
    assert len(findings) == 20

"""`gateway config show`: what is in force, and why."""

import json
from pathlib import Path

import pytest

from gateway.tests.cli.conftest import SETTINGS, Gateway


def test_text(gateway: Gateway, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line for each value; with `--changed`, of those that somebody has set."""
    (folder / "gateway.yaml").write_text(SETTINGS)
    monkeypatch.setenv("GATEWAY_WORKERS", "4")
    assert gateway("config", "show", "--changed").stdout.splitlines() == [
        'admin: "off"  # gateway.yaml:1',
        "workers: 4  # GATEWAY_WORKERS",
        'apis[0].contract: "notes.yaml"  # gateway.yaml:3',
        'apis[0].upstream: "http://127.0.0.1:8102"  # gateway.yaml:3',
        'apis[0].path: "/public"  # gateway.yaml:3',
    ]
    everything = gateway("config", "show").stdout.splitlines()
    assert "limits.body: 1048576  # default" in everything and len(everything) > 80


def test_json(gateway: Gateway, folder: Path) -> None:
    """The same as data."""
    (folder / "other.yaml").write_text(SETTINGS)
    result = gateway("config", "show", "--config", "other.yaml", "--format", "json")
    assert {"name": "admin", "value": "off", "origin": "other.yaml:1"} in json.loads(result.stdout)


def test_settings_that_cannot_be_read(gateway: Gateway, folder: Path) -> None:
    """Every flaw, on standard error."""
    result = gateway("config", "show")
    assert result.exit_code == 2 and "gateway.yaml:1:1: error" in result.stderr
    (folder / "gateway.yaml").write_text("workers: 0\nsecret: x")
    result = gateway("config", "show")
    assert result.exit_code == 2 and len(result.stderr.splitlines()) >= 3 and not result.stdout

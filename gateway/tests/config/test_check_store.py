"""Where limits are counted: what cannot be used is found at load."""

import importlib.util
from pathlib import Path

import pytest

from gateway.config import Settings, Store
from gateway.config.check_store import STORE


def flaws(store: Store) -> list[str]:
    """Place and message."""
    return [f"{place}: {message}" for check in STORE for place, message, _ in check(Settings(store=store))]


def test_fine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """None at all; one in the environment; one in a file."""
    monkeypatch.setenv("REDIS_URL", "rediss://ann:s3cret@cache.example:6380/1")
    (tmp_path / "url").write_text("redis://localhost\n")
    for store in (Store(), Store("env:REDIS_URL", on_failure="closed"), Store(f"file:{tmp_path}/url", timeout=1.0)):
        assert flaws(store) == []


@pytest.mark.parametrize(
    ("store", "words"),
    [
        (Store("env:NOWHERE"), "/store/url: store.url: the environment variable NOWHERE is not set"),
        (Store("env:BAD_URL"), "/store/url: store.url: it is not of the form redis://HOST:PORT/DB"),
        (Store("redis://h"), "/store/url: store.url: a secret is given as env:NAME or file:PATH"),
        (Store(on_failure="closed"), "/store/on-failure: store.on-failure has no effect without a url"),
        (Store(timeout=2.0), "/store/timeout: store.timeout has no effect without a url"),
    ],
)
def test_flaws(monkeypatch: pytest.MonkeyPatch, store: Store, words: str) -> None:
    """Each with its place, and without the secret."""
    monkeypatch.setenv("BAD_URL", "redis://h:s3cret")
    (flaw,) = flaws(store)
    assert flaw.startswith(words)
    assert "s3cret" not in flaw


def test_what_is_needed_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is named before the first request needs it."""
    monkeypatch.setenv("REDIS_URL", "redis://h")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert flaws(Store("env:REDIS_URL")) == ["/store/url: store.url: hiredis is not installed"]

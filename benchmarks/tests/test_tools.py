"""Finding and installing programs."""

from pathlib import Path

import pytest

from benchmarks.tools import Absent, Tools, on_path


def test_a_missing_program_names_its_remedy() -> None:
    """What to type is in the message."""
    with pytest.raises(Absent, match="apt install nothing"):
        on_path("no-such-program", "apt install nothing")


def test_a_program_can_be_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By environment variable, instead of the one in the cache."""
    monkeypatch.setenv("BENCHMARK_ENVOY", "/opt/envoy")
    assert Tools(tmp_path, install=False).envoy() == "/opt/envoy"


def test_nothing_is_installed_against_the_users_will(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And the cache folder is not even made."""
    monkeypatch.delenv("BENCHMARK_ENVOY", raising=False)
    with pytest.raises(Absent, match="installing was not wanted"):
        Tools(tmp_path / "cache", install=False).envoy()
    assert not (tmp_path / "cache").exists()


def test_what_is_in_the_cache_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A second run installs nothing."""
    monkeypatch.delenv("BENCHMARK_ENVOY", raising=False)
    program = tmp_path / "python" / "bin" / "envoy"
    program.parent.mkdir(parents=True)
    program.touch()
    assert Tools(tmp_path, install=False).envoy() == str(program)

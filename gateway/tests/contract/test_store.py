"""The folder for what can be had again."""

import os
from pathlib import Path

import pytest

from gateway.contract.store import default_folder, get, open_folder, prune, put


def test_what_is_put_can_be_got(tmp_path: Path) -> None:
    """The folder is made for its owner alone; later content replaces the former."""
    folder = open_folder(str(tmp_path / "a" / "b"))
    assert os.stat(folder).st_mode & 0o777 == 0o700
    put(folder, "x", b"one")
    put(folder, "x", b"two")
    assert get(folder, "x") == b"two"
    assert os.listdir(folder) == ["x"]
    assert os.stat(f"{folder}/x").st_mode & 0o777 == 0o600


@pytest.mark.parametrize("spoil", [b"", b"short", b"x" * 100])
def test_spoilt_content_is_not_there(tmp_path: Path, spoil: bytes) -> None:
    """Whatever happened to the file."""
    put(str(tmp_path), "x", b"one")
    (tmp_path / "x").write_bytes(spoil)
    assert get(str(tmp_path), "x") is None


def test_what_others_could_have_written_is_not_there(tmp_path: Path) -> None:
    """A folder or a file that the group may write to, a link, a folder that is none."""
    put(str(tmp_path), "x", b"one")
    os.chmod(tmp_path / "x", 0o620)
    assert get(str(tmp_path), "x") is None
    os.chmod(tmp_path / "x", 0o600)
    (tmp_path / "link").symlink_to("x")
    assert get(str(tmp_path), "link") is None
    assert get(str(tmp_path), "missing") is None
    (tmp_path / "folder").mkdir()
    (tmp_path / "elsewhere").symlink_to("folder")
    assert open_folder(str(tmp_path / "elsewhere")) == ""
    os.chmod(tmp_path / "folder", 0o770)
    assert open_folder(str(tmp_path / "folder")) == ""
    assert open_folder(str(tmp_path / "x")) == ""
    assert open_folder("off") == ""


def test_a_folder_that_is_gone_does_no_harm(tmp_path: Path) -> None:
    """Nothing is stored, nobody fails."""
    put(str(tmp_path / "gone"), "x", b"one")
    assert get(str(tmp_path / "gone"), "x") is None


def test_the_default_is_the_users_own() -> None:
    """XDG Base Directory Specification; relative paths there are invalid."""
    assert default_folder({"XDG_CACHE_HOME": "/c"}) == "/c/contract-gateway"
    assert default_folder({"XDG_CACHE_HOME": "c"}) == os.path.expanduser("~/.cache/contract-gateway")


@pytest.mark.parametrize(
    ("entries", "size", "left"), [(2, 1000, "cd"), (9, 350, "bcd"), (9, 1, "d"), (9, 1000, "abcd")]
)
def test_the_oldest_are_removed(tmp_path: Path, entries: int, size: int, left: str) -> None:
    """By number and by size; the newest always stays, and what is no file is let alone."""
    (tmp_path / "folder").mkdir()
    for age, name in enumerate("dcba"):
        (tmp_path / name).write_bytes(b"x" * 100)
        os.utime(tmp_path / name, (1000 - age, 1000 - age))
    prune(str(tmp_path), entries, size)
    assert sorted(os.listdir(tmp_path)) == [*left, "folder"]


def test_a_folder_stays_within_its_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever puts something there removes what is too much."""
    monkeypatch.setattr("gateway.contract.store._ENTRIES", 3)
    for name in "abcde":
        put(str(tmp_path), name, b"x")
        os.utime(tmp_path / name, (ord(name), ord(name)))
    assert len(os.listdir(tmp_path)) <= 3
    assert get(str(tmp_path), "e") == b"x"

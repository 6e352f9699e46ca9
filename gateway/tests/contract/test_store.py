"""The folder for what can be had again."""

import os
from pathlib import Path

import pytest

from gateway.contract.store import default_folder, get, open_folder, put


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

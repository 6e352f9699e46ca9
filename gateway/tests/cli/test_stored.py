"""Changing the file of a store: at once, alone, and readable for its owner only."""

import os
import stat
import threading
from pathlib import Path

import pytest

from gateway.cli.stored import edit, without


def test_a_new_file_is_its_owners(tmp_path: Path) -> None:
    """Whatever the umask says."""
    path = tmp_path / "keys"
    before = os.umask(0)
    try:
        edit(str(path), lambda lines: [*lines, "one"])
    finally:
        os.umask(before)
    assert path.read_text() == "one\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_keeps_its_mode(tmp_path: Path) -> None:
    """The gateway may run as a group of its own."""
    path = tmp_path / "keys"
    path.write_text("# mine\none")
    path.chmod(0o640)
    edit(str(path), lambda lines: [*lines, "two"])
    assert path.read_text() == "# mine\none\ntwo\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_change_that_fails_changes_nothing(tmp_path: Path) -> None:
    """And leaves nothing behind."""
    path = tmp_path / "keys"
    path.write_text("one\n")
    with pytest.raises(UnicodeEncodeError):
        edit(str(path), lambda lines: ["\ud800"])
    assert path.read_text() == "one\n" and os.listdir(tmp_path) == ["keys"]


def test_changes_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    """One after the other, under the lock; a reader always sees whole lines."""
    path = tmp_path / "keys"
    names = [f"line {n}" for n in range(20)]
    threads = [
        threading.Thread(target=edit, args=(str(path), lambda lines, name=name: [*lines, name])) for name in names
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(path.read_text().splitlines()) == sorted(names)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], ["new"]),
        (["# old", "a"], ["# old", "a", "new"]),
        (["a", "old", "b"], ["a", "new", "b"]),
        (["old", "a", "old", "# old"], ["new", "a", "# old"]),
    ],
)
def test_the_line_that_is_replaced(lines: list[str], expected: list[str]) -> None:
    """In its place, or at the end; comments stay, and of several lines one."""
    assert without(lines, lambda line: line == "old", ["new"]) == expected
    assert without(lines, lambda line: line == "old", []) == [line for line in expected if line != "new"]

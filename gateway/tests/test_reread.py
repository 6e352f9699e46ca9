"""Values made of files."""

import os
from pathlib import Path

import pytest

from gateway.reread import INTERVAL, Reread


def test_a_changed_file_is_read_again_within_a_second(tmp_path: Path) -> None:
    """Looked at once a second; what is made of it stays the same object until then."""
    file = tmp_path / "number"
    file.write_text("1")
    made = Reread(lambda: [int(file.read_text())], [str(file)])
    first = made.value(0.0)
    assert first == [1] and made.value(100.0) is first
    file.write_text("22")
    assert made.value(100.0 + INTERVAL / 2) is first
    assert made.value(100.0 + INTERVAL) == [22]
    other = tmp_path / "other"
    other.write_text("33")
    os.utime(other, ns=(0, file.stat().st_mtime_ns))
    os.replace(other, file)  # the same size and time: another file all the same
    assert made.value(102.0) == [33]


def test_a_broken_file_keeps_what_was(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Said once for each change; mended, it counts again."""
    file = tmp_path / "number"
    file.write_text("1")
    made = Reread(lambda: int(file.read_text()), [str(file)])
    file.write_text("one")
    assert [made.value(float(now)) for now in range(5)] == [1] * 5
    assert caplog.text.count("the former content stays in force") == 1
    file.unlink()
    assert made.value(10.0) == 1
    assert "No such file" in caplog.text
    file.write_text("22")
    assert made.value(20.0) == 22


def test_a_file_that_changed_before_a_fork_is_noticed_after_it(tmp_path: Path) -> None:
    """What was inherited may be old: the first look comes with the first use."""
    file = tmp_path / "number"
    file.write_text("1")
    made = Reread(lambda: int(file.read_text()), [str(file)])
    file.write_text("22")
    assert made.value(0.0) == 22


@pytest.mark.parametrize("content", [None, "one"])
def test_what_cannot_be_made_at_first_is_an_error(tmp_path: Path, content: str | None) -> None:
    """There is nothing to keep."""
    file = tmp_path / "number"
    if content:
        file.write_text(content)
    with pytest.raises((OSError, ValueError)):
        Reread(lambda: int(file.read_text()), [str(file)])

"""Bytes of files; those of URLs are read in test_load and test_lock."""

from pathlib import Path

import pytest

from gateway.contract.reading import TooLarge, read_file


def test_at_most_the_limit(tmp_path: Path) -> None:
    """A file of the limit is read, a larger one is not."""
    (tmp_path / "x").write_bytes(b"12345")
    assert read_file(str(tmp_path / "x"), 5) == b"12345"
    with pytest.raises(TooLarge):
        read_file(str(tmp_path / "x"), 4)

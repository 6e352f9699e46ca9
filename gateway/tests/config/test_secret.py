"""Secrets come from the environment or a file."""

from pathlib import Path

import pytest

from gateway.config.secret import LARGEST, SecretMissing, reveal


def test_from_the_environment_or_a_file(tmp_path: Path) -> None:
    """The line end that editors add is not part of it; other blanks are."""
    path = tmp_path / "secret"
    path.write_bytes(b" s3cret \r\n")
    assert reveal(f"file:{path}") == b" s3cret "
    assert reveal("env:NAME", {"NAME": "s3cret"}) == b"s3cret"


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("s3cret", "given as env:NAME or file:PATH"),
        ("ENV:s3cret", "given as env:NAME or file:PATH"),
        ("env:MISSING", "the environment variable MISSING is not set"),
        ("env:EMPTY", "the environment variable EMPTY is not set"),
        ("file:{folder}/missing", "/missing: No such file"),
        ("file:{folder}", "Is a directory"),
        ("file:{folder}/empty", "/empty is empty"),
        ("file:{folder}/large", "/large is larger than 65536 bytes"),
    ],
)
def test_what_is_said_when_it_cannot_be_had(tmp_path: Path, reference: str, said: str) -> None:
    """The place, and what was written there only when it is a place."""
    (tmp_path / "empty").write_bytes(b"\n")
    (tmp_path / "large").write_bytes(b"x" * (LARGEST + 1))
    with pytest.raises(SecretMissing) as caught:
        reveal(reference.format(folder=tmp_path), {"EMPTY": ""})
    assert said in str(caught.value) and "s3cret" not in str(caught.value)

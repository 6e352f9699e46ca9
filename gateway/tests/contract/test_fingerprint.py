"""What identifies the code."""

import os
from pathlib import Path

import pytest

import gateway
from gateway.contract import fingerprint


def test_the_code_is_a_fact() -> None:
    """Every module of the package counts, the tests do not."""
    names = {os.path.basename(path) for path in fingerprint._modules()}
    assert {"prepare.py", "schema.py", "traffic.py", "written.py"} <= names
    assert "many_files.py" not in names


def test_another_module_is_other_code(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A file more, or one that was written anew."""
    (tmp_path / "__init__.py").write_text("")
    monkeypatch.setattr(gateway, "__file__", str(tmp_path / "__init__.py"))
    code = fingerprint.code.__wrapped__
    first = code()
    (tmp_path / "more.py").write_text("")
    second = code()
    os.utime(tmp_path / "more.py", ns=(1, 1))
    assert len({first, second, code()}) == 3
    assert code() == code()

"""Every module is small, says what it is for, and has its tests."""

import ast
from pathlib import Path

import pytest

from gateway.tests.shape.modules import MODULES, PACKAGE, has_code

LONGEST = 350
# Longer than they should be. These numbers may only get smaller.
EXCEPTIONS: dict[str, int] = {}

# Tests of a package's __init__ that has code.
PACKAGES = {"cli": "cli/test_main.py"}


def file_of_tests(name: str, path: Path) -> Path:
    """Where the tests of a module are."""
    inner = path.relative_to(PACKAGE)
    return PACKAGE / "tests" / (PACKAGES.get(name) or inner.with_name(f"test_{inner.name}"))


@pytest.mark.parametrize("name", [name for name, path in MODULES.items() if has_code(path) and name != "__main__"])
def test_every_module_with_code_has_its_tests(name: str) -> None:
    """`gateway/wire/path.py` in `gateway/tests/wire/test_path.py`."""
    assert file_of_tests(name, MODULES[name]).is_file()


@pytest.mark.parametrize("name", MODULES)
def test_modules_are_short(name: str) -> None:
    """One idea each."""
    lines = MODULES[name].read_text("utf-8").count("\n")
    assert lines <= EXCEPTIONS.get(name, LONGEST)


@pytest.mark.parametrize("name", [name for name, path in MODULES.items() if path.stat().st_size])
def test_modules_say_what_they_are_for(name: str) -> None:
    """A docstring first."""
    assert ast.get_docstring(ast.parse(MODULES[name].read_text("utf-8")))


def test_every_test_says_which_behaviour_it_shows() -> None:
    """One line at least."""
    silent = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path in sorted((PACKAGE / "tests").rglob("test_*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") and not ast.get_docstring(node)
    ]
    assert silent == []

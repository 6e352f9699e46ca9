"""The services are separate: each could move to a machine of its own."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SERVICES = ("tokendealer", "dataservice", "legacy", "liar")


def imported(folder: Path) -> set[str]:
    """Names of the modules that the files of a folder import."""
    names = set()
    for file in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
            elif isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
    return names


@pytest.mark.parametrize("service", (*SERVICES, "common"))
def test_services_share_nothing_but_common(service: str) -> None:
    """No service imports another one, or the gateway."""
    others = {f"backends.{name}" for name in SERVICES if name != service} | {"gateway"}
    names = imported(ROOT / service)
    assert names
    assert not {name for name in names if any(name == other or name.startswith(f"{other}.") for other in others)}

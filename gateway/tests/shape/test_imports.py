"""Imports lead downwards only, so that one can read the package from the bottom to the top."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from gateway.tests.shape.modules import MODULES, imports, own_imports

# The lowest layer first. A module belongs to the group with the longest matching name. It may import from its own group
# and from lower layers; groups of one layer know nothing of each other.
LAYERS: list[dict[str, tuple[str, ...]]] = [
    {"base": ("", "errors", "config", "reread", "stream", "contract.model", "wire")},
    {
        "files": (
            *("config.decode", "config.file", "config.schema", "config.checks", "config.shown"),
            *("contract.findings", "contract.levels"),
        ),
        "problem": ("problem",),
        "validate": ("validate",),
        "security": ("security",),
        "limits": ("limits",),
        "upstream": ("upstream",),
        "observe": ("observe",),
        "router": ("contract.table",),
    },
    {"table": ("contract.compiled",)},
    {"compile line": ("contract",), "request line": ("request",)},
    {"server": ("server", "asgi"), "verify": ("verify",)},
    {"commands": ("cli", "__main__")},
]
PLACES = {
    name: (level, group) for level, groups in enumerate(LAYERS) for group, names in groups.items() for name in names
}


def place(module: str) -> tuple[int, str]:
    """Layer and group of a module."""
    name = module
    while name not in PLACES:
        name = name.rpartition(".")[0]
    return PLACES[name]


def upward(module: str, imported: set[str]) -> Iterator[str]:
    """Those of the imported modules that this one must not know."""
    level, group = place(module)
    for name in sorted(imported):
        other_level, other_group = place(name)
        if name and (other_level > level or (other_level == level and other_group != group)):
            yield f"gateway.{module} imports gateway.{name}"


def test_imports_lead_downwards() -> None:
    """Every module of the package is in a layer and keeps to it."""
    assert [text for name, path in MODULES.items() for text in upward(name, own_imports(path))] == []


@pytest.mark.parametrize(
    ("module", "imported"),
    [
        ("wire.path", "request.route"),
        ("request.handle", "contract.compile"),
        ("contract.load", "request.handle"),
        ("validate.body", "security.keys"),
        ("server.worker", "cli.run"),
        ("contract.table", "contract.compile"),
    ],
)
def test_the_rule_would_notice(module: str, imported: str) -> None:
    """Imports that must not be."""
    assert list(upward(module, {imported}))


def test_there_are_no_circles() -> None:
    """Not even inside a group."""
    open_, done = dict.fromkeys(MODULES, 0), set[str]()

    def visit(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " -> ".join((*way[way.index(name) :], name))
        if name not in done:
            for other in own_imports(MODULES[name]) - {name, ""}:
                visit(other, (*way, name))
            done.add(name)

    for name in open_:
        visit(name, ())


# Time, randomness and sockets are passed in to what judges, so that tables can test it (design law 8).
IMPURE = {"asyncio", "random", "secrets", "socket", "ssl", "subprocess", "threading", "time"}


@pytest.mark.parametrize("package", ["wire", "validate", "contract", "problem", "errors"])
def test_judges_are_pure(package: str) -> None:
    """They import neither a clock nor a source of chance nor a socket."""
    used = {
        name: IMPURE & {imported.partition(".")[0] for imported in imports(path)}
        for name, path in MODULES.items()
        if name.partition(".")[0] == package
    }
    assert used and not any(used.values())


def test_serving_does_not_load_what_only_compiling_needs() -> None:
    """The request line alone works without YAML, the specification's schemas and gunicorn."""
    code = "import gateway.request.handle, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {"yaml", "openapi_spec_validator", "gunicorn", "click"}.isdisjoint(done.stdout.split())

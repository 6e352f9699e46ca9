"""The package as text: its modules, and what each imports. Nothing is run."""

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).parents[2]
ROOT = PACKAGE.parent


def modules() -> dict[str, Path]:
    """Dotted names below `gateway` ("" is the package itself) and their files, tests left out."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE).with_suffix("").parts
        if parts[0] != "tests":
            found[".".join(part for part in parts if part != "__init__")] = path
    return found


MODULES = modules()


def imports(path: Path) -> Iterator[str]:
    """Every absolute name that a file imports, inside functions too; not what is for the type checker only."""
    return _imports(ast.parse(path.read_text("utf-8")))


def _imports(node: ast.AST) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            continue
        if isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            yield from (f"{child.module}.{alias.name}" for alias in child.names)
        else:
            yield from _imports(child)


def own_imports(path: Path) -> set[str]:
    """The modules of this package that a file imports."""
    found = set()
    for name in imports(path):
        if name.startswith("gateway."):
            inner = name.removeprefix("gateway.")
            found.add(inner if inner in MODULES else inner.rpartition(".")[0])
    return found


def has_code(path: Path) -> bool:
    """Whether a file defines anything that could be wrong: a function with more than a docstring."""
    tree = ast.parse(path.read_text("utf-8"))
    return any(
        _does_something(node) for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def _does_something(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return any(not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)) for node in function.body)

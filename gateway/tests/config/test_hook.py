"""Functions of the user's own."""

import sys
from pathlib import Path

import pytest

from gateway.config.hook import HookMissing, load

MODULE = """
LIMIT = 3
def fine(request): return None
def also(request, log=print): return None
async def later(request): return None
def two(one, other): return None
class Callable_:
    def __call__(self, request): return None
thing = Callable_()
"""


@pytest.fixture(autouse=True)
def modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Modules that can be imported."""
    (tmp_path / "own_filter.py").write_text(MODULE)
    (tmp_path / "broken_filter.py").write_text("raise RuntimeError('no licence')")
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("own_filter", "broken_filter"):
        monkeypatch.delitem(sys.modules, name, raising=False)


@pytest.mark.parametrize("name", ["fine", "also", "thing"])
def test_a_function_of_one_argument_is_found(name: str) -> None:
    """Anything that can be called with a request."""
    assert load(f"own_filter:{name}")(object()) is None


@pytest.mark.parametrize(
    ("reference", "message"),
    [
        ("own_filter", "is not package.module:function"),
        ("own_filter:", "is not package.module:function"),
        ("own_filter:fine()", "is not package.module:function"),
        ("own filter:fine", "is not package.module:function"),
        ("../own_filter:fine", "is not package.module:function"),
        ("no_such_module:fine", "no_such_module cannot be imported: ModuleNotFoundError"),
        ("broken_filter:fine", "cannot be imported: RuntimeError: no licence"),
        ("own_filter:missing", "own_filter has no function missing"),
        ("own_filter:LIMIT", "own_filter has no function LIMIT"),
        ("own_filter:later", "asynchronous"),
        ("own_filter:two", "does not take one argument"),
    ],
)
def test_what_cannot_be_called_is_said_at_load(reference: str, message: str) -> None:
    """Not at the first request."""
    with pytest.raises(HookMissing, match=message.replace("(", r"\(")):
        load(reference)

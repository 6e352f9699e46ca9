"""`gateway run`: what reaches the server."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from gateway.config import Settings
from gateway.contract.findings import LoadError
from gateway.tests.cli.conftest import SETTINGS, Gateway

Served = list[tuple[Settings, Callable[[], Settings], str | None]]


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Served:
    """What the server was started with; it ends at once with exit code 7."""
    found: Served = []
    server = ModuleType("gateway.server.arbiter")

    def serve(settings: Settings, reload: Callable[[], Settings], config: str | None) -> int:
        found.append((settings, reload, config))
        return 7

    server.serve = serve  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "gateway.server.arbiter", server)
    return found


def test_a_document_and_a_backend(gateway: Gateway, served: Served) -> None:
    """FILE and --upstream are all it takes; the server's exit code is the command's."""
    assert gateway("run", "notes.yaml", "--upstream", "http://127.0.0.1:8102").exit_code == 7
    [(settings, _, config)] = served
    assert config is None
    assert [(api.contract, api.upstream) for api in settings.apis] == [("notes.yaml", "http://127.0.0.1:8102")]


def test_flags_win(gateway: Gateway, served: Served, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over the environment, which wins over the file; also after a reload."""
    (folder / "gateway.yaml").write_text(SETTINGS + "workers: 2\nlisten: :1\n")
    monkeypatch.setenv("GATEWAY_LISTEN", ":2")
    monkeypatch.setenv("GATEWAY_WORKERS", "3")
    flags = ["--listen", ":3", "--admin", "127.0.0.1:4", "--watch"]
    assert gateway("run", *flags).exit_code == 7
    [(settings, reload, config)] = served
    assert config == "gateway.yaml"
    assert (settings.listen, settings.admin, settings.workers, settings.watch) == (":3", "127.0.0.1:4", 3, True)
    (folder / "gateway.yaml").write_text(SETTINGS + "docs: false\nlisten: :5\n")
    assert (reload().listen, reload().docs) == (":3", False)
    (folder / "gateway.yaml").write_text("listen: [")
    with pytest.raises(LoadError):
        reload()


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ([], "there is no gateway.yaml here"),
        (["notes.yaml"], "add --upstream URL"),
        (["--upstream", "http://h"], "give a FILE too"),
        (["notes.yaml", "--upstream", "http://h", "--config", "x"], "exclude each other"),
        (["notes.yaml", "--upstream", "h:80"], "is not the base URL of a backend"),
        (["nope.yaml", "--upstream", "http://h"], "there is no file nope.yaml"),
        (["--config", "nope.yaml"], "cannot be read: No such file"),
        (["notes.yaml", "--upstream", "http://h", "--workers", "0"], "--workers"),
        (["notes.yaml", "--upstream", "http://h", "--listen", "80"], "--listen:1:1: error: settings: listen: "),
        (["notes.yaml", "--upstream", "http://h", "--admin", "on"], "--admin:1:1: error: settings: admin: "),
        (["--frob"], "No such option"),
    ],
)
def test_bad_usage(gateway: Gateway, served: Served, args: list[str], message: str) -> None:
    """Exit code 2, a message on standard error, and nothing is started."""
    result = gateway("run", *args)
    assert result.exit_code == 2
    assert message in result.stderr
    assert served == []

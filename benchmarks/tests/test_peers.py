"""How peers are configured."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from benchmarks import peers
from benchmarks.peers import PEERS, Place
from benchmarks.tools import Absent, Tools


def place(folder: Path) -> Place:
    """Ports that can be told apart, and no installing."""
    return Place(folder, 1001, 1002, 1003, Tools(folder / "cache", install=False))


def test_names_are_unique() -> None:
    """Rows are found by them."""
    assert len({peer.name for peer in PEERS}) == len(PEERS)


def test_our_configuration_has_everything_on(tmp_path: Path) -> None:
    """One worker, validation both ways, an access log, and metrics on the admin port."""
    launch = peers.OURS.launch(place(tmp_path))
    settings = yaml.safe_load(Path(launch.command[-1]).read_text())
    assert settings["validate"] == {"request": "block", "response": "block"}
    assert settings["workers"] == 1
    assert settings["log"]["access"] == str(tmp_path / "access.log")
    assert settings["admin"] == "127.0.0.1:1002"


@pytest.mark.parametrize("name", ["envoy", "prism"])
def test_a_peer_that_is_not_installed_says_so(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is left out with a reason."""
    monkeypatch.delenv(f"BENCHMARK_{name.upper()}", raising=False)
    peer = next(peer for peer in PEERS if peer.name == name)
    with pytest.raises(Absent, match="not installed"):
        peer.launch(place(tmp_path))


def test_the_server_path_moves_into_the_paths() -> None:
    """For a router that looks at paths alone."""
    document: dict[str, Any] = {"servers": [{"url": "http://host/v1"}], "paths": {"/a": {}, "/b": {}}}
    moved = peers.without_server_path(document)
    assert moved["paths"].keys() == {"/v1/a", "/v1/b"}
    assert moved["servers"] == [{"url": "http://host"}]
    assert document["paths"].keys() == {"/a", "/b"}

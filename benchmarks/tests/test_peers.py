"""How peers are configured."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from benchmarks import peers
from benchmarks.peers import PEERS, Place
from benchmarks.tools import Absent, Tools
from gateway.config import file
from gateway.server.generation import Generations


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


def test_guards_are_in_the_settings_and_a_good_request_passes_them(tmp_path: Path) -> None:
    """Everything at once: a token, a key, a limit that Redis counts and slots."""
    launch = peers.WHOLE.launch(place(tmp_path))
    settings = yaml.safe_load(Path(launch.command[-1]).read_text())
    assert launch.headers.keys() == {"Authorization", "X-Api-Key"}
    assert settings["issuers"] and settings["keys"]
    assert settings["store"]["on-failure"] == "closed"
    assert settings["apis"][0]["rate-limits"] in settings["rate-limits"]
    assert settings["apis"][0]["concurrency"]["limit"]
    assert "redis-server" in launch.beside[0][0]


@pytest.mark.parametrize(
    "peer", [peer for peer in PEERS if peer.name.startswith("gateway")], ids=lambda peer: peer.name
)
def test_the_settings_of_our_rows_are_settings(peer: peers.Peer, tmp_path: Path) -> None:
    """They compile, without a finding."""
    configuration = peer.launch(place(tmp_path)).command[-1]
    compiled = Generations(frozenset()).renew(file.read(configuration, {}, {}))
    assert [finding.text() for finding in compiled.findings] == []

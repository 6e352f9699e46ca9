"""Services in process and as processes."""

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from backends.common import hashing
from backends.dataservice import demo
from backends.dataservice.__main__ import build as build_dataservice
from backends.dataservice.store import Store
from backends.tests.documented import DocumentedClient
from backends.tokendealer.__main__ import build as build_tokendealer
from backends.tokendealer.__main__ import seed

ISSUER = "http://gateway.test/auth"
LIFETIME = 600


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, time: float) -> None:
        self.time = time

    def __call__(self) -> float:
        return self.time


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash with less work; what is hashed and compared stays the same."""
    monkeypatch.setitem(hashing.COST, "n", 1 << 4)


@pytest.fixture(scope="session")
def dealer_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with keys and the demonstration's clients, made once."""
    folder = tmp_path_factory.mktemp("dealer")
    cost = hashing.COST["n"]
    hashing.COST["n"] = 1 << 4
    seed(folder)
    hashing.COST["n"] = cost
    return folder


@pytest.fixture
def dealer_data(tmp_path: Path, dealer_files: Path) -> Path:
    """A copy of the folder that a test may change."""
    folder = tmp_path / "dealer"
    folder.mkdir()
    for source in dealer_files.iterdir():
        target = folder / source.name
        target.touch(mode=0o600)
        target.write_bytes(source.read_bytes())
    return folder


@pytest.fixture
def clock() -> Clock:
    """A clock for the token dealer."""
    return Clock(1_700_000_000.0)


@pytest.fixture
def dealer(dealer_data: Path, clock: Clock) -> DocumentedClient:
    """The token dealer with the demonstration's clients."""
    return DocumentedClient("tokendealer", build_tokendealer(dealer_data, ISSUER, LIFETIME, now=clock))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A database with the demonstration's runners."""
    store = Store(f"sqlite:///{tmp_path / 'data.db'}")
    demo.seed(store)
    return store


@pytest.fixture
def data(store: Store) -> DocumentedClient:
    """The data service, trusting its caller."""
    return DocumentedClient("dataservice", build_dataservice(store))


Start = Callable[..., tuple[subprocess.Popen[str], str]]


@contextmanager
def processes() -> Iterator[Start]:
    """Start services as processes on free ports; stops them at the end."""
    running = []

    def start_service(name: str, *arguments: str) -> tuple[subprocess.Popen[str], str]:
        command = [sys.executable, "-m", f"backends.{name}", "--port", "0", *arguments]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        running.append(process)
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.fullmatch(rf"{name} listening on (http://127\.0\.0\.1:\d+)\n", line)
        assert found, line or process.communicate()[1]
        return process, found[1]

    try:
        yield start_service
    finally:
        for process in running:
            process.send_signal(signal.SIGTERM)
        for process in running:
            process.communicate(timeout=20)


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a service as a process: gives the process and its URL."""
    with processes() as start_service:
        yield start_service

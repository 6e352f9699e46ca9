"""Options, the running system, and the summary at the end."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml

from contract_tests.client import Client
from contract_tests.states import State
from contract_tests.system import BACKENDS, STRICT, System, configuration, started
from contract_tests.tokens import WRONG, Tokens
from gateway.config.file import read
from gateway.verify.coverage import Coverage, text_table
from gateway.verify.credentials import offers, title
from gateway.verify.message import Reply, Request
from gateway.verify.report import summary
from gateway.verify.subject import Subject, subjects_of

COVERAGE = pytest.StashKey[Coverage]()
NOTES = pytest.StashKey[list[str]]()
URL = "http://127.0.0.1:8080"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Without options the tests start everything themselves."""
    group = parser.getgroup("contract tests")
    group.addoption("--url", help=f"test the gateway that runs there (`gateway demo`: {URL})")
    group.addoption("--token-url", help="its token endpoint (default: URL/auth/oauth/token)")
    group.addoption("--client-id", default="demo", help="client that gets the tokens (with --url)")
    group.addoption("--client-secret", default="demo-secret", help="its secret (with --url)")
    group.addoption("--keys", help="the token dealer's keys.json, to forge tokens with (with --url)")
    group.addoption("--seed", type=int, default=0, help="for what is chosen by chance")
    group.addoption("--report", default="reports/contract.md", help="where the summary goes")


@cache
def every_subject() -> tuple[Subject, ...]:
    """All operations of all documents, compiled with the configuration that the gateway gets."""
    nowhere = "127.0.0.1:1"
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        settings = configuration(nowhere, "off", dict.fromkeys(BACKENDS, f"http://{nowhere}"), f"http://{nowhere}")
        yaml.safe_dump(settings, file)
        file.flush()
        return subjects_of(read(file.name, {}))


def wanted(config: pytest.Config) -> tuple[Subject, ...]:
    """What is tested: a gateway that runs elsewhere shows neither internal operations nor the liar."""
    elsewhere = config.getoption("--url")
    return tuple(
        subject
        for subject in every_subject()
        if subject.mount != STRICT and not (elsewhere and (subject.api == "liar" or not subject.routed))
    )


SELECTIONS: dict[str, Callable[[Subject], bool]] = {
    "subject": lambda subject: True,
    "routed": lambda subject: subject.routed,
    "internal": lambda subject: not subject.routed,
    "secured": lambda subject: subject.secured,
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test with an argument named like a selection runs once for each operation of it."""
    if "offer" in metafunc.fixturenames:
        metafunc.parametrize(("secured", "offer"), ways_in(metafunc.config))
        return
    for name, choose in SELECTIONS.items():
        if name in metafunc.fixturenames:
            chosen = [subject for subject in wanted(metafunc.config) if choose(subject)]
            metafunc.parametrize(name, chosen, ids=[subject.name for subject in chosen])


def ways_in(config: pytest.Config) -> list[Any]:
    """Each secured operation with everything that a caller may bring."""
    return [
        pytest.param(subject, offer, id=f"{subject.name}, {title(offer)}")
        for subject in wanted(config)
        if subject.secured
        for offer in offers(subject.requirements, lambda scheme: tuple(WRONG))
    ]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What judges the whole run comes last."""
    items.sort(key=lambda item: item.get_closest_marker("last") is not None)


def pytest_configure(config: pytest.Config) -> None:
    """Where the run keeps what it will be judged by."""
    config.addinivalue_line("markers", "last: judges the whole run, and runs after everything else")
    config.stash[COVERAGE] = Coverage(wanted(config))
    config.stash[NOTES] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The table of what was exercised, and the same as a file."""
    coverage, notes = config.stash[COVERAGE], config.stash[NOTES]
    failed = [report.nodeid for kind in ("failed", "error") for report in terminalreporter.stats.get(kind, ())]
    passed, skipped = (len(terminalreporter.stats.get(kind, ())) for kind in ("passed", "skipped"))
    if not passed and not failed:
        return
    terminalreporter.section("what was exercised")
    terminalreporter.write_line(text_table(coverage.rows()))
    for note in notes:
        terminalreporter.write_line(note)
    path = config.rootpath / config.getoption("--report")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(summary(coverage, passed, failed, skipped, notes), "utf-8")


@dataclass(frozen=True)
class World:
    """The running system, as tests use it."""

    system: System
    client: Client
    tokens: Tokens
    state: State

    def send(self, subject: Subject, request: Request) -> Reply:
        """To the gateway; what it does not route, to the backend itself."""
        if subject.routed:
            return self.client.send(self.system.gateway, subject.mount, request)
        return self.client.send(self.system.backends[subject.api], subject.prefix, request)

    def around(self, subject: Subject, request: Request) -> Reply:
        """To the backend itself."""
        return self.client.send(self.system.backends[subject.api], subject.prefix, request)

    def seen(self, names: Sequence[str] = BACKENDS) -> int | None:
        """Requests that reached the backends through the gateway so far; None when nobody counts."""
        counters = self.system.counters
        return sum(counters.seen[name] for name in names) if counters else None


@pytest.fixture(scope="session")
def system(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """What is tested: a gateway that runs already, or everything started here."""
    option = request.config.getoption
    if not option("--url"):
        with started(tmp_path_factory.mktemp("system")) as running:
            yield running
        return
    base = option("--url").rstrip("/")
    token_url = option("--token-url") or f"{base}/auth/oauth/token"
    keys = Path(option("--keys")) if option("--keys") else None
    try:
        requests.get(base, timeout=10, allow_redirects=False)
    except requests.RequestException:
        pytest.exit(f"nothing answers at {base}: start it first, for example with `gateway demo`", 2)
    if keys and not keys.is_file():
        pytest.exit(f"there is no file {keys}: --keys names the keys.json of the token dealer that runs", 2)
    yield System(base, {}, None, option("--client-id"), option("--client-secret"), token_url, keys)


@pytest.fixture(scope="session")
def world(system: System) -> World:
    """The running system and what is needed to talk to it."""
    tokens = Tokens(system.token_url, system.client, system.secret, system.key_file)
    return World(system, Client(), tokens, State(system, tokens))


@pytest.fixture(scope="session")
def coverage(request: pytest.FixtureRequest) -> Coverage:
    """What the run has exercised so far."""
    return request.config.stash[COVERAGE]


@pytest.fixture(scope="session")
def notes(request: pytest.FixtureRequest) -> list[str]:
    """Sentences for the summary."""
    return request.config.stash[NOTES]


@pytest.fixture(scope="session")
def seed(request: pytest.FixtureRequest) -> int:
    """For what is chosen by chance."""
    return int(request.config.getoption("--seed"))

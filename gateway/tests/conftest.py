"""Fixtures for tests that run the gateway as its users do."""

import signal

import pytest

from gateway.tests.processes import Backend, Process

# A job in the background of a shell starts with SIGINT ignored, and so would everything that tests start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True, scope="session")
def cache_of_their_own(tmp_path_factory):
    """Tests, and the processes they start, neither use nor fill the cache of whoever runs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture
def backend():
    """A backend that answers at once."""
    backend = Backend()
    yield backend
    backend.close()


@pytest.fixture
def start(tmp_path, backend):
    """Start a gateway; it is stopped at the end, and must not have written a secret of its settings anywhere."""
    started = []

    def start(*arguments, **options):
        started.append(Process(tmp_path, options.pop("backend", backend), *arguments, **options))
        return started[-1]

    yield start
    for process in started:
        if process.process.poll() is None:
            process.process.kill()
            process.process.wait()
    assert [leaked for process in started if (leaked := process.leaked())] == []

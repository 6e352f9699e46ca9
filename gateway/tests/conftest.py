"""Fixtures for tests that run the gateway as its users do."""

import pytest

from gateway.tests.processes import Backend, Process


@pytest.fixture
def backend():
    """A backend that answers at once."""
    backend = Backend()
    yield backend
    backend.close()


@pytest.fixture
def start(tmp_path, backend):
    """Start a gateway; it is stopped at the end."""
    started = []

    def start(*arguments, **options):
        started.append(Process(tmp_path, options.pop("backend", backend), *arguments, **options))
        return started[-1]

    yield start
    for process in started:
        if process.process.poll() is None:
            process.process.kill()
            process.process.wait()

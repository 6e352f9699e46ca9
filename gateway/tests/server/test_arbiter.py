"""The master process: starting, reloading and replacing workers, on real processes and signals."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import requests

from gateway.tests.harness import DOCUMENT
from gateway.tests.processes import PATIENCE


class Traffic:
    """Clients that ask over keep-alive connections until told to stop; failures are kept."""

    def __init__(self, url, clients=4):
        self._stop = threading.Event()
        self.answered = 0
        self.failures = []
        self._threads = [threading.Thread(target=self._ask, args=(url,)) for _ in range(clients)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *error):
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, url):
        with requests.Session() as session:
            while not self._stop.is_set():
                try:
                    response = session.get(url, timeout=10)
                    if response.status_code != 200:
                        self.failures.append(response.status_code)
                except requests.RequestException as error:
                    self.failures.append(repr(error))
                self.answered += 1


def test_reloads_under_traffic_lose_no_request(start):
    """Four times SIGHUP while clients keep asking; counters go on."""
    gateway = start("--workers", "2")
    with Traffic(f"{gateway.url}/v1/things/1") as traffic:
        for round in range(4):
            before = gateway.ready()["table"]
            gateway.document.write_text(DOCUMENT + f"# round {round}\n")
            gateway.process.send_signal(signal.SIGHUP)
            gateway.until(lambda state, before=before: state["table"] != before)
    assert traffic.failures == []
    assert traffic.answered > 50
    assert gateway.metric("gateway_requests_total{") == traffic.answered
    assert gateway.metric('gateway_reloads_total{result="success"}') == 4
    assert gateway.stop() == 0


def test_a_changed_document_is_taken_up_with_watch(start):
    """Without a signal: a new path is served, a removed one no longer."""
    gateway = start("--watch")
    assert requests.get(f"{gateway.url}/v1/items/1", timeout=5).status_code == 404
    before = gateway.ready()["table"]
    gateway.document.write_text(DOCUMENT.replace("/things", "/items"))
    gateway.until(lambda state: state["table"] != before)
    deadline = time.monotonic() + PATIENCE
    while requests.get(f"{gateway.url}/v1/items/1", timeout=5).status_code != 200:
        assert time.monotonic() < deadline
    assert requests.get(f"{gateway.url}/v1/things/1", timeout=5).status_code == 404


@pytest.mark.parametrize(
    "broken",
    ["openapi: 3.0.3\npaths: {", "openapi: 4.0.0\n", "", DOCUMENT.replace("#/components/schemas/Thing", "#/nowhere")],
)
def test_a_broken_document_changes_nothing_and_is_named(start, broken):
    """The former table serves on; the log and /ready say why."""
    gateway = start()
    before = gateway.ready()["table"]
    gateway.document.write_text(broken)
    gateway.process.send_signal(signal.SIGHUP)
    state = gateway.until(lambda state: state["reload"].startswith("failed"))
    assert state["table"] == before and state["ready"]
    assert "api.yaml:" in state["findings"][0]
    assert "not reloaded" in gateway.wait_for("not reloaded")
    assert "Traceback" not in gateway.errors.read_text()
    assert requests.get(f"{gateway.url}/v1/things/1", timeout=5).status_code == 200
    gateway.document.write_text(DOCUMENT + "# mended\n")
    gateway.process.send_signal(signal.SIGHUP)
    assert gateway.until(lambda state: state["table"] != before)["reload"] == "done"


def test_a_broken_configuration_changes_nothing(start):
    """The same for gateway.yaml."""
    gateway = start()
    gateway.config.write_text("apsi: []\n")
    gateway.process.send_signal(signal.SIGHUP)
    state = gateway.until(lambda state: state["reload"].startswith("failed"))
    assert any("apsi" in finding for finding in state["findings"])
    assert requests.get(f"{gateway.url}/v1/things/1", timeout=5).status_code == 200


def test_a_worker_that_is_killed_is_replaced(start):
    """Its numbers stay."""
    gateway = start()
    assert requests.get(f"{gateway.url}/v1/things/1", timeout=5).status_code == 200
    assert gateway.metric("gateway_requests_total{") == 1
    [worker] = children(gateway.process.pid)
    os.kill(worker, signal.SIGKILL)
    deadline = time.monotonic() + PATIENCE
    while children(gateway.process.pid) in ([], [worker]):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert requests.get(f"{gateway.url}/v1/things/1", timeout=5).status_code == 200
    assert gateway.metric("gateway_requests_total{") == 2


def test_sigttin_adds_workers_while_there_is_a_place_for_them(start):
    """And does no harm after that."""
    gateway = start()
    for _ in range(20):
        gateway.process.send_signal(signal.SIGTTIN)
        time.sleep(0.05)
    gateway.wait_for("no further worker")
    assert requests.get(f"{gateway.url}/v1/things/1", timeout=5).status_code == 200
    assert 1 < len(children(gateway.process.pid)) < 20
    assert gateway.stop() == 0


def children(pid):
    """Process ids of the living children."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [
        int(child) for child in found if "Z" not in Path(f"/proc/{child}/stat").read_text().rsplit(")")[-1].split()[0]
    ]


def test_a_taken_port_is_named(start, tmp_path, backend):
    """With what to do, and exit code 2."""
    gateway = start()
    port = gateway.url.rsplit(":", 1)[1]
    command = [sys.executable, "-m", "gateway", "run", "--config", str(gateway.config), "--listen", f"127.0.0.1:{port}"]
    second = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert second.returncode == 2
    assert f"127.0.0.1:{port}" in second.stderr and "--listen" in second.stderr
    assert "Traceback" not in second.stderr


def test_a_broken_document_does_not_start(tmp_path):
    """Exit code 1, the findings on stderr."""
    document = tmp_path / "api.yaml"
    document.write_text(DOCUMENT.replace("schemas/Thing'", "schemas/Nothing'", 1))
    command = [sys.executable, "-m", "gateway", "run", str(document), "--upstream", "http://127.0.0.1:1"]
    command += ["--listen", "127.0.0.1:0", "--admin", "off"]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert ended.returncode == 1
    assert f"{document}:" in ended.stderr and "not started" in ended.stderr
    assert "Traceback" not in ended.stderr

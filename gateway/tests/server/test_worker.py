"""A worker process: counts, pages, the end of its life."""

import json
import threading
import time

import pytest
import requests

from gateway.tests.processes import Backend


def test_metrics_are_right_over_all_workers(start):
    """Whichever worker is asked."""
    gateway = start("--workers", "2")
    while gateway.metric("gateway_workers ") < 2:
        time.sleep(0.05)
    for _ in range(40):
        assert requests.get(f"{gateway.url}/v1/things/1", timeout=5).status_code == 200
    assert requests.get(f"{gateway.url}/v1/things/x", timeout=5).status_code == 400
    for _ in range(4):
        assert gateway.metric("gateway_requests_total{") == 41
        assert gateway.metric("gateway_violations_total{") == 1
        assert gateway.metric("gateway_workers ") == 2
    assert gateway.stop() == 0
    lines = [json.loads(line) for line in gateway.access.read_text().splitlines()]
    assert len(lines) == 41
    assert {line["path"] for line in lines} == {"/v1/things/{id}"}


def test_sigterm_lets_requests_in_flight_finish(start):
    """And then the process ends with 0."""
    slow = Backend(delay=1.0)
    gateway = start(backend=slow)
    answers = []
    client = threading.Thread(
        target=lambda: answers.append(requests.get(f"{gateway.url}/v1/things/1", timeout=10).status_code)
    )
    client.start()
    while not slow.count:
        time.sleep(0.01)
    assert gateway.stop() == 0
    client.join()
    assert answers == [200]
    slow.close()


@pytest.mark.parametrize(
    ("path", "status"), [("/live", 200), ("/ready", 200), ("/metrics", 200), ("/routes", 200), ("/x", 404)]
)
def test_the_admin_port(start, path, status):
    """Each page, and a problem document for what is not there."""
    gateway = start()
    assert requests.get(gateway.admin + path, timeout=5).status_code == status
    refused = requests.post(gateway.admin + "/live", timeout=5)
    assert refused.status_code == 405 and refused.headers["Allow"] == "GET, HEAD"

"""The first generation's API: its contract is kept, and it tells the same story as the data service."""

import json
import re
from typing import Any

import pytest
import requests
import requests_mock
from httpx import Response
from openapi_spec_validator import validate
from starlette.testclient import TestClient

from backends.common.app import read
from backends.common.framing import Framing
from backends.legacy.__main__ import build
from backends.tests.documented import DocumentedClient

GATEWAY = "http://gateway.test"
RUN = {"title": "Run", "strava_id": 1, "distance": 5000.0, "start_date": 1772352000, "elapsed_time": 1500}


@pytest.fixture
def gateway(
    requests_mock: requests_mock.Mocker, data: DocumentedClient, dealer: DocumentedClient
) -> requests_mock.Mocker:
    """Stands for the gateway: hands requests to the services in process."""

    def forward(client: DocumentedClient) -> Any:
        def answer(request: Any, context: Any) -> bytes:
            headers = {name: value for name, value in request.headers.items() if name.lower() != "host"}
            url = f"http://service{request.path_url}"
            answer: Response = client.request(request.method, url, content=request.body or b"", headers=headers)
            context.status_code = answer.status_code
            context.headers.update(answer.headers)
            return answer.content

        return answer

    requests_mock.register_uri("POST", f"{GATEWAY}/auth/oauth/token", content=forward(dealer))
    for method in ("GET", "POST"):
        requests_mock.register_uri(method, re.compile(f"^{GATEWAY}/data/"), content=forward(data))
    return requests_mock


@pytest.fixture
def legacy(gateway: requests_mock.Mocker) -> TestClient:
    """The facade, in process."""
    return TestClient(Framing(build(GATEWAY, "legacy", "demo-secret")), base_url="http://service/api/")


def test_document_is_valid() -> None:
    """It is a Swagger 2.0 document with the book's three operations, all deprecated."""
    document = read("legacy")
    validate(document)
    operations = [operation for item in document["paths"].values() for operation in item.values()]
    assert sorted(operation["operationId"] for operation in operations) == ["addRuns", "getRuns", "getUsers"]
    assert all(operation["deprecated"] for operation in operations)


def test_base_path_counts(legacy: TestClient) -> None:
    """The operations are below /api and nowhere else."""
    assert legacy.get("users").status_code == 200
    assert legacy.get("http://service/users").status_code == 404


def test_users_are_an_array_of_ids(legacy: TestClient) -> None:
    """Ids as the document says, no objects, no tokens."""
    assert legacy.get("users").json() == [1, 2, 3]


def test_lists_are_walked_to_the_end(legacy: TestClient, data: DocumentedClient) -> None:
    """A user on the second page of the data service is there, too."""
    for number in range(100):
        new = {"email": f"u{number}@b.c", "password": "12345678", "firstname": "A", "lastname": "B"}
        assert data.post("users", json=new).status_code == 201
    assert legacy.get("users").json() == list(range(1, 104))


def test_runs_are_those_of_the_data_service(legacy: TestClient, data: DocumentedClient) -> None:
    """The same runs, with the start in seconds; year and month count."""
    modern = data.get("users/1/runs", params={"year": 2026, "month": 1}).json()["items"]
    old = legacy.get("runs/1/2026/1").json()
    assert old[0]["start_date"] == 1768026600
    assert [run | {"start_date": 0} for run in old] == [run | {"start_date": 0} for run in modern]
    assert [run["id"] for run in legacy.get("runs/1/2026/2").json()] == [3]
    assert legacy.get("runs/1/2026/7").json() == []


@pytest.mark.parametrize(("path", "status"), [("runs/1/2026/13", 400), ("runs/99/2026/1", 404), ("runs/a/xx/yy", 404)])
def test_parameters_are_judged(legacy: TestClient, path: str, status: int) -> None:
    """A month that is none, a runner that is none: a problem document, no empty list."""
    answer = legacy.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


def test_added_runs_have_ids_and_are_added_once(legacy: TestClient) -> None:
    """One id for each run sent, the same ones when sent again."""
    batch = {"3": [RUN, RUN | {"strava_id": 2}], "2": [RUN]}
    ids = legacy.post("add_runs", json=batch).json()
    assert len(set(ids)) == 3
    assert legacy.post("add_runs", json=batch).json() == ids
    (run, _) = legacy.get("runs/3/2026/3").json()
    assert run == RUN | {"id": ids[0], "runner_id": 3}


@pytest.mark.parametrize(
    ("batch", "status"),
    [
        ({}, 400),
        ({"1": []}, 400),
        ({"1": [{}]}, 400),
        ({"1": [RUN | {"secret": 1}]}, 400),
        ({"1": [RUN | {"start_date": "2026-01-01"}]}, 400),
        ({"0": [RUN]}, 400),
        ({"one": [RUN]}, 400),
        ({"-1": [RUN]}, 400),
        ({"9" * 5000: [RUN]}, 400),
        ({"99": [RUN]}, 404),
        ([RUN], 400),
    ],
)
def test_bad_batches(legacy: TestClient, batch: Any, status: int) -> None:
    """What the document does not allow is refused before anything is called."""
    assert legacy.post("add_runs", json=batch).status_code == status


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ({"status_code": 500}, 502),
        ({"status_code": 403}, 502),
        ({"status_code": 504}, 504),
        ({"text": "<html>"}, 502),
        ({"exc": requests.ConnectionError}, 502),
        ({"exc": requests.ReadTimeout}, 504),
    ],
)
def test_failures_behind_are_not_the_clients(
    legacy: TestClient, gateway: requests_mock.Mocker, answer: dict[str, Any], status: int
) -> None:
    """502 or 504 with a problem document."""
    gateway.get(f"{GATEWAY}/data/users", **answer)
    got = legacy.get("users")
    assert got.status_code == status
    assert json.loads(got.text)["status"] == status


def test_ids_of_the_request_are_passed_on(legacy: TestClient, gateway: requests_mock.Mocker) -> None:
    """Logs of all services can be joined."""
    legacy.get("users", headers={"X-Request-Id": "r-1", "traceparent": "00-1-2-03"})
    fields = gateway.request_history[-1].headers
    assert (fields["X-Request-Id"], fields["traceparent"]) == ("r-1", "00-1-2-03")

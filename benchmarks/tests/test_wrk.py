"""Reading what the load generator measured."""

import shutil
from pathlib import Path

import pytest

from benchmarks import wrk
from benchmarks.workloads import NEW_RUN_JSON, WORKLOADS

GOOD = '{"requests":1000,"microseconds":2000000,"p50":610,"p99":1500,"socket_errors":0,"bad_statuses":0}'


def output(result: str) -> str:
    """wrk's text around one result line."""
    return f"Running 2s test @ http://127.0.0.1/\n  1 threads and 32 connections\n{wrk.MARK}{result}\n"


def test_a_result_is_read() -> None:
    """The rate follows from requests and duration."""
    load = wrk.parse(output(GOOD))
    assert (load.requests, load.p50, load.p99, load.per_second) == (1000, 610, 1500, 500.0)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("unable to connect to 127.0.0.1:1 Connection refused\n", "no result"),
        (output(GOOD.replace('"socket_errors":0', '"socket_errors":3')), "3 socket errors"),
        (output(GOOD.replace('"bad_statuses":0', '"bad_statuses":9')), "9 bad statuses"),
        (output(GOOD.replace("1000,", "0,", 1)), "not one request"),
    ],
)
def test_a_run_that_proves_nothing_is_refused(text: str, reason: str) -> None:
    """Errors and wrong statuses would make a peer look fast."""
    with pytest.raises(wrk.LoadFailed, match=reason):
        wrk.parse(text)


def test_the_script_sends_the_workload() -> None:
    """Method, body and content type are in it; a GET has no body."""
    get, post = (wrk.script(workload) for workload in WORKLOADS)
    assert 'wrk.method = "POST"' in post
    assert f"[[{NEW_RUN_JSON.decode()}]]" in post
    assert "application/json" in post
    assert "wrk.body" not in get


@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed")
def test_a_peer_that_is_not_there_fails_the_run(tmp_path: Path) -> None:
    """A refused connection is an error, never a figure of zero."""
    with pytest.raises(wrk.LoadFailed):
        wrk.run("wrk", WORKLOADS[0], 1, 1, 0, tmp_path)


def test_the_script_sends_credentials() -> None:
    """As header fields."""
    assert 'wrk.headers["X-Api-Key"] = [[secret]]' in wrk.script(WORKLOADS[0], {"X-Api-Key": "secret"})

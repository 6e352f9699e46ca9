"""Counters in shared memory: written by several processes, added up for one scrape."""

import os
import re
from collections.abc import Sequence

import pytest

from gateway.errors import Violation
from gateway.observe.metrics import (
    BUCKETS,
    FAMILIES,
    KEYWORDS,
    STATUSES,
    OperationLabels,
    Segment,
    Totals,
    render,
)

GET_RUN = OperationLabels("data", "getRun", "GET", "/v1/runs/{id}")
ADD_RUN = OperationLabels("data", "", "POST", "/v1/runs")
LABELS = 'api="data",operation="getRun",method="GET",path="/v1/runs/{id}"'


def segment(workers: int = 1) -> Segment:
    """Two operations: rows 1 and 2."""
    return Segment.create([GET_RUN, ADD_RUN], workers)


def samples(*segments: Segment, retired: Totals | None = None) -> dict[str, float]:
    """The samples of a scrape by their full name."""
    lines = render(segments, retired).decode().splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))}


@pytest.mark.parametrize(
    ("status", "label"),
    [(0, "none"), (100, "1xx"), (200, "2xx"), (299, "2xx"), (304, "3xx"), (404, "4xx"), (599, "5xx"), (999, "5xx")],
)
def test_requests_are_counted_by_status_class(status: int, label: str) -> None:
    """A status is a class; one out of range is a server error (RFC 9110 section 15)."""
    made = segment()
    made.worker(0).request(1, status, 0.2)
    found = samples(made)
    assert found[f'gateway_requests_total{{{LABELS},status="{label}"}}'] == 1
    assert len([name for name in found if name.startswith("gateway_requests_total")]) == 1


@pytest.mark.parametrize(
    ("seconds", "first"),
    [(0.0, "0.001"), (0.001, "0.001"), (0.0011, "0.0025"), (30.0, "30.0"), (30.1, "+Inf"), (1e6, "+Inf")],
)
def test_durations_fall_into_cumulative_buckets(seconds: float, first: str) -> None:
    """A bucket counts what took as long or less; the last one everything."""
    made = segment()
    made.worker(0).request(1, 200, seconds)
    name = "gateway_request_duration_seconds"
    found = samples(made)
    counts = [found[f'{name}_bucket{{{LABELS},le="{bound}"}}'] for bound in (*BUCKETS, "+Inf")]
    bounds = [str(bound) for bound in (*BUCKETS, "+Inf")]
    assert counts == [0.0] * bounds.index(first) + [1.0] * (len(bounds) - bounds.index(first))
    assert found[f"{name}_count{{{LABELS}}}"] == 1
    assert found[f"{name}_sum{{{LABELS}}}"] == pytest.approx(seconds)


def violation(place: str, keyword: str) -> Violation:
    return Violation(place, "", "", keyword, "")


def test_violations_are_counted_by_place_and_keyword() -> None:
    """Places and keywords are closed lists; what is in none of them is `other`."""
    made = segment()
    metrics = made.worker(0)
    metrics.violations(1, "request", [violation("query", "unknown"), violation("body", "required")] * 2)
    metrics.violations(1, "response", [violation("status", "undocumented"), violation("moon", "x-cheese")])
    found = {name: value for name, value in samples(made).items() if "violations" in name}
    base = f"gateway_violations_total{{{LABELS},direction="
    assert found == {
        base + '"request",place="query",keyword="unknown"}': 2,
        base + '"request",place="body",keyword="required"}': 2,
        base + '"response",place="status",keyword="undocumented"}': 1,
        base + '"response",place="other",keyword="other"}': 1,
    }


@pytest.mark.parametrize("keyword", KEYWORDS)
def test_every_keyword_has_a_word_of_its_own(keyword: str) -> None:
    """No two keywords are counted together, in either direction, up to the last word of the last row."""
    made = segment()
    made.worker(0).violations(2, "response", [violation("other", keyword)])
    [name] = [name for name in samples(made) if "violations" in name]
    assert f'keyword="{keyword}"' in name
    assert 'path="/v1/runs"' in name


@pytest.mark.parametrize(
    ("kind", "label"), [("connect", "connect"), ("retried", "retried"), ("protocol", "protocol"), ("odd", "other")]
)
def test_backend_errors(kind: str, label: str) -> None:
    """Kinds are a closed list."""
    made = segment()
    made.worker(0).backend_error(1, kind)
    assert samples(made)[f'gateway_backend_errors_total{{{LABELS},kind="{label}"}}'] == 1


def test_unjudged_messages() -> None:
    """What passes without a verdict is visible."""
    made = segment()
    made.worker(0).unjudged(1, "response")
    assert samples(made)[f'gateway_unjudged_total{{{LABELS},direction="response"}}'] == 1


def test_row_zero_is_no_operation() -> None:
    """An exchange that reached no operation has empty labels."""
    made = segment()
    made.worker(0).request(0, 404, 0.0)
    assert samples(made)['gateway_requests_total{api="",operation="",method="",path="",status="4xx"}'] == 1


def test_quiet_operations_have_no_series() -> None:
    """Nothing but totals of the process is rendered before the first request."""
    assert set(samples(segment())) == {
        "gateway_workers",
        "gateway_open_connections",
        "gateway_log_dropped_total",
        "gateway_store_down",
        "gateway_store_failures_total",
        'gateway_reloads_total{result="success"}',
        'gateway_reloads_total{result="failure"}',
    }


def in_child(work: Sequence[object]) -> None:
    """Run `work` = (function, arguments) in a forked process, as a worker does."""
    pid = os.fork()
    if pid == 0:
        work[0](*work[1:])  # type: ignore[operator]
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0


def serve(made: Segment, slot: int, requests: int) -> None:
    metrics = made.worker(slot)
    metrics.connections(+1)
    for _ in range(requests):
        metrics.request(1, 200, 0.01)


def test_workers_are_added_up() -> None:
    """Each process writes its own block; the master sees the sum."""
    made = segment(workers=3)
    for slot, requests in enumerate((1000, 200, 30)):
        in_child((serve, made, slot, requests))
    found = samples(made)
    assert found[f'gateway_requests_total{{{LABELS},status="2xx"}}'] == 1230
    assert found["gateway_open_connections"] == found["gateway_workers"] == 3


def test_a_slot_that_is_used_again() -> None:
    """A worker that died leaves its totals to its successor, but not its connections."""
    made = segment()
    in_child((serve, made, 0, 5))
    made.release(0)
    assert samples(made)["gateway_open_connections"] == samples(made)["gateway_workers"] == 0
    in_child((serve, made, 0, 5))
    in_child((serve, made, 0, 5))  # also when nobody told that the former one is gone
    found = samples(made)
    assert found[f'gateway_requests_total{{{LABELS},status="2xx"}}'] == 15
    assert found["gateway_open_connections"] == 1


def test_a_slot_that_does_not_exist() -> None:
    """Blocks are never shared by accident."""
    with pytest.raises(IndexError):
        segment().worker(1)
    with pytest.raises(IndexError):
        segment().worker(-1)


def test_totals_survive_a_reload() -> None:
    """Segments of several tables are added up by labels, also when rows moved or went."""
    old = Segment.create([GET_RUN, ADD_RUN], 1, {"data": "aaa"})
    new = Segment.create([ADD_RUN], 1, {"data": "bbb"})
    old.worker(0).request(1, 200, 0.1)
    old.worker(0).request(2, 201, 0.1)
    new.worker(0).request(1, 201, 0.1)
    new.reloaded(True)
    found = samples(old, new)
    assert found[f'gateway_requests_total{{{LABELS},status="2xx"}}'] == 1
    assert found['gateway_requests_total{api="data",operation="",method="POST",path="/v1/runs",status="2xx"}'] == 2
    assert found['gateway_reloads_total{result="success"}'] == 1
    assert [name for name in found if "contract_info" in name] == ['gateway_contract_info{api="data",hash="bbb"}']
    old.release(0)
    assert samples(new, retired=old.totals()) == samples(old, new)


def test_retired_gauges_do_not_count() -> None:
    """A connection that was open when its segment was let go is not open for ever."""
    old, new = segment(), segment()
    old.worker(0).connections(+1)
    found = samples(new, retired=old.totals())
    assert found["gateway_open_connections"] == found["gateway_workers"] == 0


def test_failed_reloads_are_counted() -> None:
    """A document that does not compile is visible."""
    made = segment()
    made.reloaded(False)
    assert samples(made)['gateway_reloads_total{result="failure"}'] == 1


def test_dropped_log_lines_are_counted() -> None:
    """A log that stands still is visible."""
    made = segment()
    made.worker(0).log_dropped(7)
    assert samples(made)["gateway_log_dropped_total"] == 7


def test_label_values_are_escaped() -> None:
    """Backslash, quote and line feed, as the exposition format wants it."""
    made = Segment.create([OperationLabels('a"b', "x\\y", "GET", "/a\nb")], 1)
    made.worker(0).request(1, 200, 0.1)
    assert 'api="a\\"b",operation="x\\\\y",method="GET",path="/a\\nb"' in render([made]).decode()


def test_the_exposition_format() -> None:
    """Each family has one HELP and one TYPE line, its samples right below, and every line has the right form."""
    made = segment()
    metrics = made.worker(0)
    metrics.request(1, 200, 0.1)
    metrics.violations(1, "request", [violation("query", "type")])
    text = render([made]).decode()
    sample = re.compile(r'[a-z_]+(\{([a-z]+="([^"\\\n]|\\.)*",?)+\})? [0-9.e+]+')
    family = ""
    for line in text.splitlines():
        if line.startswith("# HELP "):
            family = line.split()[2]
        elif not line.startswith("# TYPE "):
            assert sample.fullmatch(line), line
            assert line.startswith(family)
    assert text.count("# TYPE ") == len(FAMILIES)
    assert text.endswith("\n")


def test_status_classes_cover_all_hundreds() -> None:
    """The index of a class is the status divided by a hundred."""
    assert [name[0] for name in STATUSES[1:]] == ["1", "2", "3", "4", "5"]


def test_what_is_deprecated_is_counted_by_its_name() -> None:
    """The operation itself has none; other rows and workers are not touched."""
    old = GET_RUN._replace(deprecated=("", "query.old"))
    made = Segment.create([ADD_RUN._replace(deprecated=("header.x",)), old, ADD_RUN], 2)
    for slot in (0, 1):
        made.worker(slot).deprecated(2, 1)
    made.worker(1).deprecated(2, 0)
    made.worker(1).request(2, 200, 0.1)
    found = {key: value for key, value in samples(made).items() if "deprecated_total{" in key}
    assert sorted(found.values()) == [1, 2]
    assert [value for key, value in found.items() if 'parameter="query.old"' in key] == [2]


def test_rate_limits_are_counted_by_their_name() -> None:
    """Beside what is deprecated in the same row, and for rows and workers each for itself."""
    row = GET_RUN._replace(deprecated=("query.old",), policies=("slow", "daily"))
    made = Segment.create([ADD_RUN._replace(policies=("slow",)), row, ADD_RUN], 2)
    for slot in (0, 1):
        made.worker(slot).limited(2, 1)
    made.worker(1).limited(2, 0)
    made.worker(1).deprecated(2, 0)
    found = {key: value for key, value in samples(made).items() if "rate_limited_total{" in key}
    assert found == {
        f'gateway_rate_limited_total{{{LABELS},policy="slow"}}': 1,
        f'gateway_rate_limited_total{{{LABELS},policy="daily"}}': 2,
    }
    assert [value for key, value in samples(made).items() if "deprecated_total{" in key] == [1]


def test_queues_are_counted_by_what_became_of_a_request() -> None:
    """Served after a while, refused at once, or too late."""
    made = segment()
    for outcome in ("served", "full", "full", "late"):
        made.worker(0).queued(1, outcome)
    assert samples(made)[f'gateway_queued_total{{{LABELS},outcome="full"}}'] == 2
    assert samples(made)[f'gateway_queued_total{{{LABELS},outcome="served"}}'] == 1


def test_a_worker_that_is_gone_does_not_count_as_one_without_the_store() -> None:
    """The gauge says how many workers do without it now, the counter how often it failed them."""
    made = segment()
    worker = made.worker(0)
    worker.store_failed()
    worker.store_down(True)
    assert (samples(made)["gateway_store_down"], samples(made)["gateway_store_failures_total"]) == (1, 1)
    worker.store_down(False)
    assert samples(made)["gateway_store_down"] == 0
    worker.store_down(True)
    made.release(0)
    assert (samples(made)["gateway_store_down"], samples(made)["gateway_store_failures_total"]) == (0, 1)

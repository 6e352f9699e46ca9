"""What a worker makes once, after fork."""

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from gateway.config import Settings, Timeouts
from gateway.observe.accesslog import Entry
from gateway.observe.audit import AuditLog
from gateway.observe.metrics import DOOR
from gateway.server.runtime import doorkeeper, hex_tokens, http_date, recorder, sweep_for


def test_request_ids_are_unique_and_well_formed() -> None:
    """32 hexadecimal digits; another worker's are others."""
    first, second = hex_tokens(), hex_tokens()
    made = [first() for _ in range(1000)] + [second() for _ in range(1000)]
    assert len(set(made)) == 2000
    assert all(re.fullmatch(rb"[0-9a-f]{32}", token) for token in made)


def test_the_date_is_formatted_once_a_second() -> None:
    """RFC 9110 section 5.6.7."""
    now = 784111777.0
    date = http_date(lambda: now)
    first = date()
    assert first == b"Sun, 06 Nov 1994 08:49:37 GMT"
    now += 0.9
    assert date() is first
    now += 0.1
    assert date() == b"Sun, 06 Nov 1994 08:49:38 GMT"


@pytest.mark.parametrize("name", ["first_byte", "head", "body", "idle", "write", "read", "total"])
def test_the_sweep_is_quick_enough_for_each_timeout(name: str) -> None:
    """A quarter of the shortest."""
    timeouts = replace(Timeouts(), **{name: 0.4})
    loop: Any = None
    assert sweep_for(loop, Settings(timeouts=timeouts))._interval == pytest.approx(0.1)


def test_without_an_access_log_nothing_is_recorded() -> None:
    """Not even an entry is made."""
    nothing: Any = object()
    recorder(None, None, lambda: 0.0)(nothing)


def test_an_exchange_that_matched_nothing_is_recorded_with_empty_fields() -> None:
    """Names come from the documents only."""
    entries: list[Entry] = []

    class Log:
        record = staticmethod(entries.append)

    class Head:
        method = b"GET"

    class Exchange:
        head, bytes_in, address = Head, 7, "192.0.2.1"
        operation = principal = None
        request_violations = response_violations = ()
        request_id, status, bytes_out, started, backend_seconds, error = b"1", 404, 3, 1.0, 0.0, "not-found"

    log: Any = Log
    exchange: Any = Exchange
    recorder(log, None, lambda: 1.5)(exchange)
    (entry,) = entries
    assert entry[1:] == ("1", "GET", "", "", "", 404, 7, 3, 0.5, 0.0, "", "", "192.0.2.1", (), "not-found")


def test_a_connection_that_is_turned_away_is_counted_and_told() -> None:
    """It has no request id, but an address; what an IPv4 address is called inside IPv6 is not another one."""
    counted: list[str] = []
    lines: list[bytes] = []
    metrics: Any = type("Counting", (), {"turned_away": staticmethod(counted.append)})()
    for audit in (AuditLog(lines.append, 100), None):
        for cause in DOOR:
            doorkeeper(metrics, audit)(cause, "::ffff:192.0.2.7", "said nothing")
    assert counted == [*DOOR, *DOOR]
    told = [json.loads(line) for line in lines]
    assert [line["reason"] for line in told] == [f"{cause}: said nothing" for cause in DOOR]
    assert {(line["audit"], line["cause"], line["client"]) for line in told} == {
        ("refused", "connections", "192.0.2.7")
    }
    assert {len(line) for line in told} == {5}

"""The lines of the access log."""

import json
from typing import Any

import pytest

from gateway.errors import Violation
from gateway.observe.accesslog import AccessLog, Entry

ENTRY = Entry(
    time=1700000000.0625,
    id="4bf92f",
    method="GET",
    path="/v1/runs/{id}",
    operation="getRun",
    api="data",
    status=200,
    bytes_in=0,
    bytes_out=240,
    duration=0.0012344999,
    backend_duration=0.001,
    upstream="127.0.0.1:8102",
    subject="me",
    client="192.0.2.7",
)


def line(entry: Entry) -> dict[str, Any]:
    """The one line an entry makes."""
    made: list[bytes] = []
    AccessLog(made.append).record(entry)
    [batch] = made
    assert batch.count(b"\n") == 1
    assert batch.endswith(b"\n")
    found: dict[str, Any] = json.loads(batch)
    return found


def test_a_line() -> None:
    """All fields, times in seconds, the time of day in UTC with milliseconds."""
    assert line(ENTRY) == {
        "time": "2023-11-14T22:13:20.062Z",
        "id": "4bf92f",
        "method": "GET",
        "path": "/v1/runs/{id}",
        "operation": "getRun",
        "api": "data",
        "status": 200,
        "bytes_in": 0,
        "bytes_out": 240,
        "duration": 0.001234,
        "backend_duration": 0.001,
        "upstream": "127.0.0.1:8102",
        "subject": "me",
        "client": "192.0.2.7",
    }


@pytest.mark.parametrize(
    ("time", "shown"),
    [
        (0.0, "1970-01-01T00:00:00.000Z"),
        (1700000000.9999, "2023-11-14T22:13:20.999Z"),
        (1709164800.5, "2024-02-29T00:00:00.500Z"),
    ],
)
def test_time(time: float, shown: str) -> None:
    """RFC 3339, cut and not rounded up into the next second."""
    assert line(ENTRY._replace(time=time))["time"] == shown


def test_the_second_is_not_stuck() -> None:
    """The part of the time that is kept between lines changes with the second."""
    made: list[bytes] = []
    log = AccessLog(made.append)
    for moment in (10.125, 10.25, 11.5, 9.5):
        log.record(ENTRY._replace(time=moment))
    assert [json.loads(text)["time"][17:] for text in made] == [
        "10.125Z",
        "10.250Z",
        "11.500Z",
        "09.500Z",
    ]


def test_violations_without_values() -> None:
    """Their number, and the first few by place, name and keyword; the message, which may hold more, is left out."""
    broken = [Violation("query", f"q{n}", "/secret", "type", "secret") for n in range(9)]
    found = line(ENTRY._replace(violations=broken, status=400, error="invalid-request"))
    assert found["violations"] == 9
    assert found["broken"] == [f"query/q{n}/type" for n in range(5)]
    unknown = Violation("query", "secret", "", "unknown", "is not a documented parameter")
    assert line(ENTRY._replace(violations=[unknown]))["broken"] == ["query//unknown"]
    assert found["error"] == "invalid-request"
    assert "secret" not in json.dumps(found)


@pytest.mark.parametrize("text", ['a"b\\', "a\nb\r", "\x00\x1b[31m", "é\u2028", "\ud800 lone", "x" * 100_000])
def test_hostile_texts_make_one_short_line(text: str) -> None:
    """What a client had a part in cannot break out of its line, nor make it long."""
    found = line(ENTRY._replace(id=text, method=text, subject=text, violations=[Violation("query", text, "", "x", "")]))
    assert found["subject"] == found["id"] == found["method"] == text[:200]

"""The lines of the audit log, and what is left of them under a flood."""

import json
from typing import Any

from gateway.observe.audit import AuditLog, Refused

REFUSED = Refused(
    time=1700000000.0625,
    id="4bf92f",
    cause="scope",
    reason="the token of 'me' lacks a scope of: runs:write",
    status=403,
    client="192.0.2.7",
    subject="me",
    key="",
    api="data",
    operation="addRun",
    method="POST",
    path="/v1/runs",
)


def lines(*refused: Refused, rate: int = 100) -> list[dict[str, Any]]:
    """What is written, once the last second is over."""
    made: list[bytes] = []
    log = AuditLog(made.append, rate)
    for each in refused:
        log.record(each)
    log.settle()
    assert all(line.endswith(b"\n") and line.count(b"\n") == 1 for line in made)
    return [json.loads(line) for line in made]


def test_a_line() -> None:
    """Who, what and why; names that there are not are left out."""
    assert lines(REFUSED) == [
        {
            "audit": "refused",
            "time": "2023-11-14T22:13:20.062Z",
            "id": "4bf92f",
            "cause": "scope",
            "reason": "the token of 'me' lacks a scope of: runs:write",
            "status": 403,
            "client": "192.0.2.7",
            "subject": "me",
            "api": "data",
            "operation": "addRun",
            "method": "POST",
            "path": "/v1/runs",
        }
    ]


def test_a_flood_is_sampled_and_counted() -> None:
    """By cause: one of another kind is written all the same."""
    flood = [REFUSED._replace(cause="malformed", id=str(n)) for n in range(50)]
    found = lines(*flood, REFUSED, rate=3)
    assert [line.get("id") for line in found] == ["0", "1", "2", "4bf92f", None]
    assert found[-1] == {"audit": "left-out", "time": "2023-11-14T22:13:20.000Z", "cause": "malformed", "count": 47}


def test_each_second_has_lines_of_its_own() -> None:
    """What was left out is told before the first line of the next."""
    found = lines(*[REFUSED._replace(time=t) for t in (10.1, 10.2, 10.9, 11.0, 12.5)], rate=1)
    assert [line["audit"] for line in found] == ["refused", "left-out", "refused", "refused"]
    assert found[1]["count"] == 2


def test_hostile_texts_make_one_short_line() -> None:
    """Whatever a token holds."""
    for text in ('a"b', "a\nb\r", "\x00\x1b[31m", "\ud800", "x" * 100_000):
        (found,) = lines(REFUSED._replace(subject=text, reason=text))
        assert len(found["subject"]) <= 200 and len(found["reason"]) <= 200

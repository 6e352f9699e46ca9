"""Refusals of slow and of too many clients."""

import asyncio
import gc
from pathlib import Path

import pytest

from gateway.errors import CAUSES
from gateway.request.exchange import Exchange
from gateway.server import faults
from gateway.tests.harness import Origin, running, status_of

TIMEOUTS = {"first_byte": 0.2, "head": 0.2, "body": 0.2}
PUT = b"PUT /v1/things/1 HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{"
POST = b"POST /v1/blobs HTTP/1.1\r\nHost: a\r\nContent-Type: application/octet-stream\r\nContent-Length: 9\r\n\r\n{"
LATE = {
    "head": (b"GET /v1/things/1 HTTP/1.1\r\n", 408),
    "body": (PUT, 408),
    "streamed": (POST, 408),
    "crowd": (b"", 503),
}


def test_each_is_made_anew_and_has_a_cause() -> None:
    """For the audit log."""
    for make in (faults.late_head, faults.late_body, faults.unread, faults.crowded):
        assert make() is not make() and make().cause in CAUSES


@pytest.mark.parametrize("name", LATE)
def test_nothing_is_left_of_the_exchanges(tmp_path: Path, name: str) -> None:
    """However many are ended so, memory stays as it was."""
    data, status = LATE[name]

    async def story() -> None:
        limits = {"connections": 0} if name == "crowd" else {}
        async with running(tmp_path, Origin(), timeouts=TIMEOUTS, limits=limits) as gateway:
            answers = await asyncio.gather(*(gateway.send(data) for _ in range(8)))
            assert {status_of(answer) for answer in answers} == {status}
            while gateway.totals().get(("gateway_open_connections", "")):
                await asyncio.sleep(0.01)
            gc.collect()
            assert [each for each in gc.get_objects() if isinstance(each, Exchange)] == []

    asyncio.run(story())

"""The values handed from step to step."""

import asyncio

import pytest

from gateway.request.exchange import Exchange
from gateway.stream import Inbound
from gateway.wire.message import RequestHead


@pytest.mark.parametrize(("length", "expected"), [(None, True), (0, False), (1, True)])
def test_the_framing_announces_a_body(length: int | None, expected: bool) -> None:
    """Chunks always do, a length if it is not 0 (RFC 9112 section 6.3)."""
    head = RequestHead(b"POST", b"/", None, [], {}, "")
    loop = asyncio.new_event_loop()
    nobody: object = None
    body = Inbound(loop, nobody)  # type: ignore[arg-type]
    exchange = Exchange(head, body, length, nobody, b"1", False, 0.0)  # type: ignore[arg-type]
    assert exchange.has_body is expected
    loop.close()

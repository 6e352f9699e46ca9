"""One call through a gateway, seen from both ends."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gateway.tests.harness import GET, OK, Origin, running


class Seen(NamedTuple):
    """The client's answers, the requests that the backend got, all counters and the access log."""

    answers: list[bytes]
    requests: list[bytes]
    counters: dict[tuple[str, str], int]
    lines: list[bytes]

    def count(self, name: str, *labels: str) -> int:
        """Sum of one counter over the label sets that hold all of `labels`."""
        return sum(
            number
            for (family, text), number in self.counters.items()
            if family == name and all(label in text for label in labels)
        )


Call = Callable[..., Seen]


@pytest.fixture
def call(tmp_path: Path) -> Call:
    """Send requests on one connection; `reply` is what the backend answers, other keywords go to `running`."""

    def send(*requests: bytes, reply: bytes = OK, bodiless: bool = False, **settings: Any) -> Seen:
        async def story() -> Seen:
            origin = Origin().replies(reply)
            async with running(tmp_path, origin, **settings) as gateway:
                answers = await gateway.ask(*(requests or (GET,)), bodiless=bodiless)
                await asyncio.sleep(0.02)  # the log is written after the answer
                return Seen(answers, origin.requests, gateway.totals(), list(gateway.lines()))

        return asyncio.run(story())

    return send

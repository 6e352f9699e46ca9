"""Nothing is compiled at request time."""

import asyncio
from pathlib import Path

from gateway.tests.harness import GET, OK, Origin, running, status_of
from gateway.validate import schema

PUT = b"PUT /v1/things/1 HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
REQUESTS = [
    GET,
    GET.replace(b"/1 ", b"/1?units=metric "),
    GET.replace(b"/1 ", b"/0 "),
    GET.replace(b"/1 ", b"/1?units=miles&x=1 "),
    GET.replace(b"things", b"nothing"),
    PUT % (8, b'{"id":1}'),
    PUT % (10, b'{"id":"x"}'),
    PUT % (2, b"[]"),
]


def test_no_validator_is_built_while_serving(tmp_path: Path) -> None:
    """Good and bad requests, good and bad replies: the number of validators stays what it was after loading."""

    async def story() -> None:
        before = schema.built
        bad = OK.replace(b'{"id":1}', b'{"ID":1}')
        async with running(tmp_path, Origin().replies(*[OK, bad] * 20), validate={"response": "observe"}) as gateway:
            loaded = schema.built
            assert loaded > before, "the count counts"
            for _ in range(10):
                answers = [(await gateway.ask(request))[0] for request in REQUESTS]
            assert {status_of(answer) for answer in answers} == {200, 400, 404}
            assert schema.built == loaded

    asyncio.run(story())

"""Who asks: good clients, some who are refused for a reason, some who are hostile, slow or gone before the answer.

Each coroutine runs until `Soak.over`. What it finds wrong it tells `Soak.wrong`; a connection that breaks is right only
where it was one of a worker that was killed.
"""

import asyncio
import itertools
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from benchmarks.soak.subject import echo
from benchmarks.workloads import NEW_RUN
from gateway.tests.hostile import strict, strike
from gateway.tests.hostile.replies import CORPUS
from gateway.tests.hostile.requests import CORPUS as REQUESTS

PATIENCE = 30.0  # seconds that any answer may take
SHOWN = 20  # wrong answers that are kept
BATCH = 8  # pipelined requests at most
HOST = b"Host: api.example\r\n"
# An unasked answer that comes late is taken for the answer to whatever was asked meanwhile: no proxy can tell.
REPLIES = [reply for reply in CORPUS if "late" not in reply.id]
JSON = b"Content-Type: application/json\r\n"
OCTETS = b"Content-Type: application/octet-stream\r\n"


@dataclass
class Soak:
    """What all traffic shares.

    `lost` are client ports of connections whose worker was killed, `kills` counts such workers, and
    `unanswered` what was asked on those connections, by kind.
    """

    port: int
    credentials: list[bytes]
    random: Random
    over: float = 0.0  # on the clock of time.monotonic
    kills: int = 0
    lost: set[int] = field(default_factory=set)
    seen: Counter[str] = field(default_factory=Counter)
    unanswered: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    forbidden: set[bytes] = field(default_factory=set)  # queries of /v1/smuggled that must not arrive
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def wrong(self, what: str) -> None:
        """A violation."""
        self.seen["wrong"] += 1
        if len(self.violations) < SHOWN:
            self.violations.append(what)

    @property
    def going(self) -> bool:
        """Whether there is time left."""
        return time.monotonic() < self.over


class Asked(NamedTuple):
    """One request with what has to be answered: one of `statuses`, and `body` unless that is None."""

    kind: str
    data: bytes
    statuses: tuple[int, ...]
    body: bytes | None = None


def get(kind: str, target: bytes, fields: bytes, *statuses: int) -> Asked:
    """A GET; a good answer echoes its target."""
    data = b"GET " + target + b" HTTP/1.1\r\n" + HOST + fields + b"\r\n"
    return Asked(kind, data, statuses, echo(target) if statuses == (200,) else None)


def post(kind: str, target: bytes, fields: bytes, body: bytes, status: int) -> Asked:
    """A POST with a length; a good answer echoes target and body."""
    length = b"Content-Length: %d\r\n\r\n" % len(body)
    data = b"POST " + target + b" HTTP/1.1\r\n" + HOST + fields + length + body
    return Asked(kind, data, (status,), echo(target, body) if status < 400 else None)


def good(soak: Soak) -> Asked:
    """A good request of its own number."""
    number = next(soak.numbers)
    credential = soak.random.choice(soak.credentials)
    mark = b"?n=%d" % number
    match soak.random.randrange(6):
        case 0:
            body = json.dumps({**NEW_RUN, "user_id": number + 1}).encode()
            return post("judged bodies", b"/v1/runs" + mark, JSON + credential, body, 201)
        case 1:
            body = soak.random.randbytes(soak.random.choice((1, 5000, 300_000)))
            return post("streamed bodies", b"/v1/blobs" + mark, OCTETS, body, 200)
        case 2:
            return get("open reads", b"/v1/things" + mark, b"", 200)
        case _:
            return get(
                "reads with credentials", b"/v1/runs/%d?units=metric&n=%d" % (number + 1, number), credential, 200
            )


def refused(soak: Soak) -> Asked:
    """A request that has to be refused, and is no reason to close the connection."""
    credential = soak.random.choice(soak.credentials)
    wrong = credential[:-12] + (b"A" if credential[-12:-11] != b"A" else b"B") + credential[-11:]
    return soak.random.choice(
        (
            get("without credentials", b"/v1/runs/1", b"", 401),
            get("with wrong credentials", b"/v1/runs/1", wrong, 401),
            get("outside the document", b"/v1/walks", b"", 404),
            get("against the document", b"/v1/runs/one", credential, 400),
            post("against the document", b"/v1/runs", JSON + credential, b'{"user_id":0}', 400),
            post("no JSON", b"/v1/runs", JSON + credential, b"{", 400),
        )
    )


async def asking(soak: Soak, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: list[Asked]) -> bool:
    """Send all at once, judge each answer; whether the connection may be used again. What is answered is taken from
    `asked`. Raises ConnectionError, Dirty."""
    writer.write(b"".join(each.data for each in asked))
    data = b""
    while asked:
        each = asked[0]
        while True:
            answer, data = strict.response(data)
            if answer is not None:
                break
            piece = await reader.read(1 << 16)
            if not piece:
                raise ConnectionError(f"closed before the answer to {each.kind}")
            data += piece
        asked.pop(0)
        status = int(answer.start[0])
        soak.seen[f"{each.kind}: {status}"] += 1
        if status not in each.statuses or (each.body is not None and answer.body != each.body):
            soak.wrong(f"{each.kind}: {each.data[:80]!r} got {status} {answer.body[:200]!r}")
        if answer.fields.get(b"connection") == b"close":
            return False
    return True


async def client(soak: Soak, make: "Making", pause: float) -> None:
    """A client that keeps its connections for a while, and asks for one to `BATCH` things at a time."""
    while soak.going:
        reader, writer = await asyncio.open_connection("127.0.0.1", soak.port, limit=1 << 20)
        local = writer.get_extra_info("sockname")[1]
        soak.lost.discard(local)  # the port of a connection that is no more
        asked: list[Asked] = []
        try:
            for _ in range(soak.random.randrange(1, 200)):
                asked = [make(soak) for _ in range(soak.random.randrange(1, BATCH + 1))]
                async with asyncio.timeout(PATIENCE):
                    if not await asking(soak, reader, writer, asked) or not soak.going:
                        break
                await asyncio.sleep(pause * soak.random.random())
        except (ConnectionError, TimeoutError, strict.Dirty) as problem:
            if local in soak.lost and not isinstance(problem, strict.Dirty):
                soak.unanswered.update(each.kind for each in asked)
            else:
                soak.wrong(f"{len(asked)} requests without an answer: {problem!r}")
        finally:
            writer.close()


class Making(NamedTuple):
    """What a client asks: a good request, or with `share` one that is to be refused."""

    share: float = 0.0
    limited: tuple[bytes, ...] = ()  # targets with a limit, instead

    def __call__(self, soak: Soak) -> Asked:
        if self.limited:
            target = soak.random.choice(self.limited)
            return get(target.decode(), target, b"", 200, 503 if target == b"/v1/slots" else 429)
        return refused(soak) if soak.random.random() < self.share else good(soak)


async def attacker(soak: Soak) -> None:
    """Hostile requests, with one behind each that must not arrive when the first is refused."""
    while soak.going:
        sequence = soak.random.choice(REQUESTS)
        mark = b"n=%d" % next(soak.numbers)
        behind = b"GET /v1/smuggled?" + mark + b" HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
        forbidden = sequence.passes is None and not sequence.alone
        if forbidden:
            soak.forbidden.add(mark)
        kills = soak.kills
        try:
            said, _ = await strike.exchange(soak.port, [sequence.data + behind], 0, half_close=True)
            statuses = [int(answer.start[0]) for answer in strike.answers(said)]
        except (TimeoutError, strict.Dirty) as problem:
            statuses, said = [], repr(problem).encode()
        soak.seen["hostile requests"] += 1
        right = len(statuses) == 1 and statuses[0] in strike.REFUSALS if forbidden else bool(statuses)
        if not right and soak.kills == kills:
            soak.wrong(f"hostile request {sequence.id}: {statuses} {said[:200]!r}")


async def provoker(soak: Soak) -> None:
    """Requests for which the backend answers badly."""
    while soak.going:
        reply, kills = soak.random.choice(REPLIES), soak.kills
        verdict = await strike.provoke(soak.port, reply)
        soak.seen[f"hostile replies: {verdict.outcome}"] += 1
        if (verdict.outcome == strike.DIRTY or verdict.why) and soak.kills == kills:
            soak.wrong(f"hostile reply {verdict.id}: {verdict.statuses} {verdict.why}")


async def leaver(soak: Soak) -> None:
    """Clients that are gone in the middle of a request, or before its answer."""
    while soak.going:
        whole = post("", b"/v1/blobs", OCTETS, bytes(100_000), 200).data
        slot = get("", b"/v1/slots", b"", 200).data
        data = soak.random.choice((whole[: soak.random.randrange(len(whole))], whole, slot * 3, slot[:30]))
        _, writer = await asyncio.open_connection("127.0.0.1", soak.port)
        writer.write(data)
        await asyncio.sleep(soak.random.choice((0.0, 0.01, 0.05)))
        writer.transport.abort() if soak.random.random() < 0.5 else writer.close()
        soak.seen["clients that left"] += 1


async def dawdler(soak: Soak) -> None:
    """Clients whose request never gets complete: 408, and the end of the connection."""
    while soak.going:
        kills = soak.kills
        reader, writer = await asyncio.open_connection("127.0.0.1", soak.port)
        said = b""
        try:
            async with asyncio.timeout(PATIENCE):
                writer.write(b"GET /v1/things HTTP/1.1\r\n")
                said = await reader.read()
        except (ConnectionError, TimeoutError):
            pass
        finally:
            writer.close()
        soak.seen["slow clients"] += 1
        if not said.startswith(b"HTTP/1.1 408 ") and soak.kills == kills:
            soak.wrong(f"a slow client got {said[:100]!r}")

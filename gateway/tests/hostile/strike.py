"""Send the corpora through a proxy and say what became of each: blocked, clean or dirty."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from gateway.tests.hostile import strict
from gateway.tests.hostile.origin import Origin
from gateway.tests.hostile.replies import Reply
from gateway.tests.hostile.requests import BEHIND, Sequence

BLOCKED, CLEAN, DIRTY = "blocked", "clean", "dirty"
PATIENCE = 20.0  # seconds until a proxy that neither answers nor closes is a failure
SILENCE = 0.3  # seconds after which a proxy that waits for more is told that there is nothing more
GOOD = b"GET /v1/things?good HTTP/1.1\r\nHost: api.example\r\n\r\n"
REFUSALS = frozenset((400, 405, 408, 413, 414, 417, 431, 501, 505))


class Verdict(NamedTuple):
    """What became of one sequence. `statuses` are those of the answers, `why` says what was dirty or unexpected."""

    id: str
    outcome: str
    statuses: tuple[int, ...] = ()
    why: str = ""
    closed: bool = True


def cuts(data: bytes, how: str) -> list[bytes]:
    """`data` as it is sent: `whole`, at the line ends (inside them, too) or in single `bytes`."""
    if how == "bytes":
        return [data[at : at + 1] for at in range(len(data))]
    if how == "lines":
        places = sorted({place for at, byte in enumerate(data) if byte == 10 for place in (at, at + 1)})
        return [data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True) if a < b]
    return [data]


async def exchange(port: int, pieces: Iterable[bytes], pause: float, half_close: bool) -> tuple[bytes, bool]:
    """Send and read until the proxy closes: (what it said, whether it closed by itself)."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**24)
    sending = asyncio.ensure_future(_send(writer, pieces, pause))
    said, closed = b"", True
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                wait = SILENCE if half_close and closed and sending.done() else None
                try:
                    piece = await asyncio.wait_for(reader.read(65536), wait)
                except TimeoutError:
                    closed = False
                    writer.write_eof()
                    continue
                if not piece:
                    break
                said += piece
    except ConnectionError:
        pass
    finally:
        sending.cancel()
        writer.close()
    return said, closed


async def _send(writer: asyncio.StreamWriter, pieces: Iterable[bytes], pause: float) -> None:
    try:
        for piece in pieces:
            writer.write(piece)
            await asyncio.sleep(pause)
    except ConnectionError:
        pass


def answers(said: bytes) -> Iterator[strict.Message]:
    """The final responses in what a proxy said. Raises Dirty."""
    while said:
        message, said = strict.response(said, ended=True)
        if message is None:
            raise strict.Dirty(f"half an answer {said[:60]!r}")
        if not message.start[0].startswith(b"1"):
            yield message


async def strike(port: int, origin: Origin, sequence: Sequence, how: str, lenient: bool = False) -> Verdict:
    """One sequence with `BEHIND` behind it, then a good request. `lenient`: judge what arrived, and not the answers."""
    origin.take()
    pause = 0.001 if how == "lines" else 0
    said, closed = await exchange(port, cuts(sequence.data + BEHIND, how), pause, half_close=lenient)
    good = await one(port, GOOD)
    arrived, dirt, _ = origin.take()
    arrived = [message for message in arrived if message.start[1] != b"/v1/things?good"]
    outcome = DIRTY if dirt else CLEAN if arrived else BLOCKED
    try:
        replies = list(answers(said))
    except strict.Dirty as dirty:
        replies = []
        if not lenient:
            return Verdict(sequence.id, DIRTY, (), f"the client got {dirty}", closed)
    statuses = tuple(int(reply.start[0]) for reply in replies)
    if dirt:
        return Verdict(sequence.id, DIRTY, statuses, dirt[0], closed)
    if good is None or good.body != b'"/v1/things?good"':
        return Verdict(sequence.id, DIRTY, statuses, f"a good request got {good}", closed)
    # An answer that the origin gave names its request; one that fits none, or none that fits, is a split.
    echoed = [reply.body.strip(b'"').replace(b'\\"', b'"') for reply in replies if reply.start[0] == b"200"]
    targets = [message.start[1] for message in arrived]
    if echoed != targets[: len(echoed)] or (len(targets) > len(echoed) and not lenient):
        return Verdict(sequence.id, DIRTY, statuses, f"{targets} arrived and {echoed} was answered", closed)
    return Verdict(sequence.id, outcome, statuses, unexpected(sequence, arrived, statuses), closed)


def unexpected(sequence: Sequence, arrived: list[strict.Message], statuses: tuple[int, ...]) -> str:
    """What is not as the corpus wants it of a strict proxy; empty when all is."""
    if sequence.alone:
        behind = [message.start[1] for message in arrived] in ([], [b"/v1/smuggled"])
        return "" if behind and statuses[0] in (400, 404, 405) else f"{arrived}, {statuses}"
    if sequence.passes is None:
        if arrived:
            return "arrived, and had to be refused"
        return "" if len(statuses) == 1 and statuses[0] in REFUSALS else f"statuses {statuses}"
    bodies = [message.body for message in arrived]
    return "" if bodies == [sequence.passes, b""] and statuses == (200, 200) else f"bodies {bodies}, {statuses}"


async def one(port: int, request: bytes) -> strict.Message | None:
    """The answer to one request on a connection of its own; None without one."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    try:
        async with asyncio.timeout(PATIENCE):
            return await _answer(reader, b"HEAD" in request[:4])
    except (strict.Dirty, ConnectionError, TimeoutError):
        return None
    finally:
        writer.close()


async def _answer(reader: asyncio.StreamReader, to_head: bool) -> strict.Message | None:
    """The next final response; None when the connection ends before it does. Raises Dirty."""
    data, ended = b"", False
    while True:
        message, rest = strict.response(data, to_head, ended)
        if message is not None and message.start[0].startswith(b"1"):
            data = rest
        elif message is not None:
            if rest:
                raise strict.Dirty(f"{rest[:60]!r} behind an answer")
            return message
        elif ended:
            return None
        else:
            piece = await reader.read(65536)
            data, ended = data + piece, not piece


async def provoke(port: int, reply: Reply) -> Verdict:
    """Ask for a bad reply, then for a good one on the same connection, and on a fresh one."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**24)
    request = reply.method + b" " + reply.target + b" HTTP/1.1\r\nHost: api.example\r\n\r\n"
    after = b"/v1/things?after=" + reply.target
    asking = b"GET " + after + b" HTTP/1.1\r\nHost: api.example\r\n\r\n"
    first = second = None
    try:
        async with asyncio.timeout(PATIENCE):
            writer.write(request)
            first = await _answer(reader, reply.method == b"HEAD")
            await asyncio.sleep(0.02)  # what comes late comes now
            if first is not None and first.fields.get(b"connection") != b"close":
                writer.write(asking)
                second = await _answer(reader, False)
                if second is None:
                    return Verdict(reply.id, DIRTY, (int(first.start[0]),), "no answer to the next request")
    except strict.Dirty as dirty:
        return Verdict(reply.id, DIRTY, (), f"the client got {dirty}")
    except ConnectionError:
        pass  # cut: what came does not look complete
    except TimeoutError:
        return Verdict(reply.id, DIRTY, (), "no end")
    finally:
        writer.close()
    fresh = await one(port, asking)
    return _judged(reply, first, [each for each in (second, fresh) if each is not None or each is fresh], after)


def _judged(reply: Reply, first: strict.Message | None, others: list[strict.Message | None], after: bytes) -> Verdict:
    status = () if first is None else (int(first.start[0]),)
    expected = b'"' + after + b'"'
    for other in others:
        if other is None or other.body != expected:
            return Verdict(reply.id, DIRTY, status, f"another request got {other}")
    if first is None or first.start[0] in (b"502", b"504"):
        return Verdict(reply.id, BLOCKED, status, "" if reply.passes is None else "blocked, and could have passed")
    if b"evil" in first.body or b"evil" in b"".join(first.fields.values()) + first.start[1]:
        return Verdict(reply.id, DIRTY, status, f"the client got {first}")
    if (status[0], first.body) != reply.passes or b"hop" in first.fields.values():
        return Verdict(reply.id, CLEAN, status, f"passed as {status[0]} {first.body[:40]!r}")
    return Verdict(reply.id, CLEAN, status)


async def strike_all(port: int, origin: Origin, corpus: Iterable[Sequence], lenient: bool) -> list[Verdict]:
    """Every sequence, cut in three ways."""
    return [
        (await strike(port, origin, sequence, how, lenient))._replace(id=f"{sequence.id} ({how})")
        for sequence in corpus
        for how in (("whole",) if sequence.waits else ("whole", "lines", "bytes"))
    ]


async def provoke_all(port: int, origin: Origin, corpus: Iterable[Reply], lenient: bool) -> list[Verdict]:
    """Every reply, some of them at the same time."""
    turn = asyncio.Semaphore(8)

    async def asked(reply: Reply) -> Verdict:
        async with turn:
            return await provoke(port, reply)

    origin.take()
    corpus = list(corpus)
    verdicts = await asyncio.gather(*map(asked, corpus))
    reused = set(origin.take()[2]) - {reply.id for reply in corpus if reply.keeps}
    again = "its connection was used again"
    return [verdict._replace(why=again) if verdict.id in reused else verdict for verdict in verdicts]


def counted(verdicts: Iterable[Verdict]) -> Counter[str]:
    """How many of each outcome."""
    return Counter(verdict.outcome for verdict in verdicts)

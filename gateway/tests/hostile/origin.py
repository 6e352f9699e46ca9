"""A backend that judges every byte it gets (`strict`) and answers each request with the target it understood.

So a client can tell an answer to its own request from an answer to somebody else's.
"""

import asyncio
import contextlib
import json
from dataclasses import dataclass, field

from gateway.tests.hostile import strict
from gateway.tests.hostile.replies import BY_TARGET, Reply


@dataclass
class Origin:
    """`arrived` are the whole requests in their order, `dirty` what was wrong with those that were not well formed.

    `reused` are the replies after which another request came on the same connection.
    """

    arrived: list[strict.Message] = field(default_factory=list)
    dirty: list[str] = field(default_factory=list)
    reused: list[str] = field(default_factory=list)
    port: int = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.CancelledError):
            await self._serve(reader, writer)
        writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        data, sent = b"", None
        while True:
            try:
                message, data = strict.request(data)
            except strict.Dirty as dirty:
                self.dirty.append(str(dirty))
                return
            if message is None:
                piece = await reader.read(65536)
                if not piece:
                    return  # what was begun and not ended is nothing
                data += piece
                continue
            if sent is not None:
                self.reused.append(sent.id)
            if any(b"evil" in value for value in message.fields.values()):
                self.dirty.append(f"a trailer as field: {message.fields}")
            self.arrived.append(message)
            sent = BY_TARGET.get(message.start[1])
            if sent is None:
                writer.write(echo(message.start[1], message.start[0] == b"HEAD"))
            elif await misbehave(sent, reader, writer):
                return

    def take(self) -> tuple[list[strict.Message], list[str], list[str]]:
        """What came since the last time: requests, dirt, reused connections."""
        found = (self.arrived[:], self.dirty[:], self.reused[:])
        self.arrived.clear()
        self.dirty.clear()
        self.reused.clear()
        return found


def echo(target: bytes, to_head: bool = False) -> bytes:
    """The good answer to a request for `target`."""
    body = json.dumps(target.decode("latin-1")).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
    return head if to_head else head + body


async def misbehave(reply: Reply, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """Send a bad reply; True when the connection is to be closed."""
    for piece in reply.pieces:
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(0.005)  # so that pieces are read one by one, mostly
    return reply.closes

"""A backend that gives and takes any number of bytes without holding them: `python -m benchmarks.blob_backend PORT`.

`GET` answers with as many bytes as the query says; every other method is read to its end and answered with 204.
It understands just enough HTTP for the stream measurement: one request at a time, framed by Content-Length or
chunked, the last chunk alone in the end of the data.
"""

import asyncio
import sys

PIECE = b"\0" * 65536
READY = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n"
TAKEN = b"HTTP/1.1 204 No Content\r\n\r\n"


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One connection, until the peer closes it."""
    try:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            method, target, _ = head.split(b" ", 2)
            if method == b"get":
                await _give(writer, int(target.partition(b"?size=")[2] or 0))
            else:
                await _take(reader, head)
                writer.write(TAKEN)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def _give(writer: asyncio.StreamWriter, size: int) -> None:
    writer.write(READY % size)
    while size > 0:
        writer.write(PIECE[:size])
        size -= len(PIECE)
        await writer.drain()


async def _take(reader: asyncio.StreamReader, head: bytes) -> None:
    if b"transfer-encoding: chunked" in head:
        while (size := int(await reader.readline(), 16)) > 0:
            await _discard(reader, size + 2)
        await reader.readline()
    else:
        await _discard(reader, int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0]))


async def _discard(reader: asyncio.StreamReader, size: int) -> None:
    while size > 0:
        piece = await reader.read(min(size, 1 << 20))
        if not piece:
            raise asyncio.IncompleteReadError(b"", size)
        size -= len(piece)


async def main(port: int) -> None:
    """Listen on a loopback port until killed."""
    server = await asyncio.start_server(serve, "127.0.0.1", port, limit=1 << 18)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1])))

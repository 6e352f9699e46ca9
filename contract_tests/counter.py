"""Relays in front of the backends that count the requests passing through."""

import asyncio
import contextlib
import threading
from collections import Counter
from types import TracebackType

import httptools

HOST = "127.0.0.1"
PIECE = 1 << 16  # bytes


class _Count:
    """What httptools calls for each request on one connection."""

    def __init__(self, counts: Counter[str], name: str) -> None:
        self._counts = counts
        self._name = name

    def on_headers_complete(self) -> None:
        self._counts[self._name] += 1


class Counters:
    """One relay per backend, all in one thread. Bytes pass unchanged in both directions."""

    def __init__(self) -> None:
        self.seen: Counter[str] = Counter()  # requests by backend
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> "Counters":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def front(self, name: str, port: int) -> int:
        """Start to relay to a backend's port; the port to use in its place."""
        return asyncio.run_coroutine_threadsafe(self._serve(name, port), self._loop).result()

    async def _serve(self, name: str, port: int) -> int:
        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await self._relay(name, port, reader, writer)

        server = await asyncio.start_server(connected, HOST, 0)
        return int(server.sockets[0].getsockname()[1])

    async def _relay(self, name: str, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            behind, out = await asyncio.open_connection(HOST, port)
        except OSError:
            writer.close()
            return
        parser = httptools.HttpRequestParser(_Count(self.seen, name))
        back = asyncio.ensure_future(_copy(behind, writer))
        with contextlib.suppress(ConnectionError, httptools.HttpParserError, asyncio.CancelledError):
            while data := await reader.read(PIECE):
                parser.feed_data(data)
                out.write(data)
                await out.drain()
        out.close()
        with contextlib.suppress(asyncio.CancelledError):
            await back

    async def _end(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError, asyncio.CancelledError):
        while data := await reader.read(PIECE):
            writer.write(data)
            await writer.drain()
    writer.close()

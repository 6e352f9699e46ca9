"""`python -m backends.liar --port 0`: serve `specs/liar.yaml`, and lie when asked to."""

import argparse
import asyncio
import json
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass

from backends.common import command
from backends.liar.lies import BENDS, NAMES, SENDS, Hangup, Terms, honest
from backends.liar.wire import Answer, Request, as_json, head, read_body, read_request

BASE = "/liar"
REVISION = [("X-Revision", "1")]
CONNECTION_LIMIT = 1 << 18  # bytes of a request head


@dataclass
class Seen:
    """What arrived so far."""

    requests: int = 0
    connections: int = 0
    last: str = ""


class Liar:
    """The server; one coroutine per connection."""

    def __init__(self) -> None:
        self.seen = Seen()

    async def connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer requests until somebody hangs up."""
        self.seen.connections += 1
        try:
            with suppress(Hangup, ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError):
                lie = ""
                while request := await read_request(reader):
                    if lie == "close-reused":
                        break
                    lie = request.query.get("lie", "")
                    await self.exchange(request, reader, writer)
                    if request.fields.get("connection", "").lower() == "close":
                        break
        finally:
            with suppress(ConnectionError):
                writer.close()

    async def exchange(self, request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request and its answer, or whatever the lie makes of it."""
        if request.path != f"{BASE}/seen":
            self.seen.requests += 1
            self.seen.last = request.head
        if request.fields.get("expect", "").lower() == "100-continue":
            writer.write(head(100, []))
        answer = await self.answer(request, reader)
        lie = request.query.get("lie", "")
        size = request.query.get("size")
        terms = Terms(float(request.query.get("delay", "0.1")), None if size is None else int(size))
        if lie in BENDS:
            answer = BENDS[lie](answer, terms)
        if request.method == "HEAD":
            writer.write(answer.framed())
        else:
            await SENDS.get(lie, honest)(writer, answer, terms)
        await writer.drain()

    async def answer(self, request: Request, reader: asyncio.StreamReader) -> Answer:
        """The honest answer; reads the body."""
        method, path = request.method.replace("HEAD", "GET"), request.path.removeprefix(BASE)
        if (method, path) == ("POST", "/streams"):
            return as_json({"bytes": sum([len(piece) async for piece in read_body(request, reader)])})
        body = b"".join([piece async for piece in read_body(request, reader)])
        lie = request.query.get("lie")
        if lie and lie not in NAMES:
            return problem(500, f"There is no lie named {lie}.")
        match method, path.split("/"):
            case "GET", ["", "things", number] if number.isdecimal() and number != "404":
                return as_json({"id": int(number), "name": "lamp", "size": 30}, fields=REVISION)
            case "POST", ["", "things"]:
                return as_json(json.loads(body), fields=REVISION)
            case "GET", ["", "streams"]:
                return Answer(int(request.query.get("size", "1048576")), 200, [("Content-Type", OCTETS)])
            case "GET", ["", "seen"]:
                return as_json(vars(self.seen))
        return problem(404, "There is no such thing.")


OCTETS = "application/octet-stream"


def problem(status: int, detail: str) -> Answer:
    """A problem document (RFC 9457)."""
    content = {"type": "about:blank", "title": "Not Found" if status == 404 else "Error", "status": status}
    answer = as_json(content | {"detail": detail}, status)
    answer.fields = [("Content-Type", "application/problem+json")]
    return answer


async def serve(arguments: argparse.Namespace) -> None:
    """Listen until SIGTERM or SIGINT."""
    bound = command.listen(arguments.host, arguments.port)
    server = await asyncio.start_server(Liar().connection, sock=bound, limit=CONNECTION_LIMIT)
    print(f"liar listening on {command.url(bound)}", flush=True)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    server.close()


def run(argv: list[str]) -> None:
    """Parse the command line and serve."""
    options = argparse.ArgumentParser(prog="python -m backends.liar", description="Break a contract on request.")
    options.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    options.add_argument("--port", type=int, default=8199, help="0 takes a free one (default: %(default)s)")
    arguments = options.parse_args(argv)
    if not command.is_loopback(arguments.host):
        raise command.UsageError("a server that lies may only listen on the loopback interface")
    asyncio.run(serve(arguments))


if __name__ == "__main__":
    command.main("liar", lambda: run(sys.argv[1:]))

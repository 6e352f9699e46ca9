"""The gateway that is soaked, its document, and the backend behind it, which judges every byte."""

import asyncio
import contextlib
import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import yaml

from benchmarks import documents
from benchmarks.callers import with_key, with_token
from gateway.tests.hostile import strict, subjects
from gateway.tests.hostile.origin import misbehave
from gateway.tests.hostile.replies import BY_TARGET
from gateway.tests.processes import Process

WORKERS = 4
RATE, BURST = 50, 100  # of /v1/steady: units a second, and at once
QUOTA = 400  # of /v1/quota: once and for all
SLOTS = 8  # of /v1/slots, over all workers
WORK = 0.02  # seconds that the backend takes for what needs a slot
ECHO: dict[str, Any] = {"description": "an echo", "content": {"application/json": {"schema": {"type": "string"}}}}
# Long enough for good clients on a busy machine, short enough to end what hangs.
MORE: dict[str, Any] = {
    "timeouts": {"first-byte": "5s", "head": "5s", "body": "10s", "read": "5s", "total": "30s"},
    "validate": {"unknown-query": "allow", "response": "block"},
}


def document() -> dict[str, Any]:
    """The document of the hostile corpus, and operations with credentials, limits and slots."""
    guarded = documents.guarded(("token", "key"))
    own: dict[str, Any] = {"/runs/{id}": guarded["paths"]["/runs/{id}"], "/runs": guarded["paths"]["/runs"]}
    own["/runs/{id}"]["get"]["responses"] = {"200": ECHO}
    own["/runs"]["post"]["responses"] = {"201": ECHO}
    for path in own.values():
        for operation in path.values():
            operation["security"] = [{"token": ["runs:read"]}, {"key": []}]
    limits = {"requests": RATE, "per": "1s", "burst": BURST, "by": "operation"}
    once = {"requests": 1, "per": "1d", "burst": QUOTA, "by": "operation"}
    own["/steady"] = {"get": {"x-gateway": {"rate-limit": limits}, "responses": {"200": ECHO}}}
    own["/quota"] = {"get": {"x-gateway": {"rate-limit": once}, "responses": {"200": ECHO}}}
    own["/slots"] = {"get": {"x-gateway": {"concurrency": {"limit": SLOTS}}, "responses": {"200": ECHO}}}
    found: dict[str, Any] = yaml.safe_load(subjects.DOCUMENT)
    return {**found, "paths": {**found["paths"], **own}, "components": guarded["components"]}


class Backend:
    """Answers each request with the target and the digest of the body that it understood.

    `dirty` says what was not well formed, `passed` counts requests by path, `marks` are the queries of /v1/smuggled.
    While `held` is cleared, what needs a slot is not answered; `holding` counts those.
    """

    def __init__(self) -> None:
        self.port = 0
        self.connections = 0
        self.dirty: list[str] = []
        self.passed: Counter[bytes] = Counter()
        self.marks: set[bytes] = set()
        self.held = asyncio.Event()
        self.held.set()
        self.holding = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await self._serve(reader, writer)
        except strict.Dirty as dirty:
            self.dirty.append(str(dirty))
        finally:
            self.connections -= 1
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        data = b""
        while True:
            message, data = strict.request(data)
            if message is not None:
                if await self._answer(message, reader, writer):
                    return
            elif piece := await reader.read(1 << 18):
                data += piece
            else:
                return  # what was begun and not ended is nothing

    async def _answer(
        self, message: strict.Message, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        """True when the connection is to be closed."""
        method, target = message.start
        path, _, query = target.partition(b"?")
        self.passed[path] += 1
        if path == b"/v1/smuggled":
            self.marks.add(query)
        if path == b"/v1/slots":
            self.holding += 1
            try:
                await asyncio.sleep(WORK)
                await self.held.wait()
            finally:
                self.holding -= 1
        if bad := BY_TARGET.get(target):
            return await misbehave(bad, reader, writer)
        status = b"201 Created" if (method, path) == (b"POST", b"/v1/runs") else b"200 OK"
        body = b"" if method == b"HEAD" else echo(target, message.body)
        head = b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (status, len(body))
        writer.write(head + body)
        return False


def echo(target: bytes, body: bytes = b"") -> bytes:
    """The body of the good answer to a request for `target` with `body`: no other request has the same."""
    digest = f" {hashlib.sha256(body).hexdigest()}" if body else ""
    return json.dumps(target.decode("latin-1") + digest).encode()


class Subject:
    """The gateway as a process with its workers; `credentials` are header lines that are good."""

    def __init__(self, folder: Path, backend_port: int) -> None:
        issuers, token = with_token(folder)
        keys, key = with_key(folder)
        more = yaml.safe_dump({**MORE, **issuers, **keys})
        backend: Any = SimpleNamespace(port=backend_port)
        self.process = Process(folder, backend, "--workers", str(WORKERS), document=json.dumps(document()), more=more)
        self.port: int = urlsplit(self.process.url).port or 0
        self.credentials = [b"%b: %b\r\n" % (n.encode(), v.encode()) for n, v in (*token.items(), *key.items())]

    @property
    def master(self) -> int:
        """Its process id."""
        pid: int = self.process.process.pid
        return pid

    def workers(self) -> list[int]:
        """Process ids of those that live, the oldest first."""
        return sorted(map(int, Path(f"/proc/{self.master}/task/{self.master}/children").read_text().split()))

    def metric(self, start: str) -> float:
        """The sum of the samples whose line starts so."""
        value: float = self.process.metric(start)
        return value


@contextlib.contextmanager
def soaked(folder: Path, backend_port: int) -> Iterator[Subject]:
    """A gateway that runs until the block ends."""
    subject = Subject(folder, backend_port)
    try:
        yield subject
    finally:
        subject.process.stop()

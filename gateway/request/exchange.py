"""The values handed from step to step; each step returns a more trusted one."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from gateway.contract.compiled import CompiledOperation, RouteTable
from gateway.errors import Refusal, Violation
from gateway.limits.concurrency import Gates
from gateway.limits.policy import Counters
from gateway.request.watch import Watch
from gateway.security.principal import Principal
from gateway.stream import Inbound
from gateway.upstream.pool import Pool
from gateway.upstream.transport import BackendConnection
from gateway.wire.address import AddressSet
from gateway.wire.message import Field, ReplyHead, RequestHead


class ClientGone(Exception):
    """The client closed its connection; nobody is listening any more."""


class Answered(Exception):
    """The exchange ends here, with a response that needs no backend."""

    def __init__(self, page: "Page") -> None:
        self.page = page


class Client(Protocol):
    """The way back to the client, whatever the server underneath."""

    def send(self, status: int, reason: bytes, fields: list[Field], body: bytes | None) -> None:
        """A whole response. `None` is a response without a body (HEAD, 204, 304): no length is added."""

    def begin(self, status: int, reason: bytes, fields: list[Field], length: int | None) -> None:
        """The head of a streamed response; without `length` it is chunked, or ends with the connection."""

    async def write(self, data: bytes) -> None:
        """A piece of the body; returns when the client has room for more. Raises ClientGone."""

    def end(self) -> None:
        """The body is complete."""

    def inform(self, status: int, reason: bytes, fields: list[Field]) -> None:
        """An interim (1xx) response."""

    def cut(self) -> None:
        """End the connection at once: what was sent must not look complete."""


class Tunnel(Protocol):
    """The client's end of a connection that may switch protocols. `inbound` is what comes behind the request."""

    inbound: Inbound

    def switch(self, reason: bytes, fields: list[Field]) -> None:
        """Say 101; from now on `Client.write` writes bytes of the other protocol."""

    def write_eof(self) -> None:
        """The backend has said all it had to say."""


@dataclass(slots=True, eq=False)
class Exchange:
    """One request and what became of it. The steps fill in what log and metrics need."""

    head: RequestHead
    body: Inbound
    length: int | None  # Content-Length; None for chunked
    client: Client
    request_id: bytes
    trusted: bool  # the TCP peer is one of our own proxies
    started: float  # by `Runtime.now`
    unreadable: Refusal | None = None  # the listener could not make sense of the request
    operation: CompiledOperation | None = None
    principal: Principal | None = None
    request_violations: Sequence[Violation] = ()
    response_violations: Sequence[Violation] = ()
    error: str = ""  # kind of the refusal, or how the exchange was cut short
    cause: str = ""  # of a refusal for a reason of security, one of gateway.errors.CAUSES
    reason: str = ""  # the same in words, for the log
    status: int = 0
    bytes_out: int = 0
    backend_started: float = 0.0
    backend_seconds: float = 0.0
    head_seconds: float = 0.0  # until the head of its answer; 0.0 when there was none, or a second attempt
    begun: bool = False  # a response head was sent
    connection: BackendConnection | None = None
    reused: bool = False  # the connection had served another exchange before
    upload: "asyncio.Task[None] | None" = None
    tunnel: Tunnel | None = None  # where the request asks for another protocol
    address: str = ""  # of the client: the peer, or what trusted proxies say of it
    answered: tuple[Field, ...] = ()  # header fields for the response, whoever makes it
    outgoing: tuple[Field, ...] = ()  # header fields for the backend
    held: tuple[Callable[[], None], ...] = ()  # to be given back when the exchange is over

    @property
    def has_body(self) -> bool:
        """Whether the framing announces a body (RFC 9112 section 6.3)."""
        return self.length != 0

    @property
    def bytes_in(self) -> int:
        """What came behind the head."""
        return self.body.received + (self.tunnel.inbound.received if self.tunnel is not None else 0)


class Match(NamedTuple):
    """The operation that the target and method mean."""

    operation: CompiledOperation
    values: Sequence[str]


class CheckedRequest(NamedTuple):
    """A request that may be forwarded. `body` is None when it is streamed; then `watch`, if any, judges it."""

    exchange: Exchange
    operation: CompiledOperation
    body: bytes | None
    judge_response: bool
    block_response: bool
    watch: Watch | None = None
    upgrade: bytes = b""  # protocols to offer the backend


class Reply(NamedTuple):
    """A backend's answer as it comes."""

    head: ReplyHead
    body: Inbound
    bodiless: bool  # HEAD, 101, 204, 304
    connection: BackendConnection


class CheckedReply(NamedTuple):
    """A reply that may be passed on: whole, or in pieces, at which `watch` looks.

    `first` was taken from the body and judged already. `ahead`: a piece goes out only after it was looked at.
    """

    reply: Reply
    whole: bytes | None = None
    watch: Watch | None = None
    ahead: bool = False
    first: bytes = b""


class MetricsSink(Protocol):
    """The part of `gateway.observe.metrics.Metrics` that the request line uses."""

    def request(self, row: int, status: int, seconds: float) -> None: ...

    def violations(self, row: int, direction: str, violations: Sequence[Violation]) -> None: ...

    def backend_error(self, row: int, kind: str) -> None: ...

    def unjudged(self, row: int, direction: str) -> None: ...

    def deprecated(self, row: int, index: int) -> None: ...

    def queued(self, row: int, outcome: str) -> None: ...

    def refused(self, row: int, cause: str) -> None: ...

    def limited(self, row: int, index: int) -> None: ...

    def filtered(self, seconds: float) -> None: ...


@dataclass(slots=True)
class Runtime:
    """What one worker needs to serve one table."""

    table: RouteTable
    pools: Sequence[Pool]
    metrics: MetricsSink
    trusted_proxies: AddressSet
    scheme: bytes  # of the public listener
    token: Callable[[], bytes]  # 32 random hexadecimal digits
    random: Callable[[], float]
    now: Callable[[], float]  # for durations; the event loop's own clock is too coarse
    record: Callable[[Exchange], None]  # access log
    date: Callable[[], bytes]  # now, as an HTTP date
    page: Callable[[RequestHead], "Page | None"] = field(default=lambda head: None)
    revoked: Callable[[Principal], bool] | None = None  # whose credentials verify, and count no longer all the same
    forwarded_field: bytes = b"x-forwarded-for"  # in which trusted proxies say whose request it is
    gates: Mapping[str, Gates] = field(default_factory=dict)  # by the name of the plan
    counters: Counters | None = None  # for rate limits; there whenever an operation has one
    close: Callable[[], None] = field(default=lambda: None)  # give up what the counters hold


class Page(NamedTuple):
    """A response prepared at load."""

    status: int
    fields: list[Field]
    body: bytes

"""Settings about messages: how strictly they are judged, how large they may be, how long they may take."""

from dataclasses import dataclass, replace

from gateway.config.declare import MODES, setting


@dataclass(frozen=True, slots=True)
class Validate:
    """How strictly traffic is judged. An API may override it, and an operation (`x-gateway.validate`) that."""

    request: str = setting("block", "what happens to a request that breaks the contract", choices=MODES)
    response: str = setting("observe", "what happens to a response that breaks the contract", choices=MODES)
    sample: float = setting(0.01, "share of exchanges judged in mode `sample`, from 0 to 1", minimum=0, maximum=1)
    unknown_query: str = setting(
        "refuse",
        "query parameters that the document does not name; `refuse` because a misspelt filter that is "
        "ignored answers a question nobody asked",
        choices=("refuse", "allow"),
    )
    numbers: str = setting(
        "any",
        "numbers in JSON: `exact` refuses those that double precision cannot hold as they are written, because a "
        "reader would round them",
        choices=("any", "exact"),
    )
    oversized_response: str = setting(
        "refuse",
        "what mode `block` does with a response body of more than `limits.response-body`: `refuse` it (502), or "
        "`pass` it on unjudged",
        choices=("refuse", "pass"),
    )


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on what a peer may send or hold."""

    request_line: int = setting(8192, "bytes of a request target; more is 414", unit="bytes", minimum=64)
    header_bytes: int = setting(
        32768, "bytes of all header fields of a message; more is 431", unit="bytes", minimum=256
    )
    header_count: int = setting(100, "number of header fields of a message; more is 431", minimum=1)
    body: int = setting(
        1048576, "bytes of a request body that is judged as a whole; more is 413", unit="bytes", minimum=0
    )
    stream_body: int = setting(
        0, "bytes of a request body that is streamed; more is 413; 0 is no limit", unit="bytes", minimum=0
    )
    response_body: int = setting(1048576, "bytes of a response body that is judged as a whole", unit="bytes", minimum=0)
    item: int = setting(
        1048576, "bytes of one item of a body that is judged item by item while it streams", unit="bytes", minimum=1
    )
    part: int = setting(
        0, "bytes of one file in a multipart body that is streamed; 0 is no limit", unit="bytes", minimum=0
    )
    coding_ratio: int = setting(
        100, "how many times as large as it was sent a compressed body may become while it is judged", minimum=1
    )
    connections: int = setting(10000, "open client connections per worker; more get 503", minimum=1)
    connections_per_address: int = setting(
        0,
        "of these, those of one client address, IPv6 by /64, unless it is in `trusted-proxies`; more are closed; 0 is "
        "no limit",
        minimum=0,
    )
    backend_connections: int = setting(256, "open connections to one backend per worker", minimum=1)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Deadlines. A client that misses one is cut (408 where an answer is due); for a backend it is a 504."""

    first_byte: float = setting(
        10.0, "from accepting a connection to the first byte of a request", unit="seconds", minimum=0.01
    )
    handshake: float = setting(
        10.0,
        "for a PROXY protocol header to be complete, and then for the TLS handshake",
        unit="seconds",
        minimum=0.01,
    )
    head: float = setting(10.0, "from the first byte of a request to the end of its head", unit="seconds", minimum=0.01)
    body: float = setting(
        30.0,
        "longest pause between two pieces of a request body; a body that takes longer than this must come at 500 bytes "
        "a second on average",
        unit="seconds",
        minimum=0.01,
    )
    idle: float = setting(75.0, "between two requests on one connection", unit="seconds", minimum=0.01)
    write: float = setting(60.0, "longest time a client may leave sent bytes unread", unit="seconds", minimum=0.01)
    connect: float = setting(2.0, "to open a connection to a backend", unit="seconds", minimum=0.01)
    read: float = setting(
        30.0, "longest pause while waiting for bytes of a backend's response", unit="seconds", minimum=0.01
    )
    total: float = setting(
        60.0, "for the whole response of a backend that is not streamed", unit="seconds", minimum=0.01
    )
    tunnel: float = setting(
        300.0, "longest silence of both sides after a connection has switched protocols", unit="seconds", minimum=0.01
    )
    backend_idle: float = setting(
        30.0, "how long an unused connection to a backend is kept", unit="seconds", minimum=0.01
    )
    drain: float = setting(30.0, "for requests in flight when a worker is told to stop", unit="seconds", minimum=0.0)

    def within(self, seconds: float) -> "Timeouts":
        """The same, with nothing a backend does taking longer than `seconds`."""
        connect, read = min(self.connect, seconds), min(self.read, seconds)
        return replace(self, connect=connect, read=read, total=seconds)

"""Every setting, declared once: name, type, default, help.

`gateway.yaml`, its JSON Schema, the command-line flags and `docs/settings.md` are all derived from these
dataclasses (`gateway.config_file` reads the file). A field's YAML key is its name with dashes for
underscores; `passes` is written `pass`, a word that Python keeps for itself.
Sizes are bytes, times are seconds.
"""

# ruff: noqa: RUF009 - `setting` makes a dataclass field, as `field` itself does

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any


def setting(default: Any, help: str, **extra: Any) -> Any:
    """Declare one setting.

    `extra` may hold `choices` (a tuple), `minimum` and `maximum` (numbers), `unit` (bytes or seconds: `10MiB`
    and `500ms` are then understood), `required` (the default is not a value), `overrides` and `keys` (the
    class, and which of its fields, that a mapping may override).
    """
    if callable(default):
        return field(default_factory=default, metadata={"help": help, **extra})
    return field(default=default, metadata={"help": help, **extra})


MODES = ("block", "observe", "sample", "off")
LEVELS = ("error", "warning", "off")


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
    backend_connections: int = setting(256, "open connections to one backend per worker", minimum=1)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Deadlines. A client that misses one is cut (408 where an answer is due); for a backend it is a 504."""

    first_byte: float = setting(
        10.0, "from accepting a connection to the first byte of a request", unit="seconds", minimum=0.01
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


@dataclass(frozen=True, slots=True)
class References:
    """Where a document's `$ref`s may lead."""

    outside: bool = setting(False, "allow files outside the document's folder")
    remote: tuple[str, ...] = setting((), "URL prefixes that http(s) references may start with")
    lock: str = setting(
        "",
        "file with the SHA-256 of everything that references fetch, relative to the configuration file: what is not in "
        "it, or differs, is an error; `gateway check --update-lock` writes it",
    )
    cache: str = setting(
        "",
        "folder for locked content and for what large documents come to, so that a second start is fast; `off` for "
        "none; default is `contract-gateway` in $XDG_CACHE_HOME or ~/.cache",
    )


@dataclass(frozen=True, slots=True)
class Issuer:
    """Whose tokens are accepted, and how they are checked (RFC 7519, RFC 7517, RFC 8725)."""

    issuer: str = setting("", "the exact `iss` of its tokens; taken from `discovery` when empty")
    audience: str = setting("", "the `aud` a token must hold")
    jwks: str = setting("", "URL or file of its JSON Web Key Set; taken from `discovery` when empty")
    discovery: str = setting("", "URL of its OpenID Connect or RFC 8414 metadata")
    algorithms: tuple[str, ...] = setting(
        ("RS256",), "signature algorithms accepted", choices=("RS256", "RS512", "ES256", "EdDSA")
    )
    leeway: float = setting(10.0, "clock difference tolerated for `exp` and `nbf`", unit="seconds", minimum=0)
    refresh: float = setting(300.0, "age at which the key set is fetched again", unit="seconds", minimum=1)
    cooldown: float = setting(30.0, "least time between two fetches for an unknown `kid`", unit="seconds", minimum=0)


@dataclass(frozen=True, slots=True)
class Api:
    """One document and the backend behind it."""

    contract: str = setting("", "path of the OpenAPI document, relative to the configuration file", required=True)
    upstream: str = setting(
        "", "base URL of the backend; its path, if any, replaces the document's server path", required=True
    )
    name: str = setting("", "name in logs, metrics and component names; default is the document's file name")
    path: str | None = setting(None, "where the API is mounted; default is the path of the document's first server")
    validate: Mapping[str, Any] = setting(dict, "overrides of `validate` for this API", overrides=Validate)
    limits: Mapping[str, Any] = setting(
        dict,
        "overrides of `limits` for this API: body, stream-body, response-body, item, part, coding-ratio",
        overrides=Limits,
        keys=("body", "stream_body", "response_body", "item", "part", "coding_ratio"),
    )
    timeouts: Mapping[str, Any] = setting(
        dict,
        "overrides of `timeouts` for this API: connect, read, total",
        overrides=Timeouts,
        keys=("connect", "read", "total"),
    )
    security: Mapping[str, str] = setting(dict, "which issuer verifies which security scheme: {scheme: issuer}")
    passes: tuple[str, ...] = setting(
        (), "what goes through unjudged: `media:TYPE`, `parameter:PLACE.NAME`, `security:SCHEME`"
    )


@dataclass(frozen=True, slots=True)
class Log:
    """Where lines go."""

    access: str = setting("stdout", "access log: stdout, off, or a file")
    level: str = setting("info", "least severity of other messages", choices=("debug", "info", "warning", "error"))


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of one gateway."""

    listen: str = setting("127.0.0.1:8080", "HOST:PORT of the public listener")
    admin: str = setting("127.0.0.1:8081", "HOST:PORT of the admin listener, or off")
    workers: int = setting(1, "number of worker processes", minimum=1)
    watch: bool = setting(False, "compile again when a document or the configuration changes")
    docs: bool = setting(True, "serve /docs, /openapi.json and /openapi.yaml on the public listener")
    docs_original: bool = setting(
        False,
        "serve the files of each API's own document, too, under /docs/API/original/; they show internal operations",
    )
    announce_deprecated: bool = setting(
        True,
        "tell clients since when an operation is deprecated and until when it works (`Deprecation`, `Sunset`), where "
        "`x-gateway` gives the dates",
    )
    trusted_proxies: tuple[str, ...] = setting(
        (), "networks whose Forwarded, X-Forwarded-* and X-Request-Id are believed"
    )
    apis: tuple[Api, ...] = setting((), "the documents and their backends")
    issuers: Mapping[str, Issuer] = setting(dict, "token issuers by name")
    validate: Validate = setting(Validate, "defaults for all APIs")
    limits: Limits = setting(Limits, "bounds on peers")
    timeouts: Timeouts = setting(Timeouts, "deadlines")
    references: References = setting(References, "where `$ref` may lead")
    rules: Mapping[str, str] = setting(
        dict,
        "how strictly documents are checked, by [rule](rules.md): {response-without-schema: error}; errors cannot be "
        "lowered",
        choices=LEVELS,
    )
    log: Log = setting(Log, "logging")

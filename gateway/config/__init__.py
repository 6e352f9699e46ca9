"""Every setting, declared once: name, type, default, help.

`gateway.yaml`, its JSON Schema, the command-line flags and `docs/settings.md` are all derived from these dataclasses
(`gateway.config.file` reads the file). Each module here holds the settings of one topic; this one puts them together.
"""

# ruff: noqa: RUF009 - `setting` makes a dataclass field, as `field` itself does

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.config.declare import LEVELS, MODES, setting
from gateway.config.exposure import Addresses, Certificate, Cors, Fields, Tls, UpstreamTls
from gateway.config.identity import Credentials, Identity, Introspection, Issuer, KeyStore, PasswordStore, Revocation
from gateway.config.limiting import Concurrency, RateLimit, Store
from gateway.config.traffic import Limits, Timeouts, Validate
from gateway.contract.model import Location

__all__ = (
    "LEVELS",
    "MODES",
    "Addresses",
    "Api",
    "Certificate",
    "Concurrency",
    "Cors",
    "Credentials",
    "Fields",
    "Identity",
    "Introspection",
    "Issuer",
    "KeyStore",
    "Limits",
    "Log",
    "PasswordStore",
    "RateLimit",
    "References",
    "Revocation",
    "Settings",
    "Store",
    "Timeouts",
    "Tls",
    "UpstreamTls",
    "Validate",
    "setting",
)


@dataclass(frozen=True, slots=True)
class References:
    """Where a document's `$ref`s may lead."""

    outside: bool = setting(False, "allow files outside the document's folder")
    remote: tuple[str, ...] = setting((), "URL prefixes that http(s) references may start with")
    lock: str = setting(
        "",
        "file with the SHA-256 of everything that references fetch, relative to the configuration file: what is not in "
        "it, or differs, is an error; `gateway check --update-lock` writes it",
        path=True,
    )
    cache: str = setting(
        "",
        "folder for locked content and for what large documents come to, so that a second start is fast; `off` for "
        "none; default is `contract-gateway` in $XDG_CACHE_HOME or ~/.cache",
        path=True,
        words=("off",),
    )


@dataclass(frozen=True, slots=True)
class Api:
    """One document and the backend behind it."""

    contract: str = setting(
        "", "path of the OpenAPI document, relative to the configuration file", required=True, path=True
    )
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
    security: Mapping[str, tuple[str, ...]] = setting(
        dict,
        "who verifies each security scheme: {scheme: NAME}, a name under `issuers` (or a list of them), `keys` or "
        "`passwords`",
        one=True,
    )
    passes: tuple[str, ...] = setting(
        (), "what goes through unjudged: `media:TYPE`, `parameter:PLACE.NAME`, `security:SCHEME`"
    )
    rate_limits: tuple[str, ...] = setting((), "names under `rate-limits` that hold for every operation", one=True)
    concurrency: Concurrency = setting(Concurrency, "requests at the same time, for all operations together")
    addresses: Addresses = setting(Addresses, "client addresses that may call")
    cors: Cors = setting(Cors, "pages of other origins that may call")
    credentials: Credentials = setting(Credentials, "what the backend learns of the caller")
    tls: UpstreamTls = setting(UpstreamTls, "TLS towards the backend")


@dataclass(frozen=True, slots=True)
class Log:
    """Where lines go."""

    access: str = setting("stdout", "access log: stdout, off, or a file", path=True, words=("stdout", "off"))
    audit: str = setting(
        "stdout", "refusals for reasons of security: stdout, off, or a file", path=True, words=("stdout", "off")
    )
    audit_rate: int = setting(100, "audit lines a second per worker; what is left out is counted", minimum=1)
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
        (), "networks whose `forwarded-field`, X-Forwarded-Host, X-Forwarded-Proto and X-Request-Id are believed"
    )
    forwarded_field: str = setting(
        "x-forwarded-for",
        "field in which trusted proxies say whose request it is; only this one, because a proxy that writes one of the "
        "two passes on what a client sent in the other",
        choices=("x-forwarded-for", "forwarded"),
    )
    public_origins: tuple[str, ...] = setting(
        (),
        "origins by which clients call the gateway, such as `https://api.example`: DPoP proofs have to name one; "
        "without any, the request's own Host is believed",
        one=True,
    )
    apis: tuple[Api, ...] = setting((), "the documents and their backends")
    issuers: Mapping[str, Issuer] = setting(dict, "token issuers by name")
    keys: Mapping[str, KeyStore] = setting(dict, "stores of API keys by name")
    passwords: Mapping[str, PasswordStore] = setting(dict, "stores of passwords by name")
    revocation: Revocation = setting(Revocation, "tokens and keys that count no longer")
    identity: Identity = setting(Identity, "the key with which the gateway speaks to backends")
    rate_limits: Mapping[str, RateLimit] = setting(dict, "rate limits and quotas by name")
    store: Store = setting(Store, "where limits are counted")
    tls: Tls = setting(Tls, "TLS on the public listener")
    proxy_protocol: bool = setting(
        False, "connections of trusted proxies begin with a PROXY protocol header (versions 1 and 2)"
    )
    addresses: Addresses = setting(Addresses, "client addresses that may call any API")
    headers: Fields = setting(Fields, "header fields of responses")
    method_override: str = setting(
        "drop", "header fields that ask backends for another method: `drop` or `pass`", choices=("drop", "pass")
    )
    filter: str = setting("", "`package.module:function` that may refuse requests; see operations.md")
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
    # Not a setting: where each of them stands, by JSON Pointer, if they were read from a file.
    places: Mapping[str, Location] = field(default_factory=dict, compare=False, repr=False)

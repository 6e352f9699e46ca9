"""From settings and document to what pages of other origins may do with an operation (`gateway.security.cors`).

Methods, header fields and credentials are the document's; the settings add origins, and fields that no document knows.
"""

import re
from collections.abc import Callable, Iterator

from gateway.config import Api
from gateway.config import Cors as CorsSettings
from gateway.config.origin import ANY, Origin, parse_origin
from gateway.contract.model import Contract, Operation
from gateway.security.cors import Cors, Pages
from gateway.wire.fields import HOP_BY_HOP
from gateway.wire.message import Field

# A page may send them unasked as long as their values are short and simple; when they are not, the browser asks.
_ALWAYS_SENT = ("accept", "accept-language", "content-language")
# Fields of the gateway's own answers that a page has a use for.
_OWN = (
    *("X-Request-Id", "WWW-Authenticate", "Retry-After", "RateLimit", "RateLimit-Policy", "Deprecation", "Sunset"),
    *("Accept", "Allow"),
)
# Shown without being asked for (the Fetch standard, "CORS-safelisted response-header name"), or never shown.
_NOT_EXPOSED = frozenset(
    (
        *("cache-control", "content-language", "content-length", "content-type", "expires", "last-modified", "pragma"),
        *("set-cookie", "set-cookie2"),
        *(name.decode("ascii") for name in HOP_BY_HOP),
    )
)


def compile_cors(contract: Contract, api: Api) -> Callable[[Operation], Cors | None]:
    """A function from operation to what pages may do with it. For settings without flaws."""
    settings = api.cors
    if not settings.origins:
        return lambda operation: None
    pages = _pages([parse_origin(text) for text in settings.origins])

    def compiled(operation: Operation) -> Cors:
        headers = sorted({*_sent(operation, contract), *map(str.lower, settings.headers)})
        return Cors(
            pages,
            frozenset(name.encode("latin-1", "replace") for name in headers),
            list(_allowing(settings, headers)),
            list(_exposing(settings, operation)),
            settings.private_network,
        )

    return compiled


def _pages(origins: list[Origin]) -> Pages:
    patterns = [origin.pattern for origin in origins if origin.subdomains]
    return Pages(
        any(origin.text == ANY for origin in origins),
        frozenset(origin.text.encode("ascii") for origin in origins if not origin.subdomains),
        re.compile("|".join(patterns).encode("ascii")) if patterns else None,
    )


def _sent(operation: Operation, contract: Contract) -> Iterator[str]:
    """Names, in lower case, of the header fields that a request may have by its document."""
    yield from _ALWAYS_SENT
    if operation.body is not None:
        yield "content-type"
    for parameter in operation.parameters:
        if parameter.place == "header":
            yield parameter.name.lower()
    for name in {name for requirement in operation.security for name, _ in requirement}:
        scheme = contract.schemes.get(name)
        if scheme is not None and scheme.type == "apiKey" and scheme.place == "header":
            yield scheme.parameter.lower()
        elif scheme is not None and scheme.type in ("http", "basic", "oauth2", "openIdConnect"):
            yield "authorization"
            yield "dpop"  # RFC 9449: the proof that comes with a bound token


def _allowing(settings: CorsSettings, headers: list[str]) -> Iterator[Field]:
    yield b"Access-Control-Allow-Headers", ", ".join(headers).encode("latin-1", "replace")
    yield b"Access-Control-Max-Age", b"%d" % settings.max_age
    if settings.credentials:
        yield b"Access-Control-Allow-Credentials", b"true"


def _exposing(settings: CorsSettings, operation: Operation) -> Iterator[Field]:
    documented = (header.name for response in operation.responses for header in response.headers)
    names = {name.lower(): name for name in (*_OWN, *documented, *settings.expose)}
    shown = sorted(name for low, name in names.items() if low not in _NOT_EXPOSED)
    yield b"Access-Control-Expose-Headers", ", ".join(shown).encode("latin-1", "replace")
    if settings.credentials:
        yield b"Access-Control-Allow-Credentials", b"true"

"""From a refusal to the problem document that the client reads (RFC 9457)."""

from typing import Any, NamedTuple

import orjson

from gateway.errors import Fault, Kind, Refusal

TYPE_BASE = "/docs/problems#"
MAX_ERRORS = 20


class ProblemType(NamedTuple):
    """What is the same for every refusal of one kind."""

    status: int
    title: str
    fault: Fault
    advice: str  # a sentence for the documentation page


PROBLEMS: dict[Kind, ProblemType] = {
    Kind.MALFORMED_REQUEST: ProblemType(
        400,
        "Malformed request",
        Fault.CLIENT,
        "The message could be read in more than one way, so it was not forwarded and the connection was closed. "
        "Usually the client library or a proxy in between is at fault.",
    ),
    Kind.INVALID_REQUEST: ProblemType(
        400,
        "The request breaks the contract",
        Fault.CLIENT,
        "Each entry of `errors` names one parameter or one place in the body and the rule it breaks. The backend did "
        "not see the request. The status is 422 where the operation documents 422 and not 400.",
    ),
    Kind.UNAUTHENTICATED: ProblemType(
        401,
        "Authentication needed",
        Fault.CLIENT,
        "Send a valid access token: `Authorization: Bearer TOKEN`. `WWW-Authenticate` says what was wrong.",
    ),
    Kind.FORBIDDEN: ProblemType(
        403,
        "Not allowed",
        Fault.CLIENT,
        "This caller may not do this: a scope is missing, which `WWW-Authenticate` names; what the request names is "
        "somebody else's; or its address, its page or the request itself is not let in. `detail` says which.",
    ),
    Kind.NOT_FOUND: ProblemType(
        404, "No such path", Fault.CLIENT, "No path of the documents matches. A slash at the end counts."
    ),
    Kind.METHOD_NOT_ALLOWED: ProblemType(
        405,
        "Method not allowed",
        Fault.CLIENT,
        "The path is documented, but not with this method; see `Allow`.",
    ),
    Kind.REQUEST_TIMEOUT: ProblemType(
        408,
        "The request took too long",
        Fault.CLIENT,
        "The request did not arrive in time. Send it again, faster.",
    ),
    Kind.CONTENT_TOO_LARGE: ProblemType(
        413, "The body is too large", Fault.CLIENT, "Send less, or ask for a higher limit for this operation."
    ),
    Kind.URI_TOO_LONG: ProblemType(
        414, "The request target is too long", Fault.CLIENT, "Shorten the path or the query."
    ),
    Kind.UNSUPPORTED_MEDIA_TYPE: ProblemType(
        415, "Media type not supported", Fault.CLIENT, "Send a `Content-Type` that the operation documents."
    ),
    Kind.EXPECTATION_FAILED: ProblemType(
        417, "Expectation failed", Fault.CLIENT, "The only expectation understood is `100-continue`."
    ),
    Kind.TOO_MANY_REQUESTS: ProblemType(
        429,
        "Too many requests",
        Fault.CLIENT,
        "A rate limit is used up. Try again after the seconds in `Retry-After`; `RateLimit` says how much is left of "
        "each limit, `RateLimit-Policy` how much there is.",
    ),
    Kind.FIELDS_TOO_LARGE: ProblemType(
        431, "The header fields are too large", Fault.CLIENT, "Send fewer or shorter header fields."
    ),
    Kind.INTERNAL_ERROR: ProblemType(
        500,
        "The gateway failed",
        Fault.GATEWAY,
        "A defect of the gateway; the request id finds it in the log.",
    ),
    Kind.NOT_IMPLEMENTED: ProblemType(
        501,
        "Not implemented",
        Fault.CLIENT,
        "The message uses an HTTP feature that the gateway does not offer.",
    ),
    Kind.BACKEND_UNREACHABLE: ProblemType(
        502, "The backend cannot be reached", Fault.BACKEND, "No connection to the backend could be made."
    ),
    Kind.BACKEND_FAILED: ProblemType(
        502,
        "The backend failed",
        Fault.BACKEND,
        "The backend closed the connection early or sent something that is not HTTP. It may have done the work.",
    ),
    Kind.INVALID_RESPONSE: ProblemType(
        502,
        "The response breaks the contract",
        Fault.BACKEND,
        "The backend answered, but not as its document says; `errors` lists where. The request was processed.",
    ),
    Kind.OVERLOADED: ProblemType(
        503, "Not available now", Fault.GATEWAY, "Try again after the seconds in `Retry-After`."
    ),
    Kind.BACKEND_TIMEOUT: ProblemType(
        504,
        "The backend took too long",
        Fault.BACKEND,
        "The backend did not answer in time. It may have done the work.",
    ),
    Kind.VERSION_NOT_SUPPORTED: ProblemType(505, "HTTP version not supported", Fault.CLIENT, "Use HTTP/1.1."),
}

REASONS = {
    100: b"Continue",
    200: b"OK",
    204: b"No Content",
    304: b"Not Modified",
    400: b"Bad Request",
    401: b"Unauthorized",
    403: b"Forbidden",
    404: b"Not Found",
    405: b"Method Not Allowed",
    408: b"Request Timeout",
    413: b"Content Too Large",
    414: b"URI Too Long",
    415: b"Unsupported Media Type",
    417: b"Expectation Failed",
    422: b"Unprocessable Content",
    429: b"Too Many Requests",
    431: b"Request Header Fields Too Large",
    500: b"Internal Server Error",
    501: b"Not Implemented",
    502: b"Bad Gateway",
    503: b"Service Unavailable",
    504: b"Gateway Timeout",
    505: b"HTTP Version Not Supported",
}

# A refusal is about one request, and names it. Caches that keep errors by themselves would hand it to others: with one
# oversized field an attacker could put 431 in the place of a page.
FIELDS = (
    (b"Content-Type", b"application/problem+json"),
    (b"Cache-Control", b"no-store"),
    (b"X-Content-Type-Options", b"nosniff"),
)

Answer = tuple[int, list[tuple[bytes, bytes]], bytes]


def answer(refusal: Refusal, request_id: str) -> Answer:
    """The one total function from a refusal to (status, fields, body)."""
    kind = PROBLEMS[refusal.kind]
    status = refusal.status or kind.status
    document: dict[str, Any] = {
        "type": TYPE_BASE + refusal.kind.value,
        "title": kind.title,
        "status": status,
        "detail": refusal.detail,
        "instance": f"urn:request:{request_id}",
    }
    if refusal.violations:
        document["errors"] = [_error(*violation) for violation in refusal.violations[:MAX_ERRORS]]
    fields = [*FIELDS, *refusal.headers]
    return status, fields, orjson.dumps(document)


def _error(place: str, name: str, pointer: str, keyword: str, message: str) -> dict[str, str]:
    error = {"in": place}
    if name:
        error["name"] = name
    if pointer or not name:
        error["pointer"] = pointer
    return {**error, "keyword": keyword, "message": message}


def page() -> str:
    """docs/problems.md, made from the table."""
    lines = [
        "# Problem types",
        "",
        "Every error that the gateway itself answers is a problem document (RFC 9457) with the media type",
        "`application/problem+json`. `type` ends in one of the names below, `instance` holds the request id, and",
        f"`errors` (at most {MAX_ERRORS} entries) names each violation: `in`, `name` or `pointer`, `keyword` and",
        "`message`.",
        "Values that were sent are never repeated.",
        "",
    ]
    for kind, problem in PROBLEMS.items():
        lines += [
            f"## {kind.value}",
            "",
            f"{problem.status} {problem.title}. Whose fault: {problem.fault.value}.",
            "",
        ]
        lines += [problem.advice, ""]
    return "\n".join(lines)

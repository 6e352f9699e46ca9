"""What can go wrong with a request, and whose fault it is.

Two families are kept apart. A *finding* (`gateway.contract.findings`) says that a document is wrong; it is
printed to whoever runs the gateway and never reaches the wire. A `Refusal` says that one exchange cannot go on;
`gateway.problem` turns it into a problem document (RFC 9457) in one place.
"""

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from gateway.security.principal import Principal


class Fault(Enum):
    """Who has to change something for the next request to succeed."""

    CLIENT = "client"
    BACKEND = "backend"
    GATEWAY = "gateway"


class Kind(Enum):
    """The closed list of refusals; the value is the last segment of the problem's `type` URI."""

    MALFORMED_REQUEST = "malformed-request"
    INVALID_REQUEST = "invalid-request"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not-found"
    METHOD_NOT_ALLOWED = "method-not-allowed"
    REQUEST_TIMEOUT = "request-timeout"
    CONTENT_TOO_LARGE = "content-too-large"
    URI_TOO_LONG = "uri-too-long"
    UNSUPPORTED_MEDIA_TYPE = "unsupported-media-type"
    EXPECTATION_FAILED = "expectation-failed"
    TOO_MANY_REQUESTS = "too-many-requests"
    FIELDS_TOO_LARGE = "fields-too-large"
    INTERNAL_ERROR = "internal-error"
    NOT_IMPLEMENTED = "not-implemented"
    BACKEND_UNREACHABLE = "backend-unreachable"
    BACKEND_FAILED = "backend-failed"
    INVALID_RESPONSE = "invalid-response"
    OVERLOADED = "overloaded"
    BACKEND_TIMEOUT = "backend-timeout"
    VERSION_NOT_SUPPORTED = "version-not-supported"


# Why a request was refused for a reason of security: the closed list that the audit log and its counter speak of.
# A kind stands for a cause of its own where its refusals do not say more.
CAUSES = (
    *("credentials-missing", "credentials-invalid", "credentials-revoked", "credentials-unverified"),
    *("scope", "owner", "address", "filter", "origin"),
    *("rate-limit", "concurrency", "connections", "malformed", "too-large", "too-slow", "forbidden"),
)
_CAUSE_OF = {
    Kind.UNAUTHENTICATED: "credentials-invalid",
    Kind.FORBIDDEN: "forbidden",
    Kind.MALFORMED_REQUEST: "malformed",
    Kind.NOT_IMPLEMENTED: "malformed",
    Kind.VERSION_NOT_SUPPORTED: "malformed",
    Kind.EXPECTATION_FAILED: "malformed",
    Kind.TOO_MANY_REQUESTS: "rate-limit",
    Kind.CONTENT_TOO_LARGE: "too-large",
    Kind.FIELDS_TOO_LARGE: "too-large",
    Kind.URI_TOO_LONG: "too-large",
    Kind.REQUEST_TIMEOUT: "too-slow",
}


class Violation(NamedTuple):
    """One clause of the contract that one message breaks. Never holds the offending value.

    `place` is one of path, query, header, cookie, body, status; `name` is the parameter or header (empty for
    body and status); `pointer` is a JSON Pointer (RFC 6901) into the decoded value, "" for the value itself;
    `keyword` is the JSON Schema keyword or one of our own: required, unknown, syntax, media-type,
    undocumented, schema (invalid, without a reason that is worth its cost).
    """

    place: str
    name: str
    pointer: str
    keyword: str
    message: str


@dataclass(eq=False)
class Refusal(Exception):
    """This exchange ends here with a problem document.

    `detail` is for the client; `reason` is for the log only.
    """

    kind: Kind
    detail: str
    violations: tuple[Violation, ...] = ()
    headers: tuple[tuple[bytes, bytes], ...] = ()
    reason: str = ""
    status: int | None = None  # instead of the kind's own, e.g. 422 where the operation documents it
    cause: str = ""  # one of CAUSES, for refusals that protect somebody; by default that of the kind, if it has one
    caller: "Principal | None" = None  # who is known to ask, and is not let in; for the logs

    def __post_init__(self) -> None:
        self.cause = self.cause or _CAUSE_OF.get(self.kind, "")

    def __str__(self) -> str:
        return f"{self.kind.value}: {self.reason or self.detail}"

"""What the request line works with: everything decided at load, nothing left to decide per request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.config import Timeouts
from gateway.contract.table import PathItem, Router
from gateway.limits.concurrency import SlotPlan
from gateway.limits.plan import Check, Plan
from gateway.security.cors import Cors
from gateway.security.introduction import Introduction
from gateway.security.ownership import Owned
from gateway.security.revocation import Denylist
from gateway.security.scheme import Alternatives
from gateway.security.screen import AddressLists, Screen
from gateway.upstream.backend import Backend
from gateway.validate.body import BodyCheck
from gateway.validate.parameters import ParameterCheck
from gateway.validate.response import ResponseCheck
from gateway.wire.fields import DROPPED_FROM_RESPONSES
from gateway.wire.message import Field
from gateway.wire.withheld import ALWAYS, Withheld


class DeprecatedUse(NamedTuple):
    """Something deprecated that requests are counted for: a parameter, or the operation itself (both "")."""

    place: str
    name: str

    @property
    def label(self) -> str:
        """In the metrics: "query.filter"; "" for the operation itself."""
        return f"{self.place}.{self.name}" if self.place else ""


@dataclass(frozen=True, slots=True)
class CompiledOperation:
    """One operation, keyed by API + method + template (never by operationId alone)."""

    row: int  # in the metrics; 0 is "no operation"
    api: str
    method: str
    template: str  # public: mount path + template of the document
    operation_id: str
    backend: Backend
    mount: bytes  # public prefix that is cut off the target
    prefix: bytes  # the backend's own prefix that takes its place
    security: Alternatives
    parameters: ParameterCheck | None
    hyphenated: frozenset[bytes]  # documented header parameters with "-" in their name, in lower case
    body: BodyCheck | None
    responses: ResponseCheck
    request_mode: str  # block, observe, sample, off
    response_mode: str
    sample: float
    body_limit: int
    stream_limit: int  # 0 is no limit
    response_limit: int
    invalid_status: int  # 400, or 422 where the operation documents that instead
    timeouts: Timeouts
    coding_ratio: int  # how many times larger a compressed body may become while it is judged
    pass_oversized: bool  # mode block passes a response body over `response_limit` on, unjudged
    upgrades: bool  # a response 101 is documented
    deprecated: tuple[DeprecatedUse, ...]
    announced: tuple[Field, ...]  # for responses of the backend that have no such field: Deprecation, Cache-Control...
    withheld: Withheld = ALWAYS  # what of a request ends here
    introduction: Introduction | None = None  # and what the backend is told instead
    owned: Owned | None = None  # whose object it is
    early: Plan | None = None  # rate limits before authentication
    limits: Plan | None = None  # and after it
    quotas: Mapping[str, Check] = field(default_factory=dict)  # rate limits of API keys, by name
    policies: tuple[str, ...] = ()  # the names of all of these, as the metrics count them
    slots: tuple[SlotPlan, ...] = ()  # requests at the same time
    cors: Cors | None = None  # what pages of other origins may do
    screen: Screen | None = None  # who may call at all
    dropped_from_responses: frozenset[bytes] = DROPPED_FROM_RESPONSES  # fields of the backend, `spelled`


@dataclass(frozen=True, slots=True)
class RouteTable:
    """All operations of a gateway. Immutable: a reload builds another one."""

    digest: str  # SHA-256 (hex) over contracts and settings
    operations: tuple[CompiledOperation, ...]
    backends: tuple[Backend, ...]
    router: Router[CompiledOperation]
    set_fields: tuple[Field, ...] = ()  # for every response
    denylist: Denylist | None = None  # credentials that verify, and count no longer all the same
    jwks: bytes = b'{"keys": []}'  # the public halves of the gateway's own keys (RFC 7517)
    addresses: AddressLists | None = None  # who may see the gateway's own pages, where not everybody may

    def match(self, path: bytes) -> tuple[PathItem[CompiledOperation], Sequence[str]] | None:
        """See `Router.match`."""
        return self.router.match(path)

"""The contract as data: what a document of any OpenAPI version comes down to.

Everything here is frozen. References are resolved, path-level parameters merged, security and `x-gateway`
inherited, and schemas rewritten to JSON Schema draft 2020-12, once per direction. A schema is named by its URI
(`schema="urn:contract:data:0#/components/schemas/User"`); `Contract.request_schemas` and
`Contract.response_schemas` hold the documents behind these URIs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a source file: line and column count from 1; `pointer` is an RFC 6901 JSON Pointer."""

    file: str
    line: int
    column: int
    pointer: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """OpenAPI Parameter Object. Exactly one of `style` and `content` decides how the wire text is decoded."""

    name: str
    place: str  # path, query, header, cookie; querystring (3.2: the whole query as one value, always by `content`)
    required: bool
    schema: str | None
    style: str  # simple, form, ... ; "" when `content` is set
    explode: bool
    content: str  # media type of a parameter given by `content`; "" otherwise
    allow_empty: bool
    deprecated: bool
    where: Location
    allow_reserved: bool = False
    encoding: Mapping[str, "Encoding"] = field(default_factory=dict)  # of a form given by `content`, by property


@dataclass(frozen=True, slots=True)
class Header:
    """OpenAPI Header Object of a response; always style `simple` or `content`, but for the collections of 2.0."""

    name: str
    required: bool
    schema: str | None
    explode: bool
    content: str
    where: Location
    style: str = "simple"


@dataclass(frozen=True, slots=True)
class Encoding:
    """OpenAPI Encoding Object. `style`, `explode` and `allow_reserved` are None where the document does not say:
    saying one of them selects RFC 6570 serialization instead of `content_type` (3.0.4, Encoding Object)."""

    content_type: str  # a media type, or several separated by commas, as written; "" for the default
    headers: tuple[Header, ...]
    style: str | None
    explode: bool | None
    allow_reserved: bool | None
    where: Location
    encoding: Mapping[str, "Encoding"] = field(default_factory=dict)  # 3.2: of nested parts, as in a MediaType
    prefix_encoding: tuple["Encoding", ...] = ()
    item_encoding: "Encoding | None" = None


@dataclass(frozen=True, slots=True)
class MediaType:
    """One key of a Content Object: `range` is a media type or range such as `application/*`, names in lower case.

    `item_schema` is that of each item of a stream (`itemSchema` of 3.2, `x-gateway.item-schema` before).
    """

    range: str
    schema: str | None
    where: Location
    item_schema: str | None = None
    encoding: Mapping[str, Encoding] = field(default_factory=dict)  # by property
    prefix_encoding: tuple[Encoding, ...] = ()  # 3.2: by position
    item_encoding: Encoding | None = None  # 3.2: of all further positions


@dataclass(frozen=True, slots=True)
class Body:
    """OpenAPI Request Body Object."""

    required: bool
    content: tuple[MediaType, ...]
    where: Location


@dataclass(frozen=True, slots=True)
class Response:
    """OpenAPI Response Object; `status` is `200`, a range in capitals such as `4XX`, or `default`."""

    status: str
    headers: tuple[Header, ...]
    content: tuple[MediaType, ...]
    where: Location


@dataclass(frozen=True, slots=True)
class SecurityScheme:
    """OpenAPI Security Scheme Object. `type`: oauth2, http, openIdConnect, apiKey, mutualTLS, basic (2.0)."""

    name: str
    type: str
    scheme: str  # for type http: bearer, basic, ... in lower case; "" otherwise
    discovery: str  # openIdConnectUrl, or oauth2MetadataUrl (3.2); "" otherwise
    where: Location
    place: str = ""  # of an API key: query, header, cookie
    parameter: str = ""  # and its name there


@dataclass(frozen=True, slots=True)
class Owner:
    """`x-gateway.owner`: the parameter has to say the same as the claim, unless the caller has the scope."""

    parameter: str
    claim: str
    unless_scope: str = ""


# One Security Requirement Object: every (scheme, scopes) pair must hold. An empty tuple means "anonymous is fine".
Requirement = tuple[tuple[str, frozenset[str]], ...]


@dataclass(frozen=True, slots=True)
class Networks:
    """`x-gateway.addresses`: who may call. `deny` wins; an empty `allow` is everybody."""

    allow: tuple[str, ...]
    deny: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """The `x-gateway` keys in force for an operation; None or empty means "not said in the document"."""

    timeout: float | None = None  # seconds for the whole exchange with the backend
    body_limit: int | None = None  # bytes
    request_mode: str | None = None  # block, observe, sample, off
    response_mode: str | None = None
    sample: float | None = None  # share of exchanges judged in mode `sample`, 0 to 1
    unknown_query: str | None = None  # refuse, allow
    internal: bool = False  # not routed, not published
    deprecation: str | None = None  # RFC 9745: since when, an ISO 8601 date
    sunset: str | None = None  # RFC 8594: until when, an ISO 8601 date
    owner: Owner | None = None  # whose object it is
    addresses: Networks | None = None
    rate_limits: tuple[str | Mapping[str, Any], ...] = ()  # names in gateway.yaml, and policies as written
    rate_scope: str = "document"  # where they are written: document, path, operation; it is shared by all of these
    quotas: bool = False  # whether the caller's API key may have a limit of its own, by the settings
    cost: int = 1  # what a request counts
    concurrency: Mapping[str, Any] | None = None  # requests at the same time, as written
    passes: frozenset[str] = frozenset()  # what goes through unjudged: "media:text/csv", "parameter:query.filter",
    # "security:apiKeyAuth"


@dataclass(frozen=True, slots=True)
class Operation:
    """OpenAPI Operation Object with everything it inherits. `security` is a tuple of alternatives; empty = open."""

    method: str  # as it is sent: upper case, but for those of `additionalOperations`, which are as written
    template: str  # as in the document, below the server path
    server_path: str  # path of the server in force: the operation's first, or the path item's, or the document's
    operation_id: str | None
    deprecated: bool
    parameters: tuple[Parameter, ...]
    body: Body | None
    responses: tuple[Response, ...]
    security: tuple[Requirement, ...]
    behaviour: Behaviour
    where: Location
    query_keys: tuple[str, ...] = ()  # query parameters that hold API keys: the security schemes document them


@dataclass(frozen=True, slots=True)
class Contract:
    """One API: its operations, and the documents that its schemas live in."""

    api: str
    title: str
    version: str  # info.version
    dialect: str  # 2.0, 3.0, 3.1, 3.2
    sources: tuple[str, ...]  # every file read, the root document first
    digest: str  # SHA-256 (hex) over the bytes of the sources
    server_path: str  # path of the document's first server: "" or "/v1", never with a slash at the end
    document: Document  # the root document as written
    documents: Mapping[str, Document]  # every file of `sources` as written
    request_schemas: Mapping[str, Document]  # URI without fragment -> document rewritten for requests
    response_schemas: Mapping[str, Document]
    schemes: Mapping[str, SecurityScheme]
    operations: tuple[Operation, ...]

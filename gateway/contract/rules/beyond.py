"""Findings that no rule of the table makes: those of reading settings and documents before, of compiling after.

They have no function here, because the code that reads and compiles finds them on its way. They have the rest of a
rule: an id, a reason and, where a few lines can show it, files that break it and the same files mended.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.contract.rules.documents import document, operation

Files = Mapping[str, str]  # name to text; the one that is judged is the first


@dataclass(frozen=True, slots=True)
class Note:
    """What a finding's id stands for. `bad` and `good` are empty where files cannot show it."""

    id: str
    title: str
    explanation: str
    bad: Files = field(default_factory=dict)
    good: Files = field(default_factory=dict)


def _document(text: str) -> dict[str, str]:
    return {"openapi.yaml": text}


def _with_parameter(parameter: str) -> dict[str, str]:
    """A document whose operation has this parameter."""
    shared = "components: {parameters: {size: {name: size, in: query, schema: {type: integer}}}}"
    return _document(document(operation(parameters=parameter), top=shared))


_SERVED = {"gateway.yaml": "apis:\n  - {contract: openapi.yaml, upstream: 'http://127.0.0.1:9000'}\n"}


def _settings(api: str = "", issuer: str = "", more: str = "", scheme: str = "scopes: {read: read}") -> Files:
    """Settings with one API and one issuer, and the document that they name."""
    settings = (
        f"apis:\n  - {{contract: openapi.yaml, upstream: 'http://127.0.0.1:9000'{api}}}\n{more}"
        f"issuers:\n  main: {{audience: things, issuer: 'https://id.example'{issuer}}}\n"
    )
    flow = f"{{clientCredentials: {{tokenUrl: 'https://id.example/token', {scheme}}}}}"
    schemes = f"components: {{securitySchemes: {{auth: {{type: oauth2, flows: {flow}}}}}}}"
    scope = scheme.partition("{")[2].partition(":")[0]
    secured = document(operation(extra=f"security: [{{auth: [{scope}]}}]"), top=schemes)
    return {"gateway.yaml": settings, "openapi.yaml": secured}


def _limited(limit: str, name: str = "slow") -> Files:
    """Settings with one rate limit, and an open operation that names it."""
    settings = (
        f"apis:\n  - {{contract: openapi.yaml, upstream: 'http://127.0.0.1:9000'}}\nrate-limits:\n  slow: {limit}\n"
    )
    return {
        "gateway.yaml": settings,
        "openapi.yaml": document(operation(extra=f"x-gateway: {{rate-limit: {name}, cost: 5}}")),
    }


def _one_at_a_time(workers: int) -> Files:
    """Settings with so many workers, and an operation that is for one caller at a time."""
    settings = f"workers: {workers}\napis:\n  - {{contract: openapi.yaml, upstream: 'http://127.0.0.1:9000'}}\n"
    return {
        "gateway.yaml": settings,
        "openapi.yaml": document(operation(extra="x-gateway: {concurrency: {limit: 1}}")),
    }


_JWKS = ", jwks: 'https://id.example/jwks.json'"
_GOOD_SETTINGS = _settings(issuer=_JWKS)
_PARTNER = "\n  partner: {audience: things, issuer: 'https://id.other', jwks: 'https://id.other/jwks.json'}\n"


def _two_tokens(mapping: str) -> Files:
    files = _settings(api=f", security: {mapping}", issuer=_JWKS)
    bearer = "{type: http, scheme: bearer}"
    both = document(
        operation(extra="security: [{auth: [], guest: []}]"),
        top=f"components: {{securitySchemes: {{auth: {bearer}, guest: {bearer}}}}}",
    )
    return {"gateway.yaml": files["gateway.yaml"].rstrip("\n") + _PARTNER, "openapi.yaml": both}


def _identified(first: str, second: str) -> Files:
    schemas = f"{{A: {{$id: '{first}', type: string}}, B: {{$id: '{second}', type: integer}}}}"
    parameter = "{name: size, in: query, schema: {$ref: 'https://a.example/one'}}"
    top = f"components: {{schemas: {schemas}}}"
    return _document(document(operation(parameters=parameter), top=top, version="3.1.0"))


_EMPTY = document(operation())
_GOOD_PARAMETER = _with_parameter("{$ref: '#/components/parameters/size'}")

NOTES = (
    Note(
        "settings",
        "`gateway.yaml` cannot be used",
        "An unknown key, a value of the wrong type, a file that is not there: nothing is started with settings that "
        "are only half understood. See the page about settings.",
        {**_GOOD_SETTINGS, "gateway.yaml": "lisen: 127.0.0.1:80\n" + _GOOD_SETTINGS["gateway.yaml"]},
        {**_GOOD_SETTINGS, "gateway.yaml": "listen: 127.0.0.1:80\n" + _GOOD_SETTINGS["gateway.yaml"]},
    ),
    Note(
        "document-unreadable",
        "A file cannot be read",
        "The file of a document or of a `$ref` cannot be opened, is no regular file, or a URL does not answer with "
        "200.",
        _with_parameter("{$ref: 'shared.yaml#/parameters/size'}"),
        _GOOD_PARAMETER,
    ),
    Note(
        "document-too-large",
        "A file is larger than 64 MiB",
        "It is refused before it is read. Split it into files joined by `$ref`.",
    ),
    Note("document-encoding", "A file is not UTF-8", "Other encodings cannot be told apart for certain. Convert it."),
    Note(
        "document-syntax",
        "A file is neither YAML 1.2 nor JSON",
        "Or it goes beyond the values that JSON has, or is nested too deeply.",
        _document("openapi: 3.0.3\ninfo: {title: Things, version: '1'\npaths: {}\n"),
        _document(_EMPTY),
    ),
    Note(
        "document-empty",
        "There is nothing in a file",
        "Comments are nothing, too.",
        _document("# to be written\n"),
        _document(_EMPTY),
    ),
    Note(
        "document-version",
        "The version of OpenAPI is missing or unknown",
        "The version decides what the rest of the document means.",
        _document(_EMPTY.replace("3.0.3", "4.0.0")),
        _document(_EMPTY),
    ),
    Note(
        "duplicate-key",
        "A key stands twice in one mapping",
        "Parsers disagree on which one counts, so that different tools would enforce different contracts.",
        _document(document(operation(extra="deprecated: false\ndeprecated: true"))),
        _document(document(operation(extra="deprecated: true"))),
    ),
    Note(
        "reference-dangling",
        "A `$ref` leads to nothing",
        "What it stands for is unknown and cannot be enforced.",
        _with_parameter("{$ref: '#/components/parameters/sice'}"),
        _GOOD_PARAMETER,
    ),
    Note(
        "reference-invalid",
        "A `$ref` is no string, or leads to something of another kind",
        "A reference to a parameter has to lead to a Parameter Object.",
        _with_parameter("{$ref: '#/info/title'}"),
        _GOOD_PARAMETER,
    ),
    Note(
        "reference-loop",
        "A chain of `$ref`s comes back to where it started",
        "Nothing but references stands there. A schema that contains itself is fine.",
        _document(document(operation(), top="components: {schemas: {A: {$ref: '#/components/schemas/A'}}}")),
        _document(
            document(
                operation(),
                top="components: {schemas: {A: {type: object, properties: {a: {$ref: '#/components/schemas/A'}}}}}",
            )
        ),
    ),
    Note(
        "reference-outside",
        "A `$ref` leaves the folder of the document",
        "A document from elsewhere must not read files of this machine. Allow it with `references.outside` in "
        "`gateway.yaml`, or move the file.",
        _with_parameter("{$ref: '../shared.yaml#/parameters/size'}"),
        _GOOD_PARAMETER,
    ),
    Note(
        "reference-remote",
        "A `$ref` leads to a URL",
        "What a contract says would be decided by whoever answers there. Allow it by a prefix in "
        "`references.remote` of `gateway.yaml`, or copy the file.",
        _with_parameter("{$ref: 'https://shared.example/parameters.yaml#/size'}"),
        _GOOD_PARAMETER,
    ),
    Note(
        "reference-changed",
        "A URL answers with something else than the lock says",
        "Without a lock, a contract changes when somebody changes a file elsewhere. Look at what changed, then run "
        "`gateway check --update-lock`.",
    ),
    Note(
        "reference-unlocked",
        "A URL is missing in the lock, or the lock cannot be read",
        "With `references.lock`, nothing is used whose content nobody has seen. `gateway check --update-lock` fetches "
        "everything and writes the lock.",
    ),
    Note(
        "reference-ambiguous",
        "Two schemas or documents go by the same URI",
        "`$id` and `$self` are names that references use; a name of two things names nothing.",
        _identified("https://a.example/one", "https://a.example/one"),
        _identified("https://a.example/one", "https://a.example/two"),
    ),
    Note(
        "not-enforced",
        "A parameter, body or response cannot be compiled",
        "No rule found an error, and yet no judge can be built. What stands here is the proof behind the rules: "
        "nothing is served that is not enforced. `pass` lets it through unjudged.",
    ),
    Note(
        "schema-unusable",
        "A schema cannot be compiled",
        "The rules accept it and the engine that judges by it does not.",
    ),
    Note(
        "mounted-twice",
        "Two APIs match the same requests once they are mounted",
        "It would depend on chance which of them answers. Give one another `path`.",
        {
            "gateway.yaml": "apis:\n"
            "  - {contract: openapi.yaml, upstream: 'http://127.0.0.1:9000', name: one}\n"
            "  - {contract: openapi.yaml, upstream: 'http://127.0.0.1:9001', name: two}\n",
            "openapi.yaml": _EMPTY,
        },
        {
            "gateway.yaml": "apis:\n"
            "  - {contract: openapi.yaml, upstream: 'http://127.0.0.1:9000', name: one}\n"
            "  - {contract: openapi.yaml, upstream: 'http://127.0.0.1:9001', name: two, path: /two}\n",
            "openapi.yaml": _EMPTY,
        },
    ),
    Note(
        "security-issuer",
        "A security scheme has no token issuer that could be used",
        "Tokens are only as good as the keys they are verified with, so the issuer's keys and the audience have to be "
        "known. Keys that are fetched without TLS from another machine are a warning.",
        _settings(),
        _GOOD_SETTINGS,
    ),
    Note(
        "credential-store",
        "A store of keys, passwords or revocations cannot be used",
        "A store that is half understood would let in callers whom somebody meant to keep out. Once the gateway runs, "
        "the former content stays in force when a store breaks. A store that every user of the machine can read, and "
        "tokens that are asked about without TLS, are warnings.",
        _settings(issuer=_JWKS, more="keys:\n  partners: {file: no-such-file}\n"),
        _GOOD_SETTINGS,
    ),
    Note(
        "credentials",
        "What backends are to be told of callers cannot be made",
        "The gateway's own key is none that signs, or an operation lets callers in whose credentials are no token that "
        "could be exchanged. A token endpoint on another machine that is asked without TLS is a warning.",
    ),
    Note(
        "header-withheld",
        "A documented header parameter never reaches the backend",
        "Backends take some fields for what a proxy says of the caller, of the client's address, host or target, or "
        "for another method. Clients may not send them, so the gateway takes them out of every request; the pages "
        "about credentials and about header fields list them.",
        _SERVED | _with_parameter("{name: X-Remote-User, in: header, schema: {type: string}}"),
        _SERVED | _with_parameter("{name: X-User, in: header, schema: {type: string}}"),
    ),
    Note(
        "security-mapping",
        "`security` of an API names a scheme, an issuer or a store that does not exist",
        "A misspelt name must not leave a scheme to another issuer. Tokens are verified by `issuers`, API keys by "
        "`keys`, passwords by `passwords`, and client certificates by `tls`.",
        _settings(api=", security: {oauth: main}", issuer=_JWKS),
        _settings(api=", security: {auth: main}", issuer=_JWKS),
    ),
    Note(
        "security-scope",
        "A scope cannot stand in a token",
        "Scopes are separated by spaces (RFC 6749 section 3.3), so that nobody could ever have one with a space. "
        "Client certificates have no scopes at all.",
        _settings(issuer=_JWKS, scheme="scopes: {'read all': read}"),
        _GOOD_SETTINGS,
    ),
    Note(
        "security-two-tokens",
        "One requirement demands credentials that no request can carry together",
        "A request carries one token, and has one Authorization field for token or password. Map the schemes to one "
        "issuer or store, or make them alternatives.",
        _two_tokens("{auth: main, guest: partner}"),
        _two_tokens("{auth: main, guest: main}"),
    ),
    Note(
        "rate-limit",
        "A rate limit cannot be kept",
        "The document names one that is not in `gateway.yaml`, calls two of them the same, or lets a request cost more "
        "than the limit ever lets through.",
        _limited("{requests: 10}", "slwo"),
        _limited("{requests: 10}"),
    ),
    Note(
        "rate-limit-anonymous",
        "A rate limit is by caller where nobody has to say who they are",
        "Anonymous callers are counted by address, and those who share one share the limit. Say so, or ask for "
        "credentials. A limit by key where no API key is asked for counts by consumer, too.",
        _limited("{requests: 10, by: consumer}"),
        _limited("{requests: 10, by: address}"),
    ),
    Note(
        "concurrency-share",
        "A limit on requests at the same time is below the number of workers",
        "Each worker has its share of the limit, and at least one: with more workers than the limit lets through, as "
        "many get through as there are workers.",
        _one_at_a_time(4),
        _one_at_a_time(1),
    ),
)

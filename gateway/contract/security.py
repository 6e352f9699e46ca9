"""Security Requirement Objects to verifiers: which issuer stands behind each scheme, and what cannot be enforced.

The document says what a caller needs; `gateway.yaml` says whose tokens count. A scheme belongs to the issuer that
the API's `security` names for it, or else to the only issuer there is. A scheme's `openIdConnectUrl` is where that
issuer's metadata are, unless the settings name a place themselves.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import urlsplit

from gateway.config import Api, Issuer, Settings
from gateway.contract.findings import Finding, Severity, ordered
from gateway.contract.model import Contract, Location, Operation, Requirement, SecurityScheme
from gateway.security.bearer import Alternative, Alternatives, BearerVerifier, bearer_verifier
from gateway.security.fetch import is_http
from gateway.security.jwk import KEY_TYPES

SETTINGS_FILE = "gateway.yaml"

Flaw = tuple[str, Severity, str, str]  # setting of an issuer, severity, message, hint

BEARER = frozenset({("oauth2", ""), ("openIdConnect", ""), ("http", "bearer")})  # (type, scheme)

_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+\Z")  # scope-token, RFC 6749 section 3.3

_ISSUER_EXAMPLE = "{issuer: https://issuer.example, audience: AUDIENCE, jwks: https://issuer.example/jwks.json}"


def check_security(contract: Contract, settings: Settings, api: Api) -> list[Finding]:
    """Everything about the security of one API that could not be enforced. Schemes nobody uses are not judged.

    What the document alone shows (undeclared schemes, types that are not supported) is found by the rules.
    """
    findings = list(_check_mapping(contract, settings, api))
    used = _used_schemes(contract, api)
    for scheme in used:
        findings += _check_scheme(scheme, settings, api)
    if not findings:
        for operation in _served(contract):
            findings += _check_operation(operation, contract, settings, api)
    return ordered(findings)


def compile_security(
    contract: Contract, settings: Settings, api: Api, verifiers: dict[str, BearerVerifier]
) -> Callable[[Operation], Alternatives]:
    """A function from operation to compiled alternatives; only for what `check_security` has no error about.

    `verifiers` holds one verifier per issuer for all APIs of a gateway; missing ones are added, and one whose
    settings have changed is replaced.
    """
    by_scheme: dict[str, BearerVerifier] = {}
    for scheme in _used_schemes(contract, api):
        name, issuer = _issuer_of(scheme, settings, api)
        key = f"{name} {issuer.discovery}"
        if key not in verifiers or verifiers[key].issuer != issuer:
            verifiers[key] = bearer_verifier(name, issuer)
        by_scheme[scheme.name] = verifiers[key]

    def alternatives(operation: Operation) -> Alternatives:
        return tuple(_compile(requirement, by_scheme) for requirement in _enforced(operation, api))

    return alternatives


def _compile(requirement: Requirement, by_scheme: dict[str, BearerVerifier]) -> Alternative:
    """Schemes of one issuer are proved by one token, so their scopes add up."""
    needed: dict[BearerVerifier, frozenset[str]] = {}
    for scheme, scopes in requirement:
        verifier = by_scheme[scheme]
        needed[verifier] = needed.get(verifier, frozenset()) | scopes
    return tuple(needed.items())


def _served(contract: Contract) -> Iterator[Operation]:
    return (operation for operation in contract.operations if not operation.behaviour.internal)


def _enforced(operation: Operation, api: Api) -> tuple[Requirement, ...]:
    """The requirements without the schemes that are passed; one that has nothing left lets everybody in."""
    passed = operation.behaviour.passes | frozenset(api.passes)
    return tuple(
        tuple(pair for pair in requirement if f"security:{pair[0]}" not in passed) for requirement in operation.security
    )


def _used_schemes(contract: Contract, api: Api) -> list[SecurityScheme]:
    """Each scheme that an operation enforces, once."""
    names = dict.fromkeys(
        name for operation in _served(contract) for requirement in _enforced(operation, api) for name, _ in requirement
    )
    return [contract.schemes[name] for name in names]


def _issuer_of(scheme: SecurityScheme, settings: Settings, api: Api) -> tuple[str, Issuer]:
    """Name and settings of the issuer behind a scheme. Raises LookupError with what to say about it."""
    if (scheme.type, scheme.scheme) not in BEARER:
        raise LookupError(f"type {scheme.type} is not supported")
    name = next(iter(api.security.get(scheme.name, ())), None)
    if name is None and len(settings.issuers) > 1:
        names = ", ".join(settings.issuers)
        raise LookupError(f"which of the issuers {names} is behind the scheme is not said")
    if name is None and not settings.issuers:
        raise LookupError("no issuer is configured, so that nobody's tokens could be accepted")
    if name is None:
        name = next(iter(settings.issuers))
    if name not in settings.issuers:
        raise LookupError(f"issuer {name} is not configured")
    issuer = settings.issuers[name]
    if scheme.discovery and not (issuer.jwks or issuer.discovery):
        issuer = replace(issuer, discovery=scheme.discovery)
    return name, issuer


def _check_mapping(contract: Contract, settings: Settings, api: Api) -> Iterator[Finding]:
    """The API's `security` setting names things that exist."""
    where = _setting(f"/apis/{settings.apis.index(api)}/security" if api in settings.apis else "/apis")
    for scheme, issuer in ((scheme, name) for scheme, names in api.security.items() for name in names):
        if scheme not in contract.schemes:
            declared = ", ".join(contract.schemes) or "none"
            yield Finding(
                where,
                Severity.ERROR,
                "security-mapping",
                f"`security` of API {contract.api} names the scheme {scheme}, which the document does not declare",
                f"declared are: {declared}",
            )
        if issuer not in settings.issuers:
            yield Finding(
                where,
                Severity.ERROR,
                "security-mapping",
                f"`security` of API {contract.api} names the issuer {issuer}, which is not configured",
                f"add to {SETTINGS_FILE}: issuers: {{{issuer}: {_ISSUER_EXAMPLE}}}",
            )


def _check_scheme(scheme: SecurityScheme, settings: Settings, api: Api) -> Iterator[Finding]:
    try:
        name, issuer = _issuer_of(scheme, settings, api)
    except LookupError as error:
        if scheme.name in api.security:
            return  # found by _check_mapping, at the setting
        known = next(iter(settings.issuers), "NAME")
        hint = (
            f"add to the API in {SETTINGS_FILE}: security: {{{scheme.name}: {known}}}"
            if settings.issuers
            else f"add to {SETTINGS_FILE}: issuers: {{NAME: {_ISSUER_EXAMPLE}}}"
        )
        message = f"security scheme {scheme.name} cannot be enforced: {error.args[0]}"
        yield Finding(scheme.where, Severity.ERROR, "security-issuer", message, hint)
        return
    yield from _check_issuer(name, issuer)


def _check_issuer(name: str, issuer: Issuer) -> Iterator[Finding]:
    """The settings of an issuer, completed by its scheme, are enough to judge a token."""
    for key, severity, message, hint in (*_missing(name, issuer), *_unfit(issuer)):
        where = _setting(f"/issuers/{name}/{key}")
        yield Finding(where, severity, "security-issuer", f"issuer {name}: {message}", hint)


def _missing(name: str, issuer: Issuer) -> Iterator[Flaw]:
    """Settings without which a token could not be judged."""
    keys = issuer.jwks or issuer.discovery
    for key, given, message, hint in (
        ("audience", issuer.audience, ", so that tokens made for others would be accepted", "audience: AUDIENCE"),
        (
            "jwks",
            keys,
            " and no `discovery`, so that there are no keys to verify with",
            "jwks: https://issuer.example/jwks.json",
        ),
        (
            "issuer",
            issuer.issuer or issuer.discovery or not keys,
            ", so that the `iss` of tokens could not be checked",
            "issuer: https://issuer.example",
        ),
    ):
        if not given:
            yield key, Severity.ERROR, f"no `{key}`{message}", f"write issuers: {{{name}: {{{hint}}}}}"


def _unfit(issuer: Issuer) -> Iterator[Flaw]:
    """Settings that are there but cannot be used, or not safely."""
    unknown = [algorithm for algorithm in issuer.algorithms if algorithm not in KEY_TYPES]
    if unknown or not issuer.algorithms:
        message = f"algorithms {', '.join(unknown)} are not supported" if unknown else "no algorithm is accepted"
        yield "algorithms", Severity.ERROR, message, f"choose from: {', '.join(KEY_TYPES)}"
    for key, place in (("jwks", issuer.jwks), ("discovery", issuer.discovery)):
        if place and (key == "discovery" or "://" in place) and not is_http(place):
            yield key, Severity.ERROR, f"`{key}` is no http or https URL without credentials", "write https://HOST/PATH"
        elif place.startswith("http:") and urlsplit(place).hostname not in ("127.0.0.1", "::1", "localhost"):
            message = f"`{key}` is fetched without TLS: whoever is on the way can put in keys of their own"
            yield key, Severity.WARNING, message, "write https://"


def _check_operation(operation: Operation, contract: Contract, settings: Settings, api: Api) -> Iterator[Finding]:
    title = f"{operation.method} {operation.template}"
    for requirement in _enforced(operation, api):
        issuers = {_issuer_of(contract.schemes[name], settings, api)[0] for name, _ in requirement}
        if len(issuers) > 1:
            yield Finding(
                operation.where,
                Severity.ERROR,
                "security-two-tokens",
                f"{title} demands tokens of {' and '.join(sorted(issuers))} at once; a request carries only one",
                "map the schemes to one issuer, or make them alternatives",
            )
        for name, scopes in requirement:
            for scope in sorted(scope for scope in scopes if not _SCOPE.match(scope)):
                yield Finding(
                    operation.where,
                    Severity.ERROR,
                    "security-scope",
                    f"{title} demands the scope {scope!r} of {name}, which no token can hold",
                    "a scope is printable ASCII without space, quote and backslash (RFC 6749 section 3.3)",
                )


def _setting(pointer: str) -> Location:
    return Location(SETTINGS_FILE, 1, 1, pointer)

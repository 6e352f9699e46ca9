"""What cannot be enforced of a document's security with these settings, as findings that say what to write where."""

import os
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from gateway.config import Api, Issuer, Settings
from gateway.contract.findings import Finding, Severity, ordered
from gateway.contract.in_settings import SETTINGS_FILE, in_settings
from gateway.contract.model import Contract, Operation, SecurityScheme
from gateway.contract.security import (
    CERTIFICATES,
    KEYS,
    PASSWORDS,
    TOKENS,
    configured,
    enforced,
    issuer_of,
    kind_of,
    proof_of,
    proofs_of,
    served,
    used_schemes,
)
from gateway.security.fetch import FetchError, fetch, is_http
from gateway.security.jwk import KEY_TYPES, parse_jwks

Flaw = tuple[str, Severity, str, str]  # setting of an issuer, severity, message, hint

_SCOPE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+\Z")  # scope-token, RFC 6749 section 3.3

_EXAMPLES = {
    TOKENS: "{issuer: https://issuer.example, audience: AUDIENCE, jwks: https://issuer.example/jwks.json}",
    KEYS: "{file: keys.txt}",
    PASSWORDS: "{file: passwords.txt}",
}


def check_security(contract: Contract, settings: Settings, api: Api) -> list[Finding]:
    """Everything about the security of one API that could not be enforced. Schemes nobody uses are not judged.

    What the document alone shows (undeclared schemes, types that are not supported) is found by the rules.
    """
    findings = list(_check_mapping(contract, settings, api))
    findings += _check_schemes(used_schemes(contract, api), settings, api)
    if not findings:
        for operation in served(contract):
            findings += _check_operation(operation, contract, settings, api)
    return ordered(findings)


def _check_mapping(contract: Contract, settings: Settings, api: Api) -> Iterator[Finding]:
    """The API's `security` setting names things that exist, and that can vouch for the scheme."""
    where = in_settings(f"/apis/{settings.apis.index(api)}/security" if api in settings.apis else "/apis")
    for scheme, name in ((scheme, name) for scheme, names in api.security.items() for name in names):
        said = f"`security` of API {contract.api} names"
        if scheme not in contract.schemes:
            declared = ", ".join(contract.schemes) or "none"
            message = f"{said} the scheme {scheme}, which the document does not declare"
            yield Finding(where, Severity.ERROR, "security-mapping", message, f"declared are: {declared}")
            continue
        kind = kind_of(contract.schemes[scheme]) or TOKENS
        if kind == CERTIFICATES:
            message = f"{said} {name} for {scheme}; client certificates are verified by `tls`"
            yield Finding(where, Severity.ERROR, "security-mapping", message, f"take {scheme} out")
        elif name not in configured(kind, settings):
            message = f"{said} {name} for {scheme}, which is not under `{kind}`"
            hint = f"add to {SETTINGS_FILE}: {kind}: {{{name}: {_EXAMPLES[kind]}}}"
            yield Finding(where, Severity.ERROR, "security-mapping", message, hint)


def _check_schemes(schemes: list[SecurityScheme], settings: Settings, api: Api) -> Iterator[Finding]:
    issuers: dict[tuple[str, str], Issuer] = {}
    for scheme in schemes:
        try:
            proof = proof_of(scheme, settings, api)
        except LookupError as error:
            if scheme.name not in api.security:  # otherwise found at the setting
                message = f"security scheme {scheme.name} cannot be enforced: {error.args[0]}"
                yield Finding(scheme.where, Severity.ERROR, "security-issuer", message, _hint(scheme, settings))
            continue
        if proof.kind == TOKENS:
            issuers |= {(name, proof.discovery): issuer_of(name, proof.discovery, settings) for name in proof.names}
    for (name, _), issuer in issuers.items():
        yield from _check_issuer(name, issuer)


def _hint(scheme: SecurityScheme, settings: Settings) -> str:
    kind = kind_of(scheme) or TOKENS
    if kind == CERTIFICATES:
        return f"add to {SETTINGS_FILE}: tls: {{certificates: [...], clients: optional, ca: ca.pem}}"
    if known := next(iter(configured(kind, settings)), None):
        return f"add to the API in {SETTINGS_FILE}: security: {{{scheme.name}: {known}}}"
    return f"add to {SETTINGS_FILE}: {kind}: {{NAME: {_EXAMPLES[kind]}}}"


def _check_issuer(name: str, issuer: Issuer) -> Iterator[Finding]:
    """The settings of an issuer, completed by its scheme, are enough to judge a token."""
    for key, severity, message, hint in (*_missing(name, issuer), *_unfit(issuer), *_unread(issuer)):
        where = in_settings(f"/issuers/{name}/{key}")
        yield Finding(where, severity, "security-issuer", f"issuer {name}: {message}", hint)


def _missing(name: str, issuer: Issuer) -> Iterator[Flaw]:
    """Settings without which a token could not be judged."""
    keys = issuer.jwks or issuer.discovery
    asked = issuer.introspection.url
    for key, given, message, hint in (
        ("audience", issuer.audience, ", so that tokens made for others would be accepted", "audience: AUDIENCE"),
        (
            "jwks",
            keys or asked,
            ", no `discovery` and no `introspection`, so that there is nothing to verify with",
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


def _unread(issuer: Issuer) -> Iterator[Flaw]:
    """A file of keys that holds none. It is read again later on, so this need not last."""
    if "://" in issuer.jwks or not os.path.isfile(issuer.jwks):
        return
    try:
        parse_jwks(fetch(issuer.jwks), issuer.algorithms)
    except (FetchError, ValueError) as error:
        message = f"{issuer.jwks}: {error}; all tokens are answered with 503 until this is mended"
        yield "jwks", Severity.WARNING, message, "give it the file of a JWK Set (RFC 7517 section 5)"


def _check_operation(operation: Operation, contract: Contract, settings: Settings, api: Api) -> Iterator[Finding]:
    title = f"{operation.method} {operation.template}"
    for requirement in enforced(operation, api):
        proofs = proofs_of(requirement, contract.schemes, settings, api)
        if not all(proof.possible for proof in proofs) or sum(proof.in_authorization for proof in proofs) > 1:
            names = [name for name, _ in requirement]
            yield Finding(
                operation.where,
                Severity.ERROR,
                "security-two-tokens",
                f"{title} demands {' and '.join(sorted(names))} at once; no request can carry credentials for all",
                "map the schemes to one issuer or store, or make them alternatives",
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
            if scopes and kind_of(contract.schemes[name]) == CERTIFICATES:
                yield Finding(
                    operation.where,
                    Severity.ERROR,
                    "security-scope",
                    f"{title} demands scopes of {name}, but a certificate has none",
                    "demand a token beside the certificate, or leave the list empty",
                )

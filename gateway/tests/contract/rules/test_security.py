"""Security that cannot be enforced keeps a document from being served."""

import pytest

from gateway.contract.rules.documents import document, operation
from gateway.contract.rules.security import secured
from gateway.tests.contract.rules.reading import found, rules_of


@pytest.mark.parametrize(
    ("scheme", "verified"),
    [
        ("{type: http, scheme: bearer}", True),
        ("{type: http, scheme: Bearer, bearerFormat: JWT}", True),
        ("{type: openIdConnect, openIdConnectUrl: 'https://a/b'}", True),
        ("{type: oauth2, flows: {clientCredentials: {tokenUrl: 'https://a/b', scopes: {}}}}", True),
        ("{type: http, scheme: basic}", True),
        ("{type: http, scheme: digest}", False),
        ("{type: apiKey, in: query, name: key}", True),
        ("{type: mutualTLS}", True),
        ("{type: http, scheme: DPoP}", True),
        ("{type: http, scheme: hoba}", False),
    ],
)
def test_which_schemes_are_verified(scheme: str, verified: bool) -> None:
    """Tokens, API keys, passwords and certificates are verified; every other scheme is refused unless it is passed."""
    text = secured(scheme).replace("3.0.3", "3.1.0")
    assert rules_of(found(text)) == (set() if verified else {"security-not-enforced"})
    assert found(text, "security:auth") == []


def test_a_scheme_that_nothing_uses_does_not_matter() -> None:
    """An open operation overrides the root; a scheme that is only declared keeps nothing from being served."""
    top = "components: {securitySchemes: {key: {type: http, scheme: digest}}}\nsecurity: [{key: []}]"
    assert found(document(operation(extra="security: []"), top=top)) == []
    assert rules_of(found(document(operation(), top=top))) == {"security-not-enforced"}


def test_one_finding_per_scheme_counts_its_operations() -> None:
    """A scheme used a hundred times is reported once, where it is declared."""
    top = "security: [{key: []}]\ncomponents: {securitySchemes: {key: {type: http, scheme: digest}}}"
    (finding,) = found(document(*(operation(path=f"/a{n}", name=f"a{n}") for n in range(100)), top=top))
    assert "GET /a0 and 99 more" in finding.message
    assert finding.where.line == 4
    assert finding.hint.count("security:key") == 2


@pytest.mark.parametrize("place", ["root", "operation"])
def test_undeclared_schemes_are_found_at_both_places(place: str) -> None:
    """A misspelt name would leave the operation open."""
    secure = "security: [{}, {tokn: [], token: []}]"
    top = "components: {securitySchemes: {token: {type: http, scheme: bearer}}}"
    if place == "root":
        text = document(operation(), top=f"{top}\n{secure}")
    else:
        text = document(operation(extra=secure), top=top)
    (finding,) = found(text)
    assert finding.rule == "security-undeclared"
    assert "'tokn'" in finding.message and "token" in finding.hint


def test_a_null_does_not_replace_the_security_of_the_root() -> None:
    """`security: null` is no list, so the root's scheme still has to be enforceable."""
    top = "security: [{key: []}]\ncomponents: {securitySchemes: {key: {type: http, scheme: digest}}}"
    findings = found(document(operation(extra="security: null"), top=top))
    assert "security-not-enforced" in rules_of(findings)


def test_swagger_basic_is_verified() -> None:
    """2.0 has a scheme of its own for HTTP Basic."""
    text = (
        "swagger: '2.0'\ninfo: {title: t, version: '1'}\nsecurityDefinitions: {b: {type: basic}}\n"
        "paths: {/a: {get: {operationId: a, security: [{b: []}], responses: {204: {description: d}}}}}\n"
    )
    assert found(text) == []

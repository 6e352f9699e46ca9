"""The document's security becomes verifiers, or findings that say what to write where."""

from collections.abc import Mapping
from typing import Any

import pytest

from gateway.config import Api, Issuer, Settings
from gateway.contract.findings import Finding, Severity
from gateway.contract.model import Behaviour, Contract, Location, Operation, Requirement, SecurityScheme
from gateway.contract.security import check_security, compile_security
from gateway.security.bearer import BearerVerifier

GOOD = Issuer("https://a.example", ("runs",), "https://a.example/jwks.json")
OTHER = Issuer("https://b.example", ("runs",), "https://b.example/jwks.json")
DISCOVERY = "https://a.example/.well-known/openid-configuration"

READ = frozenset({"read"})
WRITE = frozenset({"write"})
NONE = frozenset[str]()


def where(line: int) -> Location:
    """A place in the document."""
    return Location("specs/runs.yaml", line, 3, "")


SCHEMES = {
    "oauth": SecurityScheme("oauth", "oauth2", "", "", where(10)),
    "oauth2": SecurityScheme("oauth2", "oauth2", "", "", where(11)),
    "jwt": SecurityScheme("jwt", "http", "bearer", "", where(12)),
    "oidc": SecurityScheme("oidc", "openIdConnect", "", DISCOVERY, where(13)),
    "key": SecurityScheme("key", "apiKey", "", "", where(14)),
    "basic": SecurityScheme("basic", "http", "basic", "", where(15)),
}


def operation(*security: Requirement, **behaviour: Any) -> Operation:
    """An operation with these requirements."""
    return Operation("GET", "/runs", "", None, False, (), None, (), security, Behaviour(**behaviour), where(20))


def contract(*operations: Operation, schemes: Mapping[str, SecurityScheme] = SCHEMES) -> Contract:
    """A contract with these operations."""
    return Contract("runs", "", "", "3.0", (), "", "", {}, {}, {}, {}, schemes, operations)


def check(issuers: Mapping[str, Issuer], *security: Requirement, **api: Any) -> list[Finding]:
    """Findings about one operation."""
    settings = Settings(issuers=issuers)
    return check_security(contract(operation(*security)), settings, Api(**api))


OAUTH: Requirement = (("oauth", READ),)


@pytest.mark.parametrize("scheme", ["oauth", "jwt", "oidc"])
def test_only_issuer(scheme: str) -> None:
    """With one issuer nothing has to be said."""
    assert check({"a": GOOD}, ((scheme, READ),)) == []


def test_no_issuer() -> None:
    """A secured operation without any issuer is an error at the scheme, with the lines to write."""
    (finding,) = check({}, OAUTH)
    assert finding.severity is Severity.ERROR
    assert finding.rule == "security-issuer"
    assert finding.where == where(10)
    assert "scheme oauth cannot be enforced: no issuer is configured" in finding.message
    assert "gateway.yaml: issuers: {NAME: {issuer: https://issuer.example, audience: AUDIENCE, jwks:" in finding.hint


@pytest.mark.parametrize("security", [(), ((),)])
def test_open_needs_no_issuer(security: tuple[Requirement, ...]) -> None:
    """An API that demands nothing needs no issuer."""
    assert check({}, *security) == []


def test_unused_scheme_is_not_judged() -> None:
    """Schemes that no operation uses, or only internal ones use, do no harm."""
    internal = contract(operation((("key", NONE),), internal=True))
    assert check_security(internal, Settings(), Api()) == []


def test_ambiguous_issuer() -> None:
    """With several issuers the API has to say which one is meant, and how is in the hint."""
    (finding,) = check({"a": GOOD, "b": OTHER}, OAUTH)
    assert "which of the issuers a, b" in finding.message
    assert "security: {oauth: a}" in finding.hint
    assert check({"a": GOOD, "b": OTHER}, OAUTH, security={"oauth": ("b",)}) == []


@pytest.mark.parametrize(
    ("mapping", "message", "hint"),
    [
        ({"oaut": "a"}, "names the scheme oaut, which the document does not declare", "declared are: oauth, "),
        ({"oauth": "c"}, "names the issuer c, which is not configured", "issuers: {c: {issuer:"),
        ({"key": "c"}, "names the issuer c, which is not configured", ""),
    ],
)
def test_mapping(mapping: dict[str, str], message: str, hint: str) -> None:
    """A mapping that names what is not there is one error at the setting."""
    (finding,) = check({"a": GOOD}, OAUTH, security=mapping)
    assert finding.rule == "security-mapping"
    assert finding.where.file == "gateway.yaml"
    assert message in finding.message
    assert hint in finding.hint


@pytest.mark.parametrize("scheme", ["key", "basic"])
def test_unsupported_type(scheme: str) -> None:
    """A scheme that no bearer token proves never passes for one."""
    (finding,) = check({"a": GOOD}, ((scheme, NONE),))
    assert "is not supported" in finding.message
    with pytest.raises(LookupError):
        compile_security(contract(operation(((scheme, NONE),))), Settings(issuers={"a": GOOD}), Api(), {})


@pytest.mark.parametrize(
    ("issuer", "key", "severity", "message"),
    [
        (Issuer("https://a.example", (), GOOD.jwks), "audience", Severity.ERROR, "no `audience`"),
        (Issuer("https://a.example", ("runs",)), "jwks", Severity.ERROR, "no `jwks` and no `discovery`"),
        (Issuer("", ("runs",), GOOD.jwks), "issuer", Severity.ERROR, "no `issuer`"),
        (Issuer("", ("runs",), "keys.json"), "issuer", Severity.ERROR, "no `issuer`"),
        (Issuer("i", ("runs",), "k", algorithms=("HS256",)), "algorithms", Severity.ERROR, "HS256 are not supported"),
        (Issuer("i", ("runs",), "k", algorithms=()), "algorithms", Severity.ERROR, "no algorithm"),
        (Issuer("i", ("runs",), "ftp://a.example/k"), "jwks", Severity.ERROR, "no http or https URL"),
        (Issuer("i", ("runs",), "https://u:secret@a.example/k"), "jwks", Severity.ERROR, "no http or https URL"),
        (Issuer("i", ("runs",), discovery="metadata.json"), "discovery", Severity.ERROR, "no http or https URL"),
        (Issuer("i", ("runs",), "http://a.example/k"), "jwks", Severity.WARNING, "without TLS"),
        (Issuer("i", ("runs",), discovery="http://a.example/k"), "discovery", Severity.WARNING, "without TLS"),
    ],
)
def test_issuer(issuer: Issuer, key: str, severity: Severity, message: str) -> None:
    """Settings that are not enough to judge a token are errors at the setting; secrets are not repeated."""
    (finding,) = check({"a": issuer}, OAUTH)
    assert finding.severity is severity
    assert finding.where == Location("gateway.yaml", 1, 1, f"/issuers/a/{key}")
    assert message in finding.message
    assert finding.hint
    assert "secret" not in finding.text()


@pytest.mark.parametrize(
    "issuer",
    [
        GOOD,
        Issuer("i", ("runs",), "keys.json"),
        Issuer("i", ("runs",), "http://127.0.0.1:8101/jwks"),
        Issuer("i", ("runs",), "http://localhost/jwks"),
        Issuer("", ("runs",), discovery=DISCOVERY),
        Issuer("", ("runs",), GOOD.jwks, DISCOVERY),
        Issuer("i", ("runs",), "k", algorithms=("RS256", "RS512", "ES256", "EdDSA")),
    ],
)
def test_good_issuer(issuer: Issuer) -> None:
    """Every sufficient way to describe an issuer is accepted without a word."""
    assert check({"a": issuer}, OAUTH) == []


def test_issuer_found_once() -> None:
    """What is wrong with an issuer is said once, however many schemes it is behind."""
    assert len(check({"a": Issuer("i", (), "k")}, OAUTH, (("jwt", NONE),), (("oidc", NONE),))) == 1


def test_openid_connect_url() -> None:
    """The document's `openIdConnectUrl` says where keys are; whom tokens are for still has to be configured."""
    (finding,) = check({}, (("oidc", NONE),))
    assert "no issuer is configured" in finding.message
    assert check({"a": Issuer(audience=("runs",))}, (("oidc", NONE),)) == []
    assert len(check({"a": Issuer(audience=("runs",))}, OAUTH)) == 1


def test_two_tokens() -> None:
    """Schemes of two issuers at once cannot be met; of one issuer they can."""
    both: Requirement = (("oauth", READ), ("jwt", NONE))
    (finding,) = check({"a": GOOD, "b": OTHER}, both, security={"oauth": ("a",), "jwt": ("b",)})
    assert finding.rule == "security-two-tokens"
    assert finding.where == where(20)
    assert "GET /runs demands tokens of a and b at once" in finding.message
    assert check({"a": GOOD, "b": OTHER}, both, security={"oauth": ("a",), "jwt": ("a",)}) == []


@pytest.mark.parametrize("scope", ["", "a b", 'a"b', "a\\b", "é", "a\r\nb", "a\x7f"])
def test_scope_syntax(scope: str) -> None:
    """A scope that no token can hold is an error, and can never get into a header."""
    (finding,) = check({"a": GOOD}, (("oauth", frozenset({scope})),))
    assert finding.rule == "security-scope"
    assert finding.where == where(20)
    assert "\n" not in finding.message


def compiled(
    issuers: Mapping[str, Issuer], *security: Requirement, passes: tuple[str, ...] = (), **behaviour: Any
) -> list[list[tuple[str, frozenset[str]]]]:
    """The alternatives of one operation, verifiers by their issuer."""
    subject = operation(*security, **behaviour)
    api = Api(passes=passes, security={"jwt": ("b",)} if "b" in issuers else {})
    if "b" in issuers:
        api = Api(passes=passes, security={"oauth": ("a",), "oauth2": ("a",), "oidc": ("a",), "jwt": ("b",)})
    assert check_security(contract(subject), Settings(issuers=issuers), api) == []
    alternatives = compile_security(contract(subject), Settings(issuers=issuers), api, {})(subject)
    return [[(verifier.issuer.issuer, scopes) for verifier, scopes in pairs] for pairs in alternatives]


A, B = GOOD.issuer, OTHER.issuer


@pytest.mark.parametrize(
    ("security", "expected"),
    [
        ((), []),
        (((),), [[]]),
        ((OAUTH,), [[(A, READ)]]),
        ((OAUTH, ()), [[(A, READ)], []]),
        ((OAUTH, (("jwt", WRITE),)), [[(A, READ)], [(B, WRITE)]]),
        (((("oauth", READ), ("oauth2", WRITE)),), [[(A, READ | WRITE)]]),
    ],
)
def test_compile(security: tuple[Requirement, ...], expected: Any) -> None:
    """Requirements become alternatives in their order; schemes of one issuer become one pair."""
    assert compiled({"a": GOOD, "b": OTHER}, *security) == expected


@pytest.mark.parametrize(
    ("security", "expected"),
    [
        (((("key", NONE),),), [[]]),
        (((("key", NONE), ("oauth", READ)),), [[(A, READ)]]),
        (((("key", NONE),), OAUTH), [[], [(A, READ)]]),
    ],
)
@pytest.mark.parametrize("by", ["api", "operation"])
def test_passed_scheme(by: str, security: tuple[Requirement, ...], expected: Any) -> None:
    """A scheme that is passed drops out; what is left still has to hold."""
    passed = "security:key"
    where: dict[str, Any] = {"passes": (passed,)} if by == "api" else {}
    subject = operation(*security, passes=frozenset({passed}) if by == "operation" else frozenset())
    settings, api = Settings(issuers={"a": GOOD}), Api(**where)
    assert check_security(contract(subject), settings, api) == []
    alternatives = compile_security(contract(subject), settings, api, {})(subject)
    assert [[(v.issuer.issuer, scopes) for v, scopes in pairs] for pairs in alternatives] == expected


def test_pass_is_exact() -> None:
    """Passing one scheme, or a scheme on another operation, passes nothing else."""
    passed = operation((("key", NONE),), passes=frozenset({"security:key"}))
    strict = operation((("key", NONE),), passes=frozenset({"security:keys", "media:key"}))
    assert len(check_security(contract(passed, strict), Settings(issuers={"a": GOOD}), Api())) == 1


def test_one_verifier_per_issuer() -> None:
    """APIs share a verifier, and so its memory and its keys, as long as the issuer's settings stay the same."""
    verifiers: dict[str, BearerVerifier] = {}
    subject = operation(OAUTH)

    def verifier(issuer: Issuer) -> BearerVerifier:
        settings = Settings(issuers={"a": issuer})
        return compile_security(contract(subject), settings, Api(), verifiers)(subject)[0][0][0]

    first = verifier(GOOD)
    assert verifier(Issuer(GOOD.issuer, GOOD.audience, GOOD.jwks)) is first
    assert verifier(OTHER) is not first
    assert len(verifiers) == 1


def test_openid_connect_urls_are_kept_apart() -> None:
    """One audience, two providers: each scheme is verified with the metadata its own document names."""
    second = SecurityScheme("oidc", "openIdConnect", "", "https://b.example/metadata", where(13))
    settings = Settings(issuers={"a": Issuer(audience=("runs",))})
    verifiers: dict[str, BearerVerifier] = {}
    found = []
    for scheme in (SCHEMES["oidc"], second):
        subject = operation((("oidc", READ),))
        document = contract(subject, schemes={"oidc": scheme})
        found.append(compile_security(document, settings, Api(), verifiers)(subject)[0][0][0])
    assert [one.issuer.discovery for one in found] == [DISCOVERY, "https://b.example/metadata"]
    assert len(verifiers) == 2

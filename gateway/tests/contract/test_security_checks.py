"""What of a document's security cannot be enforced is a finding that says what to write where."""

from pathlib import Path

import pytest

from gateway.config import Api, Certificate, Introspection, Issuer, KeyStore, PasswordStore, Settings, Tls
from gateway.contract.findings import Severity
from gateway.contract.in_settings import in_settings
from gateway.contract.model import Requirement
from gateway.contract.security_checks import check_security
from gateway.tests.contract.test_security import (
    DISCOVERY,
    GOOD,
    NONE,
    OAUTH,
    OTHER,
    READ,
    check,
    contract,
    operation,
    where,
)


@pytest.mark.parametrize("text", ["openapi: 3.0.3", '{"keys": 1}', "[]", ""])
def test_a_file_that_is_no_key_set(tmp_path: Path, text: str) -> None:
    """A warning, since the file is read again: an issuer may write it a moment later."""
    file = tmp_path / "jwks.json"
    file.write_text(text)
    (finding,) = check({"a": Issuer("i", ("runs",), str(file))}, OAUTH)
    assert (finding.severity, finding.where) == (Severity.WARNING, in_settings("/issuers/a/jwks"))
    assert str(file) in finding.message and "503" in finding.message
    file.write_text('{"keys": []}')
    assert check({"a": Issuer("i", ("runs",), str(file))}, OAUTH) == []


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
        ({"oauth": "c"}, "names c for oauth, which is not under `issuers`", "issuers: {c: {issuer:"),
    ],
)
def test_mapping(mapping: dict[str, str], message: str, hint: str) -> None:
    """A mapping that names what is not there is one error at the setting."""
    (finding,) = check({"a": GOOD}, OAUTH, security={scheme: (name,) for scheme, name in mapping.items()})
    assert finding.rule == "security-mapping"
    assert finding.where.file == "gateway.yaml"
    assert message in finding.message
    assert hint in finding.hint


@pytest.mark.parametrize(
    ("scheme", "message", "hint"),
    [
        ("key", "no store of keys is configured", "keys: {NAME: {file:"),
        ("basic", "no store of passwords is configured", "passwords: {NAME: {file:"),
        ("certificate", "no client is asked for a certificate", "tls: {certificates:"),
        ("digest", "type http digest is not supported", ""),
    ],
)
def test_nobody_vouches(scheme: str, message: str, hint: str) -> None:
    """A scheme that no token proves never passes for one, and says what it needs."""
    (finding,) = check({"a": GOOD}, ((scheme, NONE),))
    assert finding.severity is Severity.ERROR
    assert message in finding.message
    assert hint in finding.hint


def test_certificates() -> None:
    """Client certificates are verified by TLS; they have no scopes and no issuer."""
    asked = Settings(tls=Tls((Certificate("a.pem", "a.key"),), clients="optional", ca="ca.pem"))
    assert check_security(contract(operation((("certificate", NONE),))), asked, Api()) == []
    (finding,) = check_security(contract(operation((("certificate", READ),))), asked, Api())
    assert finding.rule == "security-scope"
    mapped = Api(security={"certificate": ("a",)})
    (finding,) = check_security(contract(operation((("certificate", NONE),))), asked, mapped)
    assert finding.rule == "security-mapping"


ONE_FIELD: list[Requirement] = [
    (("jwt", NONE), ("basic", NONE)),
    (("jwt", NONE), ("dpop", NONE)),
    (("authorization", NONE), ("oauth", NONE)),
]


@pytest.mark.parametrize("requirement", ONE_FIELD)
def test_one_authorization_field(requirement: Requirement) -> None:
    """Two credentials that both need the Authorization field can never come together."""
    settings = Settings(issuers={"a": GOOD}, keys={"k": KeyStore("k")}, passwords={"p": PasswordStore("p")})
    (finding,) = check_security(contract(operation(requirement)), settings, Api())
    assert finding.rule == "security-two-tokens"
    apart = [(pair,) for pair in requirement]
    assert check_security(contract(operation(*apart)), settings, Api()) == []


@pytest.mark.parametrize(
    ("issuer", "key", "severity", "message"),
    [
        (Issuer("https://a.example", (), GOOD.jwks), "audience", Severity.ERROR, "no `audience`"),
        (Issuer("https://a.example", ("runs",)), "jwks", Severity.ERROR, "no `jwks`, no `discovery`"),
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
    assert finding.where == in_settings(f"/issuers/a/{key}")
    assert message in finding.message
    assert finding.hint
    assert "secret" not in finding.text()


@pytest.mark.parametrize(
    "issuer",
    [
        GOOD,
        Issuer("i", ("runs",), "keys.json"),
        Issuer(audience=("runs",), introspection=Introspection("https://a.example/i", "gateway", "env:SECRET")),
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
    assert "GET /runs demands jwt and oauth at once" in finding.message
    assert check({"a": GOOD, "b": OTHER}, both, security={"oauth": ("a",), "jwt": ("a",)}) == []


@pytest.mark.parametrize("scope", ["", "a b", 'a"b', "a\\b", "é", "a\r\nb", "a\x7f"])
def test_scope_syntax(scope: str) -> None:
    """A scope that no token can hold is an error, and can never get into a header."""
    (finding,) = check({"a": GOOD}, (("oauth", frozenset({scope})),))
    assert finding.rule == "security-scope"
    assert finding.where == where(20)
    assert "\n" not in finding.message

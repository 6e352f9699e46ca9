"""The document's security becomes schemes."""

from collections.abc import Mapping
from typing import Any

import pytest

from gateway.config import Api, Introspection, Issuer, Settings
from gateway.contract.findings import Finding
from gateway.contract.model import Behaviour, Contract, Location, Operation, Requirement, SecurityScheme
from gateway.contract.security import compile_security
from gateway.contract.security_checks import check_security
from gateway.contract.stores import open_stores
from gateway.security.bearer import BearerVerifier
from gateway.security.known import Known
from gateway.security.scheme import Scheme
from gateway.security.token import TokenScheme

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
    "key": SecurityScheme("key", "apiKey", "", "", where(14), "header", "X-Key"),
    "basic": SecurityScheme("basic", "http", "basic", "", where(15)),
    "digest": SecurityScheme("digest", "http", "digest", "", where(16)),
    "dpop": SecurityScheme("dpop", "http", "dpop", "", where(17)),
    "certificate": SecurityScheme("certificate", "mutualTLS", "", "", where(18)),
    "authorization": SecurityScheme("authorization", "apiKey", "", "", where(19), "header", "Authorization"),
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


def compiled(
    issuers: Mapping[str, Issuer], *security: Requirement, passes: tuple[str, ...] = (), **behaviour: Any
) -> list[list[tuple[str, frozenset[str]]]]:
    """The alternatives of one operation, verifiers by their issuer."""
    subject = operation(*security, **behaviour)
    api = Api(passes=passes, security={"jwt": ("b",)} if "b" in issuers else {})
    if "b" in issuers:
        api = Api(passes=passes, security={"oauth": ("a",), "oauth2": ("a",), "oidc": ("a",), "jwt": ("b",)})
    assert check_security(contract(subject), Settings(issuers=issuers), api) == []
    alternatives = compile_security(contract(subject), Settings(issuers=issuers), api, Known())(subject)
    return [[(issuer_of(scheme).issuer, scopes) for scheme, scopes in pairs] for pairs in alternatives]


def issuer_of(scheme: Scheme) -> Issuer:
    """The settings of the only issuer behind a scheme."""
    assert isinstance(scheme, TokenScheme)
    (verifier,) = scheme.verifiers
    assert isinstance(verifier, BearerVerifier)
    return verifier.issuer


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
    alternatives = compile_security(contract(subject), settings, api, Known())(subject)
    assert [[(issuer_of(scheme).issuer, scopes) for scheme, scopes in pairs] for pairs in alternatives] == expected


def test_pass_is_exact() -> None:
    """Passing one scheme, or a scheme on another operation, passes nothing else."""
    passed = operation((("key", NONE),), passes=frozenset({"security:key"}))
    strict = operation((("key", NONE),), passes=frozenset({"security:keys", "media:key"}))
    assert len(check_security(contract(passed, strict), Settings(issuers={"a": GOOD}), Api())) == 1


def test_one_verifier_per_issuer() -> None:
    """APIs share a verifier, and so its memory and its keys, as long as the issuer's settings stay the same."""
    known = Known()
    subject = operation(OAUTH)

    def verifier(issuer: Issuer) -> Scheme:
        settings = Settings(issuers={"a": issuer})
        return compile_security(contract(subject), settings, Api(), known)(subject)[0][0][0]

    first = verifier(GOOD)
    assert verifier(Issuer(GOOD.issuer, GOOD.audience, GOOD.jwks)) is first
    assert verifier(OTHER) is not first
    assert len(known) == 3  # verifier, proofs and scheme


def test_openid_connect_urls_are_kept_apart() -> None:
    """One audience, two providers: each scheme is verified with the metadata its own document names."""
    second = SecurityScheme("oidc", "openIdConnect", "", "https://b.example/metadata", where(13))
    settings = Settings(issuers={"a": Issuer(audience=("runs",))})
    known = Known()
    found = []
    for scheme in (SCHEMES["oidc"], second):
        subject = operation((("oidc", READ),))
        document = contract(subject, schemes={"oidc": scheme})
        found.append(compile_security(document, settings, Api(), known)(subject)[0][0][0])
    assert [one.discovery for one in map(issuer_of, found)] == [DISCOVERY, "https://b.example/metadata"]
    assert len(known) == 5


def test_order_of_issuers() -> None:
    """Who can tell at once whether a token is its own is asked first, and who would have to be shown the token last."""
    opaque = Introspection("https://c.example/introspect", "gateway", "env:PATH")
    settings = Settings(
        issuers={
            "asked": Issuer(audience=("runs",), introspection=opaque),
            "discovered": Issuer("", ("runs",), discovery=DISCOVERY),
            "known": GOOD,
        }
    )
    subject, api = operation(OAUTH), Api(security={"oauth": ("asked", "discovered", "known")})
    stores, findings = open_stores(settings)
    assert findings == []
    scheme = compile_security(contract(subject), settings, api, Known(), stores)(subject)[0][0][0]
    assert scheme.name == "known, discovered, asked"

"""Claims are judged one by one, against one moment."""

from typing import Any

import pytest

from gateway.config import Issuer
from gateway.security.claims import ACCESS_TOKEN_CLAIMS, Expected, judge, require
from gateway.security.principal import Binding, InvalidToken
from gateway.tests.security.issuing import AUDIENCE, ISSUER, NOW, claims

EXPECTED = Expected(ISSUER, (AUDIENCE,), 10)


def test_principal() -> None:
    """Good claims become the principal they speak of."""
    who = judge(claims(extra=1), EXPECTED, NOW)
    assert (who.subject, who.issuer, who.expires) == ("anna", ISSUER, NOW + 60)
    assert who.scopes == {"runs:read", "runs:write"}
    assert who.claims["extra"] == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": [AUDIENCE]},
        {"aud": ["other", AUDIENCE]},
        {"exp": NOW - 9},
        {"exp": int(NOW) + 1},
        {"nbf": NOW + 10},
        {"nbf": 0},
        {"iat": NOW + 10},
        {"iat": NOW - 1e6},
    ],
)
def test_accepted(changes: dict[str, Any]) -> None:
    """Audience lists, and dates within the leeway, are accepted."""
    assert judge(claims(**changes), EXPECTED, NOW).subject == "anna"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": None}, "another issuer"),
        ({"iss": "https://evil.example"}, "another issuer"),
        ({"iss": ISSUER + "/"}, "another issuer"),
        ({"iss": ISSUER.upper()}, "another issuer"),
        ({"iss": [ISSUER]}, "another issuer"),
        ({"aud": None}, "another audience"),
        ({"aud": ""}, "another audience"),
        ({"aud": []}, "another audience"),
        ({"aud": AUDIENCE + "x"}, "another audience"),
        ({"aud": f"other {AUDIENCE}"}, "another audience"),
        ({"aud": [AUDIENCE, 1]}, "another audience"),
        ({"aud": {AUDIENCE: 1}}, "another audience"),
        ({"exp": None}, "does not say when"),
        ({"exp": NOW - 10}, "expired"),
        ({"exp": 0}, "expired"),
        ({"exp": str(NOW + 60)}, "exp is not a date"),
        ({"exp": True}, "exp is not a date"),
        ({"exp": [NOW + 60]}, "exp is not a date"),
        ({"exp": float("nan")}, "exp is not a date"),
        ({"exp": float("inf")}, "exp is not a date"),
        ({"exp": 1e300}, "exp is not a date"),
        ({"exp": 10**400}, "exp is not a date"),
        ({"exp": -1}, "exp is not a date"),
        ({"nbf": NOW + 11}, "not valid yet"),
        ({"nbf": "0"}, "nbf is not a date"),
        ({"nbf": float("nan")}, "nbf is not a date"),
        ({"iat": NOW + 11}, "not valid yet"),
        ({"iat": {}}, "iat is not a date"),
        ({"sub": 7}, "sub is not a string"),
        ({"sub": None, "client_id": []}, "client_id is not a string"),
        ({"scope": 1}, "scope is no list"),
        ({"scope": ["a", 1]}, "scope is no list"),
        ({"scope": None, "scp": ["a b"]}, "scp is no list"),
        ({"scope": None, "scp": {}}, "scp is no list"),
    ],
)
def test_refused(changes: dict[str, Any], reason: str) -> None:
    """Each claim that does not hold is refused with its reason."""
    with pytest.raises(InvalidToken, match=reason):
        judge(claims(**changes), EXPECTED, NOW)


@pytest.mark.parametrize("name", ["exp", "nbf", "iat", "sub"])
def test_null_is_not_absent(name: str) -> None:
    """A claim that is null is malformed, not left out."""
    with pytest.raises(InvalidToken, match=name):
        judge({**claims(), name: None}, EXPECTED, NOW)


@pytest.mark.parametrize(
    ("changes", "subject"),
    [
        ({"sub": "s", "client_id": "c"}, "s"),
        ({"sub": None, "client_id": "c", "azp": "a"}, "c"),
        ({"sub": None, "azp": "a"}, "a"),
        ({"sub": None}, ""),
    ],
)
def test_subject(changes: dict[str, Any], subject: str) -> None:
    """The subject, else the client."""
    assert judge(claims(**changes), EXPECTED, NOW).subject == subject


@pytest.mark.parametrize(
    ("changes", "scopes"),
    [
        ({"scope": "a b"}, {"a", "b"}),
        ({"scope": " a  b "}, {"a", "b"}),
        ({"scope": ""}, set()),
        ({"scope": "a\u00a0b"}, {"a\u00a0b"}),
        ({"scope": ["a", "b"]}, {"a", "b"}),
        ({"scope": None, "scp": "a b"}, {"a", "b"}),
        ({"scope": "a", "scp": "b"}, {"a"}),
        ({"scope": None}, set()),
    ],
)
def test_scopes(changes: dict[str, Any], scopes: set[str]) -> None:
    """`scope` or `scp`, as a list or separated by spaces alone."""
    assert judge(claims(**changes), EXPECTED, NOW).scopes == scopes


def narrowed(**settings: Any) -> Expected:
    """What an issuer with these settings demands."""
    return Expected.of(Issuer(ISSUER, (AUDIENCE,), **settings), ISSUER)


def accepts(expected: Expected, **changes: Any) -> bool:
    """Whether claims with these changes are good."""
    try:
        return judge(claims(**changes), expected, NOW).subject == "anna"
    except InvalidToken as invalid:
        assert str(invalid).isascii()
        return False


@pytest.mark.parametrize(
    ("changes", "good"),
    [
        ({}, False),
        ({"client_id": "web"}, True),
        ({"azp": "app"}, True),
        ({"client_id": "web", "azp": "app"}, True),
        ({"client_id": "web", "azp": "evil"}, False),
        ({"client_id": "evil", "azp": "app"}, False),
        ({"client_id": ["web"]}, False),
        ({"client_id": ""}, False),
        ({"cid": "web"}, False),
    ],
)
def test_clients(changes: dict[str, Any], good: bool) -> None:
    """Tokens of other clients do not count, nor those that name none; every name has to be one of ours."""
    assert accepts(narrowed(clients=("web", "app")), **changes) is good
    assert accepts(narrowed(), **changes) is not (changes == {"client_id": ["web"]})


@pytest.mark.parametrize(
    ("rule", "held", "good"),
    [
        ({"tier": ("gold", "silver")}, {"tier": "gold"}, True),
        ({"tier": ("gold",)}, {"tier": "Gold"}, False),
        ({"tier": ("gold",)}, {}, False),
        ({"tier": ("gold",)}, {"tier": ["bronze", "gold"]}, True),
        ({"tier": ("gold",)}, {"tier": ["bronze"]}, False),
        ({"tier": ("gold",)}, {"tier": {"gold": 1}}, False),
        ({"tier": ("gold",)}, {"tier": [["gold"]]}, False),
        ({"tier": ("*",)}, {"tier": "x"}, True),
        ({"tier": ("*",)}, {"tier": []}, False),
        ({"tier": ("*",)}, {"tier": {}}, False),
        ({"tier": ("*",)}, {}, False),
        ({"level": ("7",)}, {"level": 7}, True),
        ({"level": ("1",)}, {"level": True}, False),
        ({"email_verified": ("true",)}, {"email_verified": True}, True),
        ({"email_verified": ("true",)}, {"email_verified": False}, False),
        ({"/realm/roles": ("staff",)}, {"realm": {"roles": ["staff"]}}, True),
        ({"/realm/roles": ("staff",)}, {"realm": {"roles": []}}, False),
        ({"/realm/roles": ("staff",)}, {"realm": "roles"}, False),
        ({"/a~1b/c~0d": ("1",)}, {"a/b": {"c~d": 1}}, True),
        ({"https://api.example/tier": ("gold",)}, {"https://api.example/tier": "gold"}, True),
        ({"tier": ("gold",), "level": ("7",)}, {"tier": "gold"}, False),
        ({"tier": ("gold",), "level": ("7",)}, {"tier": "gold", "level": "7"}, True),
    ],
)
def test_claim_rules(rule: dict[str, tuple[str, ...]], held: dict[str, Any], good: bool) -> None:
    """Each demanded claim has to be there, with one of its values."""
    assert accepts(narrowed(claims=rule), **held) is good


@pytest.mark.parametrize(
    ("confirmation", "binding"),
    [
        ({"x5t#S256": "abc"}, Binding(certificate="abc")),
        ({"jkt": "abc"}, Binding(key="abc")),
        ({"jkt": "abc", "x5t#S256": "def"}, Binding("def", "abc")),
    ],
)
def test_binding(confirmation: Any, binding: Binding) -> None:
    """What the sender has to prove."""
    assert judge(claims(cnf=confirmation), EXPECTED, NOW).binding == binding


@pytest.mark.parametrize(
    "confirmation", [{}, [], "abc", 1, {"jwk": {}}, {"kid": "1"}, {"jkt": "abc", "kid": "1"}, {"jkt": ""}, {"jkt": 1}]
)
def test_binding_that_nobody_can_prove(confirmation: Any) -> None:
    """A token that is bound in a way we do not know is refused, not taken for an unbound one."""
    assert not accepts(EXPECTED, cnf=confirmation)


def test_null_binding() -> None:
    """Null is not absent."""
    with pytest.raises(InvalidToken):
        judge({**claims(), "cnf": None}, EXPECTED, NOW)


def test_binding_required() -> None:
    """With `binding: required` only bound tokens count."""
    assert not accepts(narrowed(binding="required"))
    assert accepts(narrowed(binding="required"), cnf={"jkt": "abc"})


@pytest.mark.parametrize(
    ("granted", "demanded", "good"),
    [
        ("runs", {"runs"}, True),
        ("runs", {"runs:read", "runs.own"}, True),
        ("runs", {"runs:read:own"}, True),
        ("runs:read", {"runs:read.own"}, True),
        ("runs:read", {"runs"}, False),
        ("runs", {"run"}, False),
        ("runs", {"runsx"}, False),
        ("runs", {"runs-read"}, False),
        ("runs", {"runs:read", "users:read"}, False),
        ("runs users", {"runs:read", "users:read"}, True),
        ("", {"runs"}, False),
        ("runs", set(), True),
    ],
)
def test_hierarchical_scopes(granted: str, demanded: set[str], good: bool) -> None:
    """A scope stands for those below it, where the settings say so; asked as any set is."""
    scopes = judge(claims(scope=granted), narrowed(scopes="hierarchical"), NOW).scopes
    assert (frozenset(demanded) <= scopes) is good
    assert all(scope in scopes for scope in demanded) is good
    exact = judge(claims(scope=granted), narrowed(), NOW).scopes
    assert (frozenset(demanded) <= exact) is (demanded <= set(granted.split()))


def test_jti_is_text() -> None:
    """What a token can be revoked by is not hidden in another form."""
    assert not accepts(EXPECTED, jti=["1"])


def test_required_claims() -> None:
    """RFC 9068 names what an access token has to hold."""
    whole = claims(client_id="web", iat=NOW, jti="1")
    require(whole, ACCESS_TOKEN_CLAIMS)
    for name in ACCESS_TOKEN_CLAIMS:
        with pytest.raises(InvalidToken, match=f"lacks the claim {name}"):
            require({key: value for key, value in whole.items() if key != name}, ACCESS_TOKEN_CLAIMS)

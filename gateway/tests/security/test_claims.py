"""Claims are judged one by one, against one moment."""

from typing import Any

import pytest

from gateway.security.claims import Expected, judge
from gateway.security.principal import InvalidToken
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
        ({"scope": None, "scp": ["a b"]}, {"a b"}),
        ({"scope": None, "scp": "a b"}, {"a", "b"}),
        ({"scope": "a", "scp": "b"}, {"a"}),
        ({"scope": None}, set()),
    ],
)
def test_scopes(changes: dict[str, Any], scopes: set[str]) -> None:
    """`scope` or `scp`, as a list or separated by spaces alone."""
    assert judge(claims(**changes), EXPECTED, NOW).scopes == scopes

"""What the commands share."""

import pytest

from gateway.cli.common import counted, security_text
from gateway.security.certificate import CertificateScheme
from gateway.security.scheme import Alternatives
from gateway.security.token import TokenScheme


@pytest.mark.parametrize(("number", "text"), [(0, "0 errors"), (1, "1 error"), (2, "2 errors")])
def test_counted(number: int, text: str) -> None:
    """One is singular."""
    assert counted(number, "error") == text


TOKEN, CERTIFICATE, NONE = TokenScheme([]), CertificateScheme(), frozenset[str]()


@pytest.mark.parametrize(
    ("alternatives", "text"),
    [
        ((), "open"),
        (((),), "open"),
        ((((TOKEN, frozenset({"b", "a"})),), ()), "token(a b) or anonymous"),
        ((((TOKEN, NONE), (CERTIFICATE, NONE)),), "token and certificate"),
    ],
)
def test_security_text(alternatives: Alternatives, text: str) -> None:
    """Each credential by its kind, with its scopes."""
    assert security_text(alternatives) == text

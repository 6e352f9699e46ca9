"""The gateway's own origins are exact, or a finding says how to write them."""

import pytest

from gateway.config import Settings
from gateway.config.check_origins import ORIGINS


def flaws(*origins: str) -> list[tuple[str, str, str]]:
    """What is wrong."""
    return [flaw for check in ORIGINS for flaw in check(Settings(public_origins=origins))]


def test_good() -> None:
    """Scheme and host, with or without port."""
    assert flaws() == []
    assert flaws("https://api.example", "http://127.0.0.1:8080", "https://[::1]:8443") == []


@pytest.mark.parametrize(
    "origin", ["*", "null", "https://*.api.example", "api.example", "https://api.example/v1", "ftp://api.example", ""]
)
def test_bad(origin: str) -> None:
    """Anything else would make proofs for other services count, or none at all."""
    ((pointer, _, hint),) = flaws("https://api.example", origin)
    assert pointer == "/public-origins/1"
    assert "https://HOST" in hint

"""A principal is a value."""

import dataclasses

import pytest

from gateway.security.principal import Principal


def test_frozen() -> None:
    """Who was verified cannot become somebody else on the way."""
    anna = Principal("anna", "issuer", frozenset({"read"}), {}, 1.0)
    with pytest.raises(dataclasses.FrozenInstanceError):
        anna.subject = "bert"  # type: ignore[misc]

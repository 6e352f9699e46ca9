"""The declarations of settings."""

import dataclasses

import pytest

from gateway.config import Api, Issuer, Limits, Log, References, Settings, Timeouts, Validate, setting


@pytest.mark.parametrize("kind", [Api, Issuer, Limits, Log, References, Settings, Timeouts, Validate])
def test_every_setting_has_a_default_and_a_help_text(kind: type) -> None:
    """A sentence for people, and a value that needs no file."""
    kind()
    for field in dataclasses.fields(kind):
        assert len(field.metadata["help"]) > 5, field.name


def test_defaults_that_could_be_shared_are_made_each_time() -> None:
    """A callable is a factory."""
    assert setting(dict, "x").default_factory is dict
    assert setting(5, "x", minimum=1).metadata == {"help": "x", "minimum": 1}


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0.5, (0.5, 0.5, 0.5)), (10.0, (2.0, 10.0, 10.0)), (100.0, (2.0, 30.0, 100.0))]
)
def test_an_operations_timeout_bounds_all_that_a_backend_does(
    seconds: float, expected: tuple[float, float, float]
) -> None:
    """Shorter ones stay; the total is what was said, and what concerns clients is untouched."""
    found = Timeouts().within(seconds)
    assert (found.connect, found.read, found.total) == expected
    assert found.head == Timeouts().head

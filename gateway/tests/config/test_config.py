"""The declarations of settings."""

import dataclasses

import pytest

from gateway import config

KINDS = [
    kind for name, kind in sorted(vars(config).items()) if name in config.__all__ and dataclasses.is_dataclass(kind)
]


@pytest.mark.parametrize("kind", KINDS)
def test_every_setting_has_a_default_and_a_help_text(kind: type) -> None:
    """A sentence for people, and a value that needs no file."""
    kind()
    for field in dataclasses.fields(kind):
        if field.name != "places":  # where the settings stand
            assert len(field.metadata["help"]) > 5, field.name

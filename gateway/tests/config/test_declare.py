"""How settings are declared."""

from gateway.config.declare import setting


def test_defaults_that_could_be_shared_are_made_each_time() -> None:
    """A callable is a factory."""
    assert setting(dict, "x").default_factory is dict
    assert setting(5, "x", minimum=1).metadata == {"help": "x", "minimum": 1}

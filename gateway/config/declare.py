"""How a setting is declared: a dataclass field with a default and a help text.

A field's YAML key is its name with dashes for underscores; `passes` is written `pass`, a word that Python keeps for
itself. Sizes are bytes, times are seconds.
"""

from dataclasses import field
from typing import Any


def setting(default: Any, help: str, **extra: Any) -> Any:
    """Declare one setting.

    `extra` may hold `choices` (a tuple), `minimum` and `maximum` (numbers), `unit` (bytes or seconds: `10MiB`
    and `500ms` are then understood), `required` (the default is not a value), `overrides` and `keys` (the
    class, and which of its fields, that a mapping may override), `one` (a single text stands for a list of one),
    `path` (relative to the configuration file, unless it holds "://" or is among `words`) and `secret` (a text
    `env:NAME` or `file:PATH` that says where the secret is; it is never in the file itself).
    """
    if callable(default):
        return field(default_factory=default, metadata={"help": help, **extra})
    return field(default=default, metadata={"help": help, **extra})


MODES = ("block", "observe", "sample", "off")
LEVELS = ("error", "warning", "off")

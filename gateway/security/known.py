"""What verifies credentials, kept from one table to the next, so that a reload forgets neither keys nor callers."""

from collections.abc import Callable
from typing import TypeVar, cast

Made = TypeVar("Made")


class Known:
    """Verifiers, stores and schemes by what they are made for."""

    def __init__(self) -> None:
        self._made: dict[object, tuple[object, object]] = {}

    def __len__(self) -> int:
        return len(self._made)

    def get(self, key: object, settings: object, make: Callable[[], Made]) -> Made:
        """What was made for `key`, made anew in its place when its settings have changed."""
        before = self._made.get(key)
        if before is None or before[0] != settings:
            before = self._made[key] = (settings, make())
        return cast(Made, before[1])

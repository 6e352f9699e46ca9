"""What the commands share."""

import pytest

from gateway.cli.common import counted


@pytest.mark.parametrize(("number", "text"), [(0, "0 errors"), (1, "1 error"), (2, "2 errors")])
def test_counted(number: int, text: str) -> None:
    """One is singular."""
    assert counted(number, "error") == text

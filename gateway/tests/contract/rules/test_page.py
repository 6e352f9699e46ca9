"""docs/rules.md is written from the table of rules."""

from pathlib import Path

import gateway
from gateway.contract.rules import RULES
from gateway.contract.rules.page import page

COMMITTED = Path(gateway.__file__).parents[1] / "docs" / "rules.md"


def test_every_rule_has_a_section() -> None:
    """A finding's rule id is a heading of the page."""
    text = page(RULES.values())
    assert [line[3:] for line in text.splitlines() if line.startswith("## ")] == [*RULES, "api-overlap"]


def test_the_committed_page_is_up_to_date() -> None:
    """docs/rules.md is what the code says today."""
    assert COMMITTED.read_text() == page(RULES.values()), "python -m gateway.contract.rules.page > docs/rules.md"

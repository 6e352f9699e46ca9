"""docs/rules.md is written from the table of rules."""

import re
from pathlib import Path

import gateway
from gateway.contract.rules import RULES
from gateway.contract.rules.page import OTHERS, page

COMMITTED = Path(gateway.__file__).parents[1] / "docs" / "rules.md"


def test_every_rule_has_a_section() -> None:
    """A finding's rule id is a heading of the page."""
    headings = [line[3:] for line in page(RULES.values()).splitlines() if line.startswith("## ")]
    assert headings == [*RULES, "Before and after the rules"]


def test_every_other_finding_of_the_compile_line_is_explained() -> None:
    """Ids that stand in the code of loading and compiling are rows of the last table, and no others are."""
    folder = Path(gateway.__file__).parent / "contract"
    code = "".join(path.read_text() for path in folder.glob("*.py"))
    ids = re.findall(r'"((?:document|reference|duplicate|mounted|schema|security|not)-[a-z-]+)"', code)
    assert {id_ for id_ in ids if id_ not in RULES} == set(OTHERS)


def test_the_committed_page_is_up_to_date() -> None:
    """docs/rules.md is what the code says today."""
    assert COMMITTED.read_text() == page(RULES.values()), "python -m gateway.contract.rules.page > docs/rules.md"

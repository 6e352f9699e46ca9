"""docs/rules.md is written from the tables of rules and of what is found beside them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import gateway
from gateway.contract.levels import IDS
from gateway.contract.rules.beyond import NOTES
from gateway.contract.rules.page import ENTRIES, page, section

PACKAGE = Path(gateway.__file__).parent
COMMITTED = PACKAGE.parent / "docs" / "rules.md"
_ID = re.compile(r"[a-z]+(-[a-z0-9]+)*")


def emitted(path: Path) -> Iterator[str]:
    """Rule ids that a module names where it makes a finding, or a flaw that becomes one."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", "") or getattr(node.func, "attr", "")
            if name in ("Finding", "ReferenceFlaw", "TextFlaw", "_flaw", "_finding"):
                for argument in node.args:
                    text = argument.value if isinstance(argument, ast.Constant) else None
                    if isinstance(text, str) and text not in ("error", "warning") and _ID.fullmatch(text):
                        yield text


def test_every_rule_has_a_section() -> None:
    """A finding's rule id is a heading of the page."""
    headings = [line[3:] for line in page().splitlines() if line.startswith("## ")]
    assert headings == list(ENTRIES)


def test_every_rule_is_in_the_closed_list() -> None:
    """What the configuration may name is what has a section."""
    assert sorted(IDS) == sorted(ENTRIES)


def test_every_finding_of_the_code_is_explained() -> None:
    """Ids that stand in the code of reading and compiling have a section, and no note is about nothing."""
    paths = [
        path for folder in (".", "config", "contract", "contract/rules") for path in (PACKAGE / folder).glob("*.py")
    ]
    found = {rule for path in paths for rule in emitted(path)}
    assert len(found) > 15 and found <= set(ENTRIES)
    source = "".join(path.read_text("utf-8") for path in paths if path.name not in ("beyond.py", "levels.py"))
    assert [note.id for note in NOTES if f'"{note.id}"' not in source] == []


@pytest.mark.parametrize(
    ("rule", "severity"),
    [
        ("security-undeclared", "*error*: "),
        ("example-mismatch", "*warning*: "),
        ("specification", "*error, or warning where enforcement does not suffer*: "),
    ],
)
def test_a_section_says_how_bad_it_is(rule: str, severity: str) -> None:
    """Below the heading; then what it is about, and documents that show it."""
    text = section(ENTRIES[rule])
    assert text.startswith(f"## {rule}\n\n{severity}{ENTRIES[rule].title}.\n\n")
    assert "\nBreaks it:\n\n```yaml\n" in text and "\nFine:\n\n```yaml\n" in text


def test_examples_of_several_files_name_them() -> None:
    """And those that no file can show are left out."""
    assert "```yaml\n# gateway.yaml\n" in section(ENTRIES["mounted-twice"])
    assert "```" not in section(ENTRIES["document-too-large"])


def test_the_committed_page_is_up_to_date() -> None:
    """docs/rules.md is what the code says today."""
    assert COMMITTED.read_text("utf-8") == page(), "python -m gateway.contract.rules.page > docs/rules.md"

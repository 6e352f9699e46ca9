"""What is found beside the rules: each example shows its finding and nothing else."""

from pathlib import Path

import pytest

from gateway.config import file as config_file
from gateway.contract.check import check
from gateway.contract.compile import compile_settings
from gateway.contract.findings import Finding, LoadError
from gateway.contract.load import load
from gateway.contract.rules.beyond import NOTES, Files, Note

SHOWN = pytest.mark.parametrize("note", [note for note in NOTES if note.bad], ids=lambda note: note.id)


def found(files: Files, folder: Path) -> list[Finding]:
    """What the first of the files is told: a document, or settings with their documents."""
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    first = str(folder / next(iter(files)))
    try:
        if "gateway.yaml" in files:
            return compile_settings(config_file.read(first, {})).findings
        return check(load(first))
    except LoadError as error:
        return error.findings


@SHOWN
def test_the_bad_example_shows_this_finding_only(note: Note, tmp_path: Path) -> None:
    """As `gateway check` and `gateway run` would tell it."""
    assert {finding.rule for finding in found(note.bad, tmp_path)} == {note.id}


@SHOWN
def test_the_good_example_is_without_findings(note: Note, tmp_path: Path) -> None:
    """The same files, mended."""
    assert [finding.text() for finding in found(note.good, tmp_path)] == []


@pytest.mark.parametrize("note", NOTES, ids=lambda note: note.id)
def test_a_note_explains_itself(note: Note) -> None:
    """As a rule does."""
    assert note.title and not note.title.endswith(".")
    assert note.explanation.endswith(".")
    assert bool(note.bad) == bool(note.good)

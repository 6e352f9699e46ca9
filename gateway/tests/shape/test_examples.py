"""Every example of the documentation does what the page says."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from gateway.cli.processes import free_ports
from gateway.config import References, Settings
from gateway.config import file as config_file
from gateway.config.decode import key_of
from gateway.contract.check import check
from gateway.contract.compile import compile_settings
from gateway.contract.load import load
from gateway.contract.rules.documents import document, operation
from gateway.tests.shape.examples import Block, Shell, as_expected, blocks
from gateway.tests.shape.modules import ROOT

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
RULES = ROOT / "docs" / "rules.md"  # its documents have their own test, beside the rules
BLOCKS = [block for page in PAGES if page != RULES for block in blocks(page)]
LANGUAGES = {"console", "yaml", "python", "text", "sh", "json", "{toctree}"}
KEYS = {key_of(field.name) for field in fields(Settings)}


def name_of(block: Block) -> str:
    """README.md:12."""
    return f"{block.page.name}:{block.line}"


def chosen(language: str) -> list[Block]:
    """The blocks in one language that are no files."""
    return [block for block in BLOCKS if block.language == language]


@pytest.mark.parametrize("block", BLOCKS, ids=name_of)
def test_every_block_is_of_a_kind_that_is_run(block: Block) -> None:
    """Nothing hides behind an unknown language."""
    assert block.language in LANGUAGES


@pytest.mark.parametrize("block", chosen("yaml"), ids=name_of)
def test_documents_settings_and_extensions_are_accepted(
    block: Block, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the code that would read them, with not even a warning; modules that settings name are those of the page."""
    monkeypatch.syspath_prepend(tmp_path)
    keys = set(yaml.safe_load(block.text))
    if "openapi" in keys:
        (tmp_path / "openapi.yaml").write_text(block.text)
    elif keys == {"x-gateway"}:
        extension = json.dumps(yaml.safe_load(block.text)["x-gateway"])
        (tmp_path / "openapi.yaml").write_text(document(operation(extra=f"x-gateway: {extension}")))
    else:
        accept_settings(block, tmp_path, keys)
        return
    assert check(load(str(tmp_path / "openapi.yaml"), References()), frozenset()) == []


def accept_settings(block: Block, folder: Path, keys: set[str]) -> None:
    """Read and compile; the documents are those of the tree, or of the same page."""
    assert keys <= KEYS, f"{name_of(block)} is neither a document nor settings"
    (folder / "specs").symlink_to(ROOT / "specs")
    for other in blocks(block.page):
        if other.file:
            (folder / other.file).write_text(other.text)
    (folder / "settings.yaml").write_text(block.text)
    compiled = compile_settings(config_file.read(str(folder / "settings.yaml"), {}))
    assert [finding.text() for finding in compiled.findings] == []


@pytest.fixture(scope="module")
def demo() -> Iterator[dict[str, str]]:
    """The demo on free ports: what its addresses are in place of those on the page."""
    command = [sys.executable, "-m", "gateway", "demo", "--ephemeral"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            text = ""
            while "grant_type" not in text:
                line = process.stdout.readline()
                assert line, f"the demo ended:\n{text}"
                text += line
            public, admin = (re.search(rf"http://(\S+)/{path}", text) for path in ("docs", "metrics"))
            assert public and admin
            yield {"127.0.0.1:8080": public[1], "127.0.0.1:8081": admin[1]}
        finally:
            process.send_signal(signal.SIGINT)


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.name not in ("README.md", "rules.md")], ids=lambda p: p.name
)
def test_console_examples_run(page: Path, tmp_path: Path) -> None:
    """In an empty folder with the files of the page, on free ports."""
    ports = free_ports(3)
    public, admin, backend = (f"127.0.0.1:{port}" for port in ports)
    replace = {"127.0.0.1:8080": public, "127.0.0.1:8081": admin, "127.0.0.1:9000": backend}
    replace |= {'"127.0.0.1", 9000': f'"127.0.0.1", {ports[2]}'}
    replace |= {"gateway run ": f"gateway run --listen {public} --admin {admin} "}
    run_page(page, tmp_path, replace)


def test_the_readme_runs(demo: dict[str, str], tmp_path: Path) -> None:
    """Against the demo that it starts."""
    for name in ("specs", "backends"):
        (tmp_path / name).symlink_to(ROOT / name)
    run_page(ROOT / "README.md", tmp_path, demo | {".venv/bin/": ""})


def run_page(page: Path, folder: Path, replace: dict[str, str]) -> None:
    """Write its files, then run its commands in order."""
    with Shell(folder, replace) as shell:
        for block in blocks(page):
            if block.file:
                (folder / block.file).write_text(shell.adapted(block.text))
            elif block.language == "console":
                for command, expected in block.commands():
                    shell.run(command, expected)


@pytest.mark.parametrize("block", chosen("sh"), ids=name_of)
def test_set_up_commands_stand_where_they_are_run(block: Block) -> None:
    """They install, so .ci/run and .ci/try_readme.py run them on fresh copies: those of two pages."""
    assert block.page.name in ("README.md", "CONTRIBUTING.md")


def test_the_benchmark_has_the_options_that_its_page_names() -> None:
    """It needs minutes and a quiet machine, so its commands are not run here."""
    page = (ROOT / "docs" / "benchmark.md").read_text("utf-8")
    named = set(re.findall(r"(?<![\w-])--[a-z]+", page))
    help_text = subprocess.run([sys.executable, "-m", "benchmarks", "--help"], cwd=ROOT, capture_output=True, text=True)
    assert named and named <= set(re.findall(r"--[a-z]+", help_text.stdout))


@pytest.mark.parametrize(
    ("expected", "printed", "same"),
    [
        ("a b\n", "a   b\n\n", True),
        ("a ... d", "a b\nc d", True),
        ("a...", "a", True),
        ("", "", True),
        ("", "x", False),
        ("a b", "a c", False),
        ("a", "a b", False),
    ],
)
def test_output_is_compared(expected: str, printed: str, same: bool) -> None:
    """A page that is wrong is noticed."""
    assert as_expected(expected, printed) is same

"""Every setting, rule and type of problem is documented, and the pages made from the code are current."""

import json
import re
import runpy
from configparser import ConfigParser

import pytest

from gateway.config import schema as config_schema
from gateway.contract.rules.page import ENTRIES
from gateway.errors import CAUSES, Kind
from gateway.observe.accesslog import Entry
from gateway.observe.audit import Refused
from gateway.tests.shape.modules import ROOT
from gateway.wire.fields import CLAIMS

DOCS = ROOT / "docs"
PAGES = runpy.run_path(str(DOCS / "generate.py"))["PAGES"]


@pytest.mark.parametrize("name", PAGES)
def test_generated_pages_are_current(name: str) -> None:
    """`python docs/generate.py` was run after the last change."""
    assert (DOCS / name).read_text("utf-8") == PAGES[name]()


def test_every_rule_and_problem_has_a_heading() -> None:
    """The `type` of a problem and the id of a finding lead to a place."""
    for page, names in (("problems.md", {kind.value for kind in Kind}), ("rules.md", set(ENTRIES))):
        headings = set(re.findall(r"^## (\S+)$", (DOCS / page).read_text("utf-8"), re.MULTILINE))
        assert names <= headings


def test_every_setting_has_a_row() -> None:
    """Each key of the JSON Schema that editors use."""
    keys: set[str] = set()

    def collect(node: object) -> None:
        if isinstance(node, dict):
            keys.update(node.get("properties", {}))
            for value in node.values():
                collect(value)

    sections = {title for title, _, _, _ in config_schema.sections()}
    collect(json.loads((DOCS / "gateway.schema.json").read_text("utf-8")))
    rows = set(re.findall(r"^\| `([^`]+)` \|", config_schema.page(), re.MULTILINE))
    assert len(keys) > 40 and keys <= rows | sections


def test_every_metric_log_field_and_admin_path_is_explained() -> None:
    """In the page for operators."""
    text = (DOCS / "operations.md").read_text("utf-8")
    families = set(re.findall(r"gateway_[a-z_]+", (ROOT / "gateway/observe/metrics.py").read_text("utf-8")))
    assert len(families) > 8 and [name for name in sorted(families) if f"`{name}`" not in text] == []
    assert [name for name in (*Entry._fields, *Refused._fields, *CAUSES) if f"`{name}`" not in text] == []
    assert [path for path in ("/live", "/ready", "/metrics", "/routes", "/jwks.json") if f"`{path}`" not in text] == []


def test_every_dependency_has_its_reason() -> None:
    """Each requirement of setup.cfg, the extras' too, in the page about the architecture."""
    parser = ConfigParser()
    parser.read(ROOT / "setup.cfg")
    lines = [parser["options"]["install_requires"], *parser["options.extras_require"].values()]
    names = {re.split(r"[\s\[<>=]", line)[0] for line in "\n".join(lines).splitlines() if line.strip()}
    text = (DOCS / "architecture.md").read_text("utf-8").lower()
    assert len(names) > 15 and [name for name in sorted(names) if f"`{name.lower()}`" not in text] == []


def test_every_field_that_is_dropped_for_what_it_claims_is_named() -> None:
    """So that nobody looks for it at the backend."""
    text = (DOCS / "exposure.md").read_text("utf-8")
    assert [name for names in CLAIMS.values() for name in names if f"`{name.decode()}`" not in text] == []


def test_every_test_that_the_page_about_security_names_is_there() -> None:
    """Below `gateway/tests`, and it has tests."""
    named = set(re.findall(r"`([\w/]+\.py)`", (DOCS / "security.md").read_text("utf-8")))
    tests = ROOT / "gateway" / "tests"
    assert len(named) > 50
    assert [name for name in sorted(named) if not (tests / name).is_file()] == []
    assert [name for name in sorted(named) if "\ndef test_" not in (tests / name).read_text("utf-8")] == []


def test_every_page_is_reachable() -> None:
    """From the index or the README."""
    index = (DOCS / "index.md").read_text("utf-8").split()
    assert [path.stem for path in DOCS.glob("*.md") if path.stem not in (*index, "index")] == []

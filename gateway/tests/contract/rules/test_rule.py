"""The table of rules: each example document shows its rule and nothing else."""

import re

import pytest

from gateway.contract.rules import RULES
from gateway.contract.rules.rule import Rule, pass_hint
from gateway.tests.contract.rules.reading import found, rules_of, source

EVERY = pytest.mark.parametrize("rule", RULES.values(), ids=RULES)


@EVERY
def test_the_bad_example_breaks_this_rule_only(rule: Rule) -> None:
    """A rule finds its own bad example, at a real place, with its own severity, and no other rule speaks up."""
    findings = found(rule.bad)
    assert rules_of(findings) == {rule.id}
    for finding in findings:
        assert finding.severity is rule.severity
        assert finding.where.file == "/api/doc.yaml"
        assert finding.where.line > 1
        assert finding.message


@EVERY
def test_the_good_example_is_without_findings(rule: Rule) -> None:
    """The mended document has no finding of any rule."""
    assert found(rule.good) == []


@EVERY
def test_ids_are_kebab_case_and_texts_are_there(rule: Rule) -> None:
    """Ids are stable words for machines; every rule explains itself."""
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.id)
    assert rule.title and not rule.title.endswith(".")
    assert rule.explanation.endswith(".")


def test_findings_follow_the_severity_of_the_flaw() -> None:
    """A flaw may be milder than its rule: only the first server's URL is used."""
    text = RULES["server-url"].good.replace("servers: [", "servers: [{url: /v1}, ").replace("http://", "")
    assert [each.severity.value for each in found(text) if each.rule == "server-url"] == ["warning"]


def test_a_hint_says_what_to_write() -> None:
    """The way to let something through is spelled out, ready to copy."""
    assert 'x-gateway: {pass: ["media:text/csv"]}' in pass_hint("media:text/csv")
    assert '`pass: ["media:text/csv"]` under the API' in pass_hint("media:text/csv")


def test_the_source_of_an_example_is_one_file() -> None:
    """Examples stand alone, so that readers can try them."""
    assert all(len(source(rule.bad).files) == 1 for rule in RULES.values())

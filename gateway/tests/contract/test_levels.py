"""How strictly rules are taken: what the configuration may change, and what stays an error."""

from itertools import pairwise

import pytest

from gateway.contract.findings import Finding, Severity
from gateway.contract.levels import ERRORS, IDS, MIXED, WARNINGS, fault, importance, levelled
from gateway.contract.model import Location
from gateway.contract.rules import RULES

ERROR, WARNING = Severity.ERROR, Severity.WARNING


def finding(rule: str, severity: Severity) -> Finding:
    """Of this rule."""
    return Finding(Location("a.yaml", 1, 1, ""), severity, rule, "is wrong")


def test_the_list_agrees_with_the_rules() -> None:
    """An id stands in one group, and a rule in that of its severity."""
    assert len(set(IDS)) == len(IDS)
    assert [rule.id for rule in RULES.values() if rule.severity is WARNING and rule.id in ERRORS] == []
    assert [rule.id for rule in RULES.values() if rule.severity is ERROR and rule.id in WARNINGS] == []


@pytest.mark.parametrize(
    ("severity", "level", "expected"),
    [
        (WARNING, "error", [ERROR]),
        (WARNING, "warning", [WARNING]),
        (WARNING, "off", []),
        (ERROR, "error", [ERROR]),
        (ERROR, "warning", [ERROR]),
        (ERROR, "off", [ERROR]),
    ],
)
def test_warnings_follow_the_level_and_errors_stay(severity: Severity, level: str, expected: list[Severity]) -> None:
    """Whatever a rule is set to, what could not be enforced stays an error."""
    found = list(levelled([finding("specification", severity)], {"specification": level, "example-mismatch": "off"}))
    assert [each.severity for each in found] == expected


def test_other_rules_are_as_they_were() -> None:
    """A level is that of one rule."""
    found = [finding("example-mismatch", WARNING), finding("duplicate-key", ERROR)]
    assert list(levelled(found, {"specification": "off"})) == found


@pytest.mark.parametrize(
    ("rule", "level", "message", "hint"),
    [
        ("exmple-mismatch", "off", 'there is no rule "exmple-mismatch"', 'did you mean "example-mismatch"?'),
        ("security-undeclared", "off", "cannot be lowered", "`pass`"),
        ("security-undeclared", "warning", "cannot be lowered", "`pass`"),
    ],
)
def test_what_the_configuration_may_not_say(rule: str, level: str, message: str, hint: str) -> None:
    """Unknown rules, and lowering an error."""
    found = fault(rule, level)
    assert found and message in found[0] and hint in found[1]


@pytest.mark.parametrize("rule", [*WARNINGS, *MIXED])
def test_what_it_may_say(rule: str) -> None:
    """Any level for rules that warn; `error` for all."""
    assert [fault(rule, level) for level in ("error", "warning", "off")] == [None] * 3
    assert fault("duplicate-key", "error") is None


def test_errors_come_first_then_what_is_at_stake() -> None:
    """A mixed rule stands with the errors when it is one."""
    order = [("settings", ERROR), ("duplicate-key", ERROR), ("specification", ERROR), ("example-mismatch", ERROR)]
    order += [("specification", WARNING), ("response-without-schema", WARNING), ("example-mismatch", WARNING)]
    weights = [importance(finding(*each)) for each in order]
    assert all(first < second for first, second in pairwise(weights))

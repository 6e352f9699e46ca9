"""Findings as SARIF 2.1.0: what its schema and code scanning ask for."""

from pathlib import Path
from typing import Any

import pytest

from gateway.cli.sarif import sarif
from gateway.contract.findings import Finding, Severity
from gateway.contract.model import Location


def finding(
    file: str = "a.yaml", line: int = 4, rule: str = "duplicate-key", message: str = "is wrong", pointer: str = "/info"
) -> Finding:
    """An error with a hint."""
    return Finding(Location(file, line, 3, pointer), Severity.ERROR, rule, message, "mend it")


def run(*findings: Finding, readable: bool = True) -> Any:
    """The only run."""
    log = sarif(findings, readable)
    assert log["version"] == "2.1.0" and log["$schema"].endswith("sarif-schema-2.1.0.json")
    [only] = log["runs"]
    return only


def test_a_result_has_its_rule_place_and_message() -> None:
    """Lines and columns count from 1, as ours do."""
    [result] = run(finding())["results"]
    fingerprint = result.pop("partialFingerprints")
    assert result == {
        "ruleId": "duplicate-key",
        "ruleIndex": 0,
        "level": "error",
        "message": {"text": "is wrong\nmend it"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "a.yaml", "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": 4, "startColumn": 3},
                },
                "logicalLocations": [{"fullyQualifiedName": "/info"}],
            }
        ],
    }
    assert list(fingerprint) == ["finding/v1"]


def test_each_rule_is_described_once() -> None:
    """With its section of the documentation as help; results refer to it by id and index."""
    found = run(finding(rule="reference-loop"), finding(), finding(line=9))
    rules = found["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["duplicate-key", "reference-loop"]
    assert [rules[result["ruleIndex"]]["id"] for result in found["results"]] == [
        *("reference-loop", "duplicate-key", "duplicate-key")
    ]
    assert rules[0]["shortDescription"] == {"text": "A key stands twice in one mapping"}
    assert rules[0]["help"]["markdown"].startswith("## duplicate-key\n")


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("a.yaml", {"uri": "a.yaml", "uriBaseId": "%SRCROOT%"}),
        ("./specs/a b#1.yaml", {"uri": "specs/a%20b%231.yaml", "uriBaseId": "%SRCROOT%"}),
        ("{here}/specs/a.yaml", {"uri": "specs/a.yaml", "uriBaseId": "%SRCROOT%"}),
        ("/elsewhere/a.yaml", {"uri": "file:///elsewhere/a.yaml"}),
        ("https://a.example/b.yaml", {"uri": "https://a.example/b.yaml"}),
    ],
)
def test_files_are_relative_to_the_folder(
    file: str, expected: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As code scanning wants them; what lies elsewhere has an absolute URI."""
    monkeypatch.chdir(tmp_path)
    [result] = run(finding(file.format(here=tmp_path)))["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"] == expected


def test_fingerprints_outlive_a_change_of_lines() -> None:
    """They tell flaws apart by what they are and where in the structure, not where in the text."""
    flaws = [finding(), finding(line=90), finding(pointer="/paths"), finding(message="is worse")]
    prints = [result["partialFingerprints"]["finding/v1"] for result in run(*flaws)["results"]]
    assert prints[0] == prints[1] and len(set(prints)) == 3


@pytest.mark.parametrize("readable", [True, False])
def test_a_run_says_whether_it_saw_everything(readable: bool) -> None:
    """Nothing found in what could not be read is no success."""
    found = run(readable=readable)
    assert found["results"] == [] and found["tool"]["driver"]["rules"] == []
    assert found["invocations"] == [{"executionSuccessful": readable}]

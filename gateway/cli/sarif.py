"""Findings as SARIF 2.1.0 (OASIS Static Analysis Results Interchange Format), for code scanning and editors."""

import hashlib
import os
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from gateway import __version__
from gateway.contract.findings import Finding, Severity
from gateway.contract.references import is_remote
from gateway.contract.rules.page import ENTRIES, section

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def sarif(findings: Iterable[Finding], readable: bool) -> dict[str, Any]:
    """One run (section 3.14). `readable`: whether every document could be read."""
    findings = list(findings)
    ids = sorted({finding.rule for finding in findings})
    driver = {
        "name": "contract-gateway",
        "version": __version__,
        "rules": [_rule(rule) for rule in ids],
    }
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": readable}],
        "results": [_result(finding, ids.index(finding.rule)) for finding in findings],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: str) -> dict[str, Any]:
    """A reportingDescriptor (section 3.49); the help is the rule's section of the documentation."""
    entry = ENTRIES[rule]
    markdown = section(entry)
    return {
        "id": rule,
        "shortDescription": {"text": entry.title},
        "help": {"text": markdown, "markdown": markdown},
    }


def _result(finding: Finding, index: int) -> dict[str, Any]:
    """A result (section 3.27)."""
    where = finding.where
    region = {"startLine": where.line, "startColumn": where.column}
    location: dict[str, Any] = {"physicalLocation": {"artifactLocation": _artifact(where.file), "region": region}}
    if where.pointer:
        location["logicalLocations"] = [{"fullyQualifiedName": where.pointer}]
    hint = f"\n{finding.hint}" if finding.hint else ""
    return {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "level": "error" if finding.severity is Severity.ERROR else "warning",
        "message": {"text": finding.message + hint},
        "locations": [location],
        "partialFingerprints": {"finding/v1": _fingerprint(finding)},
    }


def _artifact(file: str) -> dict[str, str]:
    """A URI relative to the folder that the command runs in, where files lie below it; else an absolute one."""
    if is_remote(file):
        return {"uri": file}
    path = os.path.relpath(file)
    if path.startswith(os.pardir):
        return {"uri": "file://" + quote(os.path.abspath(file))}
    return {"uri": quote(path.replace(os.sep, "/")), "uriBaseId": "%SRCROOT%"}


def _fingerprint(finding: Finding) -> str:
    """The same for the same flaw when only lines move."""
    parts = (finding.rule, os.path.basename(finding.where.file), finding.where.pointer, finding.message)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()

"""The closed list of findings' rules, and how strictly each is taken.

`rules` of the configuration may take a warning for an error, or turn it off. An error keeps something from being
served that could not be enforced; it stays one whatever the configuration says. What is to go through unjudged is
named by `pass`, one thing at a time.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from gateway.config.decode import did_you_mean
from gateway.contract.findings import Finding, Severity

# The more of the contract is at stake, the earlier. Of a group, all findings are errors.
ERRORS = (
    *("settings", "document-version"),
    *("security-undeclared", "security-not-enforced", "security-mapping", "security-scope", "security-two-tokens"),
    "owner-not-enforced",
    *("template-syntax", "template-ambiguous", "mounted-twice", "path-parameter-unknown"),
    *("parameter-duplicate", "parameter-not-enforced", "media-type-invalid", "request-media-not-enforced"),
    *("form-not-enforced", "response-media-not-enforced", "header-not-enforced", "not-enforced"),
    *("querystring-conflict", "header-name", "xml-conflict"),
    *("x-gateway-unknown", "x-gateway-value", "x-gateway-later"),
    "rate-limit",
)
# Errors where enforcement would suffer, warnings where it does not, such as in components that no operation uses.
MIXED = (
    *("document-unreadable", "document-too-large", "document-encoding", "document-syntax", "document-empty"),
    *("duplicate-key", "reference-dangling", "reference-invalid", "reference-loop", "reference-outside"),
    *("reference-remote", "reference-changed", "reference-unlocked", "reference-ambiguous"),
    *("schema-dialect", "schema-unusable", "pattern-invalid"),
    *("security-issuer", "credentials", "credential-store", "specification", "schema-invalid", "status-invalid"),
    *("method-invalid", "server-url", "server-variable"),
)
# What is served, but not judged as its author may think; then what misleads readers; then the rest.
WARNINGS = (
    *("response-without-schema", "responses-missing", "request-media-range", "response-media-range"),
    *("path-parameter-missing", "parameter-ignored", "server-unmounted", "operation-id-duplicate"),
    "header-withheld",
    *("rate-limit-anonymous", "concurrency-share"),
    *("format-unknown", "content-unknown", "pattern-foreign"),
    *("default-mismatch", "example-mismatch", "operation-id-missing"),
)
IDS = (*ERRORS, *MIXED, *WARNINGS)
_WEIGHT = {rule: weight for weight, rule in enumerate(IDS)}


def importance(finding: Finding) -> tuple[bool, int]:
    """Sorts findings: errors first, then by what is at stake."""
    return finding.severity is Severity.WARNING, _WEIGHT.get(finding.rule, len(IDS))


def fault(rule: str, level: str) -> tuple[str, str] | None:
    """Why the configuration may not set `rule` to `level`, and what to do; None when it may."""
    if rule not in IDS:
        return f'there is no rule "{rule}"', did_you_mean(rule, list(IDS))
    if rule in ERRORS and level != "error":
        message = f'rule "{rule}" is an error because something could not be enforced; it cannot be lowered'
        return message, "let through what is meant, and only that: `pass` under the API, or `x-gateway.pass`"
    return None


def levelled(findings: Iterable[Finding], levels: Mapping[str, str]) -> Iterator[Finding]:
    """The findings as `levels` ({rule: error, warning or off}) says: warnings become errors, or go; errors stay."""
    for finding in findings:
        level = levels.get(finding.rule, "")
        if finding.severity is Severity.ERROR or level in ("", "warning"):
            yield finding
        elif level == "error":
            yield replace(finding, severity=Severity.ERROR)

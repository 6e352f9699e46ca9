"""Everything that is wrong with a document, at once: the specification's rules and ours."""

from dataclasses import replace

from gateway.contract import collector
from gateway.contract.findings import Finding, Severity, errors, ordered
from gateway.contract.judges import compile_judges
from gateway.contract.load import Source
from gateway.contract.normalise import normalise
from gateway.contract.rules import RULES
from gateway.contract.rules.view import View
from gateway.validate.terms import Terms

_OF_SCHEMAS = frozenset(("schema-invalid", "schema-dialect", "schema-unusable", "pattern-invalid"))


def check(source: Source, passes: frozenset[str] = frozenset()) -> list[Finding]:
    """All findings by place. `passes` holds what the configuration lets through unjudged, as `x-gateway.pass` does.

    A document with an error among them must not be served.
    """
    with collector.paused():
        findings = check_rules(source, passes)
        if not errors(findings):
            findings += compile_judges(source, normalise(source, "check"), Terms(passes))[1]
        return ordered(findings)


def check_rules(source: Source, passes: frozenset[str]) -> list[Finding]:
    """What loading and the rules find. `normalise` relies on there being no error.

    What is wrong with schemas that no operation uses is no error: they do not have to be enforced.
    """
    view = View(source, passes)
    uris = {name: uri for uri, name in source.names.items()}
    found = [*source.findings, *(finding for rule in RULES.values() for finding in rule.findings(view))]
    return [
        replace(each, severity=Severity.WARNING)
        if each.rule in _OF_SCHEMAS and source.idle(uris[each.where.file], each.where.pointer)
        else each
        for each in found
    ]

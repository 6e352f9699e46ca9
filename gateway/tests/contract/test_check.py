"""Checking as a whole: all findings at once, for documents good, bad and mangled."""

import copy
import json
import os
import re
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.contract.check import check
from gateway.contract.findings import LoadError, Severity, errors
from gateway.contract.load import load
from gateway.contract.model import Body
from gateway.contract.normalise import normalise
from gateway.contract.rules import RULES
from gateway.contract.rules.documents import document, operation
from gateway.tests.contract.rules.reading import found, rules_of, source
from gateway.validate.body import compile_body
from gateway.validate.parameters import compile_parameters
from gateway.validate.response import compile_responses
from gateway.validate.schema import SchemaSet
from gateway.validate.terms import Terms

CORPUS = os.environ.get("OPENAPI_CORPUS", "")


def test_all_findings_at_once_in_order() -> None:
    """Several flaws of several rules come together, by place, each once."""
    text = document(
        operation(path="/a{b", name=""),
        operation(path="/c", extra="security: [{key: []}]\nx-gateway: {timout: 3}"),
        operation(path="/d", name="d", parameters="{name: q, in: query, schema: {type: array, items: {type: object}}}"),
        top="servers: [{url: 'a:1'}]",
    )
    findings = found(text)
    assert rules_of(findings) == {
        *("server-url", "template-syntax", "operation-id-missing", "security-undeclared", "x-gateway-unknown"),
        "parameter-not-enforced",
    }
    lines = [finding.where.line for finding in findings]
    assert lines == sorted(lines)
    assert len(findings) == len(set(findings))


@pytest.mark.parametrize("name", ["dataservice", "legacy", "liar", "tokendealer"])
def test_the_documents_of_the_reference_system_are_clean(name: str) -> None:
    """Our own documents have no finding, not even a warning."""
    path = Path(__file__).parents[3] / "specs" / f"{name}.yaml"
    assert [finding.text() for finding in check(load(str(path)))] == []


def plain(value: Any) -> Any:
    """YAML as our loader reads it: keys are strings."""
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list) else value


GOOD = [plain(yaml.safe_load(rule.good)) for rule in RULES.values()]
JUNK = st.sampled_from(
    [
        *(None, True, 0, -1, 3.5, 10**30, "", "x", "{", "/{a}", "array", "object", "query", "*/*", "200", "XX"),
        *([], ["x"], [None], {}, {"a": 1}, {"$ref": "#"}, {"$ref": "#/info"}, {"type": "array"}, {"x": {"schema": {}}}),
    ]
)
KEYS = st.sampled_from(
    [
        *("$ref", "type", "properties", "items", "allOf", "schema", "content", "required", "in", "name", "style"),
        *("x-gateway", "security", "parameters", "servers", "200", "headers", "enum", "discriminator", "nullable"),
        *("format", "examples", "default", "example", "additionalProperties", "pattern", "get", "oneOf", "explode"),
    ]
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of all values below the root."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [inner for key, item in members for inner in ((*path, key), *places(item, (*path, key)))]


@st.composite
def mangled(draw: st.DrawFn) -> Any:
    """A good document with one to three values replaced, removed or added."""
    root = copy.deepcopy(draw(st.sampled_from(GOOD)))
    for _ in range(draw(st.integers(1, 3))):
        *above, last = draw(st.sampled_from(places(root)))
        holder = root
        for step in above:
            holder = holder[step]
        change = draw(st.sampled_from(["remove", "replace", "add"]))
        if change == "remove":
            del holder[last]
        elif change == "add" and isinstance(holder[last], dict):
            holder[last][draw(KEYS)] = copy.deepcopy(draw(JUNK))
        else:
            holder[last] = copy.deepcopy(draw(JUNK))
        if not places(root):
            break
    return root


@given(mangled())
@settings(max_examples=300, deadline=None)
def test_what_has_no_error_compiles(root: Any) -> None:
    """Whatever is done to a document, checking answers with findings; without an error among them it compiles, its
    schemas one by one as well as together."""
    text = json.dumps(root)
    try:
        loaded = load("/api/doc.json", read=lambda path, limit: text.encode())
    except LoadError:
        return
    if not errors(check(loaded)):
        contract = normalise(loaded, "a")
        requests, responses = SchemaSet(contract.request_schemas), SchemaSet(contract.response_schemas)
        for each in contract.operations:
            passes = each.behaviour.passes
            compile_parameters(each.parameters, [], requests, Terms(passes))
            compile_body(each.body or Body(False, (), each.where), requests, Terms(passes))
            compile_responses(each.responses, responses, Terms(passes))


def test_rules_are_linear() -> None:
    """Four times the paths take about four times as long, not sixteen."""

    def seconds(count: int) -> float:
        ops = [
            operation(
                path=f"/a{n}/{{id}}",
                name=f"a{n}",
                parameters="{name: id, in: path, required: true, schema: {$ref: '#/components/schemas/Id'}}",
            )
            for n in range(count)
        ]
        loaded = source(document(*ops, top="components: {schemas: {Id: {type: integer, example: 3}}}"))
        started = time.process_time()
        assert check(loaded) == []
        return time.process_time() - started

    assert seconds(800) < 10 * seconds(200)


def passes_in_hints(hints: list[str]) -> frozenset[str]:
    return frozenset(match for hint in hints for match in re.findall(r'`pass: \["([^"]+)"\]', hint))


@pytest.mark.skipif(not CORPUS, reason="set OPENAPI_CORPUS to a folder of OpenAPI documents")
def test_real_documents(capsys: pytest.CaptureFixture[str]) -> None:
    """Every document gives findings with places; what is passed as the hints say compiles, or is refused for a flaw."""
    rows = []
    for path in sorted(Path(CORPUS).glob("*.*")):
        started = time.perf_counter()
        try:
            loaded = load(str(path))
        except LoadError as error:
            rows.append((path.name, "-", "-", time.perf_counter() - started, len(error.findings), 0, "not loaded"))
            continue
        findings = check(loaded)
        seconds = time.perf_counter() - started
        failed = errors(findings)
        remaining = errors(check(loaded, passes_in_hints([finding.hint for finding in failed])))
        verdict = ", ".join(f"{rule} {n}" for rule, n in Counter(f.rule for f in remaining).items())
        verdict = verdict or ("passed" if failed else "served")
        operations = len(normalise(loaded, "a").operations) if not remaining else "-"
        warnings = len(findings) - len(failed)
        rows.append((path.name, loaded.dialect, operations, seconds, len(failed), warnings, verdict))
        assert all(finding.where.line >= 1 and finding.message for finding in findings)
    with capsys.disabled():
        print(f"\n{'document':64} version operations seconds errors warnings verdict")
        for name, version, operations, seconds, failed, warnings, verdict in rows:
            print(f"{name:64} {version:7} {operations!s:>10} {seconds:7.2f} {failed:6} {warnings:8} {verdict}")
    assert rows


@pytest.mark.parametrize(
    ("schema", "rule"),
    [
        ("{pattern: '('}", "pattern-invalid"),
        ("{type: strin}", "schema-invalid"),
        ("{$schema: 'https://a.example/mine'}", "schema-dialect"),
    ],
)
def test_a_schema_that_nothing_uses_keeps_nothing_from_being_served(schema: str, rule: str) -> None:
    """It is a warning there and an error where an operation needs it."""
    top = f"components: {{schemas: {{A: {schema}}}}}"
    idle = found(document(operation(), top=top, version="3.1.0"))
    assert {(each.rule, each.severity) for each in idle} == {(rule, Severity.WARNING)}
    body = "content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}"
    used = found(document(operation(method="post", body=body), top=top, version="3.1.0"))
    assert rule in {each.rule for each in errors(used)}

"""`x-gateway`: what is accepted, and how misspellings are answered."""

import pytest

from gateway.contract.rules.behaviour import LATER, with_behaviour
from gateway.contract.rules.documents import document, operation
from gateway.tests.contract.rules.reading import found


@pytest.mark.parametrize(
    "text",
    [
        "timeout: 0.5",
        "timeout: 30",
        "body-limit: 0",
        "internal: true",
        "pass: []",
        "pass: ['media:text/csv; header=present', 'parameter:query.filter[a]', 'security:key']",
        "validate: {request: block, response: observe}",
        "validate: {response: sample, sample: 0.1, unknown-query: allow}",
        "validate: {request: 'off'}",
        "concurrency: {limit: 3}",
        "concurrency: {limit: 3, queue: 0, wait: 0.5, by: operation, adaptive: true}",
        "concurrency: {limit: 3, by: consumer, adaptive: false}",
    ],
)
def test_accepted(text: str) -> None:
    """What the vocabulary names is accepted."""
    assert found(with_behaviour(text)) == []


@pytest.mark.parametrize(
    ("text", "rule", "word"),
    [
        ("timeout: 0", "x-gateway-value", "timeout"),
        ("timeout: '3'", "x-gateway-value", "timeout"),
        ("body-limit: -1", "x-gateway-value", "body-limit"),
        ("body-limit: 1.5", "x-gateway-value", "body-limit"),
        ("internal: 'yes'", "x-gateway-value", "internal"),
        ("deprecation: soon", "x-gateway-value", "deprecation"),
        ("deprecation: 2024-02-30", "x-gateway-value", "deprecation"),
        ("sunset: 2024-01-01T00:00", "x-gateway-value", "sunset"),
        ("sunset: 20240101", "x-gateway-value", "sunset"),
        ("pass: media:text/csv", "x-gateway-value", "pass"),
        ("pass: ['media:Text/CSV']", "x-gateway-value", "pass.0"),
        ("pass: ['parameter:body.x']", "x-gateway-value", "pass.0"),
        ("pass: [everything]", "x-gateway-value", "pass.0"),
        ("validate: {request: strict}", "x-gateway-value", "validate.request"),
        ("validate: {sample: 2}", "x-gateway-value", "validate.sample"),
        ("concurrency: 3", "x-gateway-value", "concurrency"),
        ("concurrency: {queue: 3}", "x-gateway-value", "limit"),
        ("concurrency: {limit: 0}", "x-gateway-value", "concurrency.limit"),
        ("concurrency: {limit: 1, wait: -1}", "x-gateway-value", "concurrency.wait"),
        ("concurrency: {limit: 1, by: upstream}", "x-gateway-value", "concurrency.by"),
        ("concurrency: {limit: 1, by: consumer, adaptive: true}", "x-gateway-value", "adaptive by operation"),
        ("concurrency: {limit: 1, que: 2}", "x-gateway-unknown", "did you mean 'queue'"),
        ("timout: 3", "x-gateway-unknown", "did you mean 'timeout'"),
        ("validate: {respons: block}", "x-gateway-unknown", "did you mean 'response'"),
        ("colour: red", "x-gateway-unknown", "known are addresses"),
        *((f"{key}: 1", "x-gateway-later", key) for key in sorted(LATER)),
    ],
)
def test_refused(text: str, rule: str, word: str) -> None:
    """A value of the wrong type, an unknown key and one that is not enforced yet are errors with a hint."""
    (finding,) = found(with_behaviour(text))
    assert (finding.rule, finding.severity.value) == (rule, "error")
    assert word in finding.message + finding.hint
    assert finding.where.line > 4


@pytest.mark.parametrize("place", ["root", "path item", "operation"])
def test_every_level_is_read(place: str) -> None:
    """`x-gateway` may stand at the root, at a path item and at an operation."""
    wrong = "x-gateway: {timout: 3}"
    text = document(operation(extra=wrong if place == "operation" else ""), top=wrong if place == "root" else "")
    findings = found(text + f"    {wrong}\n" if place == "path item" else text)
    assert [finding.rule for finding in findings] == ["x-gateway-unknown"]


@pytest.mark.parametrize("text", ["x-gateway: 3", "x-gateway: [a]", "x-gateway: null"])
def test_something_else_than_a_mapping(text: str) -> None:
    """A value that is no mapping at all is one finding."""
    assert [finding.rule for finding in found(document(operation(extra=text)))] == ["x-gateway-value"]


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("{item-schema: {type: integer}}", []),
        ("{item-schema: false}", []),
        ("{item-schema: 3}", ["x-gateway-value"]),
        ("{itemSchema: {type: integer}}", ["x-gateway-unknown"]),
        ("{timeout: 3}", ["x-gateway-unknown"]),
        ("[a]", ["x-gateway-value"]),
    ],
)
def test_media_types_have_item_schemas(text: str, rules: list[str]) -> None:
    """`x-gateway.item-schema` is what `itemSchema` is since 3.2; the flaw is reported once, wherever it is used."""
    content = f"content: {{application/x-ndjson: {{x-gateway: {text}}}}}"
    shared = f"components: {{requestBodies: {{Items: {{{content}}}}}}}"
    ops = [
        operation(path=path, name=path[1:], method="post", body="$ref: '#/components/requestBodies/Items'")
        for path in ("/a", "/b")
    ]
    findings = [finding.rule for finding in found(document(*ops, top=shared)) if finding.rule != "not-enforced"]
    assert findings == rules

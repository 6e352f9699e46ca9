"""Schemas that the engine would not understand."""

import pytest

from gateway.contract.check import check
from gateway.contract.rules.documents import document, operation
from gateway.contract.rules.schemas import with_schema
from gateway.tests.contract.rules.reading import found, rules_of, source


@pytest.mark.parametrize(
    ("dialect", "fine"),
    [
        ("https://json-schema.org/draft/2020-12/schema", True),
        ("https://spec.openapis.org/oas/3.1/dialect/base", True),
        ("https://spec.openapis.org/oas/3.1/dialect/2024-11-10", True),
        ("https://spec.openapis.org/oas/3.2/dialect/2025-09-17", True),
        ("http://json-schema.org/draft-04/schema#", True),
        ("http://json-schema.org/draft-06/schema", True),
        ("http://json-schema.org/draft-07/schema#", True),
        ("https://json-schema.org/draft/2019-09/schema", True),
        ("http://json-schema.org/draft-03/schema#", False),
        ("https://json-schema.org/draft/2020-12/schema#/$defs/x", False),
        ("urn:x", False),
    ],
)
def test_dialects(dialect: str, fine: bool) -> None:
    """Dialects that are enforced, declared at the root or in a schema."""
    at_root = with_schema("{type: string}", top=f"jsonSchemaDialect: {dialect!r}")
    in_schema = with_schema(f"{{type: string, $schema: {dialect!r}}}")
    for text in (at_root, in_schema):
        assert rules_of(found(text)) == (set() if fine else {"schema-dialect"})


@pytest.mark.parametrize(
    ("schema", "severity"),
    [
        ("{type: string, minLength: 2}", None),
        ("{unevaluatedProperties: 3, type: string}", "error"),
        ("{type: strin}", "error"),
        ("{type: integer, minimum: 1, exclusiveMinimum: true}", "warning"),
        ("{type: integer, exclusiveMinimum: a}", "error"),
        ("{type: string, title: 3}", "warning"),
        ("{type: string, examples: a}", "warning"),
        ("{type: array, items: {type: string, deprecated: x}}", "warning"),
        ("{allOf: [{type: string}, {type: string, enum: x}]}", "error"),
    ],
)
def test_schemas_of_3_1_are_held_to_their_metaschema(schema: str, severity: str | None) -> None:
    """A keyword that judges must make sense; a broken annotation, or what an older draft wrote, is only reported."""
    findings = [finding for finding in found(with_schema(schema)) if finding.rule == "schema-invalid"]
    assert [finding.severity.value for finding in findings] == ([severity] if severity else [])


def test_repeated_names_in_required_are_harmless() -> None:
    """Saying twice that a property is required changes nothing."""
    body = "content: {application/json: {schema: {type: object, required: [a, a]}}}"
    (finding,) = found(document(operation(method="post", body=body), version="3.1.0"))
    assert (finding.rule, finding.severity.value) == ("schema-invalid", "warning")


def test_schemas_in_other_files_are_held_to_it_too() -> None:
    """A finding names the file that the schema stands in."""
    text = with_schema("{$ref: 'b.yaml#/Thing'}")
    (finding,) = check(source(text, {"b.yaml": "Thing:\n  type: strin\n"}))
    assert (finding.rule, finding.where.file, finding.where.line) == ("schema-invalid", "/api/b.yaml", 2)


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
@pytest.mark.parametrize(
    ("pattern", "fine"),
    [
        ("^[a-z]+$", True),
        (r"^\d{3}$", True),
        (r"^\p{L}+$", True),
        ("(?=a)b", True),
        ("[", False),
        ("^a{,3}$", False),
        ("(a", False),
        ("(a{1,1000}){1,1000}", False),
    ],
)
def test_patterns_are_compiled(version: str, pattern: str, fine: bool) -> None:
    """Every pattern is tried at load, wherever it is nested."""
    text = with_schema(f"{{type: array, items: {{type: string, pattern: '{pattern}'}}}}", version)
    errors = {finding.rule for finding in found(text) if finding.severity.value == "error"}
    assert errors == (set() if fine else {"pattern-invalid"})


def test_names_of_pattern_properties_are_patterns() -> None:
    """The keys of `patternProperties` are compiled as well."""
    body = "content: {application/json: {schema: {patternProperties: {'[': {type: string}}}}}"
    assert rules_of(found(document(operation(method="post", body=body), version="3.1.0"))) == {"pattern-invalid"}


@pytest.mark.parametrize(
    ("schema", "fine"),
    [
        ("{$schema: 'http://json-schema.org/draft-04/schema#', minimum: 1, exclusiveMinimum: true}", True),
        ("{$schema: 'http://json-schema.org/draft-04/schema#', exclusiveMinimum: 1}", False),
        ("{$schema: 'http://json-schema.org/draft-07/schema#', items: [{type: string}], additionalItems: false}", True),
        ("{$schema: 'http://json-schema.org/draft-07/schema#', allOf: [{items: [{type: strin}]}]}", False),
        ("{allOf: [{$schema: 'http://json-schema.org/draft-07/schema#', items: [true]}]}", True),
        ("{allOf: [{$schema: 'http://json-schema.org/draft-07/schema#', items: 5}]}", False),
        ("{allOf: [{items: [true]}]}", False),
    ],
)
def test_a_schema_is_held_to_the_metaschema_of_its_own_dialect(schema: str, fine: bool) -> None:
    """Inside of another one, too."""
    body = f"content: {{application/json: {{schema: {schema}}}}}"
    errors = found(document(operation(method="post", body=body), version="3.1.0"))
    assert ({each.rule for each in errors} == set()) is fine
    assert fine or {each.rule for each in errors} == {"schema-invalid"}


@pytest.mark.parametrize(
    ("pattern", "fine"),
    [("(?i)a", False), ("a++", False), ("(?P<n>a)", False), ("(?i:a)", True), ("[a++]", True), (r"\(?i\)", True)],
)
def test_what_the_engine_understands_beyond_ecma_262(pattern: str, fine: bool) -> None:
    """It is enforced, and said."""
    findings = found(with_schema(f"{{type: string, pattern: '{pattern}'}}"))
    assert [(each.rule, each.severity.value) for each in findings] == ([] if fine else [("pattern-foreign", "warning")])


def test_an_unknown_format_is_named_once() -> None:
    """However often it is used."""
    schema = "{anyOf: [{type: string, format: phone}, {type: array, items: {type: string, format: phone}}]}"
    body = f"content: {{application/json: {{schema: {schema}}}}}"
    (finding,) = found(document(operation(method="post", body=body)))
    assert (finding.rule, finding.severity.value) == ("format-unknown", "warning")
    assert "'phone'" in finding.message and finding.where.pointer.endswith("/format")


@pytest.mark.parametrize(
    ("schema", "fine"),
    [
        ("{type: string, contentEncoding: base64}", True),
        ("{type: string, contentEncoding: BASE64, contentMediaType: application/problem+json}", True),
        ("{type: string, contentEncoding: base58}", False),
        ("{type: string, contentMediaType: image/png}", False),
    ],
)
def test_content_that_is_not_judged_is_named(schema: str, fine: bool) -> None:
    """Encodings without a decoder, and media types other than JSON."""
    assert rules_of(found(with_schema(schema))) == (set() if fine else {"content-unknown"})

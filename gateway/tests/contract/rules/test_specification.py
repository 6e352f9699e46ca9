"""What openapi-spec-validator finds, with our places, words and severities."""

import pytest

from gateway.contract.check import check
from gateway.contract.findings import Finding
from gateway.contract.rules.documents import document, operation
from gateway.tests.contract.rules.reading import found, source


def flaws(text: str) -> list[tuple[str, str]]:
    """(pointer, severity) of what the specification's own rules find."""
    return [(f.where.pointer, f.severity.value) for f in found(text) if f.rule == "specification"]


HARMLESS = [
    ("an e-mail address", document(operation()).replace("version: '1'", "version: '1', contact: {email: none}")),
    ("contact data", document(operation()).replace("version: '1'", "version: '1', contact: {fax: 3}")),
    ("no licence name", document(operation()).replace("version: '1'", "version: '1', license: {}")),
    ("a response without description", document(operation(responses="'204': {}"))),
    ("an unknown key", document(operation(extra="colour: red"))),
    ("an operationId that is a number", document(operation(name="3"))),
    (
        "a path parameter that is not required",
        document(operation(path="/a/{b}", parameters="{name: b, in: path, schema: {type: string}}")),
    ),
    (
        "a path parameter that says it is not required",
        document(operation(path="/a/{b}", parameters="{name: b, in: path, required: false, schema: {type: string}}")),
    ),
    (
        "example and examples",
        document(operation(parameters="{name: a, in: query, schema: {}, example: 1, examples: {a: {value: 2}}}")),
    ),
    ("a broken callback", document(operation(extra="callbacks: {a: 3}"))),
    ("a broken link", document(operation(responses="'204': {description: d, links: {a: 3}}"))),
    ("a parameter without a word about its value", document(operation(parameters="{name: a, in: query}"))),
    (
        "a flow without scopes",
        document(operation(), top="components: {securitySchemes: {a: {type: oauth2, flows: {implicit: {}}}}}"),
    ),
    ("two tags of one name", document(operation(), top="tags: [{name: a}, {name: a}]")),
    ("a name with a space", document(operation(), top="components: {schemas: {'a b': {type: string}}}")),
]


@pytest.mark.parametrize("text", [text for _, text in HARMLESS], ids=[name for name, _ in HARMLESS])
@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_harmless_flaws_are_warnings(version: str, text: str) -> None:
    """What nothing is enforced from does not keep a document from being served."""
    assert {severity for _, severity in flaws(text.replace("3.0.3", version))} <= {"warning"}


def test_every_harmless_flaw_is_reported() -> None:
    """A warning is given in at least one version."""
    silent = [name for name, text in HARMLESS if not flaws(text) and not flaws(text.replace("3.0.3", "3.1.0"))]
    assert silent == []


HARMFUL = [
    ("secuirty", document(operation(extra="secuirty: []")), "/paths/~1things/get/secuirty"),
    ("requestbody", document(operation(extra="requestbody: {}")), "/paths/~1things/get/requestbody"),
    ("a schema in the style of 2.0", document(operation(responses="'204': {description: d, schema: {}}")), "schema"),
    ("a base path in the style of 2.0", document(operation(), top="basePath: /v1"), "/basePath"),
    ("a parameter without place", document(operation(parameters="{name: a, schema: {}}")), "parameters/0"),
    ("a parameter without name", document(operation(parameters="{in: query, schema: {}}")), "parameters/0"),
    ("a parameter in a wrong place", document(operation(parameters="{name: a, in: qurey, schema: {}}")), "0/in"),
    ("a parameter with the type of 2.0", document(operation(parameters="{name: a, in: query, type: string}")), "type"),
    ("content that is a number", document(operation(method="post", body="content: 3")), "requestBody/content"),
    ("a reference nobody follows", document(operation(), top="servers: [{$ref: '#/info', url: /}]"), "servers/0/$ref"),
    (
        "a keyword of a later version",
        document(operation(parameters="{name: a, in: query, schema: {const: 3}}")),
        "const",
    ),
    (
        "a property named like prose",
        document(operation(), top="components: {schemas: {A: {properties: {links: {type: 3}}}}}"),
        "properties/links/type",
    ),
    ("no paths", "openapi: 3.0.3\ninfo: {title: t, version: '1'}\n", ""),
]


@pytest.mark.parametrize(("text", "pointer"), [each[1:] for each in HARMFUL], ids=[each[0] for each in HARMFUL])
def test_flaws_that_would_leave_something_unjudged_are_errors(text: str, pointer: str) -> None:
    """Misspellings of what is enforced, and broken objects, are errors at their place."""
    errors = [place for place, severity in flaws(text) if severity == "error"]
    assert errors
    assert any(place.endswith(pointer) for place in errors)


def test_a_misspelling_gets_a_suggestion() -> None:
    """The key that was probably meant is named."""
    (finding,) = found(document(operation(extra="secuirty: []")))
    assert finding.hint == "did you mean 'security'?"


def test_the_branch_that_was_meant_explains_a_failed_alternative() -> None:
    """A response that is an object and no reference is not told that it needs a `$ref`."""
    messages = [finding.message for finding in found(document(operation(responses="'200': {content: 3}")))]
    assert any(message.startswith("content:") for message in messages)
    assert not any("$ref" in message or "oneOf" in message for message in messages)


def test_messages_do_not_quote_whole_documents() -> None:
    """A message about a large value is short."""
    large = ", ".join(f"k{n}: {{type: string}}" for n in range(500))
    text = document(operation(parameters=f"{{name: a, schema: {{properties: {{{large}}}}}}}"))
    assert max(len(finding.message) for finding in found(text)) < 300


@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_objects_in_other_files_are_looked_at(version: str) -> None:
    """A broken parameter in another file is found there."""
    text = document(operation(parameters="{$ref: 'b.yaml#/size'}"), version=version)
    findings = check(source(text, {"b.yaml": "\nsize: {name: size, in: quary, schema: {}}\n"}))
    errors = [finding for finding in findings if finding.severity.value == "error"]
    assert {(finding.where.file, finding.where.line) for finding in errors} == {("/api/b.yaml", 2)}


@pytest.mark.parametrize("target", ["#", "#/info", "#/components/schemas/A"])
def test_references_to_another_kind_of_object(target: str) -> None:
    """A parameter has to be a parameter, wherever the reference leads."""
    top = "components: {schemas: {A: {type: string}}}"
    findings: list[Finding] = found(document(operation(parameters=f"{{$ref: '{target}'}}"), top=top))
    assert "error" in {finding.severity.value for finding in findings if finding.rule == "specification"}


def test_keys_with_a_number_sign_do_not_stop_the_walk() -> None:
    """What the foreign walk raises is a finding, not a traceback."""
    findings = found(document(operation(path="/a#b"), operation(path="/c", name="c")))
    assert "template-syntax" in {finding.rule for finding in findings}


def test_swagger_is_checked_by_its_own_metaschema() -> None:
    """Version 2.0 has other objects."""
    text = "swagger: '2.0'\ninfo: {title: t, version: '1'}\npaths: {}\nservers: []\n"
    assert flaws(text) == [("/servers", "error")]

"""What has no finding is enforced; what cannot be is refused at its place."""

import resource
from typing import Any

import pytest

from gateway.contract.check import check, check_rules
from gateway.contract.findings import Finding
from gateway.contract.judges import compile_judges
from gateway.contract.load import Source
from gateway.contract.normalise import normalise
from gateway.contract.rules.documents import document, operation
from gateway.tests.contract.rules.reading import found, source
from gateway.tests.contract.sources import openapi, source_of, swagger
from gateway.validate import schema
from gateway.validate.terms import Terms

FORM = (
    "application/x-www-form-urlencoded: {schema: {properties: {a: {additionalProperties: {type: object}}}}, "
    "encoding: {a: {style: form}}}"
)
HIDDEN = f"content: {{{FORM}}}"
BROKEN: dict[str, Any] = {"type": "string", "pattern": "["}


def flaws(loaded: Source, *passes: str, api: str = "a") -> list[Finding]:
    """Of a document that no rule was asked about."""
    return compile_judges(loaded, normalise(loaded, api), Terms(frozenset(passes)))[1]


def test_what_no_rule_foresees_is_refused_at_its_place() -> None:
    """Objects as further properties of an object cannot be decoded in style form."""
    (finding,) = found(document(operation(method="post", body=HIDDEN)))
    assert (finding.rule, finding.severity.value) == ("not-enforced", "error")
    assert finding.where.pointer == "/paths/~1things/post/requestBody"
    assert "object" in finding.message


def test_what_is_passed_is_not_compiled() -> None:
    """The configuration lets it through here, too."""
    assert found(document(operation(method="post", body=HIDDEN)), "media:application/x-www-form-urlencoded") == []


def test_every_part_at_fault_is_named() -> None:
    """Parameters, body and each response of every operation; those that are fine are not."""
    parameters = "{name: a, in: query, schema: {}}, {name: b, in: query, schema: {type: array, items: {type: object}}}"
    xml = "description: d, content: {application/pdf: {schema: {type: object}}}"
    text = document(
        operation(method="post", parameters=parameters, body=HIDDEN),
        operation(path="/other", responses=f"'200': {{description: d}}\n'404': {{{xml}}}"),
    )
    assert [finding.where.pointer for finding in flaws(source(text))] == [
        "/paths/~1things/post/parameters/1",
        "/paths/~1things/post/requestBody",
        "/paths/~1other/get/responses/404",
    ]


def test_judges_come_in_the_order_of_the_operations() -> None:
    """One for each, those marked internal included."""
    text = document(
        operation(method="post", body="content: {application/json: {}}"),
        operation(path="/other", extra="x-gateway: {internal: true}"),
    )
    loaded = source(text)
    judges, findings = compile_judges(loaded, normalise(loaded, "a"), Terms())
    assert findings == []
    assert [each.body is not None for each in judges] == [True, False]
    assert all(each.responses.select(204) for each in judges)


@pytest.mark.parametrize("api", ["a", "odd name: 50% ä/#?"])
@pytest.mark.parametrize(
    ("parameter", "where"),
    [
        ({"$ref": "#/components/schemas/100%25%20~0x"}, "/components/schemas/100% ~0x"),
        (BROKEN, "/paths/~1things/get/parameters/1/schema"),
    ],
)
def test_a_schema_that_the_engine_refuses_is_found_in_its_file(parameter: Any, where: str, api: str) -> None:
    """The one at fault among many, in whatever words API and schema are named."""
    parameters = [
        {"name": "a", "in": "query", "schema": {"type": "string"}},
        {"name": "b", "in": "query", "schema": parameter},
    ]
    answers = {"200": {"description": "d"}}
    root = openapi(
        paths={"/things": {"get": {"operationId": "things", "parameters": parameters, "responses": answers}}},
        components={"schemas": {"100% ~x": BROKEN}},
    )
    (finding,) = flaws(source_of(root), api=api)
    assert (finding.rule, finding.where.file, finding.where.pointer) == (
        "schema-unusable",
        "/contracts/api.yaml",
        where,
    )
    assert "regex" in finding.message


def test_a_schema_without_a_place_of_its_own_is_found_where_it_is_used() -> None:
    """A parameter of version 2.0 is its own schema."""
    parameter = {"name": "a", "in": "query", **BROKEN}
    things = {"operationId": "things", "parameters": [parameter], "responses": {"200": {"description": "d"}}}
    (finding,) = flaws(source_of(swagger(paths={"/things": {"get": things}})))
    assert finding.where.pointer == "/paths/~1things/get/parameters/0"


def test_requests_and_responses_share_what_is_the_same_for_both() -> None:
    """One validator for a document that has no mark of direction, two for one that has."""
    answer = "description: d, content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}"
    text = document(
        operation(
            parameters="{name: a, in: query, schema: {type: integer}}",
            responses=f"'200': {{{answer}}}",
        ),
        top="components: {schemas: {A: {properties: {id: {type: integer}}}}}",
    )
    for marked, expected in ((text, 1), (text.replace("id: {", "id: {readOnly: true, "), 2)):
        before = schema.built
        assert flaws(source(marked)) == []
        assert schema.built == before + expected


def test_checking_leaves_out_nothing_that_serving_asks() -> None:
    """The rules alone do not refuse what only compiling shows."""
    loaded = source(document(operation(method="post", body=HIDDEN)))
    assert check_rules(loaded, frozenset()) == []
    assert check(loaded) != []


def test_schemas_that_refer_to_each_other_share_a_validator() -> None:
    """Five hundred schemas in one cycle, each with an example, are checked in memory that grows with their number."""
    count = 500
    each = (
        "{type: object, properties: {id: {type: integer}, next: {$ref: '#/components/schemas/S%d'}}, example: {id: 1}}"
    )
    schemas = "".join(f"\n    S{n}: {each % ((n + 1) % count)}" for n in range(count))
    response = "'200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/S%d'}}}}"
    ops = (operation(path=f"/a{n}", name=f"a{n}", responses=response % n) for n in range(count))
    text = document(*ops, top=f"components:\n  schemas:{schemas}")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert found(text) == []
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000  # KiB; 4 GB with one for each


@pytest.mark.parametrize("version", ["2.0", "3.0.3"])
def test_the_query_parameter_of_an_api_key_is_documented_by_its_scheme(version: str) -> None:
    """It is no unknown one where the operation uses the scheme, and stays one where it does not."""
    scheme = "{type: apiKey, in: query, name: 'api key'}"
    unused = "{type: apiKey, in: query, name: other}"
    schemes = f"{{key: {scheme}, other: {unused}, head: {{type: apiKey, in: header, name: third}}}}"
    top = f"securityDefinitions: {schemes}" if version == "2.0" else f"components: {{securitySchemes: {schemes}}}"
    text = document(operation(extra="security: [{key: [], head: []}]"), top=top)
    loaded = source(text.replace("openapi: 3.0.3", 'swagger: "2.0"') if version == "2.0" else text)
    contract = normalise(loaded, "a")
    assert contract.operations[0].query_keys == ("api key",)
    judges, _ = compile_judges(loaded, contract, Terms())
    assert judges[0].parameters([], b"api%20key=secret", {}) == []
    assert [each.keyword for each in judges[0].parameters([], b"other=secret", {})] == ["unknown"]


def test_a_variable_that_no_parameter_describes_takes_any_text() -> None:
    """Nothing is said about it, so nothing can be broken."""
    loaded = source(document(operation(path="/things/{id}")))
    (judge,), findings = compile_judges(loaded, normalise(loaded, "a"), Terms())
    assert findings == []
    assert judge.parameters(["%2F anything"], None, {}) == []

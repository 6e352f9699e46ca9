"""What has no error compiles; what the compiler refuses has an error."""

import resource

from gateway.contract.normalise import normalise
from gateway.contract.rules.documents import document, operation
from gateway.contract.rules.enforceable import ID, parts, unenforceable
from gateway.tests.contract.rules.reading import found, source
from gateway.validate.schema import SchemaSet

HIDDEN = "content: {application/x-www-form-urlencoded: {schema: {allOf: [{properties: {a: {type: object}}}]}}}"


def test_what_no_rule_foresees_is_refused_at_its_place() -> None:
    """An object behind `allOf` in a form cannot be decoded."""
    (finding,) = found(document(operation(method="post", body=HIDDEN)))
    assert (finding.rule, finding.severity.value) == (ID, "error")
    assert finding.where.pointer == "/paths/~1things/post/requestBody"
    assert "object" in finding.message


def test_what_is_passed_is_not_compiled() -> None:
    """The configuration lets it through here, too."""
    assert found(document(operation(method="post", body=HIDDEN)), "media:application/x-www-form-urlencoded") == []


def test_every_part_of_an_operation_is_tried() -> None:
    """Parameters, body and each response are compiled one by one."""
    text = document(
        operation(
            method="post",
            parameters="{name: a, in: query, schema: {}}, {name: b, in: query, schema: {}}",
            body="content: {application/json: {}}",
            responses="'204': {description: d}\n'404': {description: d}",
        )
    )
    contract = normalise(source(text), "a")
    requests, responses = SchemaSet(contract.request_schemas), SchemaSet(contract.response_schemas)
    tried = parts(contract.operations[0], frozenset(), requests, responses)
    places = [where.pointer.removeprefix("/paths/~1things/post/") for where, _ in tried]
    assert places == ["parameters/0", "parameters/1", "requestBody", "responses/204", "responses/404"]


def test_a_schema_that_the_engine_refuses_is_found_among_others() -> None:
    """All schemas are tried together; when that fails, the one at fault is named where it is used."""
    text = document(
        operation(
            parameters="{name: a, in: query, schema: {type: string}}, {name: b, in: query, schema: {pattern: '['}}"
        )
    )
    findings = list(unenforceable(source(text), frozenset()))
    assert [(each.rule, each.where.pointer) for each in findings] == [(ID, "/paths/~1things/get/parameters/1")]


def test_schemas_that_refer_to_each_other_share_a_validator() -> None:
    """Five hundred schemas in one cycle, each with an example, are checked in memory that grows with their number."""
    count = 500
    schema = (
        "{type: object, properties: {id: {type: integer}, next: {$ref: '#/components/schemas/S%d'}}, example: {id: 1}}"
    )
    schemas = "".join(f"\n    S{n}: {schema % ((n + 1) % count)}" for n in range(count))
    response = "'200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/S%d'}}}}"
    ops = (operation(path=f"/a{n}", name=f"a{n}", responses=response % n) for n in range(count))
    text = document(*ops, top=f"components:\n  schemas:{schemas}")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert found(text) == []
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300_000  # KiB; 4 GB with one for each

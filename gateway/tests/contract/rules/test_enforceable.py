"""What has no error compiles; what the compiler refuses has an error."""

from gateway.contract.normalise import normalise
from gateway.contract.rules.documents import document, operation
from gateway.contract.rules.enforceable import ID, parts
from gateway.tests.contract.rules.reading import found, source

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
    places = [
        where.pointer.removeprefix("/paths/~1things/post/")
        for where, _ in parts(normalise(source(text), "a"), frozenset())
    ]
    assert places == ["parameters/0", "parameters/1", "requestBody", "responses/204", "responses/404"]
